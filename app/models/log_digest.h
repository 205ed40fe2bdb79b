// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/kernel_types.h"
#include "engine/trace/trace_log.h"

#include <QString>

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace timerscope {

/// One line of the log view.
struct LogLine
{
    enum class Origin : std::uint8_t
    {
        Kernel, ///< printk: shown as it is
        Model, ///< a mode change that no kernel prints
    };
    std::size_t record = 0; ///< index in the log
    TraceInstant at;
    std::int64_t stamp = 0; ///< ns of sched_clock, as the kernel would print it
    QString text;
    QString note; ///< what the line leaves unsaid; may be empty
    Origin origin = Origin::Kernel;
};

/// One way that a device went from state to state, with how often it was taken.
struct StateChange
{
    ClockEventState from{};
    ClockEventState to{};
    TraceInstant last; ///< when it was taken last
    std::uint64_t count = 0;
    QString cause; ///< the kernel function that does this, or a word where many do
    friend bool operator==(const StateChange&, const StateChange&) = default;
};

/// A CPU's tick went from mode to mode.
struct ModeChange
{
    TraceInstant at;
    QString text; ///< "periodic → oneshot"
    friend bool operator==(const ModeChange&, const ModeChange&) = default;
};

/// What the views keep of a log: its lines and what became of each device and tick. Each record
/// is looked at once, so a log of millions costs each frame only what is new. GUI thread only.
class LogDigest
{
public:
    static constexpr std::size_t modeChangesMax = 256; ///< a CPU; later ones replace the oldest

    /// Takes in records up to @p end, at most @p budget of them. False: some are left.
    bool advance(const TraceLog& log, std::size_t end, std::size_t budget);

    [[nodiscard]] const std::vector<LogLine>& lines() const { return m_lines; }
    /// Ways of @p device on @p cpu, in the order they were first taken.
    [[nodiscard]] const std::vector<StateChange>& changesOf(const QString& device,
                                                            unsigned cpu) const;
    [[nodiscard]] const std::vector<ModeChange>& modesOf(unsigned cpu) const;
    /// Record of the last selection of a clocksource; empty before the first.
    [[nodiscard]] std::optional<std::size_t> lastSelection() const { return m_lastSelection; }

private:
    using DeviceKey = std::pair<QString, unsigned>;
    void take(const TraceLog& log, std::size_t index);
    void takeState(const TraceLog& log, const TraceRecord& record);
    void takeHandler(const TraceLog& log, const TraceRecord& record);
    void explainSwitch(const DeviceKey& device);
    void takeMode(const TraceRecord& record, std::size_t index, const QString& text);

    std::size_t m_next = 0;
    std::vector<LogLine> m_lines;
    std::map<DeviceKey, std::vector<StateChange>> m_changes;
    std::map<DeviceKey, QString> m_handlers;
    std::map<unsigned, std::vector<ModeChange>> m_modes;
    std::optional<std::size_t> m_lastSelection;
};

} // namespace timerscope
