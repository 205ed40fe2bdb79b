// SPDX-License-Identifier: GPL-3.0-or-later
//! What no order of calls may break: every period of a timer is told of once, and none early.
#include "engine/posix/cpu_posix_timer.h"
#include "tests/support/posix_program.h"

#include <QTest>

#include <rapidcheck.h>

#include <numeric>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

namespace {

/// A span of up to @p bits bits of ns, every magnitude equally likely, at least 1.
std::int64_t anySpan(int bits)
{
    const auto raw = *rc::gen::arbitrary<std::uint64_t>() >> 1;
    return static_cast<std::int64_t>(raw >> (63 - *rc::gen::inRange(1, bits + 1))) | 1;
}

/// Handlers' own expiries and what they were told of besides.
std::int64_t periodsTold(const std::vector<HandlerRun>& runs)
{
    return std::accumulate(
        runs.begin(), runs.end(), std::int64_t{0},
        [](std::int64_t sum, const HandlerRun& run) { return sum + 1 + run.overrun; });
}

void append(std::vector<HandlerRun>& all, const std::vector<HandlerRun>& more)
{
    all.insert(all.end(), more.begin(), more.end());
}

/// Blocks and unblocks the timer's signal for a while, and lets it through at the end.
std::vector<HandlerRun> liveThrough(Program& program, std::int64_t longest)
{
    std::vector<HandlerRun> runs;
    const int changes = *rc::gen::inRange(1, 12);
    for (int i = 0; i < changes; ++i) {
        program.block();
        program.machine.runFor(Ns{*rc::gen::inRange<std::int64_t>(0, longest)});
        program.unblock();
        program.machine.runFor(Ns{*rc::gen::inRange<std::int64_t>(0, longest)});
        append(runs, program.runs());
    }
    return runs;
}

} // namespace

class PosixProperty : public QObject
{
    Q_OBJECT
private slots:
    void everyPeriodIsToldOfOnce();
    void everyPeriodOfCpuTimeIsToldOfOnce();
    void cpuTimersNeverFireEarlyAndAtMostATickLate();
    void bumpLandsOnTheFirstPeriodAhead();
    void overrunIsTheSumCutAtTheGreatestInt();
    void gettimeNeverTellsMoreThanAPeriodAhead();
    void timersOfAQueueExpireInOrder();
};

void PosixProperty::everyPeriodIsToldOfOnce()
{
    QVERIFY(rc::check("delivered and overruns are the periods that have passed", [] {
        Program program(*rc::gen::inRange<std::int64_t>(0, 4'000'000));
        const Ns period{*rc::gen::inRange<std::int64_t>(200'000, 20'000'000)};
        const Ns first{anySpan(24)};
        const int id = program.create(
            *rc::gen::element(ClockId::Monotonic, ClockId::Boottime, ClockId::BoottimeAlarm));
        const std::int64_t begun = program.machine.now();
        program.set(id, first, period);
        const auto runs = liveThrough(program, 30'000'000);
        const std::int64_t late = program.machine.now() - begun - first.count();
        const std::int64_t passed = late < 0 ? 0 : late / period.count() + 1;
        RC_ASSERT(periodsTold(runs) == passed);
    }));
}

void PosixProperty::everyPeriodOfCpuTimeIsToldOfOnce()
{
    QVERIFY(rc::check("a process's CPU time at the last handler has told of all periods", [] {
        Program program(*rc::gen::inRange<std::int64_t>(0, 4'000'000));
        program.machine.run(&program.task);
        const Ns period{*rc::gen::inRange<std::int64_t>(100'000, 20'000'000)};
        const Ns first{anySpan(24)};
        const int id = program.create(ClockId::ProcessCpu);
        program.set(id, first, period);
        std::vector<HandlerRun> runs = liveThrough(program, 30'000'000);
        program.machine.runFor(50ms); // until a handler ran on a tick
        append(runs, program.runs());
        const auto& timer = dynamic_cast<CpuPosixTimer&>(*program.timers.find(id));
        const Ns armed = spanOf(timer.expires()) - first;
        RC_ASSERT(armed % period == Ns{});
        RC_ASSERT(periodsTold(runs) == armed / period);
    }));
}

void PosixProperty::cpuTimersNeverFireEarlyAndAtMostATickLate()
{
    QVERIFY(rc::check("a CPU timer fires at the first tick from its expiry on", [] {
        const std::int64_t firstTick = *rc::gen::inRange<std::int64_t>(0, 4'000'000);
        Program program(firstTick);
        program.machine.run(&program.task);
        program.machine.runFor(Ns{*rc::gen::inRange<std::int64_t>(0, 9'000'000)});
        const ClockId clock = *rc::gen::element(ClockId::ProcessCpu, ClockId::ThreadCpu);
        const int count = *rc::gen::inRange(1, 15); // fewer than a pass takes
        std::map<int, std::int64_t> expiries;
        for (int i = 0; i < count; ++i) {
            const int id = program.create(clock);
            const std::int64_t span = anySpan(26);
            // The process's clock may be as old as the last tick: read it, as the kernel does.
            program.machine.run(&program.task);
            program.set(id, Ns{span});
            expiries[id] = program.machine.now() + span;
        }
        program.machine.runFor(200ms);
        const auto runs = program.runs();
        RC_ASSERT(runs.size() == expiries.size());
        for (const HandlerRun& run : runs) {
            RC_ASSERT(run.at >= expiries.at(run.timerId));
            RC_ASSERT(run.at < expiries.at(run.timerId) + 4'000'000);
        }
    }));
}

void PosixProperty::bumpLandsOnTheFirstPeriodAhead()
{
    QVERIFY(rc::check("a bump is the least number of periods that passes now", [] {
        const CpuTime expires = cpuTimeOf(Ns{anySpan(61)});
        const CpuTime now = cpuTimeOf(Ns{anySpan(61)});
        const Ns interval{anySpan(61)};
        const CpuTimerBump bumped = bumpCpuTimer(expires, interval, now, -1);
        const auto periods = static_cast<std::uint64_t>(bumped.overrun + 1);
        RC_ASSERT(bumped.expires == expires + periods * cpuTimeOf(interval));
        RC_ASSERT(bumped.expires > now);
        RC_ASSERT(periods == 0 || bumped.expires - cpuTimeOf(interval) <= now);
    }));
}

void PosixProperty::overrunIsTheSumCutAtTheGreatestInt()
{
    QVERIFY(rc::check("an overrun that fits is the sum", [] {
        const std::int64_t last = *rc::gen::inRange<std::int64_t>(-1, std::int64_t{1} << 33);
        const auto counted = *rc::gen::inRange(-1, 1'000'000);
        constexpr std::int64_t most = std::numeric_limits<int>::max();
        RC_ASSERT(overrunToInt(last, counted) == std::min(last + counted, most));
    }));
}

void PosixProperty::gettimeNeverTellsMoreThanAPeriodAhead()
{
    QVERIFY(rc::check("asking often changes nothing of what is told in the end", [] {
        const std::int64_t period = *rc::gen::inRange<std::int64_t>(200'000, 9'000'000);
        const auto live = [&](bool asks, const std::vector<int>& pauses) {
            Program program;
            const int id = program.create();
            program.block();
            program.set(id, Ns{period}, Ns{period});
            for (const int pause : pauses) {
                program.machine.runFor(Ns{pause});
                if (asks) {
                    const Ns left = program.get(id).value;
                    RC_ASSERT(left >= Ns{1} && left <= Ns{period});
                }
            }
            program.unblock();
            return periodsTold(program.runs());
        };
        const auto pauses = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 5'000'000));
        RC_ASSERT(live(true, pauses) == live(false, pauses));
    }));
}

void PosixProperty::timersOfAQueueExpireInOrder()
{
    QVERIFY(rc::check("a queue gives its timers in order of expiry, equals as they came", [] {
        const auto expiries = *rc::gen::container<std::vector<std::uint64_t>>(
            rc::gen::inRange<std::uint64_t>(1, 9));
        CpuTimerQueues queues;
        std::vector<std::unique_ptr<CpuTimer>> timers;
        for (const std::uint64_t expires : expiries) {
            timers.push_back(std::make_unique<CpuTimer>(CpuClock::Virt, [] { }));
            timers.back()->setExpires(CpuTime{expires});
            queues.arm(*timers.back());
        }
        std::vector<CpuTimer*> wanted;
        for (const auto& timer : timers) {
            wanted.push_back(timer.get());
        }
        std::ranges::stable_sort(wanted, {}, &CpuTimer::expires);
        std::vector<CpuTimer*> got;
        for (auto pass = queues.collect({.user = CpuTime{9}}); !pass.empty();
             pass = queues.collect({.user = CpuTime{9}})) {
            RC_ASSERT(pass.size() < CpuTimerQueues::passLimit);
            got.insert(got.end(), pass.begin(), pass.end());
        }
        RC_ASSERT(got == wanted);
        RC_ASSERT(queues.isInactive());
    }));
}

QTEST_GUILESS_MAIN(PosixProperty)
#include "posix_property.moc"
