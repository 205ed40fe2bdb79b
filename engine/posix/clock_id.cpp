// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/clock_id.h"

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

struct ClockRow
{
    ClockId clock;
    ClockAbilities abilities;
};

constexpr std::array clockTable{
    ClockRow{ClockId::Realtime, {true, true, true}},
    ClockRow{ClockId::Monotonic, {false, true, true}},
    ClockRow{ClockId::ProcessCpu, {false, true, true}},
    ClockRow{ClockId::ThreadCpu, {false, false, true}},
    ClockRow{ClockId::MonotonicRaw, {false, false, false}},
    ClockRow{ClockId::RealtimeCoarse, {false, false, false}},
    ClockRow{ClockId::MonotonicCoarse, {false, false, false}},
    ClockRow{ClockId::Boottime, {false, true, true}},
    ClockRow{ClockId::RealtimeAlarm, {false, true, true}},
    ClockRow{ClockId::BoottimeAlarm, {false, true, true}},
    ClockRow{ClockId::Tai, {false, true, true}},
};

/// A clockid_t below 0: 2 bits of kind, 1 bit "of a thread", and the complement of the pid. The
/// kind 3 with the thread's bit clear is a file descriptor's clock.
constexpr std::uint32_t kindMask = 0x3;
constexpr std::uint32_t threadBit = 0x4;
constexpr std::uint32_t descriptorClock = 0x3;
constexpr int pidShift = 3;

constexpr std::uint32_t bitsOf(ClockId clock)
{
    return static_cast<std::uint32_t>(clock);
}

constexpr bool isTaskClock(ClockId clock)
{
    return static_cast<std::int32_t>(clock) < 0
        && (bitsOf(clock) & (kindMask | threadBit)) != descriptorClock;
}

} // namespace

std::optional<ClockAbilities> abilitiesOf(ClockId clock)
{
    if (isTaskClock(clock)) {
        // clock_settime() knows the clocks of tasks, and then forbids it.
        return ClockAbilities{.isSettable = false, .canSleep = true, .canTime = true};
    }
    const auto row = std::ranges::find(clockTable, clock, &ClockRow::clock);
    return row == clockTable.end() ? std::nullopt : std::optional(row->abilities);
}

std::optional<HrtimerClock> hrtimerClockOf(ClockId clock)
{
    switch (clock) {
    case ClockId::Realtime:
    case ClockId::RealtimeAlarm:
        return HrtimerClock::Realtime;
    case ClockId::Monotonic:
        return HrtimerClock::Monotonic;
    case ClockId::Boottime:
    case ClockId::BoottimeAlarm:
        return HrtimerClock::Boottime;
    case ClockId::Tai:
        return HrtimerClock::Tai;
    default:
        return std::nullopt;
    }
}

std::optional<Ns> resolutionOf(ClockId clock, Ns hrtimerResolution, TickRate rate)
{
    if (const auto cpu = cpuClockOf(clock)) {
        const auto hz = static_cast<std::int64_t>(rate.hz);
        return cpu->clock == CpuClock::Sched ? Ns{1} : Ns{(nsPerSecond + hz - 1) / hz};
    }
    if (clock == ClockId::RealtimeCoarse || clock == ClockId::MonotonicCoarse) {
        return rate.period();
    }
    if (clock == ClockId::MonotonicRaw || hrtimerClockOf(clock)) {
        return hrtimerResolution;
    }
    return std::nullopt;
}

ClockId CpuClockId::number() const
{
    const std::uint32_t packed = (~static_cast<std::uint32_t>(pid) << pidShift)
        | (isThread ? threadBit : 0) | static_cast<std::uint32_t>(clock);
    return static_cast<ClockId>(packed);
}

std::optional<CpuClockId> cpuClockOf(ClockId clock)
{
    if (clock == ClockId::ProcessCpu || clock == ClockId::ThreadCpu) {
        return CpuClockId{.isThread = clock == ClockId::ThreadCpu};
    }
    const std::uint32_t bits = bitsOf(clock);
    if (!isTaskClock(clock) || (bits & kindMask) >= cpuClocks.size()) {
        return std::nullopt;
    }
    const std::int32_t complement = static_cast<std::int32_t>(bits) >> pidShift;
    return CpuClockId{.pid = ~complement,
                      .clock = static_cast<CpuClock>(bits & kindMask),
                      .isThread = (bits & threadBit) != 0};
}

} // namespace timerscope
