// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace timerscope::test {

/// Numbers from one seed, the same with every compiler and library (splitmix64 by Steele, Lea and
/// Flood, 2014; the distributions of <random> differ between libraries).
class Random
{
public:
    explicit Random(std::uint64_t seed)
        : m_state(seed)
    {
    }
    std::uint64_t next()
    {
        m_state += 0x9e37'79b9'7f4a'7c15;
        std::uint64_t mixed = m_state;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11eb;
        return mixed ^ (mixed >> 31);
    }
    /// 0 to @p limit - 1. The bias of the remainder does not matter here. @pre limit > 0
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    /// @p least to @p most, both included.
    std::int64_t between(std::int64_t least, std::int64_t most)
    {
        return least
            + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
    }
    /// True @p percent times of a hundred.
    bool chance(unsigned percent) { return below(100) < percent; }
    /// As likely to have few digits as many: from @p least up to about @p most. @pre least > 0
    std::int64_t magnitude(std::int64_t least, std::int64_t most)
    {
        std::int64_t top = least;
        while (top < most && !chance(12)) {
            top = top > most / 2 ? most : top * 2;
        }
        return between(least, top);
    }
    template<typename T>
    T pick(std::initializer_list<T> choices)
    {
        return choices.begin()[below(choices.size())];
    }
    template<typename Container>
    const auto& of(const Container& choices)
    {
        return choices[below(choices.size())];
    }

private:
    std::uint64_t m_state;
};

} // namespace timerscope::test
