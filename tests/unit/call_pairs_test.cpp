// SPDX-License-Identifier: GPL-3.0-or-later
//! Spans of the kernel's functions in a log, and who calls whom by them.
#include "engine/trace/call_pairs.h"
#include "engine/trace/tracer.h"

#include <QTest>

#include <array>

using namespace timerscope;

namespace {

class Clock final : public TraceTime
{
public:
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }
    [[nodiscard]] std::uint16_t traceCpu() const override { return cpu; }
    std::uint16_t cpu = 0;
};

struct Bench
{
    explicit Bench(TraceDetail detail = TraceDetail::Functions)
        : log(detail)
        , tracer(log, clock)
    {
    }
    [[nodiscard]] std::string pairs() const { return callPairsText(log, log.size()); }

    Clock clock;
    TraceLog log;
    Tracer tracer;
};

} // namespace

class CallPairsTest : public QObject
{
    Q_OBJECT
private slots:
    void spansNest();
    void aPairIsListedOnceWhereItFirstOccurs();
    void whatIsInstalledIsAPairOfItsInstaller();
    void whatNobodyCallsIsNoCallee();
    void cpusAreInFunctionsOfTheirOwn();
    void aChainEntersAllAndLeavesInReverse();
    void withoutDetailNothingIsWritten();
    void anEndWithoutABeginningIsPassedOver();
};

void CallPairsTest::spansNest()
{
    Bench bench;
    {
        const CallSpan outer(bench.tracer, "tick_periodic");
        {
            const CallSpan inner(bench.tracer, "update_process_times");
            bench.tracer.call("run_local_timers");
        }
        bench.tracer.call("profile_tick");
    }
    QCOMPARE(bench.pairs(),
             std::string("tick_periodic\tupdate_process_times\n"
                         "update_process_times\trun_local_timers\n"
                         "tick_periodic\tprofile_tick\n"));
}

void CallPairsTest::aPairIsListedOnceWhereItFirstOccurs()
{
    Bench bench;
    for (int round = 0; round < 3; ++round) {
        const CallSpan outer(bench.tracer, "a");
        bench.tracer.call("b");
        bench.tracer.call("c");
    }
    QCOMPARE(bench.pairs(), std::string("a\tb\na\tc\n"));
}

void CallPairsTest::whatIsInstalledIsAPairOfItsInstaller()
{
    Bench bench;
    {
        const CallSpan outer(bench.tracer, "tick_setup_periodic");
        bench.tracer.install("tick_handle_periodic");
        bench.tracer.call("clockevents_switch_state");
    }
    QCOMPARE(bench.pairs(),
             std::string("tick_setup_periodic\ttick_handle_periodic\n"
                         "tick_setup_periodic\tclockevents_switch_state\n"));
}

void CallPairsTest::whatNobodyCallsIsNoCallee()
{
    Bench bench;
    bench.tracer.call("hrtimer_interrupt");
    bench.tracer.install("run_timer_softirq");
    QCOMPARE(bench.log.size(), std::size_t{3});
    QCOMPARE(bench.pairs(), std::string());
}

void CallPairsTest::cpusAreInFunctionsOfTheirOwn()
{
    Bench bench;
    Tracer other(bench.log, bench.clock, 1);
    const CallSpan here(bench.tracer, "here");
    const CallSpan there(other, "there");
    other.call("far");
    bench.tracer.call("near");
    QCOMPARE(bench.pairs(), std::string("there\tfar\nhere\tnear\n"));
}

void CallPairsTest::aChainEntersAllAndLeavesInReverse()
{
    Bench bench;
    {
        const CallChain chain(bench.tracer, std::array{"a", "b", "c"});
    }
    bench.tracer.call("d");
    QCOMPARE(bench.pairs(), std::string("a\tb\nb\tc\n"));
    QCOMPARE(bench.log.string(bench.log[3].subject), std::string_view("c"));
    QCOMPARE(bench.log[3].kind, RecordKind::FunctionExit);
    QCOMPARE(bench.log.string(bench.log[5].subject), std::string_view("a"));
}

void CallPairsTest::withoutDetailNothingIsWritten()
{
    Bench bench(TraceDetail::Events);
    {
        const CallSpan span(bench.tracer, "a");
        const CallChain chain(bench.tracer, std::array{"b"});
        bench.tracer.call("c");
        bench.tracer.install("d");
    }
    QCOMPARE(bench.log.size(), std::size_t{0});
}

void CallPairsTest::anEndWithoutABeginningIsPassedOver()
{
    Bench bench;
    bench.tracer.record(RecordKind::FunctionExit, bench.tracer.name("lost"));
    {
        const CallSpan span(bench.tracer, "a");
        bench.tracer.call("b");
    }
    QCOMPARE(bench.pairs(), std::string("a\tb\n"));
}

QTEST_GUILESS_MAIN(CallPairsTest)
#include "call_pairs_test.moc"
