// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/perfetto/record_packets.h"

#include "app/export/field_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace timerscope {

namespace {

using perfetto::TracePacket;
using perfetto::TrackEvent;

constexpr auto stateCleared = std::uint32_t{TracePacket::SEQ_INCREMENTAL_STATE_CLEARED};
constexpr auto needsState = std::uint32_t{TracePacket::SEQ_NEEDS_INCREMENTAL_STATE};

/// Readers stop at 512 slices inside each other; no kernel comes near.
constexpr std::size_t deepest = 256;

std::uint32_t asDropped(std::uint64_t lost)
{
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(lost, 1, most));
}

/// What the file says a place is from: shown by readers where a group of lanes is described.
std::string describeOrigin(const ExportContext& context)
{
    const Snapshot* const end = context.end.get();
    const bool namesKernel = end != nullptr && !end->machine.kernel.empty();
    return asUtf8(namesKernel ? fmt::format("{}, {}", context.origin, end->machine.kernel)
                              : context.origin);
}

} // namespace

perfetto::BuiltinClock perfettoClock(AxisClock clock)
{
    switch (clock) {
    case AxisClock::MonotonicRaw:
        return perfetto::BUILTIN_CLOCK_MONOTONIC_RAW;
    case AxisClock::Boottime:
        return perfetto::BUILTIN_CLOCK_BOOTTIME;
    default:
        return perfetto::BUILTIN_CLOCK_MONOTONIC;
    }
}

RecordPackets::RecordPackets(const TraceLog& log, const TimerNames& names,
                             const ExportContext& context, PacketStream& stream)
    : m_log(log)
    , m_names(names)
    , m_stream(stream)
    , m_tracks(log, stream, describeOrigin(context))
    , m_clock(static_cast<std::uint32_t>(perfettoClock(context.clock)))
{
}

void RecordPackets::write(const TraceRecord& record)
{
    const EventRule& rule = eventRuleOf(record.kind);
    Track& track = m_tracks.track(rule.lane, record.cpu, record.subject);
    const TrackEvent::Type type = typeFor(rule.shape, record, track);
    TrackEvent& event = *startRecord(record).mutable_track_event();
    event.set_type(type);
    event.set_track_uuid(track.uuid);
    if (type == TrackEvent::TYPE_COUNTER) {
        event.set_counter_value(record.a);
    } else if (type != TrackEvent::TYPE_SLICE_END) { // an end takes all of that from its beginning
        setName(rule, record);
        annotate(rule, record);
    }
    m_stream.write(m_packet);
    writeLateness(record);
}

TracePacket& RecordPackets::startRecord(const TraceRecord& record)
{
    m_packet.Clear();
    m_packet.set_timestamp(timestampOf(record.at));
    m_packet.set_timestamp_clock_id(m_clock);
    m_packet.set_trusted_packet_sequence_id(static_cast<std::uint32_t>(Sequence::Records));
    m_packet.set_sequence_flags(needsState);
    if (record.kind == RecordKind::DataLoss) {
        // A reader forgets what was interned when packets are missing, unless it is told anew.
        m_packet.set_previous_packet_dropped(asDropped(static_cast<std::uint64_t>(record.a)));
        m_packet.set_sequence_flags(needsState | stateCleared);
        forgetInterned();
    }
    return m_packet;
}

void RecordPackets::forgetInterned()
{
    for (InternedText* const texts : {&m_eventNames, &m_categories, &m_fieldNames, &m_words}) {
        texts->forgetTold();
    }
}

TrackEvent& RecordPackets::startDerived(TraceInstant at, const Track& track, TrackEvent::Type type)
{
    m_derived.Clear();
    m_derived.set_timestamp(timestampOf(at));
    m_derived.set_timestamp_clock_id(m_clock);
    m_derived.set_trusted_packet_sequence_id(static_cast<std::uint32_t>(Sequence::Derived));
    if (std::exchange(m_isFirstDerived, false)) {
        m_derived.set_first_packet_on_sequence(true);
        m_derived.set_sequence_flags(stateCleared);
    }
    TrackEvent& event = *m_derived.mutable_track_event();
    event.set_type(type);
    event.set_track_uuid(track.uuid);
    return event;
}

/// Keeps every track balanced whatever the log holds: an end without a beginning is shown as an
/// instant, and a beginning whose end got lost is ended by what proves that it is over.
TrackEvent::Type RecordPackets::typeFor(Shape shape, const TraceRecord& record, Track& track)
{
    switch (shape) {
    case Shape::Begin:
        return openSlice(record, track) ? TrackEvent::TYPE_SLICE_BEGIN : TrackEvent::TYPE_INSTANT;
    case Shape::End:
        return closeSlice(record, track) ? TrackEvent::TYPE_SLICE_END : TrackEvent::TYPE_INSTANT;
    case Shape::State:
        closeDownTo(0, record, track);
        track.open.push_back(record.subject);
        return TrackEvent::TYPE_SLICE_BEGIN;
    case Shape::Counter:
        return TrackEvent::TYPE_COUNTER;
    default:
        return TrackEvent::TYPE_INSTANT;
    }
}

/// Nothing runs inside itself on one CPU: if it is still open, its end is missing.
bool RecordPackets::openSlice(const TraceRecord& record, Track& track)
{
    const auto same = std::ranges::find(track.open, record.subject);
    closeDownTo(static_cast<std::size_t>(same - track.open.begin()), record, track);
    if (track.open.size() == deepest) {
        return false;
    }
    track.open.push_back(record.subject);
    return true;
}

bool RecordPackets::closeSlice(const TraceRecord& record, Track& track)
{
    const auto same = std::ranges::find(track.open, record.subject);
    if (same == track.open.end()) {
        return false;
    }
    closeDownTo(static_cast<std::size_t>(same - track.open.begin()) + 1, record, track);
    track.open.pop_back();
    return true;
}

void RecordPackets::closeDownTo(std::size_t depth, const TraceRecord& record, Track& track)
{
    while (track.open.size() > depth) {
        startDerived(record.at, track, TrackEvent::TYPE_SLICE_END);
        m_stream.write(m_derived);
        track.open.pop_back();
    }
}

void RecordPackets::setName(const EventRule& rule, const TraceRecord& record)
{
    TrackEvent& event = *m_packet.mutable_track_event();
    if (rule.naming == Naming::Sentence || rule.naming == Naming::Verdict) {
        const std::string text = asUtf8(m_log.string(record.subject));
        const std::string_view verdict = record.a != 0 ? "held: " : "failed: ";
        event.set_name(rule.naming == Naming::Verdict ? std::string{verdict} + text : text);
        return;
    }
    m_text = rule.verb;
    if (rule.naming != Naming::VerbOnly && !m_text.empty()) {
        m_text += ' ';
    }
    const RecordSchema& schema = schemaOf(record.kind);
    if (rule.naming == Naming::FieldA) {
        appendField(m_text, m_log, schema.a.type, record.a);
    } else if (rule.naming == Naming::Subject && schema.subject.type == FieldType::Timer) {
        appendTimer(record);
    } else if (rule.naming == Naming::Subject) {
        appendField(m_text, m_log, schema.subject.type, record.subject);
    }
    const InternedText::Entry entry = m_eventNames.intern(m_text);
    event.set_name_iid(entry.iid);
    if (entry.isNew) {
        perfetto::EventName& told = *m_packet.mutable_interned_data()->add_event_names();
        told.set_iid(entry.iid);
        told.set_name(m_text.empty() ? std::string{"(none)"} : asUtf8(m_text));
    }
}

void RecordPackets::appendTimer(const TraceRecord& record)
{
    const std::string_view function = m_names.functionOf(record).name;
    if (function.empty()) {
        fmt::format_to(std::back_inserter(m_text), "timer #{}", record.subject);
    } else {
        m_text += function;
    }
}

void RecordPackets::annotate(const EventRule& rule, const TraceRecord& record)
{
    const InternedText::Entry category = m_categories.intern(categoryOf(rule.lane));
    m_packet.mutable_track_event()->add_category_iids(category.iid);
    if (category.isNew) {
        perfetto::EventCategory& told = *m_packet.mutable_interned_data()->add_event_categories();
        told.set_iid(category.iid);
        told.set_name(std::string{categoryOf(rule.lane)});
    }
    const RecordSchema& schema = schemaOf(record.kind);
    if (rule.naming != Naming::Sentence && rule.naming != Naming::Verdict) {
        addAnnotation(schema.subject, record.subject); // a sentence is the name already
    }
    addFunction(record);
    addAnnotation(schema.a, record.a);
    addAnnotation(schema.b, record.b);
    addAnnotation(schema.flags, record.flags);
}

void RecordPackets::addFunction(const TraceRecord& record)
{
    const bool isInit = record.kind == RecordKind::HrtimerInit
        || record.kind == RecordKind::TimerInit; // these have it as a field
    const TimerFunction function = isInit ? TimerFunction{} : m_names.functionOf(record);
    if (function.number != 0) {
        addAnnotation({.name = "function", .type = FieldType::Text}, function.number);
    }
}

void RecordPackets::addAnnotation(const FieldSchema& field, std::int64_t value)
{
    if (field.type == FieldType::Absent) {
        return;
    }
    perfetto::DebugAnnotation& annotation
        = *m_packet.mutable_track_event()->add_debug_annotations();
    const InternedText::Entry name = m_fieldNames.intern(field.name);
    annotation.set_name_iid(name.iid);
    if (name.isNew) {
        auto& told = *m_packet.mutable_interned_data()->add_debug_annotation_names();
        told.set_iid(name.iid);
        told.set_name(std::string{field.name});
    }
    if (isWord(field.type)) {
        m_text.clear();
        appendField(m_text, m_log, field.type, value);
        setWord(annotation, m_text);
    } else if (field.type == FieldType::Hex) {
        annotation.set_pointer_value(static_cast<std::uint64_t>(value)); // shown in hex
    } else {
        annotation.set_int_value(value);
    }
}

void RecordPackets::setWord(perfetto::DebugAnnotation& annotation, std::string_view text)
{
    const InternedText::Entry word = m_words.intern(text);
    annotation.set_string_value_iid(word.iid);
    if (word.isNew) {
        auto& told = *m_packet.mutable_interned_data()->add_debug_annotation_string_values();
        told.set_iid(word.iid);
        told.set_str(asUtf8(text));
    }
}

/// How much later than asked for a timer was run. A source that does not know what was asked for
/// leaves softexpires at 0.
void RecordPackets::writeLateness(const TraceRecord& record)
{
    std::int64_t late = 0;
    const bool isKnown = record.kind == RecordKind::HrtimerExpireEntry && record.b > 0
        && !__builtin_sub_overflow(record.a, record.b, &late);
    if (isKnown) {
        const Track& track = m_tracks.track(Lane::HrtimerLateness, record.cpu, 0);
        startDerived(record.at, track, TrackEvent::TYPE_COUNTER).set_counter_value(late);
        m_stream.write(m_derived);
    }
}

void RecordPackets::writeRemark(Lane lane, TraceInstant at, std::string_view text,
                                std::uint64_t lost)
{
    const Track& track = m_tracks.track(lane, 0, 0);
    TrackEvent& event = startDerived(at, track, TrackEvent::TYPE_INSTANT);
    event.set_name(asUtf8(text));
    if (lost != 0) {
        m_derived.set_previous_packet_dropped(asDropped(lost));
    }
    m_stream.write(m_derived);
}

} // namespace timerscope
