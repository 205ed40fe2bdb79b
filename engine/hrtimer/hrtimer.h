// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"
#include "engine/trace/trace_record.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

namespace timerscope {

/// The clock that a timer's expiry is counted on, without the hard/soft distinction.
enum class HrtimerClock : std::uint8_t
{
    Monotonic = 0,
    Realtime = 1,
    Boottime = 2,
    Tai = 3,
};
inline constexpr std::size_t hrtimerClocks = 4;
inline constexpr std::size_t hrtimerBases = 2 * hrtimerClocks; ///< 0-3 hard, 4-7 soft

/// What a timer's function answers (enum hrtimer_restart).
enum class HrtimerRestart : std::uint8_t
{
    No,
    Yes, ///< queue it again: the function has moved the expiry with forward()
};

/// @p a + @p b, or "never" when the sum, modulo 2^64, is negative or smaller than either: what the
/// kernel adds expiries with (ktime_add_safe; oracle set ktime_add_safe).
[[nodiscard]] constexpr Ns ktimeAddSafe(Ns a, Ns b)
{
    const auto wrapped
        = static_cast<std::uint64_t>(a.count()) + static_cast<std::uint64_t>(b.count());
    const Ns sum{static_cast<std::int64_t>(wrapped)};
    return sum < Ns::zero() || sum < a || sum < b ? Ns::max() : sum;
}

/// What a timer is made as: what hrtimer_init() is told.
struct HrtimerKind
{
    HrtimerClock clock = HrtimerClock::Monotonic; ///< as asked for
    std::uint8_t mode = hrtimer_mode::absolute; ///< bits of hrtimer_mode

    /// The clock that it is counted on. A relative span is the same on a clock that can be set, so
    /// the kernel counts it on one that cannot (__hrtimer_init, Linux 6.1; scenario hr10).
    [[nodiscard]] constexpr HrtimerClock countedOn() const
    {
        const bool isRelative = (mode & hrtimer_mode::relative) != 0;
        return clock == HrtimerClock::Realtime && isRelative ? HrtimerClock::Monotonic : clock;
    }
    [[nodiscard]] constexpr bool isSoft() const { return (mode & hrtimer_mode::soft) != 0; }
};

class HrtimerCpuBase;

/// A high-resolution timer. Owned by whoever arms it; must be cancelled before it goes away, and
/// must not go away while its function runs.
///
/// Rule (hrtimer.c, Linux 6.1): the queue is ordered by the hard expiry; the timer may fire from
/// the soft expiry on. Their difference is the slack that lets one interrupt serve several timers.
class alignas(64) Hrtimer // what queueing touches is then in one cache line
{
public:
    using Function = std::function<HrtimerRestart(Hrtimer&)>;

    /// @p id names the timer in records and is never reused.
    Hrtimer(std::uint32_t id, HrtimerKind kind, std::string functionName, Function function)
        : m_id(id)
        , m_clock(kind.countedOn())
        , m_soft(kind.isSoft())
        , m_kind(kind)
        , m_function(std::move(function))
        , m_functionName(std::move(functionName))
    {
    }
    /// @p clock as it is counted on. @p soft timers run in the softirq.
    Hrtimer(std::uint32_t id, HrtimerClock clock, bool soft, std::string functionName,
            Function function)
        : Hrtimer(
              id,
              {.clock = clock,
               .mode = static_cast<std::uint8_t>(soft ? hrtimer_mode::soft : hrtimer_mode::hard)},
              std::move(functionName), std::move(function))
    {
    }
    Hrtimer(const Hrtimer&) = delete;
    Hrtimer& operator=(const Hrtimer&) = delete;

    [[nodiscard]] std::uint32_t id() const { return m_id; }
    [[nodiscard]] const std::string& functionName() const { return m_functionName; }
    [[nodiscard]] const std::string& task() const { return m_task; }
    /// The clock that it is counted on.
    [[nodiscard]] HrtimerClock clock() const { return m_clock; }
    /// What it was made as.
    [[nodiscard]] HrtimerKind kind() const { return m_kind; }
    [[nodiscard]] bool isSoft() const { return m_soft; }
    [[nodiscard]] bool isQueued() const { return m_slot != notQueued; }
    /// Its function runs at this moment (hrtimer_callback_running).
    [[nodiscard]] bool isCallbackRunning() const { return m_callbackRuns; }
    /// Queued, or its function runs (hrtimer_active).
    [[nodiscard]] bool isActive() const { return isQueued() || m_callbackRuns; }
    [[nodiscard]] HrtimerInstant softExpires() const { return m_softExpires; }
    [[nodiscard]] HrtimerInstant hardExpires() const { return m_hardExpires; }
    /// Hard minus soft expiry.
    [[nodiscard]] Ns slack() const
    {
        return subtractSaturating(m_hardExpires.time_since_epoch(),
                                  m_softExpires.time_since_epoch());
    }

    /// Which of the eight bases it queues on.
    [[nodiscard]] std::size_t baseIndex() const
    {
        return static_cast<std::size_t>(m_clock) + (m_soft ? hrtimerClocks : 0);
    }
    /// The CPU that it is queued on, or was last; null before its first start.
    [[nodiscard]] const HrtimerCpuBase* cpuBase() const { return m_cpuBase; }

    /// The task it wakes, for people. Empty when it wakes none.
    void setTask(std::string task) { m_task = std::move(task); }

    /// Expiry from @p soft to @p soft + @p slack by ktimeAddSafe(). Not while queued.
    void setExpires(HrtimerInstant soft, Ns slack = Ns::zero());

    /// Moves the expiry past @p now by whole @p interval steps and returns how many it took; 0
    /// and no change while the hard expiry is still ahead, or while it is queued (the kernel warns
    /// of that). An interval below @p resolution counts as @p resolution. Rule:
    /// hrtimer_forward(), Linux 6.1.
    std::uint64_t forward(HrtimerInstant now, Ns interval, Ns resolution);

private:
    friend class HrtimerQueue;
    friend class HrtimerCpuBase;
    static constexpr std::uint32_t notQueued = std::numeric_limits<std::uint32_t>::max();

    // What queueing touches comes first.
    HrtimerInstant m_softExpires;
    HrtimerInstant m_hardExpires;
    HrtimerCpuBase* m_cpuBase = nullptr;
    std::uint32_t m_slot = notQueued; // in its queue
    std::uint32_t m_id;
    HrtimerClock m_clock;
    bool m_soft;
    bool m_callbackRuns = false;
    bool m_isRelative = false; // only of interest with a coarse clock
    HrtimerKind m_kind;
    Function m_function;
    std::string m_functionName;
    std::string m_task;
};

} // namespace timerscope
