// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/pace.h"

#include "engine/base/wide.h"

#include <algorithm>

namespace timerscope {

namespace {

constexpr Ns sliceTarget{4'000'000};
constexpr Ns sliceMin{1'000};
constexpr Ns sliceMax{100 * nsPerSecond};

} // namespace

void Pace::anchor(World::time_point world, TraceInstant source, Speed speed)
{
    m_world = world;
    m_source = source;
    m_speed = speed;
}

TraceInstant Pace::dueAt(World::time_point world) const
{
    if (m_speed.isUnlimited()) {
        return never<TraceClock>;
    }
    const Ns elapsed = std::max(Ns{world - m_world}, Ns::zero());
    const WideSigned span = WideSigned{elapsed.count()} * m_speed.model / m_speed.world;
    const auto bounded = std::min(span, WideSigned{Ns::max().count()});
    return addSaturating(m_source, Ns{static_cast<std::int64_t>(bounded)});
}

void Slice::took(Ns cost)
{
    const Ns shortest = std::max(m_length / 4, sliceMin);
    const Ns longest = std::min(m_length * 4, sliceMax);
    const double ratio = static_cast<double>(sliceTarget.count())
        / static_cast<double>(std::max(cost.count(), std::int64_t{1}));
    const double aimed = static_cast<double>(m_length.count()) * std::clamp(ratio, 0.25, 4.0);
    m_length = std::clamp(Ns{static_cast<std::int64_t>(aimed)}, shortest, longest);
}

} // namespace timerscope
