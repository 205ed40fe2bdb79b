// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/perfetto_check.h"

#include "perfetto_full.pb.h"

#include "engine/trace/record_schema.h"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace timerscope::test {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using perfettofull::TracePacket;
using perfettofull::TrackEvent;

constexpr std::uint32_t recordSequence = 1;

std::vector<const FieldDescriptor*> setFields(const Message& message)
{
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    return fields;
}

/// What a reader has been told of one packet sequence since its state was cleared last.
struct SequenceState
{
    bool isValid = false;
    std::set<std::uint64_t> eventNames;
    std::set<std::uint64_t> categories;
    std::set<std::uint64_t> fieldNames;
    std::set<std::uint64_t> words;
};

struct TrackState
{
    bool isCounter = false;
    std::size_t open = 0; ///< slices that have begun and not ended
};

class Checker
{
public:
    PerfettoFindings run(const perfettofull::Trace& trace)
    {
        checkFields(trace);
        checkClock(trace);
        for (const TracePacket& packet : trace.packet()) {
            ++m_found.packets;
            checkPacket(packet);
        }
        m_found.tracks = m_tracks.size();
        return std::move(m_found);
    }

    void compare(const perfettofull::Trace& trace, const TraceLog& log, std::size_t records)
    {
        compareRecords(trace, log, records);
        compareFtrace(trace, log, records);
    }

    void complain(std::string what)
    {
        constexpr std::size_t enough = 20;
        if (m_found.problems.size() < enough) {
            m_found.problems.push_back(fmt::format("packet {}: {}", m_found.packets, what));
        }
    }

private:
    void require(bool holds, std::string_view what)
    {
        if (!holds) {
            complain(std::string{what});
        }
    }

    void checkFields(const Message& message)
    {
        const Reflection& reflection = *message.GetReflection();
        const auto& unknown = reflection.GetUnknownFields(message);
        for (int i = 0; i < unknown.field_count(); ++i) {
            complain(fmt::format("unknown field {} in {}", unknown.field(i).number(),
                                 message.GetDescriptor()->name()));
        }
        for (const FieldDescriptor* const field : setFields(message)) {
            checkParts(message, *field);
        }
    }

    void checkParts(const Message& message, const FieldDescriptor& field)
    {
        if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
            return;
        }
        const Reflection& reflection = *message.GetReflection();
        if (!field.is_repeated()) {
            checkFields(reflection.GetMessage(message, &field));
            return;
        }
        for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
            checkFields(reflection.GetRepeatedMessage(message, &field, i));
        }
    }

    void checkClock(const perfettofull::Trace& trace)
    {
        const bool isFirst = trace.packet_size() > 0 && trace.packet(0).has_clock_snapshot();
        require(isFirst, "the first packet has no clock snapshot");
        if (!isFirst) {
            return;
        }
        const perfettofull::ClockSnapshot& snapshot = trace.packet(0).clock_snapshot();
        for (const perfettofull::Clock& clock : snapshot.clocks()) {
            m_clocks.insert(clock.clock_id());
        }
        require(m_clocks.contains(static_cast<std::uint32_t>(snapshot.primary_trace_clock())),
                "the primary clock is not in the clock snapshot");
    }

    void checkPacket(const TracePacket& packet)
    {
        require(packet.has_trusted_packet_sequence_id(), "no packet sequence");
        SequenceState& state = m_sequences[packet.trusted_packet_sequence_id()];
        if ((packet.sequence_flags() & TracePacket::SEQ_INCREMENTAL_STATE_CLEARED) != 0) {
            state = SequenceState{};
            state.isValid = true;
        }
        learn(packet.interned_data(), state);
        if ((packet.sequence_flags() & TracePacket::SEQ_NEEDS_INCREMENTAL_STATE) != 0) {
            require(state.isValid, "needs a state that was never begun");
        }
        if (packet.has_track_descriptor()) {
            describe(packet.track_descriptor());
        }
        if (packet.has_track_event()) {
            checkEvent(packet, state);
        }
        if (packet.has_ftrace_events()) {
            require(packet.ftrace_events().has_cpu(), "a bundle of no CPU");
            m_found.ftraceEvents += static_cast<std::size_t>(packet.ftrace_events().event_size());
        }
    }

    template<typename Entries>
    void learnEntries(const Entries& entries, std::set<std::uint64_t>& known)
    {
        for (const auto& entry : entries) {
            require(entry.iid() != 0, "interned id 0");
            require(known.insert(entry.iid()).second, "an interned id is told twice");
        }
    }

    void learn(const perfettofull::InternedData& data, SequenceState& state)
    {
        learnEntries(data.event_names(), state.eventNames);
        learnEntries(data.event_categories(), state.categories);
        learnEntries(data.debug_annotation_names(), state.fieldNames);
        learnEntries(data.debug_annotation_string_values(), state.words);
    }

    void describe(const perfettofull::TrackDescriptor& descriptor)
    {
        require(descriptor.uuid() != 0, "track 0");
        require(!descriptor.name().empty(), "a track without a name");
        require(!descriptor.has_parent_uuid() || m_tracks.contains(descriptor.parent_uuid()),
                "a track whose parent comes later");
        const TrackState track{.isCounter = descriptor.has_counter()};
        require(m_tracks.emplace(descriptor.uuid(), track).second, "a track described twice");
    }

    void checkEvent(const TracePacket& packet, const SequenceState& state)
    {
        const TrackEvent& event = packet.track_event();
        const bool isRecord = packet.trusted_packet_sequence_id() == recordSequence;
        ++(isRecord ? m_found.recordPackets : m_found.derivedPackets);
        require(packet.has_timestamp(), "an event without a time");
        require(m_clocks.contains(packet.timestamp_clock_id()), "a clock without a snapshot");
        checkInterned(event, state);
        const auto track = m_tracks.find(event.track_uuid());
        if (track == m_tracks.end()) {
            complain("an event on a track that is not described yet");
        } else {
            checkOnTrack(event, track->second);
        }
    }

    void checkInterned(const TrackEvent& event, const SequenceState& state)
    {
        require(!event.has_name_iid() || state.eventNames.contains(event.name_iid()),
                "a name that was not told");
        for (const std::uint64_t category : event.category_iids()) {
            require(state.categories.contains(category), "a category that was not told");
        }
        for (const perfettofull::DebugAnnotation& field : event.debug_annotations()) {
            require(state.fieldNames.contains(field.name_iid()), "a field name that was not told");
            require(!field.has_string_value_iid() || state.words.contains(field.string_value_iid()),
                    "a word that was not told");
        }
    }

    void checkOnTrack(const TrackEvent& event, TrackState& track)
    {
        const bool isCounter = event.type() == TrackEvent::TYPE_COUNTER;
        require(isCounter == track.isCounter, "a counter and its track do not fit");
        require(isCounter == event.has_counter_value(), "a counter without a value");
        const bool isEnd = event.type() == TrackEvent::TYPE_SLICE_END;
        require(isCounter || isEnd || event.has_name() || event.has_name_iid(), "no name");
        require(event.type() != TrackEvent::TYPE_UNSPECIFIED, "an event of no type");
        if (event.type() == TrackEvent::TYPE_SLICE_BEGIN) {
            ++track.open;
        } else if (isEnd && track.open == 0) {
            complain("the end of a slice that never began");
        } else if (isEnd) {
            --track.open;
        }
    }

    void compareRecords(const perfettofull::Trace& trace, const TraceLog& log, std::size_t records)
    {
        std::size_t index = 0;
        for (const TracePacket& packet : trace.packet()) {
            if (!packet.has_track_event()
                || packet.trusted_packet_sequence_id() != recordSequence) {
                continue;
            }
            if (index < records && packet.timestamp() != timeOf(log[index])) {
                complain(fmt::format("record {}: {} ns in the file, {} ns in the log", index,
                                     packet.timestamp(), nsOf(log[index].at)));
            }
            ++index;
        }
        if (index != records) {
            complain(fmt::format("{} record packets for {} records", index, records));
        }
    }

    static std::uint64_t timeOf(const TraceRecord& record)
    {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(0, nsOf(record.at)));
    }

    /// CPU, tracepoint and time of a kernel-shaped event, in the order they happened on a CPU.
    using Events = std::map<std::uint32_t, std::vector<std::pair<std::string, std::uint64_t>>>;

    void compareFtrace(const perfettofull::Trace& trace, const TraceLog& log, std::size_t records)
    {
        Events inLog;
        for (std::size_t i = 0; i < records; ++i) {
            const std::string name{schemaOf(log[i].kind).name};
            const bool isInit = name == "hrtimer_init" || name == "timer_init";
            if (!isInit
                && perfettofull::FtraceEvent::descriptor()->FindFieldByName(name) != nullptr) {
                inLog[log[i].cpu].emplace_back(name, timeOf(log[i]));
            }
        }
        if (inLog != ftraceEventsOf(trace)) {
            complain("the kernel-shaped events are not those of the log");
        }
    }

    static Events ftraceEventsOf(const perfettofull::Trace& trace)
    {
        Events inFile;
        for (const TracePacket& packet : trace.packet()) {
            for (const perfettofull::FtraceEvent& event : packet.ftrace_events().event()) {
                std::string names;
                for (const FieldDescriptor* const field : setFields(event)) {
                    const bool isTracepoint = field->message_type() != nullptr;
                    names += isTracepoint ? field->name() : std::string{};
                }
                inFile[packet.ftrace_events().cpu()].emplace_back(names, event.timestamp());
            }
        }
        return inFile;
    }

    PerfettoFindings m_found;
    std::set<std::uint32_t> m_clocks;
    std::map<std::uint32_t, SequenceState> m_sequences;
    std::map<std::uint64_t, TrackState> m_tracks;
};

PerfettoFindings checkWith(const std::filesystem::path& file, const TraceLog* log,
                           std::size_t records)
{
    std::ifstream stream{file, std::ios::binary};
    perfettofull::Trace trace;
    Checker checker;
    if (!stream || !trace.ParseFromIstream(&stream)) {
        checker.complain(fmt::format("{} does not decode as a trace", file.string()));
    } else if (log != nullptr) {
        checker.compare(trace, *log, records);
    }
    return checker.run(trace);
}

} // namespace

std::string PerfettoFindings::text() const
{
    return fmt::format("{}", fmt::join(problems, "\n"));
}

PerfettoFindings checkPerfetto(const std::filesystem::path& file)
{
    return checkWith(file, nullptr, 0);
}

PerfettoFindings checkPerfetto(const std::filesystem::path& file, const TraceLog& log,
                               std::size_t records)
{
    return checkWith(file, &log, records);
}

} // namespace timerscope::test
