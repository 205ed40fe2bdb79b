// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/timer_list_parser.h"
#include "engine/procfs/procfs.h"
#include "tests/support/text_file.h"

#include <QTest>

#include <algorithm>
#include <cctype>

using namespace timerscope;

namespace {

/// A recorded text: most are the oracle's, two are of this test only.
std::string fixture(const std::string& name)
{
    const QString file = QString::fromStdString(name) + ".txt";
    const std::string text = test::textOf(test::sourcePath("tests/oracle/timer_list/" + file));
    return text.empty()
        ? test::textOf(test::sourcePath("tests/backends/fixtures/timer_list/" + file))
        : text;
}

std::size_t timerCount(const Snapshot& snapshot)
{
    std::size_t count = 0;
    for (const CpuRow& cpu : snapshot.cpus) {
        for (const HrtimerBaseRow& base : cpu.hrtimerBases) {
            count += base.timers.size();
        }
    }
    return count;
}

bool isClean(const TimerListParse& parse)
{
    return parse.snapshot.notices.empty() && parse.snapshot.unknownLines.empty()
        && parse.damagedNumbers == 0;
}

std::string noticesOf(const TimerListParse& parse)
{
    std::string all;
    for (const Notice& notice : parse.snapshot.notices) {
        all += notice.text + "\n";
    }
    return all;
}

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

/// The form of a 4.x kernel built with TIMER_STATS, with bare addresses, without symbols for the
/// second timer and without broadcast; made by hand from the documented differences.
constexpr std::string_view versionZeroEight = R"(Timer List Version: v0.8
HRTIMER_MAX_CLOCK_BASES: 2
now at 5000000000 nsecs

cpu: 0
 clock 0:
  .base:       ffff88003fc0d700
  .index:      0
  .resolution: 1 nsecs
  .get_time:   ktime_get
  .offset:     0 nsecs
active timers:
 #0: <ffff88003fc0da40>, tick_sched_timer, S:01, hrtimer_start_range_ns, swapper/0/0
 # expires at 5004000000-5004000000 nsecs [in 4000000 to 4000000 nsecs]
 #1: ffff880036debd40, <ffffffffa0012340>, S:00, schedule_hrtimeout_range_clock, a, b/612
 # expires at 5100000000-5100050000 nsecs [in 100000000 to 100050000 nsecs]
 clock 1:
  .base:       ffff88003fc0d740
  .index:      1
  .resolution: 1 nsecs
  .get_time:   ktime_get_real
  .offset:     18446744073709551516 nsecs
active timers:
  .expires_next   : 5004000000 nsecs
  .hres_active    : 1
  .nr_events      : 1250
  .nr_retries     : 0
  .nr_hangs       : 0
  .max_hang_time  : 0
  .nohz_mode      : 2
  .idle_tick      : 4996000000 nsecs
  .tick_stopped   : 1
  .idle_jiffies   : 4294893545
  .idle_expires   : 9223372036854775807 nsecs
jiffies: 4294893546

Tick Device: mode:     1
Per CPU device: 0
Clock Event Device: lapic
 max_delta_ns:   68719466498
 min_delta_ns:   1000
 mult:           134217728
 shift:          32
 mode:           4
 next_event:     5004000000 nsecs
 set_next_event: lapic_next_event
 shutdown:       lapic_timer_shutdown
 event_handler:  hrtimer_interrupt
 retries:        12

)";

/// What 7.1 changed: negative offsets have a sign, S: is a flag. Addresses are hidden.
constexpr std::string_view signedOffsets = R"(Timer List Version: v0.10
HRTIMER_MAX_CLOCK_BASES: 1
now at 100 nsecs

cpu: 3
 clock 0:
  .base:       (____ptrval____)
  .index:      0
  .resolution: 1 nsecs
  .offset:     -37000000000 nsecs
active timers:
 #0: <(____ptrval____)>, 0xffffffff81234560, S:01
 # expires at -36999999000--36999998000 nsecs [in 900 to 1900 nsecs]
  .nohz           : 1
  .highres        : 0
  .tick_stopped   : 0
jiffies: 7

Tick Device: mode:     0
Per CPU device: 3
Clock Event Device: <NULL>
)";

} // namespace

class TimerListTest : public QObject
{
    Q_OBJECT
private slots:
    void recordedTextsAreUnderstoodInFull_data()
    {
        QTest::addColumn<int>("cpus");
        QTest::addColumn<int>("timers");
        QTest::addColumn<int>("devices");
        QTest::addColumn<TickMode>("tickMode");
        QTest::addColumn<NohzMode>("nohzMode");
        using enum NohzMode;
        const auto periodic = TickMode::Periodic;
        const auto oneshot = TickMode::Oneshot;
        QTest::newRow("bt_plain1") << 1 << 2 << 2 << oneshot << HighRes;
        QTest::newRow("bt_plain2") << 2 << 4 << 3 << oneshot << HighRes;
        QTest::newRow("bt_plain4") << 4 << 8 << 5 << oneshot << HighRes;
        QTest::newRow("bt_skew4") << 4 << 8 << 5 << oneshot << HighRes;
        QTest::newRow("bt_nohz_full4") << 4 << 5 << 5 << oneshot << HighRes;
        QTest::newRow("bt_nolapic_timer2") << 2 << 2 << 3 << periodic << Inactive;
        QTest::newRow("bt_nolapic_timer2_lowres") << 2 << 2 << 3 << periodic << Inactive;
        QTest::newRow("bt_nolapic_timer4") << 4 << 4 << 5 << periodic << Inactive;
        QTest::newRow("bt_both_off") << 1 << 1 << 2 << periodic << Inactive;
        QTest::newRow("bt_cs_jiffies") << 1 << 1 << 2 << periodic << Inactive;
        QTest::newRow("bt_noacpi_pm_nohpet") << 1 << 2 << 2 << oneshot << HighRes;
        QTest::newRow("bi08_c3_periodic") << 1 << 1 << 2 << periodic << Inactive;
        QTest::newRow("ld11_hang_100ms") << 1 << 4 << 2 << oneshot << HighRes;
        QTest::newRow("host_6.18_2cpu.timer_list") << 2 << 28 << 2 << oneshot << HighRes;
    }
    void recordedTextsAreUnderstoodInFull()
    {
        QFETCH(int, cpus);
        QFETCH(int, timers);
        QFETCH(int, devices);
        QFETCH(TickMode, tickMode);
        QFETCH(NohzMode, nohzMode);
        const TimerListParse parse = parseTimerList(fixture(QTest::currentDataTag()));
        QVERIFY2(isClean(parse), noticesOf(parse).c_str());
        QCOMPARE(parse.snapshot.cpus.size(), static_cast<std::size_t>(cpus));
        QCOMPARE(timerCount(parse.snapshot), static_cast<std::size_t>(timers));
        QCOMPARE(parse.snapshot.clockEvents.size(), static_cast<std::size_t>(devices));
        QCOMPARE(parse.snapshot.machine.bits, std::optional{64U});
        for (const CpuRow& cpu : parse.snapshot.cpus) {
            QCOMPARE(cpu.hrtimerBases.size(), std::size_t{8});
            QCOMPARE(cpu.tickMode, std::optional{tickMode});
            QCOMPARE(cpu.nohzMode, std::optional{nohzMode});
        }
    }

    /// As the oracle's own do: timer_list_round_trip_test.
    void recordedTextsComeBackLineForLine_data()
    {
        QTest::addColumn<std::string>("text");
        for (const char* const name : {"bi08_c3_periodic", "ld11_hang_100ms"}) {
            QTest::newRow(name) << fixture(name);
        }
    }
    void recordedTextsComeBackLineForLine()
    {
        QFETCH(std::string, text);
        const TimerListParse parse = parseTimerList(text);
        const std::string printed = timerListText(parse.snapshot);
        QCOMPARE(QString::fromStdString(printed), QString::fromStdString(text));
        QVERIFY(parseTimerList(printed).snapshot == parse.snapshot);
    }

    void everyFieldOfADeviceArrives()
    {
        const Snapshot snapshot = parseTimerList(fixture("bt_nolapic_timer2")).snapshot;
        QCOMPARE(nsOf(snapshot.monotonic), 5193288483);
        QCOMPARE(snapshot.jiffies->count, std::uint64_t{4294893398});
        QVERIFY(snapshot.broadcast);
        QCOMPARE(snapshot.broadcast->device, std::string{"hpet"});
        QCOMPARE(snapshot.broadcast->mode, std::optional{TickMode::Periodic});
        QVERIFY((snapshot.broadcast->periodicMask == std::vector<unsigned>{0, 1}));
        QVERIFY(snapshot.broadcast->oneshotMask.empty());

        const ClockEventRow& hpet = snapshot.clockEvents.at(0);
        QCOMPARE(hpet.role, DeviceRole::Broadcast);
        QVERIFY(!hpet.cpu);
        QCOMPARE(hpet.state, std::optional{ClockEventState::Periodic});
        QCOMPARE(hpet.mult, std::optional{429496730U});
        QCOMPARE(hpet.shift, std::optional{32U});
        QCOMPARE(hpet.minDelta->count(), std::int64_t{1920});
        QCOMPARE(hpet.maxDelta->count(), std::int64_t{21474836451});
        QVERIFY(*hpet.nextEvent == never<MonotonicClock>);
        QCOMPARE(hpet.handler, std::string{"tick_handle_periodic_broadcast"});
        QCOMPARE(hpet.retries, std::optional{std::uint64_t{0}});
        QCOMPARE(hpet.callbacks.size(), std::size_t{5});
        QCOMPARE(hpet.callbacks.back().first, std::string{"resume"});

        const ClockEventRow& lapic = snapshot.clockEvents.at(2);
        QCOMPARE(lapic.role, DeviceRole::Tick);
        QCOMPARE(lapic.cpu, std::optional{1U});
        QCOMPARE(snapshot.cpus.at(1).tickDevice, std::optional<std::string>{"lapic"});
        QCOMPARE(snapshot.cpus.at(1).wakeupDevice, std::optional<std::string>{""});
    }

    void everyFieldOfACpuArrives()
    {
        const Snapshot snapshot = parseTimerList(fixture("host_6.18_2cpu.timer_list")).snapshot;
        const CpuRow& cpu = snapshot.cpus.at(1);
        QCOMPARE(cpu.index, 1U);
        QCOMPARE(nsOf(*cpu.expiresNext), 1812776000000);
        QCOMPARE(cpu.hresActive, std::optional{true});
        QCOMPARE(cpu.tickStopped, std::optional{false});
        QCOMPARE(cpu.hrtimerEvents, std::optional{std::uint64_t{695828}});
        QCOMPARE(cpu.hrtimerRetries, std::optional{std::uint64_t{613}});
        QCOMPARE(cpu.idleStatistics.front().name, std::string{"max_hang_time"});
        QCOMPARE(cpu.idleStatistics.back().value, std::string{"1807548000000 nsecs"});
        const HrtimerBaseRow& base = cpu.hrtimerBases.at(0);
        QCOMPARE(base.timers.at(4).id, std::uint64_t{0x8fab5d7b});
        QCOMPARE(nsOf(base.timers.at(4).softExpires), 1813774952510);
        QCOMPARE(nsOf(base.timers.at(4).hardExpires), 1813775952509);
        QCOMPARE(base.left(base.timers.at(4), snapshot.monotonic).count(), 1000605888);
        QCOMPARE(cpu.hrtimerBases.at(1).offset.count(), 1795307616114650134);
        QVERIFY(cpu.hrtimerBases.at(1).getTime.empty());
    }

    void aModulesFunctionKeepsItsModule()
    {
        const Snapshot snapshot = parseTimerList(fixture("ld11_hang_100ms")).snapshot;
        const auto& timers = snapshot.cpus.at(0).hrtimerBases.at(0).timers;
        QCOMPARE(timers.at(1).function, std::string{"hr_fn [kscn_a]"});
    }

    void theFormOfVersionZeroEightIsReadToo()
    {
        const TimerListParse parse = parseTimerList(versionZeroEight);
        QVERIFY2(isClean(parse), noticesOf(parse).c_str());
        QCOMPARE(parse.version, std::string{"v0.8"});
        const CpuRow& cpu = parse.snapshot.cpus.at(0);
        const auto& timers = cpu.hrtimerBases.at(0).timers;
        QCOMPARE(timers.at(0).id, std::uint64_t{0xffff88003fc0da40});
        QCOMPARE(timers.at(0).task, std::string{"swapper/0/0"});
        QCOMPARE(timers.at(1).id, std::uint64_t{0xffff880036debd40});
        QCOMPARE(timers.at(1).function, std::string{"<ffffffffa0012340>"});
        QCOMPARE(timers.at(1).task, std::string{"a, b/612"});
        QCOMPARE(cpu.hrtimerBases.at(1).offset.count(), std::int64_t{-100});
        QCOMPARE(cpu.idleStatistics.at(1).name, std::string{"idle_tick"});
        QCOMPARE(cpu.tickStopped, std::optional{true});
        QVERIFY(!cpu.wakeupDevice);
        QVERIFY(!parse.snapshot.broadcast);
        QCOMPARE(parse.snapshot.clockEvents.at(0).state,
                 std::optional{ClockEventState::OneshotStopped});
    }

    void signsAndHiddenAddressesAreRead()
    {
        const TimerListParse parse = parseTimerList(signedOffsets);
        QVERIFY2(isClean(parse), noticesOf(parse).c_str());
        const CpuRow& cpu = parse.snapshot.cpus.at(0);
        QCOMPARE(cpu.index, 3U);
        QCOMPARE(cpu.nohzMode, std::optional{NohzMode::LowRes});
        QCOMPARE(cpu.tickDevice, std::optional<std::string>{""});
        const HrtimerRow& timer = cpu.hrtimerBases.at(0).timers.at(0);
        QCOMPARE(cpu.hrtimerBases.at(0).offset.count(), std::int64_t{-37000000000});
        QCOMPARE(timer.id, std::uint64_t{0});
        QCOMPARE(timer.function, std::string{"0xffffffff81234560"});
        QCOMPARE(nsOf(timer.softExpires), std::int64_t{-36999999000});
        QCOMPARE(nsOf(timer.hardExpires), std::int64_t{-36999998000});
        QVERIFY(!parse.snapshot.machine.bits);
    }

    void theVersionLineDecidesNothing()
    {
        std::string text = fixture("host_6.18_2cpu.timer_list");
        const Snapshot before = parseTimerList(text).snapshot;
        text.replace(text.find("v0.10"), 5, "v9.99");
        QVERIFY(parseTimerList(text).snapshot == before);
        text.erase(0, text.find('\n') + 1);
        QVERIFY(parseTimerList(text).snapshot == before);
    }

    void carriageReturnsChangeNothing()
    {
        const std::string text = fixture("bt_plain2");
        std::string windows;
        for (const char c : text) {
            windows += c == '\n' ? "\r\n" : std::string(1, c);
        }
        QVERIFY(parseTimerList(windows).snapshot == parseTimerList(text).snapshot);
    }

    void unknownLinesAreKeptAndNamed()
    {
        std::string text = fixture("bt_plain1");
        text.insert(text.find("jiffies:"), "  .brand_new      : 12\n");
        text.insert(text.find(" retries:"), " colour:         \x1b[31mred\n");
        const TimerListParse parse = parseTimerList(text);
        QCOMPARE(parse.damagedNumbers, std::size_t{0});
        QCOMPARE(parse.snapshot.unknownLines.size(), std::size_t{2});
        QCOMPARE(parse.snapshot.unknownLines.at(0), std::string{"  .brand_new      : 12"});
        QCOMPARE(parse.snapshot.notices.size(), std::size_t{1});
        QCOMPARE(parse.snapshot.notices.at(0).severity, Severity::Warning);
        QVERIFY(contains(noticesOf(parse), "2 lines of /proc/timer_list are not understood"));
        QVERIFY(contains(noticesOf(parse), ".brand_new"));
        QVERIFY(!contains(noticesOf(parse), "\x1b"));
    }

    void aDamagedNumberIsCountedAndItsFieldStaysEmpty()
    {
        std::string text = fixture("bt_plain1");
        const auto at = text.find(".nr_events");
        text.replace(text.find(':', at) + 2, 1, "x");
        const TimerListParse parse = parseTimerList(text);
        QCOMPARE(parse.damagedNumbers, std::size_t{1});
        QVERIFY(!parse.snapshot.cpus.at(0).hrtimerEvents);
        QVERIFY(parse.snapshot.cpus.at(0).hrtimerRetries);
        QCOMPARE(parse.snapshot.notices.size(), std::size_t{1});
        QCOMPARE(parse.snapshot.notices.at(0).severity, Severity::DataLoss);
        QVERIFY(contains(noticesOf(parse), "1 field of /proc/timer_list cannot be read"));
        QVERIFY(contains(noticesOf(parse), ".nr_events"));
    }

    /// Whichever digit is hit, somebody is told. Only the version and names may change unseen.
    void noDamagedDigitGoesUnnoticed()
    {
        for (const char* const name : {"bt_nolapic_timer2", "host_6.18_2cpu.timer_list"}) {
            const std::string text = fixture(name);
            for (std::size_t i = text.find('\n'); i < text.size(); ++i) {
                const auto lineBegin = text.rfind('\n', i) + 1;
                const std::string line = text.substr(lineBegin, text.find('\n', i) - lineBegin);
                if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
                    continue;
                }
                std::string damaged = text;
                damaged[i] = '~';
                QVERIFY2(!isClean(parseTimerList(damaged)), line.c_str());
            }
        }
    }

    void noCutGoesUnnoticed()
    {
        const std::string text = fixture("bt_nolapic_timer2");
        // After its handler, only lines that older kernels never printed can be missing.
        const std::size_t whole = text.rfind(" retries:");
        for (std::size_t length = 1; length < whole; ++length) {
            const TimerListParse parse = parseTimerList(std::string_view{text}.substr(0, length));
            QVERIFY2(!parse.snapshot.notices.empty(), text.substr(0, length).c_str());
        }
    }

    void halfALineIsKeptButNotBelieved()
    {
        std::string text = fixture("bt_plain1");
        text.resize(text.find("jiffies:") + 12); // "jiffies: 429"
        const TimerListParse parse = parseTimerList(text);
        QVERIFY(!parse.snapshot.jiffies);
        QCOMPARE(parse.snapshot.unknownLines, (std::vector<std::string>{"jiffies: 429"}));
        QCOMPARE(parse.snapshot.notices.size(), std::size_t{1});
        QVERIFY(contains(noticesOf(parse), "it ends in the middle of a line"));
    }

    void aTimerWithoutExpiryIsLeftOutAndCounted()
    {
        std::string text = fixture("bt_plain1");
        const auto at = text.find(" # expires at");
        text.erase(at, text.find('\n', at) + 1 - at);
        const TimerListParse parse = parseTimerList(text);
        QCOMPARE(timerCount(parse.snapshot), std::size_t{1});
        QCOMPARE(parse.damagedNumbers, std::size_t{1});
    }

    void linesOfADamagedCpuNumberBelongToNobody()
    {
        std::string text = fixture("bt_plain2");
        text.replace(text.find("cpu: 1"), 6, "cpu: -");
        const TimerListParse parse = parseTimerList(text);
        QVERIFY(parse.snapshot.cpus.at(0).hrtimerBases.size() == 8);
        QCOMPARE(timerCount(parse.snapshot), std::size_t{2});
        QVERIFY(parse.snapshot.unknownLines.size() > 50);
        QCOMPARE(parse.damagedNumbers, std::size_t{1});
    }

    void partsInTheWrongOrderDoNotMix()
    {
        const TimerListParse parse
            = parseTimerList("cpu: 0\n clock 0:\nPer CPU device: 1\nactive timers:\n"
                             " #0: <01>, f, S:01\n  .offset: 1 nsecs\n"
                             "Broadcast device\n clock 1:\n mult: 3\n");
        QCOMPARE(parse.snapshot.cpus.size(), std::size_t{2});
        QCOMPARE(parse.snapshot.cpus.at(0).hrtimerBases.size(), std::size_t{1});
        QVERIFY(parse.snapshot.cpus.at(1).hrtimerBases.empty());
        QCOMPARE(parse.snapshot.unknownLines.size(), std::size_t{5});
    }

    void cpuNumbersAreBounded()
    {
        const TimerListParse parse
            = parseTimerList("now at 1 nsecs\ncpu: 65536\nPer CPU device: 4294967295\n"
                             "tick_broadcast_mask: ,,\ntick_broadcast_mask: 1ffffffff\n");
        QCOMPARE(parse.damagedNumbers, std::size_t{4});
        QVERIFY(parse.snapshot.cpus.empty());
    }

    void aTextOfSomethingElseIsSaidToBeOne()
    {
        const TimerListParse parse = parseTimerList("root:x:0:0::/root:/bin/sh\nhello\n");
        QCOMPARE(parse.understoodLines, std::size_t{0});
        QCOMPARE(parse.snapshot.unknownLines.size(), std::size_t{2});
        QCOMPARE(parse.snapshot.notices.size(), std::size_t{1});
        QCOMPARE(parse.snapshot.notices.at(0).severity, Severity::DataLoss);
        QCOMPARE(parseTimerList("").snapshot.notices.size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TimerListTest)
#include "timer_list_test.moc"
