// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/gpio/edge_watch.h"

#include <ctime>
#include <utility>

namespace timerscope {

namespace {

Ns read(clockid_t clock)
{
    timespec now{};
    ::clock_gettime(clock, &now);
    return Ns{now.tv_sec * nsPerSecond + now.tv_nsec};
}

Ns distance(Ns a, Ns b)
{
    return a < b ? subtractSaturating(b, a) : subtractSaturating(a, b);
}

/// The clock that is nearer to the stamp of an edge that was read just now. One counts from the
/// start of the machine and the other from 1970; where nobody has set the time yet, they are so
/// close that either serves.
StampClock clockOf(Ns stamp, const HostClocks& now)
{
    return distance(stamp, now.realtime) < distance(stamp, now.monotonic) ? StampClock::Realtime
                                                                          : StampClock::Monotonic;
}

} // namespace

HostClocks readHostClocks()
{
    const Ns before = read(CLOCK_MONOTONIC);
    const Ns realtime = read(CLOCK_REALTIME);
    const Ns after = read(CLOCK_MONOTONIC);
    return {.monotonic = before + (after - before) / 2, .realtime = realtime};
}

EdgeWatch::EdgeWatch(std::unique_ptr<EdgeSource> source, EdgeChoice choice,
                     std::function<HostClocks()> clocks)
    : m_source(std::move(source))
    , m_choice(choice)
    , m_clocks(std::move(clocks))
{
}

Result<std::vector<Edge>> EdgeWatch::next(Ns limit)
{
    const Result<bool> isThere = m_source->wait(limit);
    if (!isThere) {
        return tl::unexpected(isThere.error());
    }
    if (!*isThere) {
        return std::vector<Edge>{};
    }
    const auto batch = m_source->read();
    if (!batch) {
        return tl::unexpected(batch.error());
    }
    const HostClocks now = m_clocks();
    if (!m_clock && !batch->empty()) {
        m_clock = clockOf(batch->back().stamp, now);
    }
    // Taken anew for each batch: somebody may set the time meanwhile.
    const Ns toMonotonic = m_clock == StampClock::Realtime
        ? subtractSaturating(now.monotonic, now.realtime)
        : Ns::zero();
    std::vector<Edge> edges;
    edges.reserve(batch->size());
    for (const KernelEdge& event : *batch) {
        edges.push_back(take(event, toMonotonic));
    }
    m_wasFull = batch->size() >= m_source->queueLength();
    m_counts.overflows += m_wasFull ? 1U : 0U;
    return edges;
}

EdgeGap EdgeWatch::gapBefore(EdgeKind kind) const
{
    if (m_choice == EdgeChoice::Both && m_last && m_last->kind == kind) {
        return EdgeGap::Certain;
    }
    return m_wasFull ? EdgeGap::Possible : EdgeGap::None;
}

Edge EdgeWatch::take(const KernelEdge& event, Ns toMonotonic)
{
    Edge edge;
    edge.kind = event.kind;
    edge.at = MonotonicInstant{addSaturating(event.stamp, toMonotonic)};
    edge.sequence = m_last ? m_last->sequence + 1 : 1;
    edge.gap = gapBefore(event.kind);
    edge.isBackwards = m_last && edge.at < m_last->at;
    ++(event.kind == EdgeKind::Rising ? m_counts.rising : m_counts.falling);
    m_counts.lost += edge.gap == EdgeGap::Certain ? 1U : 0U;
    m_counts.backwards += edge.isBackwards ? 1U : 0U;
    m_last = edge;
    m_wasFull = false; // only the first edge after a full queue stands behind the gap
    return edge;
}

} // namespace timerscope
