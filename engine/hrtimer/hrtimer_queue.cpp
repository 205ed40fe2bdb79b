// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/hrtimer/hrtimer_queue.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {

void HrtimerQueue::place(std::size_t position, const Entry& entry)
{
    m_heap[position] = entry;
    entry.timer->m_position = position;
}

void HrtimerQueue::siftUp(std::size_t position, const Entry& entry)
{
    while (position > 0) {
        const std::size_t parent = (position - 1) / arity;
        if (!entry.before(m_heap[parent])) {
            break;
        }
        place(position, m_heap[parent]);
        position = parent;
    }
    place(position, entry);
}

void HrtimerQueue::siftDown(std::size_t position, const Entry& entry)
{
    for (;;) {
        const std::size_t firstChild = position * arity + 1;
        if (firstChild >= m_heap.size()) {
            break;
        }
        const std::size_t end = std::min(firstChild + arity, m_heap.size());
        std::size_t best = firstChild;
        for (std::size_t child = firstChild + 1; child < end; ++child) {
            best = m_heap[child].before(m_heap[best]) ? child : best;
        }
        if (!m_heap[best].before(entry)) {
            break;
        }
        place(position, m_heap[best]);
        position = best;
    }
    place(position, entry);
}

void HrtimerQueue::add(Hrtimer& timer)
{
    invariant(!timer.isQueued());
    const Entry entry{
        .expires = timer.hardExpires(), .sequence = m_nextSequence++, .timer = &timer};
    m_heap.push_back(entry);
    siftUp(m_heap.size() - 1, entry);
}

void HrtimerQueue::remove(Hrtimer& timer)
{
    const std::size_t hole = timer.m_position;
    invariant(hole < m_heap.size() && m_heap[hole].timer == &timer);
    const Entry last = m_heap.back();
    m_heap.pop_back();
    timer.m_position = Hrtimer::notQueued;
    if (last.timer == &timer) {
        return;
    }
    if (hole > 0 && last.before(m_heap[(hole - 1) / arity])) {
        siftUp(hole, last);
    } else {
        siftDown(hole, last);
    }
}

std::vector<const Hrtimer*> HrtimerQueue::inOrder() const
{
    std::vector<Entry> sorted = m_heap;
    std::ranges::sort(sorted, [](const Entry& a, const Entry& b) { return a.before(b); });
    std::vector<const Hrtimer*> timers(sorted.size());
    std::ranges::transform(sorted, timers.begin(), &Entry::timer);
    return timers;
}

} // namespace timerscope
