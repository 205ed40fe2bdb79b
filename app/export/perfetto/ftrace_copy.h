// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/perfetto/packet_stream.h"
#include "app/export/timer_names.h"
#include "engine/trace/trace_log.h"

#include <map>

namespace timerscope {

/// Writes the records that the kernel has tracepoints for a second time, in Perfetto's shape of
/// these tracepoints, in bundles for each CPU: so that its own timer and interrupt tracks show
/// them. Functions are addresses there; the number of the function's name stands for one.
class FtraceCopy
{
public:
    FtraceCopy(const TraceLog& log, const TimerNames& names, PacketStream& stream);

    /// Takes the record if it has a tracepoint that Perfetto knows; others change nothing.
    void add(const TraceRecord& record);

    /// Records of @p cpu are missing here: the next bundle says so.
    void markLoss(std::uint16_t cpu);

    /// Writes what is still held back. Call it once, at the end.
    void finish();

private:
    perfetto::TracePacket& bundleOf(std::uint16_t cpu);
    void flush(perfetto::TracePacket& packet);

    const TraceLog& m_log;
    const TimerNames& m_names;
    PacketStream& m_stream;
    std::map<std::uint16_t, perfetto::TracePacket> m_bundles; ///< one being filled for each CPU
    bool m_isFirst = true;
};

} // namespace timerscope
