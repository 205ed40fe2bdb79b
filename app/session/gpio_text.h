// SPDX-License-Identifier: GPL-3.0-or-later
//! GPIO chips and edges as text for a person.
#pragma once

#include "app/session/gpio.h"

#include <optional>
#include <string>

namespace timerscope {

/// A line for each chip and, below it, one for each of its lines.
[[nodiscard]] std::string textOf(const std::vector<GpioChip>& chips);

/// Edges as lines: number, CLOCK_MONOTONIC in seconds, kind, time since the edge before. Where
/// edges are missing or time steps back, a line in between says so.
class EdgeWriter
{
public:
    /// @p queueLength: how many edges the kernel keeps.
    explicit EdgeWriter(std::size_t queueLength)
        : m_queueLength(queueLength)
    {
    }

    [[nodiscard]] std::string textOf(const std::vector<Edge>& edges);

private:
    [[nodiscard]] std::string rowOf(const Edge& edge) const;
    [[nodiscard]] std::string remarkBefore(const Edge& edge) const;

    std::size_t m_queueLength;
    std::optional<MonotonicInstant> m_last;
};

/// What a watch of @p length came to, with every reason to doubt it.
[[nodiscard]] std::string summaryOf(const EdgeCounts& counts, std::optional<StampClock> clock,
                                    Ns length);

} // namespace timerscope
