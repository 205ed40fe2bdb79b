// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/perfetto_exporter.h"

#include "app/export/checkpoint.h"
#include "app/export/perfetto/ftrace_copy.h"
#include "app/export/perfetto/packet_stream.h"
#include "app/export/perfetto/record_packets.h"
#include "app/export/timer_names.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

void addClock(perfetto::ClockSnapshot& snapshot, perfetto::BuiltinClock id, std::uint64_t time)
{
    perfetto::ClockSnapshot::Clock& clock = *snapshot.add_clocks();
    clock.set_clock_id(static_cast<std::uint32_t>(id));
    clock.set_timestamp(time);
}

/// Readers take bundles of kernel events to be on CLOCK_BOOTTIME: it is said to run with the axis,
/// so that both kinds of events lie on one time.
void addAxis(perfetto::ClockSnapshot& snapshot, perfetto::BuiltinClock axis, TraceInstant at)
{
    addClock(snapshot, axis, timestampOf(at));
    if (axis != perfetto::BUILTIN_CLOCK_BOOTTIME) {
        addClock(snapshot, perfetto::BUILTIN_CLOCK_BOOTTIME, timestampOf(at));
    }
    snapshot.set_primary_trace_clock(axis);
}

class PerfettoWriter
{
public:
    PerfettoWriter(const TraceLog& log, const ExportContext& context, OutputFile& out)
        : m_log(log)
        , m_context(context)
        , m_out(out)
        , m_stream(out)
        , m_names(log, context.end.get())
        , m_records(log, m_names, context, m_stream)
        , m_ftrace(log, m_names, m_stream)
    {
    }

    [[nodiscard]] Result<void> run()
    {
        writeClocks();
        for (std::size_t index = 0; index < m_context.records; ++index) {
            if (auto going = checkpoint(m_context, m_out, index); !going) {
                return going;
            }
            writeRecord(m_log[index]);
        }
        m_ftrace.finish();
        writeRemarks();
        return m_out.state();
    }

private:
    /// The first packet: also the one that opens the sequence of the records.
    void writeClocks()
    {
        perfetto::TracePacket packet;
        packet.set_trusted_packet_sequence_id(static_cast<std::uint32_t>(Sequence::Records));
        packet.set_first_packet_on_sequence(true);
        packet.set_sequence_flags(perfetto::TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
        perfetto::ClockSnapshot& snapshot = *packet.mutable_clock_snapshot();
        const Snapshot* const end = m_context.end.get();
        addAxis(snapshot, perfettoClock(m_context.clock), end == nullptr ? lastTime() : end->at);
        if (end != nullptr && end->timekeeper && end->timekeeper->realtime > RealtimeInstant{}) {
            const auto realtime = static_cast<std::uint64_t>(nsOf(end->timekeeper->realtime));
            addClock(snapshot, perfetto::BUILTIN_CLOCK_REALTIME, realtime);
        }
        m_stream.write(packet);
    }

    void writeRecord(const TraceRecord& record)
    {
        m_names.learn(record);
        m_records.write(record);
        if (record.kind == RecordKind::DataLoss) {
            m_ftrace.markLoss(record.cpu);
        } else {
            m_ftrace.add(record);
        }
    }

    void writeRemarks()
    {
        if (const std::uint64_t lost = m_log.lost(); lost != 0) {
            const std::string text = fmt::format("{} records never reached the log", lost);
            m_records.writeRemark(Lane::DataLoss, lastTime(), text, lost);
        }
        if (m_context.end) {
            for (const Notice& notice : m_context.end->notices) {
                m_records.writeRemark(Lane::Notices, m_context.end->at, notice.text, 0);
            }
        }
    }

    [[nodiscard]] TraceInstant lastTime() const
    {
        return m_context.records == 0 ? TraceInstant{} : m_log[m_context.records - 1].at;
    }

    const TraceLog& m_log;
    const ExportContext& m_context;
    OutputFile& m_out;
    PacketStream m_stream;
    TimerNames m_names;
    RecordPackets m_records;
    FtraceCopy m_ftrace;
};

} // namespace

Result<void> writePerfetto(const TraceLog& log, const ExportContext& context, OutputFile& out)
{
    return PerfettoWriter{log, context, out}.run();
}

} // namespace timerscope
