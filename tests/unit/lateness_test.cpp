// SPDX-License-Identifier: GPL-3.0-or-later
//! Each part of a timer's lateness, on logs that are made by hand with a delay of known length, and
//! on machines that are made late on purpose.
#include "engine/why/lateness.h"
#include "engine/why/why_timer.h"
#include "tests/support/catalogue.h"
#include "tests/support/simulation.h"

#include <QTest>

#include <array>
#include <limits>
#include <random>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using Kind = RecordKind;
using Cause = LatenessCause;

namespace {

constexpr std::uint32_t hrtimer = 7;
constexpr std::uint32_t wheelTimer = 9;
constexpr std::int64_t timerSoftirq = 1;
constexpr std::int64_t hrtimerSoftirq = 8;

/// Records one after the other. Times are in microseconds; the trace's axis is CLOCK_MONOTONIC.
/// One tick of the lapic is 8 ns; a jiffy is 4 ms.
struct HandMade
{
    HandMade()
    {
        snapshot.machine.tickRate = TickRate{250};
        for (unsigned cpu = 0; cpu < 2; ++cpu) {
            ClockEventRow& row = snapshot.clockEvents.emplace_back();
            row.name = "lapic";
            row.role = DeviceRole::Tick;
            row.cpu = cpu;
            row.mult = 1U << 17U;
            row.shift = 20;
        }
        ClockEventRow& hpet = snapshot.clockEvents.emplace_back(snapshot.clockEvents.front());
        hpet.name = "hpet";
        hpet.role = DeviceRole::Broadcast;
    }
    HandMade& add(Kind kind, double us, std::uint32_t subject, std::int64_t a = 0,
                  std::int64_t b = 0, std::uint8_t flags = 0, std::uint16_t cpu = 0)
    {
        log.append({.at = TraceInstant{Ns{static_cast<std::int64_t>(us * 1000)}},
                    .a = a,
                    .b = b,
                    .subject = subject,
                    .cpu = cpu,
                    .kind = kind,
                    .flags = flags});
        snapshot.records = log.size();
        return *this;
    }
    std::uint32_t text(std::string_view words) { return log.intern(words); }
    /// An hrtimer that asks for @p soft and allows @p slack, in microseconds.
    HandMade& start(double at, std::int64_t soft, std::int64_t slack = 0)
    {
        add(Kind::HrtimerInit, at, hrtimer, text("hrtimer_wakeup"));
        return add(Kind::HrtimerStart, at, hrtimer, (soft + slack) * 1000, soft * 1000);
    }
    /// The device is set at @p at for @p expires.
    HandMade& program(double at, std::int64_t expires, std::int64_t ticks, std::uint8_t flags = 0,
                      std::uint16_t cpu = 0, std::string_view device = "lapic")
    {
        return add(Kind::ClockEventProgram, at, text(device), expires * 1000, ticks, flags, cpu);
    }
    HandMade& interrupt(double at, std::uint16_t cpu = 0, std::string_view device = "lapic")
    {
        return add(Kind::IrqHandlerEntry, at, text(device), 0, 0, 0, cpu);
    }
    /// The hrtimer's function begins at @p at; the clock was read as @p now, in microseconds.
    HandMade& expire(double at, double now, std::int64_t soft, std::uint32_t timer = hrtimer,
                     std::uint16_t cpu = 0)
    {
        add(Kind::HrtimerExpireEntry, at, timer, static_cast<std::int64_t>(now * 1000), soft * 1000,
            0, cpu);
        return add(Kind::HrtimerExpireExit, at, timer, 0, 0, 0, cpu);
    }
    [[nodiscard]] TimerExpiry only(std::uint32_t timer = hrtimer) const
    {
        const std::uint32_t wanted[] = {timer};
        const auto found = timerExpiries(snapshot, log, wanted);
        return found.size() == 1 ? found.front() : TimerExpiry{};
    }

    TraceLog log;
    Snapshot snapshot;
};

/// "slack 50000, interrupt latency 6000"
QByteArray partsOf(const TimerExpiry& expiry)
{
    QByteArray text;
    Ns sum{};
    for (const LatenessPart& part : expiry.parts) {
        const std::string_view name = nameOf(part.cause);
        text += (text.isEmpty() ? "" : ", ")
            + QByteArray(name.data(), static_cast<qsizetype>(name.size())) + ' '
            + QByteArray::number(static_cast<qlonglong>(part.span.count()));
        sum += part.span;
    }
    return sum == expiry.late ? text : "the sum is wrong: " + text;
}

/// Of the sleeps in @p scenario; none, and a word about it, when that is wrong or breaks down.
std::vector<TimerExpiry> expiriesIn(const Result<Scenario>& scenario)
{
    if (!scenario) {
        qWarning("%s", scenario.error().what.c_str());
        return {};
    }
    const auto source = simulate(*scenario).value();
    if (const auto run = source->advance(*source->info().end); !run) {
        qWarning("%s", run.error().what.c_str());
        return {};
    }
    const auto known = knownTimers(source->log(), source->log().size());
    const auto timers = timersCalled(known, "hrtimer_wakeup");
    return timers.empty() ? std::vector<TimerExpiry>{}
                          : timerExpiries(*source->snapshot(), source->log(), timers);
}

/// A machine that sleeps for 5 ms again and again with 50 µs of slack, and what is done to it.
std::vector<TimerExpiry> expiriesOf(const std::string& machine, const std::string& steps,
                                    const std::string& sleep = "slack = '50us'")
{
    const std::string text = "title = 't'\nend = '400ms'\ndevices = ['fttmr010', 'jiffies']\n"
                             "[machine]\nbits = 32\n"
        + machine
        + "[[step]]\nat = '0'\nboot = 'time_init'\ndevices = ['fttmr010']\n"
          "[[step]]\nat = '20ms'\nboot = 'init_jiffies_clocksource'\n"
          "[[step]]\nat = '30ms'\nboot = 'clocksource_done_booting'\n"
          "[[step]]\nat = '100ms'\nworkload = { kind = 'sleep', task = 'a', period = '5ms', "
        + sleep + " }\n" + steps;
    return expiriesIn(parseScenario(text, "test.toml", catalogueDevice));
}

/// Of a PC whose local timers stand in deep idle, so that the HPET must wake its CPUs.
std::vector<TimerExpiry> expiriesOnStandingTimers()
{
    const auto find = [](std::string_view name) {
        auto device = catalogueDevice(name);
        if (device && name == "lapic") {
            device->events.front().features |= clock_event_feature::c3stop;
        }
        return device;
    };
    return expiriesIn(parseScenario(
        "title = 't'\nend = '900ms'\ndevices = ['tsc', 'hpet', 'lapic', 'jiffies']\n"
        "[machine]\ncpus = 2\nhz = 250\n[machine.config]\nSMP = true\n"
        "GENERIC_CLOCKEVENTS_BROADCAST = true\n"
        "[[machine.idle]]\nname = 'C1'\n[[machine.idle]]\nname = 'C3'\nresidency = '500us'\n"
        "exit_latency = '70us'\nstops_timer = true\n"
        "[[step]]\nat = '0'\nboot = 'time_init'\ndevices = ['hpet', 'tsc', 'lapic']\n"
        "[[step]]\nat = '100ms'\nboot = 'init_jiffies_clocksource'\n"
        "[[step]]\nat = '200ms'\nboot = 'clocksource_done_booting'\n"
        "[[step]]\nat = '500ms'\nworkload = { kind = 'sleep', task = 'a', period = '7ms', "
        "cpu = 1 }\n",
        "test.toml", find));
}

Ns mostOf(const std::vector<TimerExpiry>& expiries, Cause cause)
{
    Ns most{};
    for (const TimerExpiry& expiry : expiries) {
        most = std::max(most, expiry.spanOf(cause));
    }
    return most;
}

} // namespace

class LatenessTest : public QObject
{
    Q_OBJECT
private slots:
    void slackRoundingAndLatencyAreToldApart();
    void deviceThatCannotFireSoonerIsBlamed();
    void timerStartedTooLateIsToldFromAClockThatRanAhead();
    void idleExitIsToldFromALateInterrupt();
    void earlierFunctionsOfTheSameInterruptCount();
    void softTimerWaitsForItsSoftirq();
    void lowResolutionWaitsForTheTick();
    void broadcastIsRelayedByAnotherCpu();
    void pauseAfterAHangIsNamed();
    void suspendedMachineIsNamed();
    void wheelTimerIsRoundedUpAndWaitsForItsSoftirq();
    void deferrableTimerWakesNobody();
    void missedTicksAreJiffiesLate();
    void whatNoRecordTellsIsUnexplained();
    void wheelTimerWithoutJiffiesInTheLogIsMeasuredInJiffies();
    void damagedLogStillAddsUp();
    void lateInterruptIsFoundToTheNanosecond();
    void interruptsOffAreFound();
    void idleStateIsFoundToTheNanosecond();
    void relayOfABroadcastIsFound();
    void idsAndFunctionsAreUnderstood();
    void pendingTimerSaysWhatItWaitsFor();
    void explanationHasTheSumAndTheAdvice();
};

void LatenessTest::slackRoundingAndLatencyAreToldApart()
{
    HandMade made;
    made.start(1000, 2000, 50);
    made.program(1000, 2050, 131'251); // 1050.008 us: the device rounds up by one tick
    made.interrupt(2056).expire(2056.5, 2056.5, 2000);
    QCOMPARE(partsOf(made.only()),
             QByteArray("slack 50000, device rounding 8, interrupt latency 5992, "
                        "handler entry 500"));
    QCOMPARE(made.only().late, Ns{56'500});
}

void LatenessTest::deviceThatCannotFireSoonerIsBlamed()
{
    HandMade clamped;
    clamped.start(1990, 2000).program(1990, 2000, 12'500, program_flag::clamped); // 100 us at least
    clamped.interrupt(2092).expire(2092, 2092, 2000);
    QCOMPARE(partsOf(clamped.only()), QByteArray("minimum delta 90000, interrupt latency 2000"));
    HandMade forced;
    forced.start(1990, 2000).program(2030, 2130, 12'500, program_flag::forced);
    forced.interrupt(2130).expire(2130, 2130, 2000);
    QCOMPARE(partsOf(forced.only()), QByteArray("device set late 30000, minimum delta 100000"));
}

void LatenessTest::timerStartedTooLateIsToldFromAClockThatRanAhead()
{
    HandMade late;
    late.interrupt(1000).expire(1000, 1000, 1000, 1); // shows what the clock is
    late.add(Kind::IrqHandlerExit, 1000, late.text("lapic"));
    late.start(2300, 2000).program(2300, 2400, 12'500, program_flag::forced);
    late.interrupt(2400).expire(2400, 2400, 2000);
    QCOMPARE(partsOf(late.only()), QByteArray("started late 300000, minimum delta 100000"));

    HandMade ahead; // started in time for 1 ms later; the clock jumps by 5 ms meanwhile
    ahead.interrupt(1000).expire(1000, 1000, 1000, 1);
    ahead.add(Kind::IrqHandlerExit, 1000, ahead.text("lapic"));
    ahead.start(1000, 2000).program(1000, 2000, 125'000);
    ahead.interrupt(2000).expire(2000, 7000, 2000);
    QCOMPARE(partsOf(ahead.only()), QByteArray("clock ahead 5000000"));
}

void LatenessTest::idleExitIsToldFromALateInterrupt()
{
    HandMade made;
    made.start(1000, 2000).program(1000, 2000, 125'000);
    made.add(Kind::CpuIdle, 1001, made.text("C3"), idle_state::halt);
    made.add(Kind::CpuIdle, 2120, made.text("C3"), idle_state::exit, 100'000);
    made.interrupt(2123).expire(2123, 2123, 2000);
    QCOMPARE(partsOf(made.only()),
             QByteArray("interrupt latency 20000, idle exit 100000, interrupt latency 3000"));
}

void LatenessTest::earlierFunctionsOfTheSameInterruptCount()
{
    HandMade made;
    made.start(1000, 2000).program(1000, 2000, 125'000);
    made.interrupt(2001).expire(2002, 2002, 1990, 1);
    made.expire(2032, 2002, 2000); // the same reading of the clock
    QCOMPARE(partsOf(made.only()),
             QByteArray("interrupt latency 1000, handler entry 1000, earlier handlers 30000"));
}

void LatenessTest::softTimerWaitsForItsSoftirq()
{
    HandMade made;
    made.start(1000, 2000).program(1000, 2000, 125'000);
    made.interrupt(2001).add(Kind::SoftirqRaise, 2003, hrtimerSoftirq);
    made.add(Kind::IrqHandlerExit, 2010, made.text("lapic"));
    made.add(Kind::SoftirqEntry, 2053, hrtimerSoftirq).expire(2054, 2054, 2000);
    QCOMPARE(partsOf(made.only()),
             QByteArray("interrupt latency 1000, handler entry 2000, late softirq 50000, "
                        "handler entry 1000"));
}

void LatenessTest::lowResolutionWaitsForTheTick()
{
    HandMade periodic;
    periodic.add(Kind::ClockEventHandler, 0, periodic.text("lapic"),
                 periodic.text("tick_handle_periodic"));
    periodic.add(Kind::ClockEventState, 0, periodic.text("lapic"),
                 static_cast<std::int64_t>(ClockEventState::Periodic));
    periodic.start(1000, 2000).interrupt(4001).expire(4002, 4002, 2000);
    QCOMPARE(partsOf(periodic.only()), QByteArray("wait for the tick 2001000, handler entry 1000"));

    HandMade oneshot;
    oneshot.add(Kind::ClockEventHandler, 0, oneshot.text("lapic"),
                oneshot.text("tick_nohz_handler"));
    oneshot.start(1000, 2000).program(0, 4000, 500'000);
    oneshot.interrupt(4030).expire(4031, 4031, 2000);
    QCOMPARE(partsOf(oneshot.only()),
             QByteArray("wait for the tick 2000000, interrupt latency 30000, handler entry 1000"));
}

void LatenessTest::broadcastIsRelayedByAnotherCpu()
{
    HandMade made;
    made.add(Kind::BroadcastDevice, 0, made.text("hpet"));
    made.start(1000, 2000).program(1000, 2000, 125'000, 0, 0, "hpet");
    made.add(Kind::CpuIdle, 1001, made.text("C3"), idle_state::halt);
    made.interrupt(2005, 1, "hpet");
    made.add(Kind::BroadcastSend, 2006, made.text("hpet"), 1, 0, 0, 1);
    made.add(Kind::CpuIdle, 2056, made.text("C3"), idle_state::exit, 50'000);
    made.interrupt(2057, 0, "timer broadcast").expire(2058, 2058, 2000);
    QCOMPARE(partsOf(made.only()),
             QByteArray("broadcast relay 6000, idle exit 50000, interrupt latency 1000, "
                        "handler entry 1000"));
}

void LatenessTest::pauseAfterAHangIsNamed()
{
    HandMade made;
    made.start(1000, 2000).program(1000, 1900, 112'500).interrupt(1900);
    for (int round = 0; round < 3; ++round) {
        made.expire(1900 + 100 * round, 1900 + 100 * round, 1900, 1);
        made.program(1990 + 100 * round, 1980, 0, program_flag::refused);
    }
    made.program(2190, 2480, 36'250); // 290 us of air
    made.add(Kind::IrqHandlerExit, 2190, made.text("lapic"));
    made.interrupt(2480).expire(2480, 2480, 2000);
    QCOMPARE(partsOf(made.only()), QByteArray("pause after a hang 480000"));
}

void LatenessTest::suspendedMachineIsNamed()
{
    HandMade made;
    made.start(1000, 2000).add(Kind::Resume, 9000, made.text("tsc"));
    made.program(9001, 9101, 12'500, program_flag::forced);
    made.interrupt(9101).expire(9101, 9101, 2000);
    QCOMPARE(partsOf(made.only()),
             QByteArray("the machine slept 7000000, device set late 1000, minimum delta 100000"));
}

void LatenessTest::wheelTimerIsRoundedUpAndWaitsForItsSoftirq()
{
    HandMade made;
    made.add(Kind::TimerInit, 0, wheelTimer, made.text("process_timeout"));
    made.add(Kind::TimerStart, 1000, wheelTimer, 1001, 1003);
    made.add(Kind::ClockEventHandler, 0, made.text("lapic"), made.text("tick_nohz_handler"));
    for (std::int64_t jiffy = 1; jiffy <= 3; ++jiffy) {
        made.program(static_cast<double>(4000 * jiffy - 4000), 4000 * jiffy, 500'000);
        made.interrupt(static_cast<double>(4000 * jiffy) + 5);
        made.add(Kind::JiffiesUpdate, static_cast<double>(4000 * jiffy) + 6, 0, 1000 + jiffy, 1);
    }
    made.add(Kind::SoftirqRaise, 12'007, timerSoftirq);
    made.add(Kind::SoftirqEntry, 12'037, timerSoftirq);
    made.add(Kind::TimerExpireEntry, 12'037, wheelTimer, 1003, 1003);
    QCOMPARE(partsOf(made.only(wheelTimer)),
             QByteArray("wheel rounding 8000000, interrupt latency 5000, handler entry 2000, "
                        "late softirq 30000"));
    QCOMPARE(made.only(wheelTimer).late, Ns{8'037'000});
}

void LatenessTest::deferrableTimerWakesNobody()
{
    HandMade made;
    made.add(Kind::TimerStart, 1000, wheelTimer, 1001, 1001, timer_flag::deferrable);
    made.add(Kind::JiffiesUpdate, 4000, 0, 1001, 1, 0, 1); // another CPU counts
    made.add(Kind::JiffiesUpdate, 20'000, 0, 1005, 4, 0, 1);
    made.interrupt(20'001).add(Kind::SoftirqRaise, 20'002, timerSoftirq);
    made.add(Kind::SoftirqEntry, 20'002, timerSoftirq);
    made.add(Kind::TimerExpireEntry, 20'002, wheelTimer, 1005, 1001);
    QCOMPARE(partsOf(made.only(wheelTimer)), QByteArray("deferred 16001000, handler entry 1000"));
}

void LatenessTest::missedTicksAreJiffiesLate()
{
    HandMade made;
    made.add(Kind::TimerStart, 1000, wheelTimer, 1001, 1001);
    made.add(Kind::JiffiesUpdate, 20'000, 0, 1005, 5);
    made.interrupt(20'000).add(Kind::SoftirqRaise, 20'000, timerSoftirq);
    made.add(Kind::SoftirqEntry, 20'000, timerSoftirq);
    made.add(Kind::TimerExpireEntry, 20'000, wheelTimer, 1005, 1001);
    const TimerExpiry expiry = made.only(wheelTimer);
    QCOMPARE(partsOf(expiry), QByteArray("jiffies late 16000000"));
    QVERIFY(expiry.parts.front().evidence.starts_with("5 ticks were counted at once"));
}

void LatenessTest::whatNoRecordTellsIsUnexplained()
{
    HandMade bare; // only what the kernel's own tracepoints of timers say
    bare.start(1000, 2000, 50).expire(2090, 2090, 2000);
    QCOMPARE(partsOf(bare.only()), QByteArray("unexplained 90000"));
    HandMade interrupt; // and its interrupts, but nothing of devices
    interrupt.start(1000, 2000, 50).interrupt(2080).expire(2090, 2090, 2000);
    QCOMPARE(partsOf(interrupt.only()),
             QByteArray("slack 50000, unexplained 30000, handler entry 10000"));
    HandMade other; // the device was set for something that is later than the timer
    other.start(1000, 2000).program(1000, 2500, 187'500).interrupt(2500).expire(2500, 2500, 2000);
    QCOMPARE(partsOf(other.only()), QByteArray("unexplained 500000"));
}

void LatenessTest::wheelTimerWithoutJiffiesInTheLogIsMeasuredInJiffies()
{
    HandMade made;
    made.add(Kind::TimerStart, 1000, wheelTimer, 1001, 1003);
    made.add(Kind::TimerExpireEntry, 20'000, wheelTimer, 1004, 1003);
    QCOMPARE(partsOf(made.only(wheelTimer)),
             QByteArray("wheel rounding 8000000, unexplained 4000000"));
}

/// Whatever a file may hold: records in any order, with any numbers.
void LatenessTest::damagedLogStillAddsUp()
{
    constexpr std::array kinds{
        Kind::IrqHandlerEntry, Kind::IrqHandlerExit,     Kind::SoftirqRaise,
        Kind::SoftirqEntry,    Kind::SoftirqExit,        Kind::HrtimerInit,
        Kind::HrtimerStart,    Kind::HrtimerExpireEntry, Kind::HrtimerExpireExit,
        Kind::TimerStart,      Kind::TimerExpireEntry,   Kind::JiffiesUpdate,
        Kind::CpuIdle,         Kind::ClockEventProgram,  Kind::ClockEventHandler,
        Kind::ClockEventState, Kind::BroadcastSend,      Kind::Resume};
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr std::array<std::int64_t, 10> numbers{
        0, 1, -1, 4'000'000, 1'000'000'000, -most, most, most - 1, 1003, idle_state::exit};
    std::mt19937 random(1); // NOLINT(bugprone-random-generator-seed): the same logs every time
    const auto below = [&random](std::size_t limit) { return random() % limit; };
    for (int round = 0; round < 300; ++round) {
        HandMade made;
        for (const char* name : {"lapic", "hpet", "hrtimer_interrupt", "tick_nohz_handler",
                                 "timer broadcast", "C1", "f"}) {
            made.text(name);
        }
        double at = 0;
        for (int i = 0; i < 150; ++i, at += static_cast<double>(below(3000))) {
            const Kind kind = kinds.at(below(kinds.size()));
            const std::int64_t a = kind == Kind::ClockEventHandler
                ? static_cast<std::int64_t>(below(7))
                : numbers.at(below(numbers.size()));
            made.add(kind, at, static_cast<std::uint32_t>(below(7)), a,
                     numbers.at(below(numbers.size())), static_cast<std::uint8_t>(below(16)),
                     static_cast<std::uint16_t>(below(2)));
        }
        for (const TimerExpiry& expiry : timerExpiries(made.snapshot, made.log, {})) {
            QVERIFY2(!partsOf(expiry).startsWith("the sum"), partsOf(expiry).constData());
            QVERIFY(expiry.late >= Ns::zero());
        }
    }
}

// --- machines that are made late ---------------------------------------------------------------

void LatenessTest::lateInterruptIsFoundToTheNanosecond()
{
    const auto before = expiriesOf("", "");
    const auto after = expiriesOf("",
                                  "[[step]]\nat = '200ms'\nfault = { device = 'FTTMR010-TIMER1', "
                                  "kind = 'late-interrupt', ns = 137_000 }\n");
    QVERIFY(before.size() > 10 && after.size() > 10);
    QCOMPARE(mostOf(after, Cause::Unexplained), Ns::zero());
    const Ns more = after.back().spanOf(Cause::InterruptLatency)
        - before.back().spanOf(Cause::InterruptLatency);
    QVERIFY2(std::abs((more - microseconds{137}).count()) <= 50, partsOf(after.back()).constData());
}

void LatenessTest::interruptsOffAreFound()
{
    const auto expiries
        = expiriesOf("", "[[step]]\nat = '201ms'\nfault = { kind = 'pause', ns = 12_000_000 }\n");
    const Ns most = mostOf(expiries, Cause::InterruptLatency);
    QVERIFY2(most > milliseconds{6} && most <= milliseconds{12},
             qPrintable(QString::number(most.count())));
    QCOMPARE(mostOf(expiries, Cause::Unexplained), Ns::zero());
}

void LatenessTest::idleStateIsFoundToTheNanosecond()
{
    const auto expiries = expiriesOf("[[machine.idle]]\nname = 'C1'\nexit_latency = '83us'\n", "");
    QVERIFY(expiries.size() > 10);
    QCOMPARE(expiries.back().spanOf(Cause::IdleExit), Ns{microseconds{83}});
    QCOMPARE(mostOf(expiries, Cause::Unexplained), Ns::zero());
}

void LatenessTest::relayOfABroadcastIsFound()
{
    const auto expiries = expiriesOnStandingTimers();
    QVERIFY(expiries.size() > 10);
    QVERIFY2(mostOf(expiries, Cause::IdleExit) >= microseconds{70},
             partsOf(expiries.back()).constData());
    QVERIFY2(mostOf(expiries, Cause::BroadcastRelay) > Ns::zero(),
             partsOf(expiries.back()).constData());
    QCOMPARE(mostOf(expiries, Cause::Unexplained), Ns::zero());
}

// --- words -------------------------------------------------------------------------------------

void LatenessTest::idsAndFunctionsAreUnderstood()
{
    const std::vector<KnownTimer> known{
        {.id = 10, .isWheel = false, .function = "a", .expiries = 0},
        {.id = 0xc5938e0a, .isWheel = false, .function = "b", .expiries = 0},
        {.id = 12, .isWheel = true, .function = "a", .expiries = 0}};
    using Ids = std::vector<std::uint32_t>;
    QCOMPARE(timersCalled(known, "10"), Ids{10});
    QCOMPARE(timersCalled(known, "0xa"), Ids{10});
    QCOMPARE(timersCalled(known, "<000000000000000a>"), Ids{10});
    QCOMPARE(timersCalled(known, "00000000c5938e0a"), Ids{0xc5938e0a});
    QCOMPARE(timersCalled(known, "a"), (Ids{10, 12}));
    QCOMPARE(timersCalled(known, "11"), Ids{});
    QCOMPARE(timersCalled(known, ""), Ids{});
}

void LatenessTest::pendingTimerSaysWhatItWaitsFor()
{
    HandMade made;
    made.start(1000, 2000);
    const std::uint32_t asked[] = {hrtimer};
    const Explanation answer = whyTimer(made.snapshot, made.log, asked, WhichExpiry::Worst);
    QCOMPARE(answer.what, std::string("No expiry of hrtimer 7 (hrtimer_wakeup) is recorded."));
    QCOMPARE(answer.reasons.size(), std::size_t{1});
    const std::uint32_t other[] = {99};
    QVERIFY(whyTimer(made.snapshot, made.log, other, WhichExpiry::Worst).reasons.empty());
}

void LatenessTest::explanationHasTheSumAndTheAdvice()
{
    HandMade made;
    made.start(1000, 2000, 50).program(1000, 2050, 131'250);
    made.interrupt(2056).expire(2056, 2056, 2000);
    const std::uint32_t asked[] = {hrtimer};
    std::string text;
    for (const auto which : {WhichExpiry::Worst, WhichExpiry::Last, WhichExpiry::All}) {
        text.clear();
        for (const std::string& line : linesOf(whyTimer(made.snapshot, made.log, asked, which))) {
            text += line + '\n';
        }
        const char* const sum = "slack 50 µs + interrupt latency 6 µs";
        QVERIFY2(text.find(sum) != std::string::npos, text.c_str());
        QVERIFY2(text.find("56 µs") != std::string::npos, text.c_str());
        QCOMPARE(text.find("nothing is unexplained") != std::string::npos,
                 which != WhichExpiry::All);
        QCOMPARE(text.find("Would change it: Give it less slack") != std::string::npos,
                 which != WhichExpiry::All);
    }
}

QTEST_GUILESS_MAIN(LatenessTest)
#include "lateness_test.moc"
