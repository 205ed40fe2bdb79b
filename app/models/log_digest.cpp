// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/log_digest.h"

#include "app/models/number_text.h"

#include <algorithm>

namespace timerscope {

namespace {

/// The function that takes a device this way (kernel/time/clockevents.c, tick-common.c,
/// tick-oneshot.c of 5.15 to 6.12).
QString functionFor(ClockEventState from, ClockEventState to)
{
    using enum ClockEventState;
    if (to == Periodic) {
        return "tick_setup_periodic";
    }
    if (to == OneshotStopped || (from == OneshotStopped && to == Oneshot)) {
        return "tick_program_event";
    }
    if (to == Oneshot) {
        return from == Periodic ? "tick_switch_to_oneshot" : "tick_setup_oneshot";
    }
    if (to == Detached || from == Detached) {
        return to == Detached ? "released" : "registered";
    }
    return "clockevents_shutdown";
}

/// Which of two functions took a device from periodic to oneshot: its new handler tells.
QString switchFor(const QString& handler)
{
    if (handler == "hrtimer_interrupt") {
        return "tick_init_highres";
    }
    return handler.startsWith("tick_nohz_") ? QString{"tick_nohz_switch_to_nohz"} : QString{};
}

QString arrow(std::string_view from, std::string_view to)
{
    return toQt(from) + QString::fromUtf8(" → ") + toQt(to);
}

} // namespace

bool LogDigest::advance(const TraceLog& log, std::size_t end, std::size_t budget)
{
    const std::size_t stop = std::min({end, log.size(), m_next + budget});
    for (; m_next < stop; ++m_next) {
        take(log, m_next);
    }
    return m_next >= std::min(end, log.size());
}

const std::vector<StateChange>& LogDigest::changesOf(const QString& device, unsigned cpu) const
{
    static const std::vector<StateChange> none;
    const auto found = m_changes.find({device, cpu});
    return found != m_changes.end() ? found->second : none;
}

const std::vector<ModeChange>& LogDigest::modesOf(unsigned cpu) const
{
    static const std::vector<ModeChange> none;
    const auto found = m_modes.find(cpu);
    return found != m_modes.end() ? found->second : none;
}

void LogDigest::take(const TraceLog& log, std::size_t index)
{
    const TraceRecord& record = log[index];
    switch (record.kind) {
    case RecordKind::Printk:
        m_lines.push_back({.record = index,
                           .at = record.at,
                           .stamp = record.a,
                           .text = toQt(log.string(record.subject)),
                           .note = {},
                           .origin = LogLine::Origin::Kernel});
        break;
    case RecordKind::ClocksourceSelect:
        m_lastSelection = index;
        break;
    case RecordKind::ClockEventState:
        takeState(log, record);
        break;
    case RecordKind::ClockEventHandler:
        takeHandler(log, record);
        break;
    case RecordKind::TickMode:
        takeMode(record, index,
                 arrow(nameOf(static_cast<TickMode>(record.b)),
                       nameOf(static_cast<TickMode>(record.a))));
        break;
    case RecordKind::NohzMode:
        takeMode(record, index,
                 "NO_HZ "
                     + arrow(nameOf(static_cast<NohzMode>(record.b)),
                             nameOf(static_cast<NohzMode>(record.a))));
        break;
    default:
        break;
    }
}

void LogDigest::takeState(const TraceLog& log, const TraceRecord& record)
{
    const auto to = static_cast<ClockEventState>(record.a);
    const auto from = static_cast<ClockEventState>(record.b);
    if (from == to) {
        return; // what an observer found at its first look: no change
    }
    const DeviceKey device{toQt(log.string(record.subject)), record.cpu};
    auto& changes = m_changes[device];
    auto found = std::ranges::find_if(
        changes, [&](const StateChange& change) { return change.from == from && change.to == to; });
    if (found == changes.end()) {
        changes.push_back(
            {.from = from, .to = to, .last = {}, .count = 0, .cause = functionFor(from, to)});
        found = changes.end() - 1;
    }
    found->last = record.at;
    ++found->count;
    explainSwitch(device);
}

/// The handler may be set before or after the state.
void LogDigest::takeHandler(const TraceLog& log, const TraceRecord& record)
{
    const DeviceKey device{toQt(log.string(record.subject)), record.cpu};
    m_handlers[device] = toQt(log.string(static_cast<std::uint32_t>(record.a)));
    explainSwitch(device);
}

void LogDigest::explainSwitch(const DeviceKey& device)
{
    const QString function = switchFor(m_handlers[device]);
    for (StateChange& change : m_changes[device]) {
        if (!function.isEmpty() && change.from == ClockEventState::Periodic
            && change.to == ClockEventState::Oneshot) {
            change.cause = function;
        }
    }
}

void LogDigest::takeMode(const TraceRecord& record, std::size_t index, const QString& text)
{
    if (record.a == record.b) {
        return; // what an observer found at its first look: no change
    }
    auto& modes = m_modes[record.cpu];
    if (modes.size() == modeChangesMax) {
        modes.erase(modes.begin());
    }
    modes.push_back({.at = record.at, .text = text});
    m_lines.push_back({.record = index,
                       .at = record.at,
                       .stamp = nsOf(record.at),
                       .text = QString{"tick: CPU %1 %2"}.arg(record.cpu).arg(text),
                       .note = "reported by the model, not by the kernel",
                       .origin = LogLine::Origin::Model});
}

} // namespace timerscope
