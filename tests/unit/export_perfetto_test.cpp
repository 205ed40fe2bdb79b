// SPDX-License-Identifier: GPL-3.0-or-later
#include "perfetto_full.pb.h"

#include "app/export/exporter.h"
#include "tests/support/perfetto_check.h"
#include "tests/support/sample_log.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <optional>
#include <set>

using namespace timerscope;
using namespace timerscope::test;
using perfettofull::TracePacket;
using perfettofull::TrackEvent;

class ExportPerfettoTest : public QObject
{
    Q_OBJECT
private slots:
    void aRichLogDecodesWithTheSecondDescription();
    void packetCountAndTimesEqualTheLogs();
    void theCheckerCatchesWhatIsWrong();
    void slicesCarryTheNamesOfWhatRan();
    void statesLastUntilTheNextOne();
    void latenessIsACounter();
    void functionsOfKernelEventsAreNumbersOfTheirNames();
    void lossesAreMarkedInBothShapes();
    void theClockSnapshotNamesTheAxis();
    void anEmptyLogIsStillATrace();

private:
    std::filesystem::path written(const TraceLog& log, ExportContext context = {})
    {
        const std::filesystem::path path = m_dir.filePath("log.pftrace").toStdString();
        context.end = context.end ? context.end : SampleLog::end();
        context.origin = "sim:sample";
        context.records = log.size();
        const auto result = exportLog(log, context, path);
        if (!result) {
            qFatal("%s", result.error().what.c_str());
        }
        return path;
    }
    perfettofull::Trace decoded(const TraceLog& log, const ExportContext& context = {})
    {
        QFile file{QString::fromStdString(written(log, context).string())};
        perfettofull::Trace trace;
        if (!file.open(QIODevice::ReadOnly)
            || !trace.ParseFromString(file.readAll().toStdString())) {
            qFatal("the file does not decode");
        }
        return trace;
    }
    QTemporaryDir m_dir;
};

namespace {

/// "lane: BEGIN name" for every track event, with the names looked up.
std::vector<std::string> story(const perfettofull::Trace& trace)
{
    std::map<std::uint64_t, std::string> names;
    std::map<std::uint64_t, std::string> tracks;
    std::vector<std::string> lines;
    for (const TracePacket& packet : trace.packet()) {
        for (const auto& name : packet.interned_data().event_names()) {
            names[name.iid()] = name.name();
        }
        tracks[packet.track_descriptor().uuid()] = packet.track_descriptor().name();
        if (packet.has_track_event()) {
            const TrackEvent& event = packet.track_event();
            const std::string name = event.has_name() ? event.name() : names[event.name_iid()];
            const std::string type = TrackEvent::Type_Name(event.type()).substr(5);
            lines.push_back(tracks[event.track_uuid()] + ": " + type
                            + (name.empty() ? "" : " " + name));
        }
    }
    return lines;
}

/// The lines of @p all that begin with @p lane.
std::vector<std::string> onLane(const std::vector<std::string>& all, const std::string& lane)
{
    std::vector<std::string> lines;
    for (const std::string& line : all) {
        if (line.starts_with(lane + ": ")) {
            lines.push_back(line.substr(lane.size() + 2));
        }
    }
    return lines;
}

using Lines = std::vector<std::string>;

} // namespace

void ExportPerfettoTest::aRichLogDecodesWithTheSecondDescription()
{
    const SampleLog sample;
    const PerfettoFindings found = checkPerfetto(written(sample.log()));
    QVERIFY2(found.problems.empty(), found.text().c_str());
    QCOMPARE(found.recordPackets, sample.log().size());
    QVERIFY(found.ftraceEvents > 20);
    QVERIFY(found.tracks > 15);
}

void ExportPerfettoTest::packetCountAndTimesEqualTheLogs()
{
    const SampleLog sample;
    const auto path = written(sample.log());
    const PerfettoFindings found = checkPerfetto(path, sample.log(), sample.log().size());
    QVERIFY2(found.problems.empty(), found.text().c_str());
}

/// A checker that finds nothing would pass everything: so every kind of fault is planted once.
void ExportPerfettoTest::theCheckerCatchesWhatIsWrong()
{
    const SampleLog sample;
    const perfettofull::Trace right = decoded(sample.log());
    int caught = 0;
    int planted = 0;
    const auto plant = [&](auto fault) {
        perfettofull::Trace trace = right;
        fault(trace);
        const std::filesystem::path path = m_dir.filePath("wrong.pftrace").toStdString();
        QFile file{QString::fromStdString(path.string())};
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(QByteArray::fromStdString(trace.SerializeAsString()));
        file.close();
        ++planted;
        const bool isCaught
            = !checkPerfetto(path, sample.log(), sample.log().size()).problems.empty();
        caught += isCaught ? 1 : 0;
        QVERIFY2(isCaught, qPrintable(QString{"fault %1"}.arg(planted)));
    };
    const auto firstEvent = [](perfettofull::Trace& trace, auto accepts) {
        for (TracePacket& packet : *trace.mutable_packet()) {
            if (accepts(packet)) {
                return &packet;
            }
        }
        qFatal("no such packet");
    };
    const auto isEvent = [](const TracePacket& packet) { return packet.has_track_event(); };
    const auto isBundle = [](const TracePacket& packet) { return packet.has_ftrace_events(); };
    const auto isBegin = [](const TracePacket& packet) {
        return packet.track_event().type() == TrackEvent::TYPE_SLICE_BEGIN;
    };
    const auto isTold
        = [](const TracePacket& packet) { return packet.interned_data().event_names_size() > 0; };
    const auto isLane = [](const TracePacket& packet) { return packet.has_track_descriptor(); };
    plant([&](auto& trace) { firstEvent(trace, isEvent)->set_timestamp(1); });
    plant([&](auto& trace) { firstEvent(trace, isEvent)->clear_track_event(); });
    plant([&](auto& trace) { firstEvent(trace, isEvent)->clear_timestamp_clock_id(); });
    plant([&](auto& trace) { firstEvent(trace, isTold)->clear_interned_data(); });
    plant([&](auto& trace) { firstEvent(trace, isLane)->clear_track_descriptor(); });
    plant([&](auto& trace) { firstEvent(trace, isBundle)->clear_ftrace_events(); });
    plant([&](auto& trace) {
        firstEvent(trace, isBegin)->mutable_track_event()->set_type(TrackEvent::TYPE_SLICE_END);
    });
    plant([&](auto& trace) { trace.mutable_packet()->DeleteSubrange(0, 1); });
    plant([&](auto& trace) {
        TracePacket& packet = *firstEvent(trace, isEvent);
        TracePacket::GetReflection()->MutableUnknownFields(&packet)->AddVarint(9999, 1);
    });
    plant([&](auto& trace) {
        auto& event = *firstEvent(trace, isBundle)->mutable_ftrace_events()->mutable_event(0);
        event.set_timestamp(event.timestamp() + 1);
    });
    QCOMPARE(caught, planted);
}

void ExportPerfettoTest::slicesCarryTheNamesOfWhatRan()
{
    const SampleLog sample;
    const Lines all = story(decoded(sample.log()));
    QCOMPARE(onLane(all, "hrtimer"),
             (Lines{"INSTANT init tick_sched_timer", "INSTANT start tick_sched_timer",
                    "INSTANT start timer #2", "INSTANT cancel timer #2", "INSTANT migrate timer #2",
                    "SLICE_BEGIN tick_sched_timer", "SLICE_END", "SLICE_BEGIN watchdog_timer_fn",
                    "SLICE_END"}));
    QCOMPARE(onLane(all, "softirq"),
             (Lines{"INSTANT raise TIMER", "SLICE_BEGIN TIMER", "INSTANT raise HRTIMER",
                    "SLICE_END", "INSTANT raise 4711", "SLICE_BEGIN TIMER", "SLICE_END",
                    "SLICE_BEGIN TIMER", "SLICE_END", "SLICE_BEGIN SCHED"}));
    QCOMPARE(onLane(all, "irq"),
             (Lines{"SLICE_BEGIN FTTMR010-TIMER1", "SLICE_END", "INSTANT exit uart",
                    "SLICE_BEGIN uart", "SLICE_BEGIN eth0", "SLICE_END", "SLICE_END"}));
    QCOMPARE(onLane(all, "kernel log").at(2),
             (std::string{"INSTANT not UTF-8: \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd end\r"}));
    QCOMPARE(onLane(all, "device stm32-systick"), (Lines{"INSTANT fired"}));
    QCOMPARE(onLane(all, "scenario"),
             (Lines{"INSTANT load fttmr010", "INSTANT suspend", "INSTANT resume",
                    "INSTANT CPU on or off", "INSTANT held: clocksource = mfoc",
                    "INSTANT failed: it's \"late\""}));
    QCOMPARE(onLane(all, "modules"),
             (Lines{"INSTANT load timer_sun5i", "INSTANT references to timer_sun5i",
                    "INSTANT references to timer_sun5i", "INSTANT unload timer_sun5i"}));
    QCOMPARE(onLane(all, "clocksource watchdog"), (Lines{"INSTANT check tsc"}));
}

void ExportPerfettoTest::statesLastUntilTheNextOne()
{
    const SampleLog sample;
    const Lines all = story(decoded(sample.log()));
    QCOMPARE(onLane(all, "current clocksource"),
             (Lines{"SLICE_BEGIN jiffies", "SLICE_END", "SLICE_BEGIN FTTMR010-TIMER2"}));
    QCOMPARE(onLane(all, "tick mode"),
             (Lines{"SLICE_BEGIN periodic", "SLICE_END", "SLICE_BEGIN oneshot"}));
    QCOMPARE(
        onLane(all, "device FTTMR010-TIMER1"),
        (Lines{"INSTANT register", "INSTANT handler tick_handle_periodic", "SLICE_BEGIN periodic",
               "SLICE_END", "SLICE_BEGIN oneshot", "INSTANT program"}));
}

void ExportPerfettoTest::latenessIsACounter()
{
    const SampleLog sample;
    std::optional<std::int64_t> late;
    std::vector<std::int64_t> others; // jiffies, and the one sample of a hardware counter
    const perfettofull::Trace trace = decoded(sample.log());
    for (const TracePacket& packet : trace.packet()) {
        if (packet.track_event().has_counter_value()) {
            if (packet.trusted_packet_sequence_id() == 3) {
                QVERIFY(!late); // the second expiry's would not fit 64 bits: it is left out
                late = packet.track_event().counter_value();
            } else {
                others.push_back(packet.track_event().counter_value());
            }
        }
    }
    QCOMPARE(late, std::optional<std::int64_t>{400});
    QCOMPARE(others, (std::vector<std::int64_t>{4'294'937'296, 4'294'967'290, 4'294'937'300}));
}

void ExportPerfettoTest::functionsOfKernelEventsAreNumbersOfTheirNames()
{
    SampleLog sample;
    const std::uint32_t number = sample.text("tick_sched_timer");
    int found = 0;
    const perfettofull::Trace trace = decoded(sample.log());
    for (const TracePacket& packet : trace.packet()) {
        for (const perfettofull::FtraceEvent& event : packet.ftrace_events().event()) {
            if (event.has_hrtimer_start() && event.hrtimer_start().hrtimer() == 1) {
                QCOMPARE(event.hrtimer_start().function(), std::uint64_t{number});
                QCOMPARE(event.hrtimer_start().softexpires(), std::int64_t{10'000'000});
                QCOMPARE(event.hrtimer_start().mode(), 0xbU);
                ++found;
            }
        }
    }
    QCOMPARE(found, 1);
}

void ExportPerfettoTest::lossesAreMarkedInBothShapes()
{
    SampleLog sample;
    sample.log().addLost(42);
    const perfettofull::Trace trace = decoded(sample.log());
    std::vector<std::uint32_t> dropped;
    std::set<std::uint32_t> lossyCpus;
    for (const TracePacket& packet : trace.packet()) {
        if (packet.has_previous_packet_dropped()) {
            dropped.push_back(packet.previous_packet_dropped());
        }
        if (packet.ftrace_events().lost_events()) {
            lossyCpus.insert(packet.ftrace_events().cpu());
        }
    }
    QCOMPARE(dropped, (std::vector<std::uint32_t>{12, 42}));
    QCOMPARE(lossyCpus, std::set<std::uint32_t>{1});
    QCOMPARE(onLane(story(trace), "data loss"),
             (Lines{"INSTANT ring buffer, overrun", "INSTANT 42 records never reached the log"}));
}

void ExportPerfettoTest::theClockSnapshotNamesTheAxis()
{
    const SampleLog sample;
    const perfettofull::Trace model = decoded(sample.log());
    const perfettofull::ClockSnapshot& clocks = model.packet(0).clock_snapshot();
    QCOMPARE(clocks.primary_trace_clock(), perfettofull::BUILTIN_CLOCK_MONOTONIC);
    QCOMPARE(clocks.clocks_size(), 3);
    QCOMPARE(clocks.clocks(0).timestamp(), std::uint64_t{5'000'000});
    QCOMPARE(clocks.clocks(2).clock_id(), 1U);
    QCOMPARE(clocks.clocks(2).timestamp(), std::uint64_t{1'700'000'000});
    ExportContext context;
    context.clock = AxisClock::Boottime;
    const perfettofull::Trace boottime = decoded(sample.log(), context);
    QCOMPARE(boottime.packet(0).clock_snapshot().primary_trace_clock(),
             perfettofull::BUILTIN_CLOCK_BOOTTIME);
    QCOMPARE(boottime.packet(0).clock_snapshot().clocks_size(), 2);
}

void ExportPerfettoTest::anEmptyLogIsStillATrace()
{
    const TraceLog log;
    const PerfettoFindings found = checkPerfetto(written(log), log, 0);
    QVERIFY2(found.problems.empty(), found.text().c_str());
    QCOMPARE(found.recordPackets, std::size_t{0});
}

QTEST_GUILESS_MAIN(ExportPerfettoTest)
#include "export_perfetto_test.moc"
