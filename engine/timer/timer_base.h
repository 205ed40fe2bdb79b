// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/timer/wheel_position.h"
#include "engine/timer/wheel_timer.h"

#include <array>
#include <cstdint>
#include <vector>

namespace timerscope {

/// One wheel (struct timer_base): 64 buckets a level, no cascading, last in first out in a bucket.
///
/// It keeps timers and says which are due; TimerWheel decides where a timer goes, records what
/// happens and calls the functions. All jiffies may wrap: they compare as time_before() does.
/// Threading: the engine's thread.
class TimerBase
{
public:
    static constexpr unsigned bucketsPerLevel = wheel::bucketsPerLevel;
    static constexpr unsigned levelsMax = wheel::levelsMax;
    /// An empty wheel looks this far ahead (NEXT_TIMER_MAX_DELTA): far enough to never matter, near
    /// enough not to wrap.
    static constexpr std::uint64_t idleDistance = (std::uint64_t{1} << 30) - 1;

    /// Of @p cpu; the clock starts at @p now.
    TimerBase(unsigned cpu, TickRate rate, Jiffies now);
    TimerBase(const TimerBase&) = delete;
    TimerBase& operator=(const TimerBase&) = delete;

    [[nodiscard]] unsigned cpu() const { return m_cpu; }
    [[nodiscard]] unsigned levels() const { return m_levels; }
    /// The wheel's own clock: no bucket before it is left. One ahead of jiffies after a pass.
    [[nodiscard]] Jiffies clk() const { return m_clk; }
    /// The first occupied bucket, or idleDistance ahead when the wheel is empty. May be early after
    /// a timer was taken out: like the kernel's it is only made right when somebody needs it.
    [[nodiscard]] Jiffies nextExpiry() const { return m_nextExpiry; }
    /// The first bucket was emptied, so nextExpiry() may be early (next_expiry_recalc).
    [[nodiscard]] bool needsRecalc() const { return m_needsRecalc; }
    /// nextExpiry() is a bucket's, not the distance of an empty wheel (timers_pending).
    [[nodiscard]] bool hasTimers() const { return m_hasTimers; }
    /// The CPU sleeps without its tick: who arms a first timer must wake it (is_idle).
    [[nodiscard]] bool isIdle() const { return m_idle; }
    void setIdle(bool idle) { m_idle = idle; }
    /// The timer whose function runs, or null.
    [[nodiscard]] const WheelTimer* running() const { return m_running; }

    /// Follows jiffies while nothing is due between, so that new timers land on fine levels
    /// (forward_timer_base). Never beyond nextExpiry().
    void forward(Jiffies now)
    {
        const Jiffies to = isBefore(now, m_nextExpiry) ? now : m_nextExpiry;
        if (isBefore(m_clk, to)) {
            m_clk = to;
        }
    }
    [[nodiscard]] WheelPosition positionFor(Jiffies expires) const
    {
        return wheelPosition(expires, m_clk, m_levels);
    }

    /// Puts @p timer, which is not pending, in front of its bucket. True when its bucket is now the
    /// first one: an idle CPU must hear of it.
    bool enqueue(WheelTimer& timer, Jiffies expires, const WheelPosition& position);
    /// Takes @p timer, which is pending here, out of its bucket or out of the pass.
    void detach(WheelTimer& timer);
    /// @p timer stays in its bucket: only what was asked for changes.
    static void keepPlace(WheelTimer& timer, Jiffies expires) { timer.m_expires = expires; }

    /// True when a pass at @p now would be made.
    [[nodiscard]] bool isDue(Jiffies now) const { return !isBefore(now, m_nextExpiry); }
    /// Begins the next pass: the clock goes to nextExpiry(), the buckets that end there are emptied
    /// into it, and clock and next expiry move on. @pre the last pass is over
    void beginPass();
    /// The next timer of the pass, no longer pending, as running(); null when the pass is over.
    /// Coarser levels come first.
    [[nodiscard]] WheelTimer* takeExpired();
    /// The function of running() has returned.
    void endExpired() { m_running = nullptr; }

    /// Makes nextExpiry() right again.
    void recalculate();
    /// The CPU comes up (timers_prepare_cpu). Buckets that TimerWheel::takeTimersOf() left count as
    /// occupied until the clock has passed them, as on the kernel.
    void prepare(Jiffies now);

    /// Pending timers in firing order, those of a pass that goes on first.
    [[nodiscard]] std::vector<const WheelTimer*> inOrder() const;
    /// The timer that was put last into the bucket @p index (level * 64 + bucket), or null.
    [[nodiscard]] WheelTimer* front(unsigned index) const { return m_buckets[index]; }
    /// Takes @p timer out of its list alone: that its bucket may be empty now goes unnoticed.
    static void unlink(WheelTimer& timer)
    {
        *timer.m_link = timer.m_next;
        if (timer.m_next != nullptr) {
            timer.m_next->m_link = timer.m_link;
        }
        timer.m_next = nullptr;
        timer.m_link = nullptr;
    }

private:
    static void link(WheelTimer& timer, WheelTimer*& head);
    void collectBucketsAtClk();
    [[nodiscard]] std::uint64_t& occupiedWord(unsigned index)
    {
        return m_occupied[index / bucketsPerLevel];
    }
    static constexpr std::uint64_t occupiedBit(unsigned index)
    {
        return std::uint64_t{1} << (index % bucketsPerLevel);
    }
    [[nodiscard]] Jiffies firstOccupied() const;

    Jiffies m_clk;
    Jiffies m_nextExpiry;
    const WheelTimer* m_running = nullptr;
    unsigned m_levels;
    unsigned m_cpu;
    unsigned m_passLists = 0; // lists of m_pass that may hold timers
    bool m_needsRecalc = false;
    bool m_hasTimers = false;
    bool m_idle = false;
    std::array<std::uint64_t, levelsMax> m_occupied{}; // a bit a bucket
    std::array<WheelTimer*, levelsMax> m_pass{}; // off their buckets, about to fire
    std::array<WheelTimer*, std::size_t{levelsMax} * bucketsPerLevel> m_buckets{}; // heads
};

inline void TimerBase::link(WheelTimer& timer, WheelTimer*& head)
{
    timer.m_next = head;
    timer.m_link = &head;
    if (head != nullptr) {
        head->m_link = &timer.m_next;
    }
    head = &timer;
}

inline bool TimerBase::enqueue(WheelTimer& timer, Jiffies expires, const WheelPosition& position)
{
    timer.m_base = this;
    timer.m_expires = expires;
    timer.m_bucketExpiry = position.bucketExpiry;
    timer.m_index = static_cast<std::uint16_t>(position.index);
    link(timer, m_buckets[position.index]);
    occupiedWord(position.index) |= occupiedBit(position.index);
    if (!isBefore(position.bucketExpiry, m_nextExpiry)) {
        return false;
    }
    m_nextExpiry = position.bucketExpiry;
    m_hasTimers = true;
    m_needsRecalc = false;
    return true;
}

inline void TimerBase::detach(WheelTimer& timer)
{
    // The last timer of a bucket; one of a pass hangs on another list.
    if (timer.m_next == nullptr && timer.m_link == &m_buckets[timer.m_index]) {
        occupiedWord(timer.m_index) &= ~occupiedBit(timer.m_index);
        m_needsRecalc = true;
    }
    unlink(timer);
}

inline WheelTimer* TimerBase::takeExpired()
{
    while (m_passLists > 0) {
        WheelTimer* const timer = m_pass[m_passLists - 1];
        if (timer != nullptr) {
            unlink(*timer);
            m_running = timer;
            return timer;
        }
        --m_passLists;
    }
    return nullptr;
}

} // namespace timerscope
