// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/invariant.h"
#include "engine/base/wide.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace timerscope {

/// Expiries in order, first in first out where they are equal, each known by a small handle.
///
/// A 4-ary heap of 16-byte entries. What makes it fast: the four children of an entry share one
/// cache line, the least of them is chosen without a branch, and what is removed only leaves a
/// hole, which the next entry fills. So popping the first and arming it again, or moving a timer,
/// costs one walk instead of two. Measured against trees and heaps in tests/bench.
class ExpiryHeap
{
public:
    using Handle = std::uint32_t;

    /// @p firstSequence is for tests of what happens when the count of entries overflows.
    explicit ExpiryHeap(std::uint32_t firstSequence = 0)
        : m_entries(root + 1, gone)
        , m_nextSequence(firstSequence)
    {
    }

    [[nodiscard]] std::size_t size() const { return m_end - root - (m_hole != none ? 1 : 0); }
    [[nodiscard]] bool isEmpty() const { return size() == 0; }

    /// Enters @p expires behind all that are equal. The handle is valid until it is removed, and is
    /// then given out again.
    Handle add(std::int64_t expires);
    /// @p handle must be in the heap.
    void remove(Handle handle);

    /// The handle of the earliest entry. @pre !isEmpty()
    [[nodiscard]] Handle first() const
    {
        return m_entries[m_hole == root ? leastChild(root) : root].handle();
    }
    /// When that one expires. @pre !isEmpty()
    [[nodiscard]] std::int64_t firstExpires() const
    {
        return static_cast<std::int64_t>(m_entries[m_hole == root ? leastChild(root) : root].expires
                                         ^ signBit);
    }
    /// The earliest entry but @p except, which must be the first one; noHandle when it is alone.
    [[nodiscard]] Handle firstAfter(Handle except);
    static constexpr Handle noHandle = std::numeric_limits<Handle>::max();

    /// All handles, earliest first.
    [[nodiscard]] std::vector<Handle> inOrder() const;

private:
    struct Entry
    {
        std::uint64_t expires; // the sign bit turned, so that it orders as unsigned
        std::uint64_t tail; // sequence of entry, then the handle

        [[nodiscard]] WideUnsigned key() const { return (WideUnsigned{expires} << 64U) | tail; }
        [[nodiscard]] bool before(const Entry& other) const { return key() < other.key(); }
        [[nodiscard]] Handle handle() const { return static_cast<Handle>(tail); }
    };
    static_assert(sizeof(Entry) == 16);

    /// Puts the entries of a group of four into one cache line.
    template<typename T>
    struct CacheLines
    {
        using value_type = T;
        static constexpr std::align_val_t alignment{64};
        CacheLines() = default;
        template<typename U>
        CacheLines(const CacheLines<U>& /*other*/) // NOLINT(google-explicit-constructor)
        {
        }
        T* allocate(std::size_t count)
        {
            return static_cast<T*>(::operator new(count * sizeof(T), alignment));
        }
        void deallocate(T* memory, std::size_t /*count*/) { ::operator delete(memory, alignment); }
        friend bool operator==(const CacheLines& /*a*/, const CacheLines& /*b*/) { return true; }
    };

    // The root stands at the end of the first group of four, so its children begin the second one
    // and every further family is a group too.
    static constexpr std::size_t arity = 4;
    static constexpr std::size_t root = arity - 1;
    static constexpr std::size_t none = 0; // no entry ever stands there
    static constexpr Entry gone{std::numeric_limits<std::uint64_t>::max(),
                                std::numeric_limits<std::uint64_t>::max()};

    static constexpr std::uint64_t signBit = std::uint64_t{1} << 63U;
    static constexpr unsigned handleBits = 32;
    static constexpr std::size_t firstChild(std::size_t place) { return arity * (place - 2); }
    static constexpr std::size_t parentOf(std::size_t place) { return place / arity + 2; }

    /// The same number, of which the compiler knows nothing: a choice by it stays a choice and does
    /// not become a jump, which nobody could predict.
    static std::uint64_t opaque(std::uint64_t number)
    {
        __asm__("" : "+r"(number));
        return number;
    }
    [[nodiscard]] std::size_t leastChild(std::size_t place) const;
    [[nodiscard]] std::size_t leastOfEqual(std::size_t begin) const;
    [[nodiscard]] Handle newHandle();
    void put(std::size_t place, const Entry& entry)
    {
        m_entries[place] = entry;
        m_places[entry.handle()] = static_cast<std::uint32_t>(place);
    }
    void fill(std::size_t hole, const Entry& entry);
    void siftUp(std::size_t hole, const Entry& entry);
    void closeHole();
    void growTo(std::size_t end);
    void renumber();
    [[nodiscard]] std::vector<Entry> sorted() const;

    std::vector<Entry, CacheLines<Entry>> m_entries; // whole groups; `gone` from m_end on
    std::vector<std::uint32_t> m_places; // by handle
    std::vector<Handle> m_freeHandles;
    std::size_t m_end = root;
    std::size_t m_hole = none; // what stands there has been removed, but is still in order
    Handle m_holeHandle = noHandle; // of what stood in the hole: free again
    std::uint32_t m_nextSequence;
};

// Called for every timer that is armed: short enough to be worth compiling into the caller.

/// The earliest of the four. Where there are fewer, `gone` fills up and never wins; without any,
/// the answer means nothing.
inline std::size_t ExpiryHeap::leastChild(std::size_t place) const
{
    const std::size_t begin = firstChild(place);
    const Entry* const group = &m_entries[begin];
    const std::uint64_t left = std::min(opaque(group[0].expires), group[1].expires);
    const std::uint64_t right = std::min(opaque(group[2].expires), group[3].expires);
    if (group[0].expires == group[1].expires || group[2].expires == group[3].expires
        || left == right) [[unlikely]] {
        return leastOfEqual(begin);
    }
    const auto leftPlace = std::size_t{group[1].expires < group[0].expires};
    const std::size_t rightPlace = 2 + std::size_t{group[3].expires < group[2].expires};
    const std::size_t takeRight = 0 - std::size_t{opaque(right) < left};
    return begin + (leftPlace ^ ((leftPlace ^ rightPlace) & takeRight));
}

inline void ExpiryHeap::siftUp(std::size_t hole, const Entry& entry)
{
    while (hole != root) {
        const std::size_t parent = parentOf(hole);
        if (!entry.before(m_entries[parent])) {
            break;
        }
        put(hole, m_entries[parent]);
        hole = parent;
    }
    put(hole, entry);
}

inline void ExpiryHeap::fill(std::size_t hole, const Entry& entry)
{
    if (hole != root && entry.before(m_entries[parentOf(hole)])) {
        siftUp(hole, entry);
        return;
    }
    while (firstChild(hole) < m_end) {
        const std::size_t least = leastChild(hole);
        if (entry.before(m_entries[least])) {
            break;
        }
        put(hole, m_entries[least]);
        hole = least;
    }
    put(hole, entry);
}

inline ExpiryHeap::Handle ExpiryHeap::add(std::int64_t expires)
{
    if (m_nextSequence == std::numeric_limits<std::uint32_t>::max()) [[unlikely]] {
        renumber();
    }
    const bool fillsHole = m_hole != none;
    const Handle handle = fillsHole ? m_holeHandle : newHandle();
    const std::uint64_t sequence = m_nextSequence++;
    const Entry entry{.expires = static_cast<std::uint64_t>(expires) ^ signBit,
                      .tail = (sequence << handleBits) | handle};
    if (fillsHole) {
        fill(std::exchange(m_hole, none), entry);
    } else {
        growTo(m_end + 1);
        siftUp(m_end++, entry);
    }
    return handle;
}

inline void ExpiryHeap::remove(Handle handle)
{
    invariant(handle < m_places.size());
    if (m_hole != none) {
        closeHole();
    }
    m_hole = m_places[handle];
    m_holeHandle = handle;
}

} // namespace timerscope
