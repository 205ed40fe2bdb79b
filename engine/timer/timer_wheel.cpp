// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timer/timer_wheel.h"

#include "engine/base/invariant.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace timerscope {

namespace {

constexpr unsigned levelShift = 3; // a level's buckets are 8 times as long as the one's below
constexpr std::uint64_t bucketMask = TimerWheel::bucketsPerLevel - 1;

/// An empty wheel looks this far ahead; far enough to never matter, near enough not to wrap.
constexpr std::uint64_t idleDistance = (std::uint64_t{1} << 30) - 1;

/// The first distance from the clock that no longer fits below @p level.
constexpr std::uint64_t levelStart(unsigned level)
{
    return bucketMask << ((level - 1) * levelShift);
}

WheelPosition positionAt(std::uint64_t expires, unsigned level)
{
    const unsigned shift = level * levelShift;
    const std::uint64_t rounded = (expires >> shift) + 1;
    return {.index
            = level * TimerWheel::bucketsPerLevel + static_cast<unsigned>(rounded & bucketMask),
            .bucketExpiry = Jiffies{rounded << shift}};
}

} // namespace

WheelPosition wheelPosition(Jiffies expires, Jiffies clk, unsigned levels)
{
    const std::uint64_t distance = expires.count - clk.count;
    if (static_cast<std::int64_t>(distance) < 0) {
        return {.index = static_cast<unsigned>(clk.count & bucketMask), .bucketExpiry = clk};
    }
    for (unsigned level = 0; level + 1 < levels; ++level) {
        if (distance < levelStart(level + 1)) {
            return positionAt(expires.count, level);
        }
    }
    const std::uint64_t cutoff = levelStart(levels);
    const std::uint64_t longest = cutoff - (std::uint64_t{1} << ((levels - 1) * levelShift));
    return positionAt(distance >= cutoff ? clk.count + longest : expires.count, levels - 1);
}

TimerWheel::TimerWheel(TickRate rate, Jiffies now, Host& host, Tracer tracer)
    : m_host(&host)
    , m_tracer(tracer)
    , m_clk(now)
    , m_nextExpiry{now.count + idleDistance}
    , m_levels(wheelLevels(rate))
{
    m_buckets.resize(std::size_t{m_levels} * bucketsPerLevel, nullptr);
}

void TimerWheel::init(const WheelTimer& timer)
{
    m_tracer.record(RecordKind::TimerInit, timer.id(), m_tracer.name(timer.functionName()));
}

/// Follows jiffies while nothing is due between, so that new timers land on fine levels.
void TimerWheel::forwardClock(Jiffies now)
{
    if (now <= m_clk) {
        return;
    }
    m_clk = std::max(m_clk, std::min(now, m_nextExpiry));
}

bool TimerWheel::modify(WheelTimer& timer, Jiffies expires, Jiffies now)
{
    const bool wasPending = timer.m_pending || isCollected(timer);
    if (wasPending && timer.m_expires == expires) {
        return true;
    }
    forwardClock(now);
    const WheelPosition position = wheelPosition(expires, m_clk, m_levels);
    timer.m_expires = expires;
    // A timer that stays in its bucket keeps its place in it, even one that is about to fire.
    if (!wasPending || position.index != timer.m_index) {
        if (wasPending) {
            static_cast<void>(remove(timer));
        }
        enqueue(timer, position);
    }
    m_tracer.record(RecordKind::TimerStart, timer.id(), static_cast<std::int64_t>(expires.count),
                    static_cast<std::int64_t>(timer.m_bucketExpiry.count));
    return wasPending;
}

void TimerWheel::enqueue(WheelTimer& timer, const WheelPosition& position)
{
    WheelTimer*& head = m_buckets[position.index];
    timer.m_index = position.index;
    timer.m_bucketExpiry = position.bucketExpiry;
    timer.m_previous = nullptr;
    timer.m_next = head;
    if (head != nullptr) {
        head->m_previous = &timer;
    }
    head = &timer;
    timer.m_pending = true;
    m_occupied[position.index / bucketsPerLevel] |= std::uint64_t{1}
        << (position.index % bucketsPerLevel);
    m_nextExpiry = std::min(m_nextExpiry, position.bucketExpiry);
}

void TimerWheel::detach(WheelTimer& timer)
{
    invariant(timer.m_pending);
    WheelTimer*& head = m_buckets[timer.m_index];
    (timer.m_previous != nullptr ? timer.m_previous->m_next : head) = timer.m_next;
    if (timer.m_next != nullptr) {
        timer.m_next->m_previous = timer.m_previous;
    }
    timer.m_next = nullptr;
    timer.m_previous = nullptr;
    timer.m_pending = false;
    if (head == nullptr) {
        m_occupied[timer.m_index / bucketsPerLevel]
            &= ~(std::uint64_t{1} << (timer.m_index % bucketsPerLevel));
    }
}

bool TimerWheel::remove(WheelTimer& timer)
{
    if (timer.m_pending) {
        detach(timer);
    } else if (!takeFromCollected(timer)) {
        return false;
    }
    m_tracer.record(RecordKind::TimerCancel, timer.id());
    return true;
}

bool TimerWheel::isCollected(const WheelTimer& timer) const
{
    return std::ranges::find(m_collected, &timer) != m_collected.end();
}

/// A timer's function may delete or re-arm another one that was to fire after it.
bool TimerWheel::takeFromCollected(const WheelTimer& timer)
{
    const auto found = std::ranges::find(m_collected, &timer);
    if (found == m_collected.end()) {
        return false;
    }
    *found = nullptr;
    return true;
}

void TimerWheel::run(Jiffies now)
{
    while (now >= m_clk && now >= m_nextExpiry) {
        // Nothing is due before the next expiry: go straight there.
        m_clk = std::max(m_clk, m_nextExpiry);
        const Jiffies at = m_clk;
        collectBucketsAt(at);
        m_clk.count++;
        m_nextExpiry = findNextExpiry();
        fireCollected(now, at);
    }
}

/// Empties the buckets that end at @p clk: one of level 0, and one of each higher level whose
/// turn it is. The coarsest goes first, as in the kernel.
void TimerWheel::collectBucketsAt(Jiffies clk)
{
    unsigned top = 0;
    while (top + 1 < m_levels
           && (clk.count & ((std::uint64_t{1} << ((top + 1) * levelShift)) - 1)) == 0) {
        ++top;
    }
    for (unsigned level = top + 1; level-- > 0;) {
        const std::uint64_t bucket = (clk.count >> (level * levelShift)) & bucketMask;
        WheelTimer*& head = m_buckets[level * bucketsPerLevel + bucket];
        while (head != nullptr) {
            m_collected.push_back(head);
            detach(*head);
        }
    }
}

void TimerWheel::fireCollected(Jiffies now, Jiffies baseClk)
{
    for (std::size_t i = 0; i < m_collected.size(); ++i) {
        WheelTimer* const timer = std::exchange(m_collected[i], nullptr);
        if (timer == nullptr) {
            continue;
        }
        m_tracer.record(RecordKind::TimerExpireEntry, timer->id(),
                        static_cast<std::int64_t>(now.count),
                        static_cast<std::int64_t>(baseClk.count));
        m_host->spendCallback();
        timer->call();
        m_tracer.record(RecordKind::TimerExpireExit, timer->id());
    }
    m_collected.clear();
}

Jiffies TimerWheel::findNextExpiry() const
{
    std::uint64_t next = m_clk.count + idleDistance;
    std::uint64_t levelClk = m_clk.count;
    for (unsigned level = 0; level < m_levels; ++level) {
        const unsigned shift = level * levelShift;
        if (m_occupied[level] != 0) {
            const auto start = static_cast<int>(levelClk & bucketMask);
            const auto ahead
                = static_cast<std::uint64_t>(std::countr_zero(std::rotr(m_occupied[level], start)));
            next = std::min(next, (levelClk + ahead) << shift);
        }
        // The clock of the level above stands at the end of the bucket that this one is in.
        const bool partWay = (levelClk & ((std::uint64_t{1} << levelShift) - 1)) != 0;
        levelClk = (levelClk >> levelShift) + (partWay ? 1 : 0);
    }
    return Jiffies{next};
}

std::vector<const WheelTimer*> TimerWheel::inOrder() const
{
    std::vector<const WheelTimer*> timers;
    for (const WheelTimer* head : m_buckets) {
        for (const WheelTimer* timer = head; timer != nullptr; timer = timer->m_next) {
            timers.push_back(timer);
        }
    }
    std::ranges::stable_sort(timers, {}, &WheelTimer::bucketExpiry);
    return timers;
}

} // namespace timerscope
