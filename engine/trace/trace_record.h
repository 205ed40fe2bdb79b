// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <type_traits>

namespace timerscope {

/// What happened. Values are stored in files and hashed: append only, never renumber.
///
/// Up to 63: the kernel's tracepoints, by their names and meanings, so that a model, a live kernel
/// and a recorded file can be laid side by side. From 64: what no tracepoint reports.
/// record_schema.h says for each kind what subject, a and b are.
enum class RecordKind : std::uint8_t
{
    None = 0,
    IrqHandlerEntry = 1,
    IrqHandlerExit = 2,
    SoftirqRaise = 3,
    SoftirqEntry = 4,
    SoftirqExit = 5,

    HrtimerInit = 10,
    HrtimerStart = 11,
    HrtimerCancel = 12,
    HrtimerExpireEntry = 13,
    HrtimerExpireExit = 14,

    TimerInit = 20,
    TimerStart = 21,
    TimerCancel = 22,
    TimerExpireEntry = 23,
    TimerExpireExit = 24,

    TickStop = 30,

    Printk = 64,
    ClocksourceRegister = 65,
    ClocksourceUnregister = 66,
    ClocksourceSelect = 67,
    ClocksourceRating = 68,
    ClockEventRegister = 70,
    ClockEventState = 71,
    ClockEventProgram = 72,
    ClockEventHandler = 73,
    TickDevice = 74,
    TickMode = 75,
    NohzMode = 76,
    JiffiesUpdate = 80,
    SchedClockRegister = 81,
    ScenarioStep = 90,
    Expectation = 91,
    DataLoss = 92,
    CounterSample = 93,
    ChannelFired = 94,
    ModuleLoad = 95,
    ModuleUnload = 96,
    ModuleReference = 97,
    WatchdogVerdict = 98,
    MachineFault = 99,
    Suspend = 100,
    Resume = 101,
    ClockEventUnbind = 102,
    BroadcastDevice = 103,
    WakeupDevice = 104,
    BroadcastMode = 105,
    BroadcastSend = 106,
    BroadcastEnter = 107,
    BroadcastExit = 108,
    DoTimerCpu = 109,
    CpuOnline = 110,
    KernelWarning = 111,
    CpuIdle = 112,
    FunctionEntry = 113,
    FunctionExit = 114,
    FunctionInstall = 115, ///< it will be called later, through a pointer
    HrtimerMigrate = 120, ///< its next start queues it on another CPU than the record's
};

/// One fact about the machine, in the order it became true. Written once, never changed.
///
/// The index in the log is the total order: records at the same nanosecond keep the order of
/// their causes. 32 bytes, because filling fresh memory is what limits a trace's speed.
struct TraceRecord
{
    TraceInstant at;
    std::int64_t a = 0;
    std::int64_t b = 0;
    std::uint32_t subject = 0; ///< a string of the log, or a timer's id: see record_schema.h
    std::uint16_t cpu = 0;
    RecordKind kind = RecordKind::None;
    std::uint8_t flags = 0;
    friend constexpr bool operator==(const TraceRecord&, const TraceRecord&) = default;
};
static_assert(sizeof(TraceRecord) == 32 && std::is_trivially_copyable_v<TraceRecord>);

/// Why a clocksource was chosen: `b` of ClocksourceSelect.
enum class SelectReason : std::uint8_t
{
    Best = 0, ///< first eligible of the list: the highest rating
    Override = 1, ///< asked for by name (command line or sysfs)
    OnlyOne = 2, ///< nothing else is registered
    Unknown = 3, ///< seen on a live kernel, which does not say why
};

/// What the watchdog made of one comparison: `flags` of WatchdogVerdict.
enum class WatchdogVerdict : std::uint8_t
{
    FirstReading = 0, ///< only kept, for the next pass
    Good = 1, ///< the difference is within the margins
    Skewed = 2, ///< marked unstable
    LongInterval = 3, ///< too much time has passed to judge
    Unreliable = 4, ///< reading it took too long again and again: marked unstable
    Busy = 5, ///< reading the reference took too long: checks pause
};

/// What has ended a model's kernel, or one of its tasks: `a` of MachineFault.
enum class FaultKind : std::uint8_t
{
    Oops = 0, ///< memory that is gone was touched by a task: the task dies
    Panic = 1, ///< the same in an interrupt: the machine stops
    Hang = 2, ///< time stands, so everything that waits for it waits for ever
    Lockup = 3, ///< a CPU goes on for ever with interrupts off and a lock that all need: the same
};

/// What somebody holds a module for: `flags` of ModuleReference.
enum class HoldRole : std::uint8_t
{
    CurrentClocksource, ///< taken by timekeeping, given back when it switches to another one
    TickDevice, ///< taken when the tick layer installs the device, given back when it is displaced
    WakeupDevice,
    BroadcastDevice,
    Watchdog, ///< a task has the watchdog device open
    Pwm, ///< a consumer has requested the channel
    Other, ///< module code that counts by itself
};
/// It is there for a trace that tells of functions only.
[[nodiscard]] constexpr bool tellsOfFunctions(RecordKind kind)
{
    return kind >= RecordKind::FunctionEntry && kind <= RecordKind::FunctionInstall;
}

/// `a` of CpuIdle: the CPU falls asleep, or wakes. The record names the state.
namespace idle_state {
inline constexpr std::int64_t poll = 0; ///< does not sleep, but looks whether a task is to run
inline constexpr std::int64_t halt = 1;
inline constexpr std::int64_t exit = 0xffff'ffff; ///< PWR_EVENT_EXIT
} // namespace idle_state

/// `flags` of HrtimerStart (enum hrtimer_mode).
namespace hrtimer_mode {
inline constexpr std::uint8_t absolute = 0x00;
inline constexpr std::uint8_t relative = 0x01;
inline constexpr std::uint8_t pinned = 0x02;
inline constexpr std::uint8_t soft = 0x04;
inline constexpr std::uint8_t hard = 0x08;
} // namespace hrtimer_mode

/// `flags` of TimerInit and TimerStart: bits 16 to 23 of the kernel's timer flags, which keep the
/// CPU and the bucket in the others.
namespace timer_flag {
inline constexpr std::uint8_t deferrable = 0x08; ///< does not wake an idle CPU
inline constexpr std::uint8_t pinned = 0x10; ///< stays on the CPU that arms it
inline constexpr std::uint8_t irqSafe = 0x20; ///< its function runs with interrupts off
} // namespace timer_flag

/// `flags` of ClockEventProgram.
namespace program_flag {
inline constexpr std::uint8_t forced = 0x01; ///< the shortest delta was used: the time had passed
inline constexpr std::uint8_t refused = 0x02; ///< -ETIME: nothing was programmed
inline constexpr std::uint8_t clamped = 0x04; ///< shortened or lengthened to the device's limits
} // namespace program_flag

/// `flags` of ChannelFired.
namespace fired_flag {
inline constexpr std::uint8_t stamped = 0x01; ///< b is the counter when it fired; else unknown
} // namespace fired_flag

} // namespace timerscope
