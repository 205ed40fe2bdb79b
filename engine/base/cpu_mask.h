// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/invariant.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace timerscope {

/// A set of CPUs, 0 to 63 (struct cpumask).
class CpuMask
{
public:
    static constexpr unsigned capacity = 64;

    /// Visits the members, lowest first.
    class Iterator
    {
    public:
        using value_type = unsigned;
        using difference_type = std::ptrdiff_t;
        using pointer = const unsigned*;
        using reference = unsigned;
        using iterator_category = std::input_iterator_tag;

        explicit constexpr Iterator(std::uint64_t left)
            : m_left(left)
        {
        }
        [[nodiscard]] constexpr unsigned operator*() const
        {
            return static_cast<unsigned>(std::countr_zero(m_left));
        }
        constexpr Iterator& operator++()
        {
            m_left &= m_left - 1;
            return *this;
        }
        constexpr Iterator operator++(int)
        {
            const Iterator before = *this;
            ++*this;
            return before;
        }
        friend constexpr bool operator==(const Iterator&, const Iterator&) = default;

    private:
        std::uint64_t m_left;
    };

    constexpr CpuMask() = default;
    [[nodiscard]] static constexpr CpuMask ofBits(std::uint64_t bits)
    {
        CpuMask mask;
        mask.m_bits = bits;
        return mask;
    }
    [[nodiscard]] static constexpr CpuMask of(unsigned cpu)
    {
        return ofBits(std::uint64_t{1} << cpu);
    }
    /// CPUs 0 to @p count - 1; @p count at most 64.
    [[nodiscard]] static constexpr CpuMask firstOf(unsigned count)
    {
        return ofBits(count >= capacity ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1);
    }

    [[nodiscard]] constexpr bool has(unsigned cpu) const
    {
        return cpu < capacity && (m_bits >> cpu & 1) != 0;
    }
    [[nodiscard]] constexpr bool isEmpty() const { return m_bits == 0; }
    [[nodiscard]] constexpr unsigned count() const
    {
        return static_cast<unsigned>(std::popcount(m_bits));
    }
    /// The lowest member; there must be one (an invariant).
    [[nodiscard]] unsigned first() const
    {
        invariant(!isEmpty());
        return *begin();
    }
    [[nodiscard]] constexpr std::uint64_t bits() const { return m_bits; }

    /// True when @p cpu was not in it yet.
    constexpr bool add(unsigned cpu)
    {
        const bool isNew = !has(cpu);
        m_bits |= std::uint64_t{1} << cpu;
        return isNew;
    }
    /// True when @p cpu was in it.
    constexpr bool remove(unsigned cpu)
    {
        const bool wasThere = has(cpu);
        m_bits &= ~(std::uint64_t{1} << cpu);
        return wasThere;
    }
    constexpr void clear() { m_bits = 0; }

    [[nodiscard]] constexpr Iterator begin() const { return Iterator{m_bits}; }
    [[nodiscard]] static constexpr Iterator end() { return Iterator{0}; }

    friend constexpr CpuMask operator|(CpuMask a, CpuMask b) { return ofBits(a.m_bits | b.m_bits); }
    friend constexpr CpuMask operator&(CpuMask a, CpuMask b) { return ofBits(a.m_bits & b.m_bits); }
    friend constexpr CpuMask operator-(CpuMask a, CpuMask b)
    {
        return ofBits(a.m_bits & ~b.m_bits);
    }
    friend constexpr bool operator==(const CpuMask&, const CpuMask&) = default;

private:
    std::uint64_t m_bits = 0;
};

/// "0-2,5" as the kernel lists CPUs; empty for no CPU.
[[nodiscard]] std::string listText(CpuMask mask);
/// The other way round. Empty for text that is no list, and for CPUs from 64 on.
[[nodiscard]] std::optional<CpuMask> parseCpuList(std::string_view text);

} // namespace timerscope
