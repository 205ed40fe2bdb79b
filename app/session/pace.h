// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/speed.h"
#include "engine/base/time.h"

#include <chrono>

namespace timerscope {

/// Ties a source's time to the world's clock while it plays: from an anchor on both axes, the
/// source is due wherever the speed has carried it since.
class Pace
{
public:
    using World = std::chrono::steady_clock;

    /// From now on, @p source is due at @p world.
    void anchor(World::time_point world, TraceInstant source, Speed speed);

    /// Where the source should be at @p world; `never` for an unlimited speed. Saturates.
    [[nodiscard]] TraceInstant dueAt(World::time_point world) const;

private:
    World::time_point m_world;
    TraceInstant m_source;
    Speed m_speed;
};

/// How much of a source's time to run between two looks at the commands: as much as it can do in
/// about 4 ms, so that pause and quit are answered at once, however dense the run is.
class Slice
{
public:
    [[nodiscard]] Ns length() const { return m_length; }
    /// The last slice took @p cost: aims the next one. It may grow and shrink fourfold at most.
    void took(Ns cost);

private:
    Ns m_length{1'000'000};
};

} // namespace timerscope
