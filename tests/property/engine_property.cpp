// SPDX-License-Identifier: GPL-3.0-or-later
//! The engine's queues and clocks against models too simple to be wrong.
#include "engine/base/wide.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "engine/timekeeping/timekeeper.h"
#include "engine/timer/timer_wheel.h"
#include "tests/support/engine_bench.h"
#include "tests/support/machine_bench.h"

#include <QTest>

#include <rapidcheck.h>

#include <deque>
#include <map>
#include <set>

using namespace timerscope;
using namespace timerscope::test;

namespace {

/// Time that stands still while timers run.
class FrozenHost final : public HrtimerHost
{
public:
    [[nodiscard]] MonotonicInstant monotonicNow() override { return now; }
    [[nodiscard]] Ns clockOffset(HrtimerClock /*clock*/) override { return Ns::zero(); }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        programmed = expires;
        return expires > now || force ? Errno::Ok : Errno::Time;
    }
    void tickDeviceFired() override { }
    void raiseHrtimerSoftirq() override { }
    void spendCallback() override { }

    MonotonicInstant now{Ns{1'000}}; // expiries before the start of time are never
    MonotonicInstant programmed = never<MonotonicClock>;
};

/// What the queue must be: hard expiry, then order of queueing.
class ModelQueue
{
public:
    void start(std::uint32_t id, std::int64_t soft, std::int64_t hard)
    {
        cancel(id);
        m_timers.insert({hard, m_sequence++, id, soft});
    }
    bool cancel(std::uint32_t id)
    {
        return std::erase_if(m_timers, [&](const Row& row) { return row.id == id; }) > 0;
    }
    /// Who fires at @p now, in order.
    std::vector<std::uint32_t> expire(std::int64_t now)
    {
        std::vector<std::uint32_t> fired;
        while (!m_timers.empty() && m_timers.begin()->soft <= now) {
            fired.push_back(m_timers.begin()->id);
            m_timers.erase(m_timers.begin());
        }
        return fired;
    }
    [[nodiscard]] std::vector<std::uint32_t> ids() const
    {
        std::vector<std::uint32_t> ids;
        for (const Row& row : m_timers) {
            ids.push_back(row.id);
        }
        return ids;
    }
    [[nodiscard]] MonotonicInstant first() const
    {
        return m_timers.empty() ? never<MonotonicClock>
                                : MonotonicInstant{Ns{m_timers.begin()->hard}};
    }

private:
    struct Row
    {
        std::int64_t hard;
        std::uint64_t sequence;
        std::uint32_t id;
        std::int64_t soft;
        bool operator<(const Row& other) const
        {
            return std::tie(hard, sequence) < std::tie(other.hard, other.sequence);
        }
    };
    std::multiset<Row> m_timers;
    std::uint64_t m_sequence = 0;
};

std::vector<std::uint32_t> idsOf(const HrtimerQueue& queue)
{
    std::vector<std::uint32_t> ids;
    for (const Hrtimer* timer : queue.inOrder()) {
        ids.push_back(timer->id());
    }
    return ids;
}

class NoCost final : public TimerWheel::Host
{
public:
    void spendCallback() override { }
};

/// A span whose magnitude is as likely to be small as large.
std::uint64_t anySpan(int bits)
{
    const auto shift = static_cast<unsigned>(*rc::gen::inRange(0, bits));
    return *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{2} << shift);
}

std::uint64_t granularity(unsigned index)
{
    return std::uint64_t{1} << (3 * (index / TimerWheel::bucketsPerLevel));
}

} // namespace

class EngineProperty : public QObject
{
    Q_OBJECT
private slots:
    void hrtimersFireAsASortedSetSays();
    void hrtimersFireOrAreCancelledExactlyOnce();
    void deviceIsAlwaysSetForTheFirstHrtimer();
    void wheelTimersFireAtTheirBucketNeitherEarlyNorTooLate();
    void wheelFiresTheSameHoweverOftenItRuns();
    void timekeeperEqualsWideArithmetic();
    void timeNeverGoesBackwardsWhateverTheClocksources();
};

void EngineProperty::hrtimersFireAsASortedSetSays()
{
    const bool holds = rc::check("queue = set ordered by (hard expiry, sequence)", [] {
        TraceBench trace;
        FrozenHost host;
        HrtimerCpuBase base(host, trace.tracer());
        base.activateHres();
        std::vector<std::uint32_t> fired;
        std::deque<Hrtimer> timers;
        for (std::uint32_t id = 0; id < 12; ++id) {
            timers.emplace_back(id, HrtimerClock::Monotonic, false, "t", [&](Hrtimer& timer) {
                fired.push_back(timer.id());
                return HrtimerRestart::No;
            });
        }
        ModelQueue model;
        const int steps = *rc::gen::inRange(1, 60);
        for (int i = 0; i < steps; ++i) {
            const auto id = *rc::gen::inRange<std::uint32_t>(0, 12);
            const int action = *rc::gen::inRange(0, 6);
            if (action < 3) {
                // Few different values, so that ties are common.
                const std::int64_t soft
                    = nsOf(host.now) + std::int64_t{*rc::gen::inRange(-3, 12)} * 10;
                const std::int64_t slack = *rc::gen::element(0, 0, 10, 50);
                base.start(timers[id], HrtimerInstant{Ns{soft}}, Ns{slack}, 0);
                model.start(id, soft, soft + slack);
            } else if (action == 3) {
                RC_ASSERT(base.cancel(timers[id]) == model.cancel(id));
            } else {
                host.now += Ns{*rc::gen::inRange(0, 60)};
                fired.clear();
                base.interrupt();
                RC_ASSERT(fired == model.expire(nsOf(host.now)));
            }
            RC_ASSERT(idsOf(base.queue(0)) == model.ids());
        }
        for (Hrtimer& timer : timers) {
            base.cancel(timer);
        }
    });
    QVERIFY(holds);
}

void EngineProperty::hrtimersFireOrAreCancelledExactlyOnce()
{
    const bool holds = rc::check("each start ends in one expiry or one cancel", [] {
        TraceBench trace;
        FrozenHost host;
        HrtimerCpuBase base(host, trace.tracer());
        base.activateHres();
        std::deque<Hrtimer> timers;
        std::map<std::uint32_t, std::int64_t> softOf;
        for (std::uint32_t id = 0; id < 6; ++id) {
            timers.emplace_back(id, HrtimerClock::Monotonic, false, "t", [&](Hrtimer& timer) {
                RC_ASSERT(nsOf(host.now) >= softOf[timer.id()]); // never early
                return HrtimerRestart::No;
            });
        }
        const int steps = *rc::gen::inRange(1, 40);
        for (int i = 0; i < steps; ++i) {
            Hrtimer& timer = timers[*rc::gen::inRange<std::size_t>(0, 6)];
            switch (*rc::gen::inRange(0, 3)) {
            case 0:
                softOf[timer.id()] = nsOf(host.now) + *rc::gen::inRange(0, 500);
                base.start(timer, HrtimerInstant{Ns{softOf[timer.id()]}},
                           Ns{*rc::gen::inRange(0, 100)}, 0);
                break;
            case 1:
                base.cancel(timer);
                break;
            default:
                host.now += Ns{*rc::gen::inRange(0, 300)};
                base.interrupt();
            }
        }
        for (Hrtimer& timer : timers) {
            base.cancel(timer);
        }
        std::map<std::uint32_t, int> queued;
        for (std::size_t i = 0; i < trace.log().size(); ++i) {
            const TraceRecord& record = trace.log()[i];
            if (record.kind == RecordKind::HrtimerStart) {
                RC_ASSERT(++queued[record.subject] == 1);
            } else if (record.kind == RecordKind::HrtimerCancel) {
                RC_ASSERT(--queued[record.subject] == 0);
            } else if (record.kind == RecordKind::HrtimerExpireEntry) {
                RC_ASSERT(trace.log()[i - 1].kind == RecordKind::HrtimerCancel);
                RC_ASSERT(trace.log()[i - 1].subject == record.subject);
            }
        }
        for (const auto& [id, count] : queued) {
            RC_ASSERT(count == 0);
        }
    });
    QVERIFY(holds);
}

void EngineProperty::deviceIsAlwaysSetForTheFirstHrtimer()
{
    const bool holds = rc::check("the device is set for the first hard expiry", [] {
        TraceBench trace;
        FrozenHost host;
        HrtimerCpuBase base(host, trace.tracer());
        base.activateHres();
        std::deque<Hrtimer> timers;
        for (std::uint32_t id = 0; id < 6; ++id) {
            timers.emplace_back(id, HrtimerClock::Monotonic, false, "t",
                                [](Hrtimer&) { return HrtimerRestart::No; });
        }
        ModelQueue model;
        const int steps = *rc::gen::inRange(1, 40);
        for (int i = 0; i < steps; ++i) {
            const auto id = *rc::gen::inRange<std::uint32_t>(0, 6);
            if (*rc::gen::inRange(0, 3) > 0) {
                const std::int64_t soft = nsOf(host.now) + *rc::gen::inRange(1, 500);
                const std::int64_t slack = *rc::gen::inRange(0, 100);
                base.start(timers[id], HrtimerInstant{Ns{soft}}, Ns{slack}, 0);
                model.start(id, soft, soft + slack);
            } else {
                base.cancel(timers[id]);
                model.cancel(id);
            }
            RC_ASSERT(host.programmed == model.first());
            RC_ASSERT(base.expiresNext() == model.first());
            if (*rc::gen::inRange(0, 4) == 0 && host.programmed != never<MonotonicClock>) {
                host.now = host.programmed;
                base.interrupt();
                static_cast<void>(model.expire(nsOf(host.now)));
            }
        }
        for (Hrtimer& timer : timers) {
            base.cancel(timer);
        }
    });
    QVERIFY(holds);
}

void EngineProperty::wheelTimersFireAtTheirBucketNeitherEarlyNorTooLate()
{
    const bool holds = rc::check("a timer fires in its bucket's jiffy", [] {
        TraceBench trace;
        NoCost host;
        const TickRate rate{*rc::gen::element<std::uint32_t>(100, 250, 1000)};
        Jiffies now = rate.initialJiffies();
        TimerWheel wheel(rate, now, host, trace.tracer());
        std::deque<WheelTimer> timers;
        std::map<std::uint32_t, std::uint64_t> asked;
        std::map<std::uint32_t, std::uint64_t> latest;
        for (std::uint32_t id = 0; id < 8; ++id) {
            timers.emplace_back(id, "t", [&](WheelTimer& timer) {
                RC_ASSERT(now.count > asked.at(timer.id()));
                RC_ASSERT(now.count <= latest.at(timer.id()));
                RC_ASSERT(now == timer.bucketExpiry());
                latest.erase(timer.id());
            });
        }
        const int steps = *rc::gen::inRange(1, 30);
        for (int i = 0; i < steps; ++i) {
            WheelTimer& timer = timers[*rc::gen::inRange<std::size_t>(0, 8)];
            const int action = *rc::gen::inRange(0, 4);
            if (action < 2) {
                const std::uint64_t expires = now.count + anySpan(12);
                RC_ASSERT(wheel.modify(timer, Jiffies{expires}, now)
                          == latest.contains(timer.id()));
                asked[timer.id()] = expires;
                latest[timer.id()] = expires + granularity(timer.index());
            } else if (action == 2) {
                RC_ASSERT(wheel.remove(timer) == (latest.erase(timer.id()) > 0));
            } else {
                const std::uint64_t end = now.count + anySpan(10);
                while (now.count < end) {
                    ++now.count;
                    if (wheel.isDue(now)) {
                        wheel.run(now);
                    }
                    for (const auto& [id, last] : latest) {
                        RC_ASSERT(last > now.count || timers[id].bucketExpiry() > now);
                    }
                }
            }
            RC_ASSERT(wheel.inOrder().size() == latest.size());
            for (const WheelTimer* pending : wheel.inOrder()) {
                RC_ASSERT(wheel.nextExpiry() <= pending->bucketExpiry());
            }
        }
    });
    QVERIFY(holds);
}

void EngineProperty::wheelFiresTheSameHoweverOftenItRuns()
{
    const bool holds = rc::check("one late run fires what many runs fire, in the same order", [] {
        const auto spans = *rc::gen::container<std::vector<std::uint64_t>>(
            10, rc::gen::inRange<std::uint64_t>(0, 5000));
        const auto firedBy = [&](std::uint64_t stride) {
            TraceBench trace;
            NoCost host;
            const Jiffies begin{1'000'000};
            TimerWheel wheel(TickRate{250}, begin, host, trace.tracer());
            std::vector<std::uint32_t> fired;
            std::deque<WheelTimer> timers;
            for (std::uint32_t id = 0; id < spans.size(); ++id) {
                WheelTimer& timer = timers.emplace_back(
                    id, "t", [&](WheelTimer& which) { fired.push_back(which.id()); });
                wheel.modify(timer, Jiffies{begin.count + spans[id]}, begin);
            }
            for (std::uint64_t at = begin.count; at < begin.count + 8000; at += stride) {
                wheel.run(Jiffies{at});
            }
            wheel.run(Jiffies{begin.count + 8000});
            return fired;
        };
        const auto everyJiffy = firedBy(1);
        RC_ASSERT(everyJiffy.size() == spans.size());
        RC_ASSERT(firedBy(*rc::gen::inRange<std::uint64_t>(2, 4000)) == everyJiffy);
    });
    QVERIFY(holds);
}

void EngineProperty::timekeeperEqualsWideArithmetic()
{
    const bool holds
        = rc::check("time = all cycles x mult >> shift, however often accumulated", [] {
              CounterBench counter;
              const auto hz = *rc::gen::inRange<std::uint32_t>(1'000'000, 400'000'000);
              const auto bits = static_cast<unsigned>(*rc::gen::inRange(24, 65));
              Clocksource source = clocksourceOn(counter, "c", hz, bits, 300, 0);
              counter.count = *rc::gen::arbitrary<std::uint64_t>() & counter.mask;
              Timekeeper timekeeper(source,
                                    TickRate{*rc::gen::element<std::uint32_t>(100, 250, 1000)});
              WideUnsigned cycles = 0;
              const int steps = *rc::gen::inRange(1, 50);
              for (int i = 0; i < steps; ++i) {
                  const std::uint64_t most = std::min<std::uint64_t>(counter.mask / 4, 10ULL * hz);
                  const auto passed = *rc::gen::inRange<std::uint64_t>(0, most);
                  counter.count += passed;
                  cycles += passed;
                  const auto ns
                      = static_cast<std::int64_t>((cycles * source.rate.mult) >> source.rate.shift);
                  RC_ASSERT(nsOf(timekeeper.monotonicNow()) == ns);
                  RC_ASSERT(nsOf(timekeeper.observeMonotonic()) == ns);
                  timekeeper.accumulate();
                  RC_ASSERT(nsOf(timekeeper.monotonicNow()) == ns);
              }
          });
    QVERIFY(holds);
}

void EngineProperty::timeNeverGoesBackwardsWhateverTheClocksources()
{
    const bool holds = rc::check("registrations, ratings and overrides never turn time back", [] {
        std::vector<DeviceDescription> devices{
            deviceOf({counterDevice("c0", 24'000'000, 300)}, {eventDevice("timer", 300)})};
        for (int i = 1; i < 5; ++i) {
            const auto hz = *rc::gen::inRange<std::uint64_t>(32'768, 1'000'000'000);
            const auto bits = static_cast<unsigned>(*rc::gen::inRange(32, 65));
            CounterDescription counter
                = counterDevice("c" + std::to_string(i), hz, *rc::gen::inRange(1, 500), bits);
            counter.readCost = Ns{*rc::gen::inRange(0, 2000)};
            devices.push_back(deviceOf({counter}, {}));
        }
        MachineConfig config = machineConfig(*rc::gen::element<std::string>(
            "", "highres=off", "nohz=off", "highres=off nohz=off", "clocksource=jiffies"));
        config.cost = {.printk = Ns{90'000},
                       .registration = Ns{50'000},
                       .interrupt = Ns{*rc::gen::inRange(0, 20'000)},
                       .callback = Ns{3000}};
        MachineBench bench(config, devices);
        RC_ASSERT(bench.boot());
        std::size_t probed = 1;
        MonotonicInstant last;
        const auto look = [&] {
            const MonotonicInstant now = bench.machine->snapshot().monotonic;
            RC_ASSERT(now >= last);
            last = now;
        };
        const int steps = *rc::gen::inRange(1, 25);
        for (int i = 0; i < steps; ++i) {
            const std::string name = "c" + std::to_string(*rc::gen::inRange(0, 5));
            switch (*rc::gen::inRange(0, 6)) {
            case 0:
                if (probed < devices.size()) {
                    RC_ASSERT(bench.probe(probed++));
                }
                break;
            case 1:
                static_cast<void>(bench.machine->changeRating(name, *rc::gen::inRange(1, 500)));
                break;
            case 2:
                static_cast<void>(bench.machine->writeSysfs(
                    "clocksource/clocksource0/current_clocksource", name));
                break;
            case 3:
                static_cast<void>(bench.machine->unregisterClocksource(name));
                break;
            case 4:
                static_cast<void>(bench.machine->registerClocksource(name));
                break;
            default:
                bench.run(Ns{*rc::gen::inRange(0, 100'000'000)});
            }
            look();
        }
        std::int64_t stamp = 0;
        for (std::size_t i = 1; i < bench.log.size(); ++i) {
            RC_ASSERT(bench.log[i].at >= bench.log[i - 1].at);
            if (bench.log[i].kind == RecordKind::Printk) {
                RC_ASSERT(bench.log[i].a >= stamp);
                stamp = bench.log[i].a;
            }
        }
    });
    QVERIFY(holds);
}

QTEST_GUILESS_MAIN(EngineProperty)
#include "engine_property.moc"
