// SPDX-License-Identifier: GPL-3.0-or-later
//! The machine's state at one instant, complete and constant, for every kind of source.
//!
//! Made by the source's thread, read by any thread; the last reader to let go frees it. What a
//! source cannot know is an empty optional, and `notices` says what is missing and how to get it.
#pragma once

#include "engine/base/cpu_mask.h"
#include "engine/base/cycles.h"
#include "engine/base/jiffies.h"
#include "engine/base/kernel_types.h"
#include "engine/base/time.h"
#include "engine/trace/trace_record.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// One registered clocksource.
struct ClocksourceRow
{
    std::string name;
    bool current = false;
    bool available = true; ///< listed in available_clocksource: hidden while not fit for oneshot
    std::optional<int> rating;
    std::optional<std::uint32_t> flags; ///< bits of clocksource_flag
    std::optional<Hertz> rate; ///< empty when the driver gave mult and shift itself
    std::optional<unsigned> bits;
    std::optional<std::uint32_t> mult;
    std::optional<std::uint32_t> shift;
    std::optional<std::uint64_t> maxCycles;
    std::optional<Ns> maxIdle; ///< longest sleep that keeps the time: already halved
    std::optional<Ns> readCost; ///< what one read takes
    std::optional<std::string> module; ///< whose code its driver is; empty text when built in
    std::optional<bool> hasOwner; ///< the driver names its module, so that it can be held
    std::optional<bool> isDangling; ///< its module is gone: the next one to look at it faults
    std::optional<int> references; ///< of the module
    friend bool operator==(const ClocksourceRow&, const ClocksourceRow&) = default;
};

/// What a clock event device is used for.
enum class DeviceRole : std::uint8_t
{
    Unused,
    Tick,
    Broadcast,
    Wakeup,
};
[[nodiscard]] std::string_view nameOf(DeviceRole role);

/// One clock event device.
struct ClockEventRow
{
    std::string name;
    DeviceRole role = DeviceRole::Unused;
    /// It is the broadcast device beside that: a CPU came back whose own timer had become it.
    bool alsoBroadcasts = false;
    std::optional<unsigned> cpu; ///< whose tick or wakeup device it is
    std::optional<CpuMask> cpus; ///< whom its interrupt can reach
    std::optional<ClockEventState> state;
    std::optional<int> rating;
    std::optional<std::uint32_t> features; ///< bits of clock_event_feature
    std::optional<std::uint32_t> mult;
    std::optional<std::uint32_t> shift;
    std::optional<Ns> minDelta;
    std::optional<Ns> maxDelta;
    std::optional<MonotonicInstant> nextEvent; ///< never<> when nothing is programmed
    std::string handler; ///< event handler; empty when none was ever set or it is unknown
    std::optional<std::uint64_t> retries; ///< programming failures
    std::optional<std::string> module; ///< whose code its driver is; empty text when built in
    std::optional<bool> hasOwner; ///< the driver names its module, so that it can be held
    std::optional<bool> isDangling; ///< its module is gone: the next one to look at it faults
    /// Driver callbacks by their names in /proc/timer_list ("set_next_event", "shutdown", …).
    std::vector<std::pair<std::string, std::string>> callbacks;

    /// It has @p wanted among its roles.
    [[nodiscard]] bool serves(DeviceRole wanted) const
    {
        return role == wanted || (wanted == DeviceRole::Broadcast && alsoBroadcasts);
    }
    friend bool operator==(const ClockEventRow&, const ClockEventRow&) = default;
};

/// One queued hrtimer.
struct HrtimerRow
{
    std::uint64_t id = 0; ///< model: the records' timer id; kernel: its (hashed) address
    std::string function;
    std::string task; ///< whom it wakes; empty when unknown
    HrtimerInstant softExpires;
    HrtimerInstant hardExpires;
    std::optional<std::uint32_t> state; ///< S: of /proc/timer_list
    friend bool operator==(const HrtimerRow&, const HrtimerRow&) = default;
};

/// One of a CPU's eight hrtimer clock bases (0-3 hard, 4-7 soft).
struct HrtimerBaseRow
{
    unsigned index = 0;
    std::string address; ///< as /proc/timer_list prints it; empty for a model
    std::string getTime; ///< "ktime_get", …; empty where the kernel no longer prints it
    Ns resolution{1};
    Ns offset{}; ///< base clock = CLOCK_MONOTONIC + offset
    std::vector<HrtimerRow> timers; ///< in expiry order

    /// Time until @p timer fires at the latest, seen at @p now.
    [[nodiscard]] Ns left(const HrtimerRow& timer, MonotonicInstant now) const
    {
        // A kernel's text may hold any number: clamped, never wrapped.
        return subtractSaturating(subtractSaturating(timer.hardExpires.time_since_epoch(), offset),
                                  now.time_since_epoch());
    }
    friend bool operator==(const HrtimerBaseRow&, const HrtimerBaseRow&) = default;
};

/// "monotonic", "realtime", "boottime", "tai", and the same with " soft" for 4 to 7.
[[nodiscard]] std::string_view hrtimerBaseName(unsigned index);

/// One timer on a wheel.
struct WheelTimerRow
{
    std::uint64_t id = 0;
    std::string function;
    std::string task;
    Jiffies requested;
    Jiffies bucketExpiry; ///< when it will fire: rounded up to its bucket
    unsigned level = 0;
    unsigned bucket = 0; ///< 0 to 63 within the level
    friend bool operator==(const WheelTimerRow&, const WheelTimerRow&) = default;
};

/// One timer wheel of a CPU.
struct WheelBaseRow
{
    std::string name; ///< "standard" or "deferrable"
    Jiffies clk; ///< the wheel's own clock
    Jiffies nextExpiry;
    unsigned levels = 9;
    std::vector<WheelTimerRow> timers; ///< by firing jiffy
    friend bool operator==(const WheelBaseRow&, const WheelBaseRow&) = default;
};

/// A number that /proc/timer_list prints for a CPU and that we show but do not interpret.
struct NamedValue
{
    std::string name;
    std::string value; ///< with its unit, as printed
    friend bool operator==(const NamedValue&, const NamedValue&) = default;
};

/// What is per CPU.
struct CpuRow
{
    unsigned index = 0;
    bool online = true;
    std::optional<std::string> tickDevice; ///< name of the device; empty text when it has none
    std::optional<std::string> wakeupDevice;
    std::optional<TickMode> tickMode;
    std::optional<NohzMode> nohzMode;
    std::optional<bool> hresActive;
    std::optional<bool> tickStopped;
    std::optional<MonotonicInstant> expiresNext;
    std::optional<std::uint64_t> hrtimerEvents;
    std::optional<std::uint64_t> hrtimerRetries;
    std::optional<std::uint64_t> hrtimerHangs;
    std::vector<HrtimerBaseRow> hrtimerBases; ///< empty when the queues cannot be seen
    std::vector<WheelBaseRow> wheels; ///< empty when the wheels cannot be seen
    std::vector<NamedValue> idleStatistics; ///< .idle_calls and its neighbours, in their order
    std::optional<Jiffies> jiffies; ///< of a live kernel: read while this CPU's part was printed
    friend bool operator==(const CpuRow&, const CpuRow&) = default;
};

/// The broadcast device and who leans on it.
struct BroadcastRow
{
    std::string device; ///< empty: none
    std::optional<TickMode> mode;
    std::vector<unsigned> periodicMask; ///< CPUs in tick_broadcast_mask
    std::vector<unsigned> oneshotMask;
    friend bool operator==(const BroadcastRow&, const BroadcastRow&) = default;
};

/// The timekeeper's conversion and the clocks that it makes.
struct TimekeeperRow
{
    std::string clock; ///< whose counter is read: jiffies while the kernel boots
    std::uint32_t mult = 0;
    std::uint32_t shift = 0;
    RealtimeInstant realtime;
    Ns boottimeOffset{};
    friend bool operator==(const TimekeeperRow&, const TimekeeperRow&) = default;
};

/// sched_clock as it was registered last.
struct SchedClockRow
{
    std::string counter; ///< "jiffies" until a driver registers one
    Hertz rate;
    unsigned bits = 64;
    Ns wrap{}; ///< refreshed before this much time has passed
    friend bool operator==(const SchedClockRow&, const SchedClockRow&) = default;
};

/// The machine itself.
struct MachineRow
{
    std::string kernel; ///< profile of a model ("linux-5.15"), release of a live kernel
    std::optional<TickRate> tickRate;
    std::optional<unsigned> bits; ///< 32 or 64
    std::optional<bool> bootFinished; ///< clocksource selection has begun
    std::optional<bool> highResAllowed; ///< HIGH_RES_TIMERS and not highres=off
    std::optional<bool> noHzAllowed; ///< NO_HZ and not nohz=off
    std::optional<unsigned> doTimerCpu; ///< counts jiffies; empty also while nobody does
    friend bool operator==(const MachineRow&, const MachineRow&) = default;
};

enum class Severity : std::uint8_t
{
    Info,
    Warning,
    DataLoss,
};

/// Something the user should know about this snapshot, in one sentence: what and what to do.
struct Notice
{
    Severity severity = Severity::Info;
    std::string text;
    friend bool operator==(const Notice&, const Notice&) = default;
};

/// A module that the machine has, or had.
struct ModuleRow
{
    /// A reference that somebody holds.
    struct Hold
    {
        HoldRole role = HoldRole::Other;
        std::string device; ///< what it is held for: a clocksource, an event device, a channel
        unsigned cpu = 0; ///< of a tick or wakeup device
        friend bool operator==(const Hold&, const Hold&) = default;
    };
    std::string name; ///< as the kernel prints it: timer_sun5i
    bool loaded = false;
    std::vector<Hold> holds; ///< in the order of taking; as many as its references
    friend bool operator==(const ModuleRow&, const ModuleRow&) = default;
};

/// The last time that the machine slept.
struct SleepRow
{
    Ns trueLength{}; ///< as the hardware knows it
    Ns measured{}; ///< what CLOCK_BOOTTIME and CLOCK_REALTIME went on by
    std::string measuredBy; ///< a clocksource, "the persistent clock", "the RTC"; empty: nothing
    friend bool operator==(const SleepRow&, const SleepRow&) = default;
};

/// What a task of the model does now.
enum class TaskState : std::uint8_t
{
    Running,
    Runnable, ///< waits for its turn
    Sleeping,
    Waiting, ///< sleeps, and no signal wakes it
    Ended,
};
[[nodiscard]] std::string_view nameOf(TaskState state);

/// A POSIX timer of a process.
struct PosixTimerRow
{
    int id = 0;
    bool isActive = false;
    Ns interval{};
    int overrun = 0; ///< what timer_getoverrun() answers
    friend bool operator==(const PosixTimerRow&, const PosixTimerRow&) = default;
};

/// A process of the model, which has one thread.
struct TaskRow
{
    std::string name;
    int pid = 0;
    unsigned cpu = 0;
    TaskState state = TaskState::Sleeping;
    Ns userTime{}; ///< by ticks
    Ns systemTime{}; ///< by ticks
    Ns runtime{}; ///< by sched_clock
    std::uint64_t switches = 0; ///< how often a CPU has switched to it
    std::uint64_t rounds = 0; ///< of its routine
    std::uint64_t handledSignals = 0; ///< that a handler ran for
    int lastSignal = 0;
    int lastOverrun = 0;
    std::uint64_t overruns = 0;
    std::uint64_t interrupted = 0; ///< sleeps cut short by a handler
    Ns worstLatency{}; ///< of a cyclic task
    std::uint64_t expirations = 0; ///< read from its timerfd
    std::uint64_t canceled = 0; ///< reads of it that failed since the clock was set
    std::uint64_t retransmits = 0;
    std::optional<int> killedBy; ///< the signal that ended it
    std::optional<std::string> refused; ///< the errno that ended it: "EINVAL"
    std::vector<PosixTimerRow> timers;
    friend bool operator==(const TaskRow&, const TaskRow&) = default;
};

/// What has ended a model's kernel, or one of its tasks.
struct KernelFault
{
    FaultKind kind{};
    TraceInstant at;
    std::string text; ///< one sentence: what was touched and why it was not there
    friend bool operator==(const KernelFault&, const KernelFault&) = default;
};

struct Snapshot
{
    TraceInstant at; ///< on the log's axis
    std::size_t records = 0; ///< how many records of the log lead to this state
    MonotonicInstant monotonic; ///< what ktime_get() would answer
    MachineRow machine;
    std::vector<ClocksourceRow> clocksources; ///< in list order, best first
    std::optional<std::string> overrideName; ///< clocksource asked for by the user
    std::vector<ClockEventRow> clockEvents;
    std::vector<CpuRow> cpus;
    std::optional<BroadcastRow> broadcast;
    std::optional<Jiffies> jiffies;
    std::optional<TimekeeperRow> timekeeper;
    std::optional<SchedClockRow> schedClock;
    std::optional<std::string> suspendClocksource; ///< counts on in suspend; empty text: none does
    std::optional<std::string> watchdogReference; ///< what others are compared with; empty: none
    std::vector<ModuleRow> modules; ///< in the order in which they were first loaded
    std::vector<TaskRow> tasks; ///< in the order of their coming
    std::optional<std::string> loadAverage; ///< as /proc/loadavg has it; empty without tasks
    std::optional<SleepRow> lastSleep; ///< empty: it has not slept yet
    std::optional<KernelFault> fault; ///< the first one
    std::vector<std::string> unknownLines; ///< of a parsed file: kept, never dropped
    std::vector<Notice> notices;

    /// The current clocksource, or null.
    [[nodiscard]] const ClocksourceRow* currentClocksource() const;
    /// The device called @p name that serves @p cpu's tick, else the first one of that name; null
    /// when there is none. Names may repeat: every CPU's local timer is called the same.
    [[nodiscard]] const ClockEventRow* clockEvent(std::string_view name, unsigned cpu) const;
    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

} // namespace timerscope
