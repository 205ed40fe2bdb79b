// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/lateness_scan.h"

#include "engine/base/wide.h"
#include "engine/why/lateness_course.h"

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

constexpr unsigned anyCpu = 0xffff'ffff;
constexpr unsigned fruitlessRounds = 3; // of hrtimer_interrupt(): after them it gives up
constexpr std::uint32_t shiftMost = 63; // what is more was made up by a damaged text

/// How long @p ticks of a device take; zero where that is unknown.
Ns spanOfTicks(const ClockEventRow* row, std::int64_t ticks)
{
    const std::uint32_t mult = row != nullptr ? row->mult.value_or(0) : 0;
    const std::uint32_t shift = row != nullptr ? row->shift.value_or(shiftMost + 1) : 0;
    if (mult == 0 || shift > shiftMost || ticks < 0) {
        return Ns::zero();
    }
    const WideUnsigned scaled = static_cast<WideUnsigned>(ticks) << shift;
    const WideUnsigned ns = (scaled + mult - 1) / mult;
    const auto most = static_cast<WideUnsigned>(longestLateness.count());
    return Ns{static_cast<std::int64_t>(std::min(ns, most))};
}

} // namespace

LatenessScan::LatenessScan(const Snapshot& snapshot, const TraceLog& log)
    : m_snapshot(snapshot)
    , m_log(log)
    , m_clockTick(firstClockTick())
{
}

void LatenessScan::see(const TraceRecord& record)
{
    struct Rule
    {
        RecordKind kind;
        void (LatenessScan::*see)(const TraceRecord&);
    };
    static constexpr std::array<Rule, 10> rules{{
        {RecordKind::IrqHandlerEntry, &LatenessScan::seeInterrupt},
        {RecordKind::IrqHandlerExit, &LatenessScan::seeInterruptEnd},
        {RecordKind::SoftirqRaise, &LatenessScan::seeSoftirq},
        {RecordKind::SoftirqEntry, &LatenessScan::seeSoftirq},
        {RecordKind::SoftirqExit, &LatenessScan::seeSoftirq},
        {RecordKind::CpuIdle, &LatenessScan::seeIdle},
        {RecordKind::ClockEventProgram, &LatenessScan::seeProgram},
        {RecordKind::JiffiesUpdate, &LatenessScan::seeJiffies},
        {RecordKind::ClockEventHandler, &LatenessScan::seeHandler},
        {RecordKind::BroadcastSend, &LatenessScan::seeSend},
    }};
    const auto* const rule = std::ranges::find(rules, record.kind, &Rule::kind);
    if (rule != rules.end()) {
        (this->*rule->see)(record);
    } else {
        seeTimer(record);
        seeChange(record);
    }
}

// --- timers ------------------------------------------------------------------------------------

void LatenessScan::seeTimer(const TraceRecord& record)
{
    using enum RecordKind;
    switch (record.kind) {
    case HrtimerInit:
        if (record.b != 0) {
            m_otherClock.insert(record.subject);
        } else {
            m_otherClock.erase(record.subject);
        }
        break;
    case HrtimerStart:
    case TimerStart:
        m_starts[record.subject]
            = {record.at, record.a, record.b, record.flags, reading(record.at)};
        break;
    case HrtimerExpireExit:
        m_cpus[record.cpu].tickDue.reset();
        break;
    default:
        break;
    }
}

/// What holds from now on for devices, the clock and the machine.
void LatenessScan::seeChange(const TraceRecord& record)
{
    switch (record.kind) {
    case RecordKind::ClockEventState: {
        const DeviceKey key = keyOf(record.subject, record.cpu);
        if (record.a == static_cast<std::int64_t>(timerscope::ClockEventState::Periodic)) {
            m_periodic.insert(key);
        } else {
            m_periodic.erase(key);
        }
        break;
    }
    case RecordKind::BroadcastDevice:
        m_broadcasters.insert(record.subject);
        break;
    case RecordKind::Resume:
        m_resumed = record.at;
        ++m_sleeps;
        break;
    case RecordKind::ClocksourceSelect:
        m_clockTick = tickOf(m_log.string(record.subject));
        break;
    default:
        break;
    }
}

void LatenessScan::beginExpiry(const TraceRecord& record)
{
    CpuSeen& cpu = m_cpus[record.cpu];
    if (!cpu.firstFunction) {
        cpu.firstFunction = record.at;
    }
    if (record.kind != RecordKind::HrtimerExpireEntry) {
        return;
    }
    if (!cpu.pass) {
        cpu.pass = record.at;
    }
    if (cpu.pass == record.at && isMonotonic(record.subject)) {
        m_anchor = {record.at, MonotonicInstant{Ns{record.a}}};
    }
    cpu.tickDue = askedBy(cpu, record);
}

const StartSeen* LatenessScan::startOf(std::uint32_t timer) const
{
    const auto found = m_starts.find(timer);
    return found != m_starts.end() ? &found->second : nullptr;
}

std::optional<MonotonicInstant> LatenessScan::monotonic(TraceInstant at) const
{
    if (!m_anchor) {
        return std::nullopt;
    }
    return addSaturating(m_anchor->second, at - m_anchor->first);
}

std::optional<MonotonicInstant> LatenessScan::reading(TraceInstant at) const
{
    const Ns tick = clockTick();
    if (!m_anchor || tick <= Ns{1}) {
        return monotonic(at);
    }
    return addSaturating(m_anchor->second, (at - m_anchor->first) / tick * tick);
}

// --- devices -----------------------------------------------------------------------------------

/// Every CPU's local timer has the same name; a broadcast device is set by whoever sleeps.
LatenessScan::DeviceKey LatenessScan::keyOf(std::uint32_t name, unsigned cpu) const
{
    return {name, m_broadcasters.contains(name) ? anyCpu : cpu};
}

void LatenessScan::seeProgram(const TraceRecord& record)
{
    CpuSeen& cpu = m_cpus[record.cpu];
    if ((record.flags & program_flag::refused) != 0) {
        cpu.pass.reset(); // the time has passed already: the clock is read anew
        ++cpu.refusals;
        return;
    }
    const ClockEventRow* const row
        = m_snapshot.clockEvent(m_log.string(record.subject), record.cpu);
    DeviceSetting setting{.at = record.at,
                          .expires = MonotonicInstant{Ns{record.a}},
                          .fires = {},
                          .tick = spanOfTicks(row, 1),
                          .clockTick = clockTick(),
                          .flags = record.flags,
                          .followsHang = cpu.interrupt && cpu.refusals >= fruitlessRounds};
    if (record.b != 0 && setting.tick > Ns::zero()) {
        setting.fires = addSaturating(record.at, spanOfTicks(row, record.b));
    }
    m_settings[keyOf(record.subject, record.cpu)] = setting;
}

Ns LatenessScan::tickOf(std::string_view clocksource) const
{
    const auto row = std::ranges::find(m_snapshot.clocksources, clocksource, &ClocksourceRow::name);
    if (row == m_snapshot.clocksources.end()) {
        return Ns::zero();
    }
    const std::uint32_t mult = row->mult.value_or(0);
    const std::uint32_t shift = row->shift.value_or(shiftMost + 1);
    return shift <= shiftMost ? Ns{(std::int64_t{mult} >> shift) + 1} : Ns::zero();
}

/// Until one is chosen, jiffies tell the time. A log that chooses none may begin later.
Ns LatenessScan::firstClockTick() const
{
    const std::size_t count = std::min(m_snapshot.records, m_log.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (m_log[i].kind == RecordKind::ClocksourceSelect) {
            return jiffy();
        }
    }
    const ClocksourceRow* const current = m_snapshot.currentClocksource();
    return current != nullptr ? tickOf(current->name) : Ns::zero();
}

/// Which handler a CPU's tick device has says how its hrtimers are run. Others change nothing.
void LatenessScan::seeHandler(const TraceRecord& record)
{
    const std::string_view handler = m_log.string(static_cast<std::uint32_t>(record.a));
    if (handler == "hrtimer_interrupt") {
        m_cpus[record.cpu].isHighRes = true;
        m_cpus[record.cpu].highResSince = record.at;
    } else if (handler == "tick_handle_periodic" || handler == "tick_nohz_handler"
               || handler == "tick_nohz_lowres_handler") {
        m_cpus[record.cpu].isHighRes = false;
    }
}

void LatenessScan::seeSend(const TraceRecord& record)
{
    const CpuSeen& sender = m_cpus[record.cpu];
    InterruptSeen sent = sender.interrupt.value_or(InterruptSeen{});
    sent.sent = record.at;
    for (unsigned target = 0; target < 64; ++target) {
        if ((static_cast<std::uint64_t>(record.a) >> target & 1U) != 0) {
            m_cpus[target].broadcast = sent;
        }
    }
}

// --- interrupts and softirqs -------------------------------------------------------------------

void LatenessScan::seeInterrupt(const TraceRecord& record)
{
    CpuSeen& cpu = m_cpus[record.cpu];
    InterruptSeen seen;
    seen.device = m_log.string(record.subject);
    const DeviceKey key = keyOf(record.subject, record.cpu);
    if (cpu.broadcast && seen.device == "timer broadcast") {
        seen = *cpu.broadcast;
        cpu.broadcast.reset();
    } else if (m_periodic.contains(key)) {
        seen.isPeriodic = true;
    } else if (const auto found = m_settings.find(key); found != m_settings.end()) {
        seen.setting = found->second;
    }
    seen.at = record.at;
    seen.woke = std::exchange(cpu.woke, {});
    seen.exitLatency = std::exchange(cpu.exitLatency, {});
    seen.idleState = cpu.idleState;
    cpu.interrupt = seen;
    cpu.pass.reset();
    cpu.firstFunction.reset();
    cpu.refusals = 0;
}

void LatenessScan::seeInterruptEnd(const TraceRecord& record)
{
    CpuSeen& cpu = m_cpus[record.cpu];
    cpu.interrupt.reset();
    cpu.pass.reset();
    cpu.firstFunction.reset();
}

void LatenessScan::seeSoftirq(const TraceRecord& record)
{
    CpuSeen& cpu = m_cpus[record.cpu];
    if (record.subject >= cpu.raised.size()) {
        return;
    }
    if (record.kind == RecordKind::SoftirqRaise) {
        cpu.raised[record.subject] = CpuSeen::Raised{record.at, cpu.interrupt, cpu.firstFunction};
        return;
    }
    const bool begins = record.kind == RecordKind::SoftirqEntry;
    cpu.softirq = begins ? std::optional{record.at} : std::nullopt;
    cpu.served = begins ? std::exchange(cpu.raised[record.subject], {}) : std::nullopt;
    cpu.pass.reset();
    cpu.firstFunction.reset();
}

void LatenessScan::seeIdle(const TraceRecord& record)
{
    CpuSeen& cpu = m_cpus[record.cpu];
    cpu.idleState = m_log.string(record.subject);
    if (record.a != idle_state::exit || cpu.interrupt) {
        cpu.woke.reset();
        cpu.exitLatency.reset();
        return;
    }
    cpu.woke = record.at;
    cpu.exitLatency = record.b > 0 ? std::optional{Ns{record.b}} : std::nullopt;
}

// --- jiffies -----------------------------------------------------------------------------------

Ns LatenessScan::spanBetween(std::int64_t from, std::int64_t to) const
{
    const WideSigned span = (static_cast<WideSigned>(to) - from) * jiffy().count();
    const WideSigned most = longestLateness.count();
    return Ns{static_cast<std::int64_t>(std::clamp(span, -most, most))};
}

/// When the last of the ticks that are counted was due: by the hrtimer whose function counts them,
/// or by what the device was set to. A device that ticks by itself tells nothing.
void LatenessScan::seeJiffies(const TraceRecord& record)
{
    const CpuSeen& cpu = m_cpus[record.cpu];
    JiffiesSeen seen{.at = record.at,
                     .due = {},
                     .jiffies = record.a,
                     .ticks = record.b,
                     .cpu = record.cpu,
                     .sleeps = m_sleeps,
                     .interrupt = cpu.interrupt,
                     .firstFunction = cpu.firstFunction};
    std::optional<TraceInstant> first = cpu.tickDue;
    if (!first && !cpu.isHighRes && cpu.interrupt && cpu.interrupt->setting) {
        first = cpu.interrupt->setting->fires;
    }
    if (first && record.b > 0) {
        seen.due = std::min(addSaturating(*first, spanBetween(1, record.b)), record.at);
    }
    m_jiffies.push_back(seen);
}

const JiffiesSeen* LatenessScan::reached(std::int64_t jiffies) const
{
    const auto found = std::ranges::lower_bound(m_jiffies, jiffies, {}, &JiffiesSeen::jiffies);
    return found != m_jiffies.end() ? &*found : nullptr;
}

/// Steps that an idle CPU makes when it is woken tell nothing themselves, but ticks are even.
const JiffiesSeen* LatenessScan::nearestDue(const JiffiesSeen& step) const
{
    static constexpr std::ptrdiff_t most = 64; // further away, clocks have drifted too far
    const std::ptrdiff_t at = &step - m_jiffies.data();
    const auto count = static_cast<std::ptrdiff_t>(m_jiffies.size());
    for (std::ptrdiff_t distance = 0; distance < most; ++distance) {
        for (const std::ptrdiff_t i : {at - distance, at + distance}) {
            if (i < 0 || i >= count) {
                continue;
            }
            const JiffiesSeen& other = m_jiffies[static_cast<std::size_t>(i)];
            if (other.due && other.sleeps == step.sleeps) {
                return &other;
            }
        }
    }
    return nullptr;
}

std::optional<TraceInstant> LatenessScan::whenDue(std::int64_t jiffies) const
{
    const JiffiesSeen* const step = reached(jiffies);
    if (step == nullptr) {
        return std::nullopt;
    }
    const JiffiesSeen* const sure = nearestDue(*step);
    const TraceInstant due = sure != nullptr
        ? addSaturating(sure->due.value_or(sure->at), spanBetween(sure->jiffies, jiffies))
        : addSaturating(step->at, spanBetween(step->jiffies, jiffies));
    // It was not due yet when the step before this one was made: that would have counted it.
    const TraceInstant earliest = step != m_jiffies.data() ? (step - 1)->at : due;
    return std::min(std::max(due, earliest), step->at);
}

} // namespace timerscope
