// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/property/simulation/state_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace timerscope::test {

namespace {

namespace feature = clock_event_feature;

CpuMask onlineOf(const Snapshot& now)
{
    CpuMask online;
    for (const CpuRow& cpu : now.cpus) {
        if (cpu.online) {
            online.add(cpu.index);
        }
    }
    return online;
}

bool isOn(const std::vector<unsigned>& list, unsigned cpu)
{
    return std::ranges::find(list, cpu) != list.end();
}

const ClockEventRow* tickDeviceOf(const Snapshot& now, const CpuRow& cpu)
{
    for (const ClockEventRow& row : now.clockEvents) {
        if (row.role == DeviceRole::Tick && row.cpu == cpu.index) {
            return &row;
        }
    }
    return nullptr;
}

bool isTicking(const CpuRow& cpu)
{
    return cpu.online && !cpu.tickStopped.value_or(false);
}

/// Whether its tick counts by the clock, not by interrupts.
bool isDynamic(const CpuRow& cpu)
{
    return cpu.hresActive == true
        || cpu.nohzMode.value_or(NohzMode::Inactive) != NohzMode::Inactive;
}

bool followsClock(const Snapshot& now)
{
    return std::ranges::all_of(now.cpus,
                               [](const CpuRow& cpu) { return !cpu.online || isDynamic(cpu); });
}

} // namespace

StateCheck::StateCheck(RecordCheck& report, const Disturbances& disturbances)
    : m_report(&report)
    , m_disturbances(&disturbances)
{
}

void StateCheck::violate(const std::string& what)
{
    m_report->violate(m_at, what);
}

void StateCheck::look(const Snapshot& now)
{
    m_at = now.at;
    m_report->compare(now);
    checkTime(now);
    checkLag(now);
    checkDuty(now);
    checkTicks(now);
    checkBroadcast(now);
    checkClocksources(now);
    checkReferences(now);
    m_hasLooked = true;
    m_lastAt = now.at;
    m_monotonic = now.monotonic;
    m_jiffies = *now.jiffies;
    m_followedClock = followsClock(now);
}

void StateCheck::checkTime(const Snapshot& now)
{
    // Its counter may wrap while nobody ticks.
    const bool isKept = !m_disturbances->isAnyDead(m_lastAt, now.at);
    if (m_hasLooked && isKept && now.monotonic < m_monotonic) {
        violate(fmt::format("CLOCK_MONOTONIC goes back from {} to {} ns", nsOf(m_monotonic),
                            nsOf(now.monotonic)));
    }
    if (m_hasLooked && *now.jiffies < m_jiffies) {
        violate(fmt::format("jiffies go back from {} to {}", m_jiffies.count, now.jiffies->count));
    }
}

/// While any CPU ticks, jiffies follow the clock: they are a tick behind, and one more when nobody
/// has taken the duty yet. While none does they may stand, but no wheel timer is forgotten.
void StateCheck::checkLag(const Snapshot& now)
{
    if (!m_hasLooked || !m_followedClock || !followsClock(now)) {
        // Ticks that were counted one by one may be ahead of the clock: it catches up first.
        const Ns counted = now.machine.tickRate->period()
            * static_cast<std::int64_t>(now.jiffies->count
                                        - now.machine.tickRate->initialJiffies().count);
        m_lag = std::min(Ns::zero(), now.monotonic.time_since_epoch() - counted);
        m_lagSince = now.at;
        return;
    }
    const Ns period = now.machine.tickRate->period();
    const auto counted = static_cast<std::int64_t>(now.jiffies->count - m_jiffies.count);
    const Ns least = std::min(Ns::zero(), m_lag);
    m_lag = std::max(least, m_lag + (now.monotonic - m_monotonic) - counted * period);
    m_lagSince = counted > 0 ? m_lastAt : m_lagSince;
    if (m_disturbances->isAnyDead(m_lagSince, now.at)) {
        return;
    }
    const Ns late = std::min(m_lag, now.at - m_lagSince);
    const auto allowed = m_disturbances->allowed(0, m_lagSince, now.at, late);
    if (!allowed) {
        return;
    }
    const Ns most = *allowed + 2 * m_disturbances->tick() + period;
    if (m_lag > most && std::ranges::any_of(now.cpus, isTicking)) {
        violate(fmt::format("jiffies are at least {} ns behind the clock though a CPU ticks",
                            m_lag.count()));
    }
    checkWheelsAgainstClock(now, m_lag - most);
}

/// A CPU sleeps until the device fires that it programmed: what has changed the clock since does
/// not wake it.

void StateCheck::checkWheelsAgainstClock(const Snapshot& now, Ns lag)
{
    const Ns period = now.machine.tickRate->period();
    const auto behind = lag / period;
    for (const CpuRow& cpu : now.cpus) {
        for (const WheelBaseRow& wheel : cpu.wheels) {
            for (const WheelTimerRow& timer : wheel.timers) {
                const auto left
                    = static_cast<std::int64_t>(timer.bucketExpiry.count - now.jiffies->count);
                const auto since
                    = m_report->wheelTimerArmedAt(static_cast<std::uint32_t>(timer.id));
                const auto more = m_disturbances->allowed(cpu.index, since, now.at, Ns::zero());
                if (behind > 0 && more && (left * period + *more) < lag) {
                    violate(fmt::format("CPU {} sleeps over wheel timer {}: its jiffy {} has come "
                                        "by the clock",
                                        cpu.index, timer.id, timer.bucketExpiry.count));
                }
            }
        }
    }
}

/// Who counts jiffies is online and ticks. Nobody does only while all CPUs sleep without ticks, or
/// for the one tick until the next one that wakes takes it.
void StateCheck::checkDuty(const Snapshot& now)
{
    if (const auto cpu = now.machine.doTimerCpu) {
        m_ticksForNobody.clear();
        const CpuRow& row = now.cpus.at(*cpu);
        if (!row.online) {
            violate(fmt::format("CPU {} counts jiffies but is offline", *cpu));
        } else if (row.tickStopped.value_or(false)) {
            violate(fmt::format("CPU {} counts jiffies but has stopped its tick", *cpu));
        }
        return;
    }
    for (const CpuRow& cpu : now.cpus) {
        checkNobodyCounts(now, cpu);
    }
}

/// The next tick of @p cpu takes the duty that nobody has, if it is a dynamic one: one that is
/// driven by the device's interrupts never does (tick_periodic).
void StateCheck::checkNobodyCounts(const Snapshot& now, const CpuRow& cpu)
{
    if (!isTicking(cpu) || !isDynamic(cpu)) {
        m_ticksForNobody.erase(cpu.index);
        return;
    }
    TraceInstant& since = m_ticksForNobody.try_emplace(cpu.index, now.at).first->second;
    if (since < m_report->dutyMovedAt(cpu.index)) {
        since = now.at; // it has stopped in between, and started who knows when
    }
    const Ns late = now.at - since;
    const auto allowed = m_disturbances->allowed(cpu.index, since, now.at, late);
    if (allowed && late > *allowed + m_disturbances->tick()) {
        violate(fmt::format("nobody has counted jiffies for {} ns though CPU {} ticks",
                            late.count(), cpu.index));
    }
}

void StateCheck::checkTicks(const Snapshot& now)
{
    for (const CpuRow& cpu : now.cpus) {
        checkTick(now, cpu);
    }
}

void StateCheck::checkTick(const Snapshot& now, const CpuRow& cpu)
{
    const ClockEventRow* const device = tickDeviceOf(now, cpu);
    if (!cpu.online) {
        if (device != nullptr) {
            violate(fmt::format("CPU {} is offline but {} is its tick device", cpu.index,
                                device->name));
        }
        return;
    }
    if (device == nullptr) {
        violate(fmt::format("CPU {} has no tick device that is registered", cpu.index));
        return;
    }
    if (!device->cpus->has(cpu.index)) {
        violate(
            fmt::format("{} ticks for CPU {}, which it cannot interrupt", device->name, cpu.index));
    }
    if (device->state == ClockEventState::Detached) {
        violate(fmt::format("{} ticks for CPU {} but is detached", device->name, cpu.index));
    }
    if (cpu.tickStopped.value_or(false)
        && (cpu.nohzMode == NohzMode::Inactive || now.machine.noHzAllowed == false)) {
        violate(fmt::format("CPU {} has stopped its tick without NO_HZ", cpu.index));
    }
    // With nohz=off the mode stays inactive (tick_nohz_activate).
    const bool isModeHighRes = cpu.nohzMode == NohzMode::HighRes;
    if (cpu.hresActive.value_or(false) != isModeHighRes && now.machine.noHzAllowed != false) {
        violate(fmt::format("CPU {} is half in high resolution", cpu.index));
    }
    if (cpu.hresActive.value_or(false) && now.machine.highResAllowed == false) {
        violate(fmt::format("CPU {} is in high resolution, which is off", cpu.index));
    }
}

/// Whom the broadcast device serves is online, and its own device is none or stops.
void StateCheck::checkBroadcast(const Snapshot& now)
{
    const auto isBroadcast
        = [](const ClockEventRow& row) { return row.role == DeviceRole::Broadcast; };
    const auto count = std::ranges::count_if(now.clockEvents, isBroadcast);
    const bool hasOne = now.broadcast && !now.broadcast->device.empty();
    if (count != (hasOne ? 1 : 0)) {
        violate(fmt::format("{} registered devices broadcast; the broadcast device is \"{}\"",
                            count, hasOne ? now.broadcast->device : std::string{}));
    }
    if (!now.broadcast) {
        return;
    }
    for (const CpuRow& cpu : now.cpus) {
        const bool isPeriodic = isOn(now.broadcast->periodicMask, cpu.index);
        const bool isOneshot = isOn(now.broadcast->oneshotMask, cpu.index);
        if ((isPeriodic || isOneshot) && !cpu.online) {
            violate(fmt::format("CPU {} is offline but in a broadcast mask", cpu.index));
        }
        const ClockEventRow* const device = tickDeviceOf(now, cpu);
        const bool needsHelp
            = device == nullptr || (*device->features & (feature::c3stop | feature::dummy)) != 0;
        if (cpu.online && isOneshot && !needsHelp) {
            violate(fmt::format("CPU {} is in the oneshot broadcast mask, but {} never stops",
                                cpu.index, device->name));
        }
    }
    const CpuMask online = onlineOf(now);
    for (const auto* mask : {&now.broadcast->periodicMask, &now.broadcast->oneshotMask}) {
        for (const unsigned cpu : *mask) {
            if (!online.has(cpu)) {
                violate(fmt::format("CPU {} does not exist but is in a broadcast mask", cpu));
            }
        }
    }
}

void StateCheck::checkClocksources(const Snapshot& now)
{
    const auto current = std::ranges::count_if(now.clocksources, &ClocksourceRow::current);
    if (current > 1) {
        violate(fmt::format("{} clocksources are the current one", current));
    }
    const ClocksourceRow* const row = now.currentClocksource();
    if (row != nullptr && now.timekeeper && row->name != now.timekeeper->clock) {
        violate(fmt::format("{} is the current clocksource, but time is read from {}", row->name,
                            now.timekeeper->clock));
    }
}

/// Each reference of a module is for a device that is used like that, and each such device of a
/// module that is its owner has one.
void StateCheck::checkReferences(const Snapshot& now)
{
    std::map<std::string, std::int64_t> balance; // used minus held
    const auto key = [](std::string_view module, HoldRole role, std::string_view device) {
        return fmt::format("{} for {} {}", module, static_cast<int>(role), device);
    };
    for (const ModuleRow& module : now.modules) {
        for (const ModuleRow::Hold& hold : module.holds) {
            --balance[key(module.name, hold.role, hold.device)];
        }
    }
    for (const ClocksourceRow& row : now.clocksources) {
        if (row.current && row.hasOwner == true) {
            ++balance[key(*row.module, HoldRole::CurrentClocksource, row.name)];
        }
    }
    for (const ClockEventRow& row : now.clockEvents) {
        if (row.role == DeviceRole::Unused || row.hasOwner != true) {
            continue;
        }
        const HoldRole role = row.role == DeviceRole::Tick ? HoldRole::TickDevice
            : row.role == DeviceRole::Wakeup               ? HoldRole::WakeupDevice
                                                           : HoldRole::BroadcastDevice;
        ++balance[key(*row.module, role, row.name)];
    }
    for (const auto& [what, difference] : balance) {
        if (difference != 0) {
            violate(fmt::format("references of module {}: {} too {}", what, std::abs(difference),
                                difference > 0 ? "few" : "many"));
        }
    }
}

} // namespace timerscope::test
