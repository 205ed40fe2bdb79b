// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/hrtimer/expiry_heap.h"

#include <algorithm>
#include <utility>

namespace timerscope {

ExpiryHeap::Handle ExpiryHeap::newHandle()
{
    if (m_freeHandles.empty()) {
        m_places.push_back(0);
        return static_cast<Handle>(m_places.size() - 1);
    }
    const Handle handle = m_freeHandles.back();
    m_freeHandles.pop_back();
    return handle;
}

std::size_t ExpiryHeap::leastOfEqual(std::size_t begin) const
{
    std::size_t least = begin;
    for (std::size_t place = begin + 1; place < begin + arity; ++place) {
        least = m_entries[place].before(m_entries[least]) ? place : least;
    }
    return least;
}

/// Whole groups, so that the least child of any entry can be asked for without counting.
void ExpiryHeap::growTo(std::size_t end)
{
    if (end > m_entries.size()) {
        m_entries.resize(m_entries.size() + arity, gone);
    }
}

void ExpiryHeap::closeHole()
{
    if (m_hole == none) {
        return;
    }
    const std::size_t hole = std::exchange(m_hole, none);
    m_freeHandles.push_back(m_holeHandle);
    const Entry last = std::exchange(m_entries[--m_end], gone);
    if (hole != m_end) {
        fill(hole, last);
    }
}

ExpiryHeap::Handle ExpiryHeap::firstAfter(Handle except)
{
    closeHole();
    invariant(!isEmpty() && m_entries[root].handle() == except);
    return size() == 1 ? noHandle : m_entries[leastChild(root)].handle();
}

std::vector<ExpiryHeap::Entry> ExpiryHeap::sorted() const
{
    std::vector<Entry> entries;
    entries.reserve(size());
    for (std::size_t place = root; place < m_end; ++place) {
        if (place != m_hole) {
            entries.push_back(m_entries[place]);
        }
    }
    std::ranges::sort(entries, [](const Entry& a, const Entry& b) { return a.before(b); });
    return entries;
}

std::vector<ExpiryHeap::Handle> ExpiryHeap::inOrder() const
{
    const std::vector<Entry> entries = sorted();
    std::vector<Handle> handles(entries.size());
    std::ranges::transform(entries, handles.begin(), &Entry::handle);
    return handles;
}

/// After four billion entries: those that are left keep their order under the first numbers.
void ExpiryHeap::renumber()
{
    closeHole();
    m_nextSequence = 0;
    std::size_t place = root;
    for (Entry entry : sorted()) {
        entry.tail = (std::uint64_t{m_nextSequence++} << handleBits) | entry.handle();
        put(place++, entry);
    }
}

} // namespace timerscope
