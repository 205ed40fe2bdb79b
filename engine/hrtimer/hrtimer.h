// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

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

/// A high-resolution timer. Owned by whoever arms it; must be cancelled before it goes away.
///
/// Rule (hrtimer.c, Linux 6.1): the queue is ordered by the hard expiry; the timer may fire from
/// the soft expiry on. Their difference is the slack that lets one interrupt serve several timers.
class Hrtimer
{
public:
    using Function = std::function<HrtimerRestart(Hrtimer&)>;

    /// @p id names the timer in records and is never reused. @p soft timers run in the softirq.
    Hrtimer(std::uint32_t id, HrtimerClock clock, bool soft, std::string functionName,
            Function function)
        : m_function(std::move(function))
        , m_functionName(std::move(functionName))
        , m_id(id)
        , m_clock(clock)
        , m_soft(soft)
    {
    }
    Hrtimer(const Hrtimer&) = delete;
    Hrtimer& operator=(const Hrtimer&) = delete;

    [[nodiscard]] std::uint32_t id() const { return m_id; }
    [[nodiscard]] const std::string& functionName() const { return m_functionName; }
    [[nodiscard]] const std::string& task() const { return m_task; }
    [[nodiscard]] HrtimerClock clock() const { return m_clock; }
    [[nodiscard]] bool isSoft() const { return m_soft; }
    [[nodiscard]] bool isQueued() const { return m_position != notQueued; }
    [[nodiscard]] HrtimerInstant softExpires() const { return m_softExpires; }
    [[nodiscard]] HrtimerInstant hardExpires() const { return m_hardExpires; }

    /// Which of the eight bases it queues on.
    [[nodiscard]] std::size_t baseIndex() const
    {
        return static_cast<std::size_t>(m_clock) + (m_soft ? hrtimerClocks : 0);
    }

    /// The task it wakes, for people. Empty when it wakes none.
    void setTask(std::string task) { m_task = std::move(task); }

    /// Expiry from @p soft to @p soft + @p slack by ktimeAddSafe(). Not while queued.
    void setExpires(HrtimerInstant soft, Ns slack = Ns::zero());

    /// Moves the expiry past @p now by whole @p interval steps and returns how many it took; 0
    /// and no change while the hard expiry is still ahead. An interval below @p resolution counts
    /// as @p resolution. Rule: hrtimer_forward(), Linux 6.1. Not while queued.
    std::uint64_t forward(HrtimerInstant now, Ns interval, Ns resolution);

    /// Calls the timer's function. For the base that runs it.
    HrtimerRestart call() { return m_function(*this); }

private:
    friend class HrtimerQueue;
    static constexpr std::size_t notQueued = std::numeric_limits<std::size_t>::max();

    Function m_function;
    std::string m_functionName;
    std::string m_task;
    HrtimerInstant m_softExpires;
    HrtimerInstant m_hardExpires;
    std::size_t m_position = notQueued; // in its queue's heap
    std::uint32_t m_id;
    HrtimerClock m_clock;
    bool m_soft;
};

} // namespace timerscope
