// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/timer/wheel_timer.h"
#include "engine/trace/tracer.h"

#include <array>
#include <cstdint>
#include <vector>

namespace timerscope {

/// Levels of a wheel: 8 up to HZ 100, else 9 (enough for timeouts of days).
[[nodiscard]] constexpr unsigned wheelLevels(TickRate rate)
{
    return rate.hz <= 100 ? 8 : 9;
}

/// Where a timer goes on a wheel.
struct WheelPosition
{
    unsigned index = 0; ///< level * 64 + bucket
    Jiffies bucketExpiry;
    friend bool operator==(const WheelPosition&, const WheelPosition&) = default;
};

/// The bucket for @p expires on a wheel of @p levels whose clock stands at @p clk.
///
/// Rule (timer.c, Linux 6.1): level L holds 8^L jiffies a bucket and 64 buckets; the distance to
/// the clock picks the level, and the expiry is rounded up to the next bucket, so no timer fires
/// early and level 0 fires one jiffy after the asked one. Beyond the last level a timer waits in
/// the last bucket. Passed expiries go to the clock's own bucket.
[[nodiscard]] WheelPosition wheelPosition(Jiffies expires, Jiffies clk, unsigned levels);

/// One timer wheel of a CPU: 64 buckets a level, no cascading, last in first out in a bucket.
/// Threading: the engine's thread.
class TimerWheel
{
public:
    static constexpr unsigned bucketsPerLevel = 64;
    static constexpr unsigned levelsMax = 9;

    /// What the wheel needs from the machine.
    class Host
    {
    public:
        virtual ~Host() = default;
        /// A timer's function runs: its cost.
        virtual void spendCallback() = 0;

    protected:
        Host() = default;
        Host(const Host&) = default;
        Host& operator=(const Host&) = default;
    };

    /// The clock starts at @p now.
    TimerWheel(TickRate rate, Jiffies now, Host& host, Tracer tracer);

    /// Announces a timer in the log. Once for each timer, before it is first armed.
    void init(const WheelTimer& timer);
    /// Arms @p timer for @p expires, at @p now; true when it was pending (mod_timer). A timer that
    /// changes its bucket is cancelled first; one that stays in it only notes the new expiry.
    bool modify(WheelTimer& timer, Jiffies expires, Jiffies now);
    /// True when it was pending (del_timer).
    bool remove(WheelTimer& timer);

    /// True when run() would find something at @p now.
    [[nodiscard]] bool isDue(Jiffies now) const { return now >= m_nextExpiry; }
    /// Fires every timer whose bucket has been reached by @p now (the TIMER softirq).
    void run(Jiffies now);

    [[nodiscard]] Jiffies clk() const { return m_clk; }
    /// The first occupied bucket, or far away when the wheel is empty. May be early after a
    /// remove(): like the kernel's it is only made right by the next run.
    [[nodiscard]] Jiffies nextExpiry() const { return m_nextExpiry; }
    [[nodiscard]] unsigned levels() const { return m_levels; }
    /// Pending timers by firing jiffy, in firing order.
    [[nodiscard]] std::vector<const WheelTimer*> inOrder() const;

private:
    void enqueue(WheelTimer& timer, const WheelPosition& position);
    void detach(WheelTimer& timer);
    void forwardClock(Jiffies now);
    void collectBucketsAt(Jiffies clk);
    void fireCollected(Jiffies now, Jiffies baseClk);
    [[nodiscard]] bool isCollected(const WheelTimer& timer) const;
    bool takeFromCollected(const WheelTimer& timer);
    [[nodiscard]] Jiffies findNextExpiry() const;

    std::vector<WheelTimer*> m_buckets; // heads
    std::vector<WheelTimer*> m_collected; // off their buckets, about to fire; null: taken back
    std::array<std::uint64_t, levelsMax> m_occupied{}; // a bit a bucket
    Host* m_host;
    Tracer m_tracer;
    Jiffies m_clk;
    Jiffies m_nextExpiry;
    unsigned m_levels;
};

} // namespace timerscope
