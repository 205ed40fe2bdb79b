// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/hrtimer/hrtimer.h"

#include <vector>

namespace timerscope {

/// The queued timers of one clock base, by hard expiry; equal expiries in order of queueing.
///
/// A 4-ary heap: measured to beat every packaged tree and heap for pop-and-re-arm. Its order is
/// the kernel's red-black tree's; the tree's shape, for pictures, is rebuilt from the records.
class HrtimerQueue
{
public:
    [[nodiscard]] bool isEmpty() const { return m_heap.empty(); }
    [[nodiscard]] std::size_t size() const { return m_heap.size(); }
    /// The timer that expires first; null when empty.
    [[nodiscard]] Hrtimer* first() const { return m_heap.empty() ? nullptr : m_heap.front().timer; }

    void add(Hrtimer& timer);
    /// @p timer must be in this queue.
    void remove(Hrtimer& timer);

    /// All timers, first to expire first.
    [[nodiscard]] std::vector<const Hrtimer*> inOrder() const;

private:
    struct Entry
    {
        HrtimerInstant expires;
        std::uint64_t sequence = 0; // of queueing: equal expiries fire first in, first out
        Hrtimer* timer = nullptr;
        [[nodiscard]] bool before(const Entry& other) const
        {
            return expires != other.expires ? expires < other.expires : sequence < other.sequence;
        }
    };
    static constexpr std::size_t arity = 4;

    void place(std::size_t position, const Entry& entry);
    void siftUp(std::size_t position, const Entry& entry);
    void siftDown(std::size_t position, const Entry& entry);

    std::vector<Entry> m_heap;
    std::uint64_t m_nextSequence = 0;
};

} // namespace timerscope
