// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

#include <bit>
#include <cstddef>
#include <vector>

namespace timerscope {

/// Which of some instants comes first; of equal ones, the first by number.
///
/// A tournament: each node of a binary tree holds the winner below it, so a change asks one
/// opponent a level, up to where it makes no difference. All are "never" at first.
class Earliest
{
public:
    struct Entry
    {
        TraceInstant at = never<TraceClock>;
        std::size_t number = 0;

        [[nodiscard]] bool isBefore(const Entry& other) const
        {
            return at < other.at || (at == other.at && number < other.number);
        }
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    explicit Earliest(std::size_t count)
        : m_leaves(std::bit_ceil(count))
        , m_nodes(2 * m_leaves)
    {
        for (std::size_t number = 0; number < m_leaves; ++number) {
            m_nodes[m_leaves + number].number = number;
        }
        for (std::size_t node = m_leaves; node-- > 1;) {
            m_nodes[node] = m_nodes[2 * node];
        }
    }

    void set(std::size_t number, TraceInstant at)
    {
        Entry winner{.at = at, .number = number};
        std::size_t node = m_leaves + number;
        for (m_nodes[node] = winner; node > 1; m_nodes[node] = winner) {
            const Entry& rival = m_nodes[node ^ 1];
            if (rival.isBefore(winner)) {
                winner = rival;
            }
            node /= 2;
            if (m_nodes[node] == winner) {
                break;
            }
        }
    }
    [[nodiscard]] const Entry& first() const { return m_nodes[1]; }

private:
    std::size_t m_leaves;
    std::vector<Entry> m_nodes; // the root is 1, the instants themselves are the last
};

} // namespace timerscope
