// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends/gpio/edge_source.h"

#include <functional>
#include <optional>

namespace timerscope {

/// Both clocks that a kernel may stamp edges with, at one moment.
struct HostClocks
{
    Ns monotonic{};
    Ns realtime{};
};

[[nodiscard]] HostClocks readHostClocks();

/// Linux stamps edges with CLOCK_MONOTONIC since 5.7, with CLOCK_REALTIME before.
enum class StampClock : std::uint8_t
{
    Monotonic,
    Realtime,
};

/// Whether edges are missing right before one.
enum class EdgeGap : std::uint8_t
{
    None,
    Possible, ///< the kernel's queue was found full
    Certain, ///< it is of the same kind as the one before, while both kinds are watched
};

struct Edge
{
    EdgeKind kind = EdgeKind::Rising;
    MonotonicInstant at; ///< converted where the kernel stamps with CLOCK_REALTIME
    std::uint64_t sequence = 0; ///< from 1, of those that arrived here
    EdgeGap gap = EdgeGap::None;
    bool isBackwards = false; ///< its stamp is before that of the edge ahead of it
};

struct EdgeCounts
{
    std::uint64_t rising = 0;
    std::uint64_t falling = 0;
    std::uint64_t lost = 0; ///< at least: two rising edges have a falling one between them
    std::uint64_t overflows = 0; ///< how often the kernel's queue was found full
    std::uint64_t backwards = 0; ///< steps of the stamps into the past
};

/// Turns what a source hands out into edges on one clock and notices what went missing.
///
/// The first uAPI for GPIO events numbers nothing: that edges are lost shows only by a full queue
/// (whatever came after was dropped) and by two edges of a kind in a row. With one kind watched,
/// the full queue is the only sign.
///
/// Threading: one thread makes all the calls.
class EdgeWatch
{
public:
    EdgeWatch(std::unique_ptr<EdgeSource> source, EdgeChoice choice,
              std::function<HostClocks()> clocks = readHostClocks);

    /// The edges that came, oldest first; empty when none came until @p limit had passed, or a
    /// signal did. Errors: DeviceLost.
    [[nodiscard]] Result<std::vector<Edge>> next(Ns limit);

    [[nodiscard]] const EdgeCounts& counts() const { return m_counts; }
    /// Which clock the stamps are of; empty before the first edge.
    [[nodiscard]] std::optional<StampClock> clock() const { return m_clock; }
    [[nodiscard]] std::string identity() const { return m_source->identity(); }
    [[nodiscard]] std::size_t queueLength() const { return m_source->queueLength(); }

private:
    [[nodiscard]] Edge take(const KernelEdge& event, Ns toMonotonic);
    [[nodiscard]] EdgeGap gapBefore(EdgeKind kind) const;

    std::unique_ptr<EdgeSource> m_source;
    EdgeChoice m_choice;
    std::function<HostClocks()> m_clocks;
    std::optional<StampClock> m_clock;
    std::optional<Edge> m_last;
    bool m_wasFull = false; ///< the queue, when m_last was read
    EdgeCounts m_counts;
};

} // namespace timerscope
