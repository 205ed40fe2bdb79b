// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/perfetto/packet_stream.h"
#include "engine/trace/trace_log.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace timerscope {

/// The lanes of a file. Those from TickMode to Wheel exist once for each CPU.
enum class Lane : std::uint8_t
{
    GlobalGroup, ///< holds the lanes that belong to the whole machine
    CpuGroup, ///< holds the lanes of one CPU
    TickMode,
    NohzMode,
    Tick,
    Device, ///< one for each clock event device of the CPU
    Irq,
    Softirq,
    Hrtimer,
    HrtimerLateness,
    Wheel,
    Clocksource, ///< the current one
    ClocksourceList,
    Jiffies,
    KernelLog,
    Scenario,
    Notices,
    DataLoss,
    HardwareCounter, ///< one for each sampled counter
    Other,
    Modules,
    Watchdog,
    Idle, ///< whether the CPU sleeps
    Functions, ///< of the kernel that the CPU is in
};

/// Category of the events on @p lane: what a reader filters by.
[[nodiscard]] std::string_view categoryOf(Lane lane);

struct Track
{
    std::uint64_t uuid = 0;
    /// Subjects of the slices that have begun and not ended, outermost first.
    std::vector<std::uint32_t> open;
};

/// Hands out the tracks and describes each in the file before its first use.
class TrackBook
{
public:
    /// @p origin is what the two kinds of groups say about where the trace is from.
    TrackBook(const TraceLog& log, PacketStream& stream, std::string origin);

    /// The track of @p lane for @p cpu; @p device is the name's number and counts for
    /// Lane::Device and Lane::HardwareCounter only. The reference stays valid.
    [[nodiscard]] Track& track(Lane lane, std::uint16_t cpu, std::uint32_t device);

private:
    void describe(Lane lane, std::uint16_t cpu, std::uint32_t device);

    const TraceLog& m_log;
    PacketStream& m_stream;
    std::string m_origin;
    std::unordered_map<std::uint64_t, Track> m_tracks; // by uuid; its elements never move
};

} // namespace timerscope
