// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/hrtimer/expiry_heap.h"
#include "engine/hrtimer/hrtimer.h"

#include <vector>

namespace timerscope {

/// The queued timers of one clock base, by hard expiry; equal expiries in order of queueing.
///
/// Its order is the kernel's red-black tree's; the tree's shape, for pictures, is rebuilt from the
/// records (engine/trace/timer_tree.h).
class HrtimerQueue
{
public:
    [[nodiscard]] bool isEmpty() const { return m_heap.isEmpty(); }
    [[nodiscard]] std::size_t size() const { return m_heap.size(); }
    /// The timer that expires first; null when empty.
    [[nodiscard]] Hrtimer* first() const
    {
        return m_heap.isEmpty() ? nullptr : m_timers[m_heap.first()];
    }
    /// The first timer that is not @p except; null when there is none.
    [[nodiscard]] Hrtimer* firstExcept(const Hrtimer& except);

    void add(Hrtimer& timer);
    /// @p timer must be in this queue.
    void remove(Hrtimer& timer);

    /// All timers, first to expire first.
    [[nodiscard]] std::vector<const Hrtimer*> inOrder() const;

private:
    ExpiryHeap m_heap;
    std::vector<Hrtimer*> m_timers; // by the heap's handle
};

} // namespace timerscope
