// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/property/simulation/record_check.h"

#include "engine/base/kernel_types.h"
#include "engine/timer/wheel_position.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope::test {

namespace {

/// Of the level that a timer is on which expires in @p delta jiffies.
std::int64_t granularityOf(std::int64_t delta)
{
    std::int64_t granularity = 1;
    while (delta >= 63 * granularity) {
        granularity *= 8;
    }
    return granularity;
}

} // namespace

RecordCheck::RecordCheck(const TraceLog& log, Disturbances& disturbances, TickRate rate)
    : m_log(&log)
    , m_disturbances(&disturbances)
    , m_rate(rate)
    , m_jiffies{{.count = rate.initialJiffies().count, .at = {}}}
    , m_hresSince(CpuMask::capacity, never<TraceClock>)
    , m_tickStoppedAt(CpuMask::capacity)
    , m_deviceSetAt(CpuMask::capacity)
    , m_deviceSetFor(CpuMask::capacity)
    , m_wheelClock(CpuMask::capacity)
{
}

void RecordCheck::violate(TraceInstant at, std::string what)
{
    if (!m_violation) {
        m_violation = Violation{.at = at, .what = std::move(what)};
    }
}

void RecordCheck::read()
{
    for (; m_next < m_log->size(); ++m_next) {
        const TraceRecord& record = (*m_log)[m_next];
        if (record.at < m_lastAt) {
            violate(record.at, "the log's time goes backwards");
        }
        m_lastAt = record.at;
        read(record, m_next);
    }
}

void RecordCheck::read(const TraceRecord& record, std::size_t index)
{
    switch (record.kind) {
    case RecordKind::HrtimerInit:
    case RecordKind::HrtimerStart:
    case RecordKind::HrtimerCancel:
    case RecordKind::HrtimerExpireEntry:
        readHrtimer(record, index);
        break;
    case RecordKind::TimerInit:
    case RecordKind::TimerStart:
    case RecordKind::TimerCancel:
    case RecordKind::TimerExpireEntry:
        readWheel(record, index);
        break;
    default:
        readMachine(record);
    }
}

// --- timers ------------------------------------------------------------------------------------

void RecordCheck::arm(Armed& timer, const TraceRecord& record, const char* what)
{
    if (timer.isArmed) {
        violate(record.at, fmt::format("{} {} is armed while it is armed", what, record.subject));
    }
    timer.isArmed = true;
    timer.cpu = record.cpu;
    timer.at = record.at;
    timer.deviceSetAt = std::min(record.at, m_deviceSetAt.at(record.cpu));
}

void RecordCheck::cancel(Armed& timer, const TraceRecord& record, std::size_t index,
                         const char* what)
{
    if (!timer.isArmed) {
        violate(record.at,
                fmt::format("{} {} is taken off but was not armed, or has fired already", what,
                            record.subject));
    }
    timer.isArmed = false;
    timer.cancelledBy = index;
}

void RecordCheck::readHrtimer(const TraceRecord& record, std::size_t index)
{
    Armed& timer = m_hrtimers[record.subject];
    if (record.kind == RecordKind::HrtimerInit) {
        const bool isRelative = (record.flags & hrtimer_mode::relative) != 0;
        timer.isSoft = (record.flags & hrtimer_mode::soft) != 0;
        timer.clock = static_cast<std::int64_t>(
            HrtimerKind{.clock = static_cast<HrtimerClock>(record.b),
                        .mode = isRelative ? hrtimer_mode::relative : hrtimer_mode::absolute}
                .countedOn());
    } else if (record.kind == RecordKind::HrtimerStart) {
        arm(timer, record, "hrtimer");
        timer.first = record.b;
        timer.last = record.a;
    } else if (record.kind == RecordKind::HrtimerCancel) {
        cancel(timer, record, index, "hrtimer");
    } else {
        fireHrtimer(timer, record, index);
    }
}

void RecordCheck::fireHrtimer(const Armed& timer, const TraceRecord& record, std::size_t index)
{
    ++m_expiries;
    if (timer.isArmed || timer.cancelledBy + 1 != index) {
        violate(record.at,
                fmt::format("hrtimer {} fires without having been armed", record.subject));
    }
    if (record.a < timer.first) {
        violate(record.at,
                fmt::format("hrtimer {} fires {} ns before its soft expiry {}", record.subject,
                            timer.first - record.a, timer.first));
    }
    checkHrtimerLate(timer, record.cpu, record.a, record.at, record.subject);
}

/// @p now is the time on its clock. Before high resolution timers are active on @p cpu, and while
/// its tick has just brought them, it has to wait for the next tick.
void RecordCheck::checkHrtimerLate(const Armed& timer, unsigned cpu, std::int64_t now,
                                   TraceInstant at, std::uint32_t id)
{
    TraceInstant asked = timer.at;
    if (timer.clock != static_cast<std::int64_t>(HrtimerClock::Monotonic)) {
        asked = std::max(asked, m_clockSetAt); // that may have made it due
    }
    const Ns late = std::min(subtractSaturating(Ns{now}, Ns{timer.last}), at - asked);
    if (late <= Ns::zero()) {
        return;
    }
    // It may have to wait for what the device was set to before.
    auto allowed = m_disturbances->allowed(cpu, std::min(asked, timer.deviceSetAt), at, late);
    if (!allowed) {
        return;
    }
    const bool wasClockSet = m_clockSetAt > TraceInstant{};
    const bool isHighRes = m_hresSince[cpu] <= at - late;
    if (!isHighRes && timer.isSoft && wasClockSet
        && timer.clock != static_cast<std::int64_t>(HrtimerClock::Monotonic)) {
        // The softirq waits for the old expiry of what is first on that clock: nobody tells it
        // (retrigger_next_event), and what is armed behind that does not count.
        return;
    }
    if (!isHighRes && m_disturbances->isFullNohz(cpu)) {
        return; // nobody tells a CPU that runs a task without ticks (hrtimer_reprogram)
    }
    if (!isHighRes) {
        *allowed += m_disturbances->tick() + ticksPutOff(cpu, at - late, at) + m_tickAhead;
        // The way out of idle programs the tick anew: one that is due at that moment is left out.
        *allowed += m_lowResNohz.has(cpu) ? m_disturbances->tick() : Ns::zero();
    }
    if (late > *allowed) {
        violate(at,
                fmt::format("hrtimer {} is late by {} ns on CPU {} in {} resolution, {} are "
                            "explained",
                            id, late.count(), cpu, isHighRes ? "high" : "low", allowed->count()));
    }
}

void RecordCheck::readWheel(const TraceRecord& record, std::size_t index)
{
    Armed& timer = m_wheelTimers[record.subject];
    if (record.kind == RecordKind::TimerInit) {
        return;
    }
    if (record.kind == RecordKind::TimerStart) {
        arm(timer, record, "wheel timer");
        timer.isDeferrable = (record.flags & timer_flag::deferrable) != 0;
        const std::int64_t before = std::exchange(timer.last, record.b);
        timer.first = record.a;
        checkBucket(timer, record, before);
    } else if (record.kind == RecordKind::TimerCancel) {
        cancel(timer, record, index, "wheel timer");
    } else {
        fireWheel(timer, record, index);
    }
}

/// Its bucket ends not before what was asked for, and at most the granularity of its level later.
/// It was in that of @p before until now.
void RecordCheck::checkBucket(const Armed& timer, const TraceRecord& record, std::int64_t before)
{
    // A wheel that nobody runs does not follow jiffies: that of a CPU whose interrupt was lost, and
    // the one of deferrable timers.
    if (timer.isDeferrable
        || !m_disturbances->allowed(record.cpu, record.at, record.at, Ns::zero())) {
        return;
    }
    // Inside a timer's function the wheel is where that one's bucket was.
    const std::int64_t now = m_wheelClock.at(record.cpu).value_or(latestJiffies());
    const std::int64_t early = timer.last - timer.first;
    if (timer.first < now) {
        return;
    }
    if (early < 0) {
        violate(record.at,
                fmt::format("the bucket of wheel timer {} ends {} jiffies too early",
                            record.subject, -early));
    }
    if (early > granularityOf(timer.first - now)
        && early > granularityOf(timer.first - wheelClock(now, before))) {
        violate(record.at,
                fmt::format("the bucket of wheel timer {} ends {} jiffies after what it asked for, "
                            "in {} jiffies; its level allows {}",
                            record.subject, early, timer.first - now,
                            granularityOf(timer.first - now)));
    }
}

/// Where the wheel that a timer was added to may be: on a CPU that has not ticked since jiffies
/// moved on, no further than the first bucket that it has still to empty (forward_timer_base).
std::int64_t RecordCheck::wheelClock(std::int64_t now, std::int64_t before) const
{
    std::int64_t first = std::min(now, before);
    for (const auto& [id, timer] : m_wheelTimers) {
        if (timer.isArmed && !timer.isDeferrable) {
            first = std::min(first, timer.last);
        }
    }
    return first;
}

void RecordCheck::fireWheel(const Armed& timer, const TraceRecord& record, std::size_t index)
{
    ++m_expiries;
    m_wheelClock.at(record.cpu) = record.b;
    if (timer.isArmed || timer.cancelledBy + 1 != index) {
        violate(record.at,
                fmt::format("wheel timer {} fires without having been armed", record.subject));
    }
    const std::int64_t due = std::max(timer.first, timer.last);
    if (record.a < due || std::cmp_greater(record.a, m_jiffies.back().count)) {
        violate(record.at,
                fmt::format("wheel timer {} fires at jiffy {} before its jiffy {}; it is {}",
                            record.subject, record.a, due, m_jiffies.back().count));
    }
    checkWheelLate(timer, record.cpu, record.at, record.subject);
}

/// From when jiffies reached its bucket the CPU has a tick's time, its own tick being as far away
/// as that. A deferrable timer waits for whatever wakes the CPU.
void RecordCheck::checkWheelLate(const Armed& timer, unsigned cpu, TraceInstant at,
                                 std::uint32_t id)
{
    if (timer.isDeferrable || std::cmp_greater(timer.last, m_jiffies.back().count)) {
        return;
    }
    const TraceInstant asked = std::max(timer.at, whenJiffies(timer.last));
    const Ns late = at - asked;
    const auto allowed = m_disturbances->allowed(cpu, timer.deviceSetAt, at, late);
    const Ns ticks = m_disturbances->tick() + ticksPutOff(cpu, asked, at);
    if (allowed && late > *allowed + ticks) {
        violate(at,
                fmt::format("wheel timer {} is late by {} ns on CPU {} after its jiffy {}, "
                            "{} are explained",
                            id, late.count(), cpu, timer.last, (*allowed + ticks).count()));
    }
}

/// A tick that starts anew, with another device or after a sleep, takes a whole period. The first
/// one after a new clocksource or device only looks whether it can switch to high resolution, and
/// runs no hrtimers (hrtimer_run_queues). A clock that goes by jiffies is behind by up to one tick.
Ns RecordCheck::ticksPutOff(unsigned cpu, TraceInstant from, TraceInstant until) const
{
    const Ns tick = m_disturbances->tick();
    std::int64_t count = m_isClockCoarse || m_coarseUntil >= from - tick ? 1 : 0;
    for (auto at = m_putOff.rbegin(); at != m_putOff.rend() && at->first >= from - tick; ++at) {
        count += at->first <= until && at->second.has(cpu) ? 1 : 0;
    }
    // One that a oneshot device emulates in periodic mode goes on by whole periods from the last
    // one: where the clock has stood it waits until that has caught up (tick_handle_periodic).
    const bool isPeriodic = m_hresSince[cpu] == never<TraceClock> && !m_lowResNohz.has(cpu);
    const Ns late = isPeriodic && m_disturbances->wasClockTroubled()
        ? std::max(
              {Ns::zero(), m_deviceSetFor[cpu].first - tick, m_deviceSetFor[cpu].second - tick})
        : Ns::zero();
    return std::min<std::int64_t>(count, 3) * tick + late;
}

TraceInstant RecordCheck::whenJiffies(std::int64_t jiffies) const
{
    const auto found = std::ranges::lower_bound(m_jiffies, static_cast<std::uint64_t>(jiffies), {},
                                                &JiffiesAt::count);
    return found != m_jiffies.end() ? found->at : m_lastAt;
}

// --- the machine -------------------------------------------------------------------------------

void RecordCheck::readMachine(const TraceRecord& record)
{
    switch (record.kind) {
    case RecordKind::JiffiesUpdate:
        jiffiesCounted(record);
        break;
    case RecordKind::NohzMode:
        modeChanged(record);
        break;
    case RecordKind::ClocksourceSelect:
        m_coarseUntil = m_isClockCoarse ? record.at : m_coarseUntil;
        m_disturbances->clockSwitched();
        m_isClockCoarse = m_log->string(record.subject).ends_with("jiffies");
        [[fallthrough]];
    case RecordKind::ClockEventRegister:
    case RecordKind::BroadcastMode:
    case RecordKind::Resume:
        m_putOff.emplace_back(record.at, CpuMask::firstOf(CpuMask::capacity));
        break;
    case RecordKind::BroadcastDevice:
        m_putOff.emplace_back(record.at, CpuMask::firstOf(CpuMask::capacity));
        m_disturbances->dependOn(CpuMask::firstOf(CpuMask::capacity), nameOf(record), record.at);
        break;
    case RecordKind::WakeupDevice:
        m_disturbances->dependOn(CpuMask::of(static_cast<unsigned>(record.b)), nameOf(record),
                                 record.at);
        break;
    case RecordKind::TickDevice:
        m_putOff.emplace_back(record.at, CpuMask::of(record.cpu));
        m_disturbances->tickDeviceCame(record.cpu, nameOf(record), record.at);
        break;
    case RecordKind::ClockEventHandler:
        m_disturbances->handlerCame(record.cpu, nameOf(record), record.at);
        break;
    case RecordKind::DoTimerCpu:
        m_dutyMovedAt = record.at;
        break;
    case RecordKind::TickStop:
        m_tickStoppedAt.at(record.cpu) = record.at;
        break;
    case RecordKind::CpuOnline:
        m_hresSince.at(static_cast<std::size_t>(record.a)) = never<TraceClock>;
        break;
    case RecordKind::SoftirqExit:
        m_wheelClock.at(record.cpu).reset();
        break;
    case RecordKind::ClockEventProgram:
        m_deviceSetAt.at(record.cpu) = record.at;
        m_deviceSetFor.at(record.cpu)
            = {m_deviceSetFor[record.cpu].second, m_disturbances->spanOf(nameOf(record), record.b)};
        break;
    case RecordKind::IrqHandlerEntry:
        m_deviceSetAt.at(record.cpu) = record.at;
        m_disturbances->interruptCame(record.cpu, nameOf(record), record.at);
        break;
    case RecordKind::ModuleReference: {
        std::int64_t& references = m_references[record.subject];
        if (record.a < 0 || std::abs(record.a - references) != 1) {
            violate(record.at,
                    fmt::format("module {} has {} references after {}",
                                m_log->string(record.subject), record.a, references));
        }
        references = record.a;
        break;
    }
    default:
        break;
    }
}

std::string RecordCheck::nameOf(const TraceRecord& record) const
{
    return std::string{m_log->string(record.subject)};
}

void RecordCheck::modeChanged(const TraceRecord& record)
{
    const auto mode = static_cast<NohzMode>(record.a);
    m_hresSince.at(record.cpu) = mode == NohzMode::HighRes ? record.at : never<TraceClock>;
    if (mode == NohzMode::LowRes) {
        m_lowResNohz.add(record.cpu);
    } else {
        m_lowResNohz.remove(record.cpu);
    }
}

void RecordCheck::jiffiesCounted(const TraceRecord& record)
{
    const auto before = latestJiffies();
    if (record.b <= 0 || record.a != before + record.b) {
        violate(
            record.at,
            fmt::format("jiffies go from {} to {}, it is said by {}", before, record.a, record.b));
    }
    m_jiffies.push_back({.count = static_cast<std::uint64_t>(record.a), .at = record.at});
}

// --- against a snapshot ------------------------------------------------------------------------

/// A @p kind of timer waits on @p cpu; @p isAsArmed: somebody armed it, and like that.
void RecordCheck::checkWaiting(const Snapshot& now, const CpuRow& cpu, std::string_view kind,
                               std::uint32_t id, bool isAsArmed)
{
    if (!isAsArmed) {
        violate(now.at, fmt::format("{} {} waits, but was not armed like this", kind, id));
    }
    if (!cpu.online) {
        violate(now.at,
                fmt::format("{} {} waits on CPU {}, which is offline", kind, id, cpu.index));
    }
}

void RecordCheck::compareHrtimers(const Snapshot& now, const CpuRow& cpu, std::size_t& waiting)
{
    for (const HrtimerBaseRow& base : cpu.hrtimerBases) {
        for (const HrtimerRow& row : base.timers) {
            const auto id = static_cast<std::uint32_t>(row.id);
            const Armed& timer = m_hrtimers[id];
            ++waiting;
            const bool isAsArmed
                = timer.last == nsOf(row.hardExpires) && timer.first == nsOf(row.softExpires);
            checkWaiting(now, cpu, "hrtimer", id, timer.isArmed && isAsArmed);
            const std::int64_t clock = nsOf(now.monotonic) + base.offset.count();
            checkHrtimerLate(timer, cpu.index, clock, now.at, id);
        }
    }
}

void RecordCheck::compareWheels(const Snapshot& now, const CpuRow& cpu, std::size_t& waiting)
{
    for (const WheelBaseRow& wheel : cpu.wheels) {
        for (const WheelTimerRow& row : wheel.timers) {
            const auto id = static_cast<std::uint32_t>(row.id);
            const Armed& timer = m_wheelTimers[id];
            ++waiting;
            const bool isAsArmed = std::cmp_equal(timer.last, row.bucketExpiry.count);
            checkWaiting(now, cpu, "wheel timer", id, timer.isArmed && isAsArmed);
            checkWheelLate(timer, cpu.index, now.at, id);
        }
    }
}

void RecordCheck::compare(const Snapshot& now)
{
    std::size_t hrtimers = 0;
    std::size_t wheelTimers = 0;
    const auto counted
        = static_cast<std::int64_t>(now.jiffies->count - m_rate.initialJiffies().count);
    m_tickAhead
        = std::max(Ns::zero(), counted * m_rate.period() - now.monotonic.time_since_epoch());
    for (const CpuRow& cpu : now.cpus) {
        // With nohz=off no record tells that high resolution is active.
        if (cpu.hresActive == true) {
            m_hresSince[cpu.index] = std::min(m_hresSince[cpu.index], now.at);
        }
        compareHrtimers(now, cpu, hrtimers);
        compareWheels(now, cpu, wheelTimers);
    }
    const auto armed = [](const auto& entry) { return entry.second.isArmed; };
    const auto armedStandard
        = [](const auto& entry) { return entry.second.isArmed && !entry.second.isDeferrable; };
    if (std::cmp_not_equal(std::ranges::count_if(m_hrtimers, armed), hrtimers)) {
        violate(now.at,
                fmt::format("{} hrtimers are armed, but {} wait",
                            std::ranges::count_if(m_hrtimers, armed), hrtimers));
    }
    // Deferrable ones may have a base of their own, which snapshots do not show.
    if (std::cmp_greater(std::ranges::count_if(m_wheelTimers, armedStandard), wheelTimers)) {
        violate(now.at,
                fmt::format("{} wheel timers are armed, but {} wait",
                            std::ranges::count_if(m_wheelTimers, armedStandard), wheelTimers));
    }
    if (now.jiffies && now.jiffies->count != m_jiffies.back().count) {
        violate(now.at,
                fmt::format("jiffies are {}, but were counted to {}", now.jiffies->count,
                            m_jiffies.back().count));
    }
}

} // namespace timerscope::test
