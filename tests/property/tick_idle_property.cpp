// SPDX-License-Identifier: GPL-3.0-or-later
//! CPUs that idle, are interrupted and wake in any order: ticks may be left out, but no timer is
//! early, late or lost, jiffies and the clock lose nothing, and one CPU at most counts jiffies.
#include "tests/support/tick_bench.h"

#include <QTest>

#include <rapidcheck.h>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::seconds;

namespace {

constexpr unsigned wheelTimersPerCpu = 3;
constexpr unsigned hrtimersPerCpu = 2;
/// The longest that anything is armed for, or time goes on.
constexpr Ns longest = seconds{4};

TickOptions anyOptions()
{
    TickOptions options;
    options.highRes = *rc::gen::arbitrary<bool>();
    return options;
}

/// Every magnitude equally likely, at least 1.
std::int64_t anySpan(std::int64_t most)
{
    const auto bits = *rc::gen::inRange(0, 63 - std::countl_zero(static_cast<std::uint64_t>(most)));
    return std::int64_t{1} + *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << bits);
}

/// One CPU's timers, which judge each expiry.
class JudgedCpu
{
public:
    JudgedCpu(TickBench& bench, unsigned cpu)
        : m_bench(&bench)
        , m_cpu(cpu)
    {
        for (unsigned i = 0; i < wheelTimersPerCpu; ++i) {
            m_wheel.emplace_back(i, "timer", [this](WheelTimer& timer) { judge(timer); });
        }
        for (unsigned i = 0; i < hrtimersPerCpu; ++i) {
            m_hrtimers.emplace_back(i, HrtimerClock::Monotonic, false, "timer",
                                    [this](Hrtimer& timer) {
                                        judge(timer);
                                        return HrtimerRestart::No;
                                    });
        }
    }
    JudgedCpu(const JudgedCpu&) = delete;
    JudgedCpu& operator=(const JudgedCpu&) = delete;

    [[nodiscard]] BenchCpu& cpu() { return m_bench->cpu(m_cpu); }

    /// A task of this CPU arms one of them.
    void armAny()
    {
        cpu().leaveIdle();
        checkJiffies();
        if (*rc::gen::arbitrary<bool>()) {
            const auto jiffies = anySpan(longest / m_bench->period());
            WheelTimer& timer = m_wheel[*rc::gen::inRange<std::size_t>(0, m_wheel.size())];
            const Jiffies now = m_bench->jiffies();
            cpu().wheel().modify(timer, Jiffies{now.count + static_cast<std::uint64_t>(jiffies)},
                                 now);
        } else {
            Hrtimer& timer = m_hrtimers[*rc::gen::inRange<std::size_t>(0, m_hrtimers.size())];
            const Ns delay{anySpan(longest.count())};
            cpu().hrtimers().start(timer, HrtimerInstant{m_bench->now().time_since_epoch() + delay},
                                   Ns::zero(), hrtimer_mode::absolute);
        }
    }
    void wake()
    {
        cpu().leaveIdle();
        checkJiffies();
    }
    void interrupt()
    {
        const bool wasStopped = cpu().sched().isTickStopped();
        cpu().interrupt(false);
        if (wasStopped) {
            checkJiffies();
        }
        if (cpu().isIdle()) {
            cpu().goIdle();
        }
    }
    [[nodiscard]] bool hasPending() const
    {
        return std::ranges::any_of(m_wheel, &WheelTimer::isPending)
            || std::ranges::any_of(m_hrtimers, &Hrtimer::isQueued);
    }

private:
    /// Whoever has just woken sees jiffies as they would be had it ticked.
    void checkJiffies()
    {
        const MonotonicInstant last = *m_bench->shared().periods.lastUpdate;
        RC_ASSERT(m_bench->now() < last + m_bench->period());
    }
    /// With several CPUs the one that counts may tick last of those that tick together.
    void judge(const WheelTimer& timer)
    {
        const Jiffies now = m_bench->jiffies();
        const std::uint64_t tolerance = m_bench->cpus() > 1 ? 1 : 0;
        RC_ASSERT(!isBefore(now, timer.bucketExpiry()));
        RC_ASSERT(now.count - timer.bucketExpiry().count <= tolerance);
    }
    void judge(const Hrtimer& timer)
    {
        const Ns late = m_bench->now().time_since_epoch() - timer.hardExpires().time_since_epoch();
        RC_ASSERT(late >= Ns::zero());
        RC_ASSERT(late <= (cpu().hrtimers().isHresActive() ? Ns::zero() : m_bench->period()));
    }

    TickBench* m_bench;
    unsigned m_cpu;
    std::deque<WheelTimer> m_wheel;
    std::deque<Hrtimer> m_hrtimers;
};

class JudgedBench
{
public:
    JudgedBench()
        : m_bench(*rc::gen::inRange(1U, 4U), anyOptions(),
                  *rc::gen::element<std::uint32_t>(100, 250, 1000), *rc::gen::element(32U, 64U))
    {
        m_bench.settleTicks();
        m_startUpdate = *m_bench.shared().periods.lastUpdate;
        m_startJiffies = m_bench.jiffies().count;
        for (unsigned cpu = 0; cpu < m_bench.cpus(); ++cpu) {
            m_cpus.emplace_back(m_bench, cpu);
            m_accounted.push_back(accountedOn(cpu));
        }
    }

    void step()
    {
        JudgedCpu& cpu = m_cpus[*rc::gen::inRange<std::size_t>(0, m_cpus.size())];
        switch (*rc::gen::inRange(0, 6)) {
        case 0:
            cpu.armAny();
            break;
        case 1:
            cpu.wake();
            break;
        case 2:
            cpu.interrupt();
            break;
        case 3:
            m_bench.run(Ns{anySpan(longest.count())});
            break;
        default:
            cpu.cpu().goIdle();
            break;
        }
        check();
    }
    void end()
    {
        m_bench.run(2 * longest);
        for (JudgedCpu& cpu : m_cpus) {
            RC_ASSERT(!cpu.hasPending());
            cpu.wake();
        }
        check();
        if (m_bench.cpus() == 1) {
            RC_ASSERT(accountedOn(0) - m_accounted[0] == m_bench.jiffies().count - m_startJiffies);
        }
    }

private:
    [[nodiscard]] std::uint64_t accountedOn(unsigned cpu)
    {
        const TickAccount& account = m_bench.cpu(cpu).sched().account();
        return account.of(CpuActivity::Idle) + account.of(CpuActivity::System);
    }
    void check()
    {
        RC_ASSERT(m_bench.timekeeper().monotonicNow() == m_bench.now());
        const MonotonicInstant last = *m_bench.shared().periods.lastUpdate;
        RC_ASSERT((last - m_startUpdate) / m_bench.period()
                  == static_cast<std::int64_t>(m_bench.jiffies().count - m_startJiffies));
        const DoTimerDuty& duty = m_bench.shared().doTimer;
        RC_ASSERT(duty.isFree() || !m_bench.cpu(*duty.cpu()).sched().isTickStopped()
                  || m_bench.cpu(*duty.cpu()).isIdle());
    }

    TickBench m_bench;
    std::deque<JudgedCpu> m_cpus;
    std::vector<std::uint64_t> m_accounted;
    MonotonicInstant m_startUpdate;
    std::uint64_t m_startJiffies = 0;
};

} // namespace

class TickIdleProperty : public QObject
{
    Q_OBJECT
private slots:
    void leavingOutTicksChangesNothingElse();
};

void TickIdleProperty::leavingOutTicksChangesNothingElse()
{
    QVERIFY(rc::check("leaving out ticks changes nothing else", [] {
        JudgedBench bench;
        const int steps = *rc::gen::inRange(1, 50);
        for (int i = 0; i < steps; ++i) {
            bench.step();
        }
        bench.end();
    }));
}

QTEST_GUILESS_MAIN(TickIdleProperty)
#include "tick_idle_property.moc"
