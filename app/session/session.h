// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/speed.h"
#include "engine/port/source.h"

#include <functional>
#include <memory>
#include <optional>

namespace timerscope {

enum class PlayState : std::uint8_t
{
    Paused,
    Playing,
    Ended, ///< the scenario or the file is over
    Failed, ///< SessionView::error says why; the log and the last snapshot stay
};

/// What the session shows: swapped as a whole, so every field belongs to the same moment.
struct SessionView
{
    SnapshotPtr snapshot; ///< never null
    PlayState state = PlayState::Paused;
    Speed speed;
    std::optional<Error> error;
};

/// One source, run on a thread of its own: play, pause, step, speed.
///
/// Threading: the public functions may be called from any thread and never wait for the source;
/// the only lock is held for a copy of SessionView. `changed` is called on the session's thread
/// after the view was swapped, at most 60 times a second while playing.
class Session
{
public:
    Session(std::unique_ptr<Source> source, std::function<void()> changed);
    ~Session(); ///< pauses, waits for the thread
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void play();
    void pause();
    /// One interrupt or scenario step, then paused. An attached device is watched for one frame.
    void step();
    /// Plays without pacing until @p limit, then paused.
    void runUntil(TraceInstant limit);
    /// Only models have one; everything else goes at the pace of the world.
    void setSpeed(Speed speed);
    /// Gives back what only one may hold (Source::release) and is over: Failed, unless it had
    /// ended. Waits for the session's thread, for a frame at most while it plays: not for a GUI's.
    void release();

    [[nodiscard]] SessionView view() const;
    [[nodiscard]] const SourceInfo& info() const { return m_info; }
    /// Lock-free to read while the session lives.
    [[nodiscard]] const TraceLog& log() const { return m_source->log(); }

private:
    struct Impl;
    std::unique_ptr<Source> m_source;
    SourceInfo m_info;
    std::unique_ptr<Impl> m_impl;
};

} // namespace timerscope
