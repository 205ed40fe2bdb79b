// SPDX-License-Identifier: GPL-3.0-or-later
//! A machine that sleeps: which clocks stand, which go on, and who tells how long it took.
#include "tests/support/machine_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::int64_t y2023 = 1'688'526'119; // 2023-07-05T03:01:59

RtcDescription rtc(bool persistent = false)
{
    return {.driver = "rtc-rv8803 11-0032",
            .device = "rtc0",
            .atPowerOn = RealtimeInstant{seconds{y2023}},
            .persistent = persistent};
}

/// A 24 MHz counter that stands in suspend, and perhaps a slow one that does not.
class Bench : public MachineBench
{
public:
    explicit Bench(bool nonstop, std::vector<RtcDescription> rtcs = {}, unsigned bits = 64)
        : MachineBench(config(std::move(rtcs), bits), described(nonstop))
    {
        booted = boot(nonstop ? 2 : 1);
        run(milliseconds{100});
    }
    [[nodiscard]] bool sleep(Ns span) const { return suspend(span) == Errno::Ok; }
    [[nodiscard]] Errno suspend(Ns span) const { return machine->suspend(span).value(); }
    /// A process whose timer rings on @p clock in @p span.
    [[nodiscard]] bool setAlarm(ClockId clock, Ns span) const
    {
        TaskDescription sleeper;
        sleeper.name = "sleeper";
        sleeper.routine = TaskRoutine::Nanosleep;
        sleeper.period = std::chrono::hours{1};
        if (machine->tasks().find("sleeper") == nullptr && !machine->tasks().start(sleeper)) {
            return false;
        }
        machine->settle();
        const auto armed = machine->tasks().armTimer(
            *machine->tasks().find("sleeper"),
            {.clock = clock, .setting = {.value = span, .interval = {}}});
        return armed.has_value();
    }
    [[nodiscard]] std::uint64_t handledSignals() const
    {
        return machine->tasks().find("sleeper")->tally().handledSignals;
    }
    [[nodiscard]] SleepRow slept() const { return *machine->snapshot().lastSleep; }
    [[nodiscard]] Ns boottimeOffset() const
    {
        return machine->snapshot().timekeeper->boottimeOffset;
    }
    [[nodiscard]] MonotonicInstant monotonic() const { return machine->snapshot().monotonic; }
    [[nodiscard]] RealtimeInstant realtime() const
    {
        return machine->snapshot().timekeeper->realtime;
    }

    bool booted = false;

private:
    static MachineConfig config(std::vector<RtcDescription> rtcs, unsigned bits)
    {
        MachineConfig made = machineConfig();
        made.rtcs = std::move(rtcs);
        made.bits = bits;
        return made;
    }
    static std::vector<DeviceDescription> described(bool nonstop)
    {
        std::vector<DeviceDescription> all{
            deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("timer", 300)})};
        if (nonstop) {
            CounterDescription slow = counterDevice("slow", 1'000'000, 100);
            slow.flags |= clocksource_flag::suspendNonstop;
            slow.schedClock = false;
            all.push_back(deviceOf({slow}, {}));
        }
        return all;
    }
};

} // namespace

class MachineSleepTest : public QObject
{
    Q_OBJECT
private slots:
    void monotonicStandsAndBoottimeGoesOn();
    void nobodyTellsTheLengthWithoutAClockForIt();
    void aWrapIsLost();
    void thePersistentClockTellsIt();
    void anRtcTellsItInWholeSeconds();
    void theRtcSetsTheTimeToTheMiddleOfItsSecond();
    void anRtcBeyond2038DoesNotSetThe32BitTime();
    void theTickGoesOnAfterwards();
    void hrtimersKeepTheirDistanceOnMonotonic();
    void schedClockStands();
    void alarmTimerWakesTheMachine();
    void nearAlarmKeepsTheMachineAwake();
    void alarmTimersNeedAnRtcThatWakes();
};

void MachineSleepTest::monotonicStandsAndBoottimeGoesOn()
{
    Bench bench(true);
    QVERIFY(bench.booted);
    const MonotonicInstant before = bench.monotonic();
    QVERIFY(bench.sleep(seconds{10}));
    QVERIFY(bench.monotonic() - before < milliseconds{1});
    QCOMPARE(bench.slept().measuredBy, std::string{"slow"});
    QCOMPARE(bench.slept().trueLength, Ns{seconds{10}});
    // To the microsecond of the counter that measured it.
    QVERIFY(std::chrono::abs(bench.slept().measured - seconds{10}) <= std::chrono::microseconds{1});
    QCOMPARE(bench.boottimeOffset(), bench.slept().measured);
}

void MachineSleepTest::nobodyTellsTheLengthWithoutAClockForIt()
{
    Bench bench(false);
    QVERIFY(bench.sleep(seconds{10}));
    QCOMPARE(bench.slept().measuredBy, std::string{});
    QCOMPARE(bench.slept().measured, Ns::zero());
    QCOMPARE(bench.boottimeOffset(), Ns::zero());
}

void MachineSleepTest::aWrapIsLost()
{
    Bench bench(true);
    constexpr Ns wrap{4'294'967'296'000}; // 2^32 us
    QVERIFY(bench.sleep(wrap + seconds{5}));
    QVERIFY(std::chrono::abs(bench.slept().measured - seconds{5}) <= std::chrono::microseconds{1});
    // Just short of a wrap the counter looks as if it had gone backwards: nothing is measured.
    Bench unlucky(true);
    QVERIFY(unlucky.sleep(wrap - milliseconds{50}));
    QCOMPARE(unlucky.slept().measured, Ns::zero());
}

void MachineSleepTest::thePersistentClockTellsIt()
{
    Bench bench(false, {rtc(true)});
    // It is read as the kernel starts, too.
    QVERIFY(bench.realtime() >= RealtimeInstant{seconds{y2023}});
    QVERIFY(bench.sleep(seconds{10}));
    QCOMPARE(bench.slept().measuredBy, std::string{"the persistent clock"});
    QVERIFY(std::chrono::abs(bench.slept().measured - seconds{10}) < milliseconds{20});
}

void MachineSleepTest::anRtcTellsItInWholeSeconds()
{
    Bench bench(false, {rtc()});
    QVERIFY(bench.machine->probeRtc("rtc0"));
    QVERIFY(!bench.machine->probeRtc("rtc1"));
    QVERIFY(bench.sleep(milliseconds{10'300}));
    QCOMPARE(bench.slept().measuredBy, std::string{"the RTC"});
    QVERIFY(std::chrono::abs(bench.slept().measured - seconds{10}) <= seconds{1});
    // Its rounding does not add up.
    for (int i = 0; i < 20; ++i) {
        bench.run(milliseconds{130});
        QVERIFY(bench.sleep(milliseconds{1'700}));
    }
    const Ns truth = Ns{seconds{y2023}} + bench.machine->now().time_since_epoch();
    QVERIFY(std::chrono::abs(bench.realtime().time_since_epoch() - truth) < seconds{2});
}

void MachineSleepTest::theRtcSetsTheTimeToTheMiddleOfItsSecond()
{
    Bench bench(false, {rtc()});
    bench.run(seconds{1} - bench.machine->now().time_since_epoch() + milliseconds{722});
    QVERIFY(bench.machine->probeRtc("rtc0"));
    QVERIFY(bench.dmesg().endsWith("rtc-rv8803 11-0032: registered as rtc0\n"
                                   "rtc-rv8803 11-0032: setting system clock to "
                                   "2023-07-05T03:02:00 UTC (1688526120)\n"));
    const Ns set = bench.realtime().time_since_epoch() - seconds{y2023 + 1};
    QVERIFY(set >= milliseconds{500} && set < milliseconds{501});
}

void MachineSleepTest::anRtcBeyond2038DoesNotSetThe32BitTime()
{
    for (const auto& [bits, isSet] : {std::pair{32U, false}, std::pair{64U, true}}) {
        RtcDescription late = rtc();
        late.atPowerOn = RealtimeInstant{seconds{std::int64_t{INT32_MAX} + 1}};
        Bench bench(false, {late}, bits);
        QVERIFY(bench.machine->probeRtc("rtc0"));
        QCOMPARE(bench.dmesg().contains("setting system clock"), isSet);
    }
}

void MachineSleepTest::theTickGoesOnAfterwards()
{
    for (const bool highRes : {true, false}) {
        MachineConfig config = machineConfig(highRes ? "" : "highres=off nohz=off");
        MachineBench bench(
            config,
            {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("timer", 300)})});
        QVERIFY(bench.boot());
        bench.run(milliseconds{100});
        const std::uint64_t before = bench.jiffies();
        QVERIFY(bench.machine->suspend(seconds{100}).has_value());
        bench.run(seconds{1});
        const std::uint64_t passed = bench.jiffies() - before;
        QVERIFY2(passed >= 99 && passed <= 102, qPrintable(QString::number(passed)));
        QVERIFY(!bench.machine->fault());
    }
}

void MachineSleepTest::hrtimersKeepTheirDistanceOnMonotonic()
{
    Bench bench(true);
    bench.machine->startSleeping(
        {.task = "task", .function = "hrtimer_wakeup", .period = milliseconds{500}, .count = 1});
    bench.run(milliseconds{100});
    QVERIFY(bench.sleep(seconds{60}));
    const TraceInstant woke = bench.machine->now();
    bench.run(seconds{1});
    for (const TraceRecord& record : bench.all(RecordKind::HrtimerExpireEntry)) {
        if (record.at > woke
            && record.subject == bench.all(RecordKind::HrtimerInit).back().subject) {
            const Ns after = record.at - woke;
            QVERIFY(after > milliseconds{395} && after < milliseconds{410});
            return;
        }
    }
    QFAIL("the task was never woken");
}

void MachineSleepTest::schedClockStands()
{
    Bench bench(true);
    const auto stamp = [&] { return bench.all(RecordKind::Printk).back().a; };
    QCOMPARE(bench.machine->writeSysfs("clocksource/clocksource0/current_clocksource", "slow"),
             Errno::Ok);
    const std::int64_t before = stamp();
    QVERIFY(bench.sleep(seconds{60}));
    QCOMPARE(bench.machine->writeSysfs("clocksource/clocksource0/current_clocksource", "counter"),
             Errno::Ok);
    QVERIFY(stamp() - before < 1'000'000);
}

namespace {

RtcDescription alarmClock()
{
    RtcDescription made = rtc();
    made.wakes = true;
    return made;
}

} // namespace

void MachineSleepTest::alarmTimerWakesTheMachine()
{
    for (const ClockId clock : {ClockId::RealtimeAlarm, ClockId::BoottimeAlarm}) {
        Bench bench(false, {alarmClock()});
        QVERIFY(bench.machine->probeRtc("rtc0"));
        QVERIFY(bench.setAlarm(clock, seconds{10}));
        QVERIFY(bench.sleep(seconds{100}));
        // The RTC counts whole seconds: it rings in the one in which the timer expires, or the
        // next.
        QVERIFY(bench.slept().trueLength > seconds{9} && bench.slept().trueLength <= seconds{11});
        bench.run(seconds{2});
        QCOMPARE(bench.handledSignals(), std::uint64_t{1});
        // Without it the machine sleeps for as long as it was to.
        QVERIFY(bench.sleep(seconds{100}));
        QCOMPARE(bench.slept().trueLength, Ns{seconds{100}});
    }
}

void MachineSleepTest::nearAlarmKeepsTheMachineAwake()
{
    Bench bench(false, {alarmClock()});
    QVERIFY(bench.machine->probeRtc("rtc0"));
    QVERIFY(bench.setAlarm(ClockId::BoottimeAlarm, milliseconds{1900}));
    QCOMPARE(bench.suspend(seconds{100}), Errno::Busy);
    QVERIFY(!bench.machine->snapshot().lastSleep.has_value());
    bench.run(seconds{3});
    QCOMPARE(bench.handledSignals(), std::uint64_t{1});
    QCOMPARE(bench.suspend(seconds{100}), Errno::Ok);
}

void MachineSleepTest::alarmTimersNeedAnRtcThatWakes()
{
    Bench bench(false, {rtc()});
    QVERIFY(bench.machine->probeRtc("rtc0"));
    QVERIFY(!bench.setAlarm(ClockId::BoottimeAlarm, seconds{10}));
    Bench unprobed(false, {alarmClock()});
    QVERIFY(!unprobed.setAlarm(ClockId::BoottimeAlarm, seconds{10}));
}

QTEST_APPLESS_MAIN(MachineSleepTest)
#include "machine_sleep_test.moc"
