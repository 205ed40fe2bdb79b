// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/hrtimer/hrtimer_queue.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {

void HrtimerQueue::add(Hrtimer& timer)
{
    invariant(!timer.isQueued());
    const ExpiryHeap::Handle slot = m_heap.add(nsOf(timer.m_hardExpires));
    if (slot == m_timers.size()) {
        m_timers.push_back(&timer);
    } else {
        m_timers[slot] = &timer;
    }
    timer.m_slot = slot;
}

void HrtimerQueue::remove(Hrtimer& timer)
{
    invariant(timer.m_slot < m_timers.size() && m_timers[timer.m_slot] == &timer);
    m_heap.remove(timer.m_slot);
    timer.m_slot = Hrtimer::notQueued;
    // Likely the next one to fire: its memory is fetched while something else is done.
    if (!m_heap.isEmpty()) {
        __builtin_prefetch(m_timers[m_heap.first()], 1);
    }
}

Hrtimer* HrtimerQueue::firstExcept(const Hrtimer& except)
{
    Hrtimer* const head = first();
    if (head != &except) {
        return head;
    }
    const ExpiryHeap::Handle next = m_heap.firstAfter(except.m_slot);
    return next == ExpiryHeap::noHandle ? nullptr : m_timers[next];
}

std::vector<const Hrtimer*> HrtimerQueue::inOrder() const
{
    const auto handles = m_heap.inOrder();
    std::vector<const Hrtimer*> timers(handles.size());
    std::ranges::transform(handles, timers.begin(),
                           [this](ExpiryHeap::Handle handle) { return m_timers[handle]; });
    return timers;
}

} // namespace timerscope
