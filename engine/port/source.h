// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <optional>
#include <string>

namespace timerscope {

/// What kind of thing a source shows, for words and for what can be done to it.
enum class SourceKind : std::uint8_t
{
    Model, ///< the engine on simulated hardware: runs, pauses, steps, at any speed
    Hardware, ///< the engine on real timers: runs at the pace of the world
    LiveKernel, ///< only observed
    Recording, ///< a file: complete from the start
    Attached, ///< a board or a mapped counter by itself, without the engine: only observed
};

/// Whether time passes by itself for such a source: it cannot be run faster, slower or again.
[[nodiscard]] constexpr bool keepsWorldTime(SourceKind kind)
{
    return kind == SourceKind::Hardware || kind == SourceKind::LiveKernel
        || kind == SourceKind::Attached;
}

struct SourceInfo
{
    std::string uri; ///< "sim:ast2500-boot", "sim:ast2500-boot@host", "linux:", "mmio:mfoc"
    std::string title; ///< short name for a person: "ast2500-boot", "this computer"
    SourceKind kind = SourceKind::Model;
    std::optional<TraceInstant> end; ///< where a scenario ends; empty: goes on for ever
};

/// What advance() and step() left behind.
enum class Progress : std::uint8_t
{
    MoreToCome,
    Ended, ///< the scenario or the file is over; calling again changes nothing
};

/// Anything that fills one TraceLog and can be asked for Snapshots. Everything to the right of
/// the log does not know which kind it is looking at.
///
/// Threading: advance(), step() and snapshot() are called by the one thread that owns the source.
/// log() may be read by any thread while they run (see TraceLog).
class Source
{
public:
    virtual ~Source() = default;

    [[nodiscard]] virtual SourceInfo info() const = 0;
    [[nodiscard]] virtual const TraceLog& log() const = 0;

    /// A model runs until @p limit on the log's axis or its end; on real hardware, that takes as
    /// long as it says, and so does watching an attached device. The observer of a kernel looks
    /// once at what has happened since the last call and ignores the limit.
    /// Errors: DeviceLost when the source vanished (the log stays readable); InvalidArgument and
    /// NotSupported for a scenario step that cannot be carried out.
    [[nodiscard]] virtual Result<Progress> advance(TraceInstant limit) = 0;

    /// A model runs to the end of its next interrupt or scenario step. An observer looks once.
    [[nodiscard]] virtual Result<Progress> step() = 0;

    /// The state now. Never null.
    [[nodiscard]] virtual SnapshotPtr snapshot() = 0;

    /// Gives back what only one may hold, a board's port, so that it can be opened again. The log
    /// and the snapshot stay; advance() and step() fail from then on if there was such a thing.
    virtual void release() { }

    /// How many expectations of a scenario have failed so far.
    [[nodiscard]] virtual std::size_t failedExpectations() const { return 0; }

protected:
    Source() = default;
    Source(const Source&) = default;
    Source& operator=(const Source&) = default;
};

} // namespace timerscope
