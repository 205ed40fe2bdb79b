// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timer/timer_base.h"

#include "engine/base/invariant.h"

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

constexpr std::uint64_t levelMask = (std::uint64_t{1} << wheel::levelShift) - 1;

/// Coarser levels fire first in a jiffy.
bool firesBefore(const WheelTimer* a, const WheelTimer* b)
{
    if (a->bucketExpiry() != b->bucketExpiry()) {
        return isBefore(a->bucketExpiry(), b->bucketExpiry());
    }
    return a->index() / TimerBase::bucketsPerLevel > b->index() / TimerBase::bucketsPerLevel;
}

} // namespace

TimerBase::TimerBase(unsigned cpu, TickRate rate, Jiffies now)
    : m_clk(now)
    , m_nextExpiry{now.count + idleDistance}
    , m_levels(wheelLevels(rate))
    , m_cpu(cpu)
{
}

void TimerBase::beginPass()
{
    invariant(m_passLists == 0 && m_running == nullptr);
    m_clk = m_nextExpiry; // nothing is due before: go straight there
    collectBucketsAtClk();
    m_clk.count++;
    recalculate();
}

/// Empties the buckets that end at the clock: one of level 0, and one of each higher level whose
/// turn it is.
void TimerBase::collectBucketsAtClk()
{
    std::uint64_t clk = m_clk.count;
    for (unsigned level = 0; level < m_levels; ++level, clk >>= wheel::levelShift) {
        const unsigned index
            = level * bucketsPerLevel + static_cast<unsigned>(clk & wheel::bucketMask);
        if ((occupiedWord(index) & occupiedBit(index)) != 0) {
            occupiedWord(index) &= ~occupiedBit(index);
            WheelTimer* const head = std::exchange(m_buckets[index], nullptr);
            m_pass[m_passLists] = head;
            if (head != nullptr) {
                head->m_link = &m_pass[m_passLists];
            }
            ++m_passLists;
        }
        if ((clk & levelMask) != 0) {
            return; // the bucket that the levels above are in goes on
        }
    }
}

void TimerBase::recalculate()
{
    m_nextExpiry = firstOccupied();
    m_needsRecalc = false;
    m_hasTimers = m_nextExpiry.count != m_clk.count + idleDistance;
}

Jiffies TimerBase::firstOccupied() const
{
    Jiffies next{m_clk.count + idleDistance};
    std::uint64_t clk = m_clk.count;
    for (unsigned level = 0; level < m_levels; ++level) {
        const std::uint64_t intoNextLevel = clk & levelMask;
        if (m_occupied[level] != 0) {
            const auto start = static_cast<int>(clk & wheel::bucketMask);
            const auto ahead
                = static_cast<std::uint64_t>(std::countr_zero(std::rotr(m_occupied[level], start)));
            const Jiffies here{(clk + ahead) << (level * wheel::levelShift)};
            next = isBefore(here, next) ? here : next;
            if (ahead <= ((levelMask + 1 - intoNextLevel) & levelMask)) {
                return next; // no bucket of a level above can end before
            }
        }
        // The clock of the level above stands at the end of the bucket that this one is in.
        clk = (clk >> wheel::levelShift) + (intoNextLevel != 0 ? 1 : 0);
    }
    return next;
}

void TimerBase::prepare(Jiffies now)
{
    m_clk = now;
    m_nextExpiry = Jiffies{now.count + idleDistance};
    m_needsRecalc = false;
    m_hasTimers = false;
    m_idle = false;
}

std::vector<const WheelTimer*> TimerBase::inOrder() const
{
    std::vector<const WheelTimer*> timers;
    const auto append = [&timers](const WheelTimer* head) {
        for (const WheelTimer* timer = head; timer != nullptr; timer = timer->m_next) {
            timers.push_back(timer);
        }
    };
    for (unsigned list = m_passLists; list-- > 0;) {
        append(m_pass[list]);
    }
    const auto inPass = static_cast<std::ptrdiff_t>(timers.size());
    std::ranges::for_each(m_buckets, append);
    std::stable_sort(timers.begin() + inPass, timers.end(), firesBefore);
    return timers;
}

} // namespace timerscope
