// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/glance.h"

#include "app/models/cpu_tick_model.h"
#include "app/models/number_text.h"

#include <QStringList>

#include <optional>

namespace timerscope {

namespace {

const QString dot = QString::fromUtf8(" · ");

QString clockDetail(const ClocksourceRow& row, const Snapshot& snapshot)
{
    QStringList words;
    if (row.rate && row.rate->value > 0) {
        words << frequencyNumber(*row.rate);
    }
    const auto clocks = snapshot.clocksources.size();
    const QString many
        = QString{"%1 %2"}.arg(clocks).arg(clocks == 1 ? QString{"clock"} : QString{"clocks"});
    words << (row.rating ? QString{"rating %1 of %2"}.arg(*row.rating).arg(many) : many);
    return words.join(dot);
}

GlanceCell clockCell(const Snapshot& snapshot)
{
    const ClocksourceRow* current = snapshot.currentClocksource();
    if (current == nullptr) {
        return {"Clock in charge", "none yet", "no clocksource has been chosen"};
    }
    return {"Clock in charge", toQt(current->name), clockDetail(*current, snapshot)};
}

bool allTicksAlike(const Snapshot& snapshot)
{
    return std::ranges::all_of(snapshot.cpus, [&](const CpuRow& cpu) {
        const CpuRow& first = snapshot.cpus.front();
        return tickModeWords(cpu) == tickModeWords(first)
            && dynamicTickWords(cpu) == dynamicTickWords(first);
    });
}

GlanceCell tickCell(const Snapshot& snapshot, const LogDigest& digest)
{
    if (snapshot.cpus.empty()) {
        return {"Tick", "not known", "this source does not tell"};
    }
    const CpuRow& first = snapshot.cpus.front();
    const bool alike = snapshot.cpus.size() > 1 && allTicksAlike(snapshot);
    QStringList words;
    if (const auto& modes = digest.modesOf(first.index); !modes.empty()) {
        words << "since " + instantNumber(nsOf(modes.back().at));
    }
    if (const QString dynamic = dynamicTickWords(first); !dynamic.isEmpty()) {
        // That it stops says NO_HZ already, and there is little room.
        words << (first.tickStopped.value_or(false) ? dynamic : "NO_HZ, " + dynamic);
    }
    if (words.isEmpty() && first.tickDevice && !first.tickDevice->empty()) {
        words << toQt(*first.tickDevice);
    }
    const QString who = !alike      ? QString{"CPU %1"}.arg(first.index)
        : snapshot.cpus.size() == 2 ? QString{"both CPUs"}
                                    : QString{"all %1 CPUs"}.arg(snapshot.cpus.size());
    return {"Tick" + dot + who, tickModeWords(first), words.join(dot)};
}

struct Next
{
    QString what;
    Ns left{};
    unsigned cpu = 0;
};

void consider(std::optional<Next>& best, const Next& candidate)
{
    if (!best || candidate.left < best->left) {
        best = candidate;
    }
}

std::optional<Next> nextTimer(const Snapshot& snapshot)
{
    std::optional<Next> best;
    for (const CpuRow& cpu : snapshot.cpus) {
        for (const HrtimerBaseRow& base : cpu.hrtimerBases) {
            if (!base.timers.empty()) {
                const HrtimerRow& first = base.timers.front();
                consider(best,
                         {toQt(first.function), base.left(first, snapshot.monotonic), cpu.index});
            }
        }
    }
    return best;
}

std::optional<Next> nextDeviceEvent(const Snapshot& snapshot)
{
    std::optional<Next> best;
    for (const ClockEventRow& device : snapshot.clockEvents) {
        if (device.nextEvent && *device.nextEvent != never<MonotonicClock>) {
            consider(best,
                     {toQt(device.name), *device.nextEvent - snapshot.monotonic,
                      device.cpu.value_or(0)});
        }
    }
    return best;
}

GlanceCell nextCell(const Snapshot& snapshot)
{
    auto next = nextTimer(snapshot);
    if (!next) {
        next = nextDeviceEvent(snapshot);
    }
    if (!next) {
        return {"Fires next", "nothing", "no timer is queued that this source can see"};
    }
    const QString when = next->left < Ns::zero() ? "due for " + spanNumber(-next->left)
                                                 : "in " + spanNumber(next->left);
    return {"Fires next", next->what, when + dot + QString{"CPU %1"}.arg(next->cpu)};
}

} // namespace

Glance glanceOf(const Snapshot& snapshot, const LogDigest& digest)
{
    return {clockCell(snapshot), tickCell(snapshot, digest), nextCell(snapshot)};
}

} // namespace timerscope
