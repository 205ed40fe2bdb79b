// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/exporter.h"
#include "app/export/perfetto/event_rules.h"
#include "app/export/perfetto/interned_text.h"
#include "app/export/perfetto/packet_stream.h"
#include "app/export/perfetto/track_book.h"
#include "app/export/timer_names.h"
#include "engine/trace/record_schema.h"

#include <string>

namespace timerscope {

/// The number that a Perfetto file has for @p clock (enum BuiltinClocks of the format).
[[nodiscard]] perfetto::BuiltinClock perfettoClock(AxisClock clock);

/// Turns each record into one packet of Sequence::Records, and what follows from it into packets
/// of Sequence::Derived.
class RecordPackets
{
public:
    RecordPackets(const TraceLog& log, const TimerNames& names, const ExportContext& context,
                  PacketStream& stream);

    void write(const TraceRecord& record);

    /// An instant that is no record: a notice, or a loss that no record tells of.
    void writeRemark(Lane lane, TraceInstant at, std::string_view text, std::uint64_t lost);

private:
    perfetto::TracePacket& startRecord(const TraceRecord& record);
    perfetto::TrackEvent& startDerived(TraceInstant at, const Track& track,
                                       perfetto::TrackEvent::Type type);
    perfetto::TrackEvent::Type typeFor(Shape shape, const TraceRecord& record, Track& track);
    bool openSlice(const TraceRecord& record, Track& track);
    bool closeSlice(const TraceRecord& record, Track& track);
    void closeDownTo(std::size_t depth, const TraceRecord& record, Track& track);
    void setName(const EventRule& rule, const TraceRecord& record);
    void appendTimer(const TraceRecord& record);
    void annotate(const EventRule& rule, const TraceRecord& record);
    void addAnnotation(const FieldSchema& field, std::int64_t value);
    void addFunction(const TraceRecord& record);
    void setWord(perfetto::DebugAnnotation& annotation, std::string_view text);
    void forgetInterned();
    void writeLateness(const TraceRecord& record);

    const TraceLog& m_log;
    const TimerNames& m_names;
    PacketStream& m_stream;
    TrackBook m_tracks;
    InternedText m_eventNames;
    InternedText m_categories;
    InternedText m_fieldNames;
    InternedText m_words;
    perfetto::TracePacket m_packet; ///< used for every record: filling it anew allocates nothing
    perfetto::TracePacket m_derived;
    std::string m_text;
    std::uint32_t m_clock;
    bool m_isFirstDerived = true;
};

} // namespace timerscope
