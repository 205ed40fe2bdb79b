// SPDX-License-Identifier: GPL-3.0-or-later
//! The wheels of two CPUs against a model too simple to be wrong: a list of timers.
#include "engine/timer/timer_wheel.h"
#include "tests/support/engine_bench.h"

#include <QTest>

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>

using namespace timerscope;
using namespace timerscope::test;

namespace {

constexpr std::uint32_t timersMax = 10;
constexpr std::uint64_t idleDistance = (std::uint64_t{1} << 30) - 1;

/// A span whose magnitude is as likely to be small as large.
std::uint64_t anySpan(int bits)
{
    const auto shift = static_cast<unsigned>(*rc::gen::inRange(0, bits));
    return *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{2} << shift);
}

/// One wheel as a list of what waits on it. Positions are worked out level by level.
class ModelWheel
{
public:
    struct Waiting
    {
        std::uint32_t id;
        std::uint64_t expires;
        std::uint64_t firesAt;
        unsigned level;
        std::uint64_t sequence;
    };

    ModelWheel(std::uint64_t now, unsigned levels)
        : clk(now)
        , next(now + idleDistance)
        , m_levels(levels)
    {
    }

    void forward(std::uint64_t now)
    {
        const std::uint64_t to = before(now, next) ? now : next;
        clk = before(clk, to) ? to : clk;
    }
    [[nodiscard]] Waiting place(std::uint32_t id, std::uint64_t expires) const
    {
        const std::uint64_t distance = expires - clk;
        if (before(expires, clk)) {
            return {.id = id, .expires = expires, .firesAt = clk, .level = 0, .sequence = 0};
        }
        std::uint64_t asked = expires;
        unsigned level = 0;
        std::uint64_t granularity = 1;
        while (level + 1 < m_levels && distance >= 63 * granularity) {
            ++level;
            granularity *= 8;
        }
        if (distance >= 63 * granularity) {
            asked = clk + 62 * granularity;
        }
        return {.id = id,
                .expires = expires,
                .firesAt = (asked / granularity + 1) * granularity,
                .level = level,
                .sequence = 0};
    }
    void add(std::uint32_t id, std::uint64_t expires)
    {
        Waiting& added = timers.emplace_back(place(id, expires));
        added.sequence = m_sequence++;
        if (before(added.firesAt, next)) {
            next = added.firesAt;
            stale = false;
        }
    }
    [[nodiscard]] Waiting* find(std::uint32_t id)
    {
        const auto found = std::ranges::find(timers, id, &Waiting::id);
        return found == timers.end() ? nullptr : &*found;
    }
    void take(std::uint32_t id)
    {
        const Waiting taken = *find(id);
        std::erase_if(timers, [&](const Waiting& each) { return each.id == id; });
        stale |= std::ranges::none_of(timers, [&](const Waiting& each) {
            return each.level == taken.level && each.firesAt == taken.firesAt;
        });
    }
    /// The ids that fire up to @p now.
    std::vector<std::uint32_t> run(std::uint64_t now)
    {
        std::vector<std::uint32_t> fired;
        while (!before(now, clk) && !before(now, next)) {
            clk = next;
            std::vector<Waiting> due;
            std::ranges::copy_if(timers, std::back_inserter(due),
                                 [&](const Waiting& each) { return each.firesAt == clk; });
            std::erase_if(timers, [&](const Waiting& each) { return each.firesAt == clk; });
            std::ranges::sort(due, [](const Waiting& a, const Waiting& b) {
                return std::tie(b.level, b.sequence) < std::tie(a.level, a.sequence);
            });
            std::ranges::transform(due, std::back_inserter(fired), &Waiting::id);
            ++clk;
            recalculate();
        }
        return fired;
    }
    void recalculate()
    {
        next = clk + idleDistance;
        for (const Waiting& each : timers) {
            next = before(each.firesAt, next) ? each.firesAt : next;
        }
        stale = false;
    }

    static bool before(std::uint64_t a, std::uint64_t b)
    {
        return static_cast<std::int64_t>(a - b) < 0;
    }

    std::vector<Waiting> timers;
    std::uint64_t clk;
    std::uint64_t next;
    bool stale = false;

private:
    unsigned m_levels;
    std::uint64_t m_sequence = 0;
};

/// Two CPUs with two wheels each, beside their models.
class Twins
{
public:
    explicit Twins(TickRate rate, std::uint64_t start)
        : now(start)
        , m_cpus{Cpu(*this, rate, 0), Cpu(*this, rate, 1)}
        , m_rate(rate)
    {
        for (std::size_t i = 0; i < 4; ++i) {
            m_models.emplace_back(start, wheelLevels(rate));
        }
        for (std::uint32_t id = 0; id < timersMax; ++id) {
            const int kind = *rc::gen::inRange(0, 3);
            m_timers.emplace_back(
                id, "t", [this](WheelTimer& timer) { noteFired(timer); },
                kind == 0       ? timer_flag::deferrable
                    : kind == 1 ? timer_flag::pinned
                                : std::uint8_t{0});
            m_homes.push_back(kind == 0 ? 2 : 0);
            m_cpus[0].wheel.init(m_timers.back());
        }
    }

    void step()
    {
        switch (*rc::gen::inRange(0, 10)) {
        case 0:
        case 1:
        case 2:
        case 3:
            change();
            break;
        case 4:
            remove();
            break;
        case 5:
            addOn();
            break;
        case 6:
            m_cpus[anyCpu()].target = *rc::gen::element<std::size_t>(0, 1);
            break;
        case 7:
            idleQuery();
            break;
        default:
            pass(anySpan(*rc::gen::element(4, 5, 10)));
        }
        compare();
    }
    /// Jiffies pass; each CPU may sleep through some of them.
    void pass(std::uint64_t jiffies)
    {
        const std::uint64_t stride = *rc::gen::element<std::uint64_t>(1, 1, 1, 7, 100);
        for (std::uint64_t passed = 0; passed < jiffies; passed += stride) {
            now += stride;
            runBoth();
        }
    }
    void removeAll()
    {
        for (WheelTimer& timer : m_timers) {
            static_cast<void>(m_cpus[0].wheel.remove(timer));
        }
    }
    [[nodiscard]] const TraceLog& log() const { return m_trace.log(); }

private:
    struct Cpu final : private TimerWheel::Host
    {
        Cpu(Twins& twins, TickRate rate, std::size_t index)
            : owner(&twins)
            , target(index)
            , wheel(rate, Jiffies{twins.now}, *this, twins.m_trace.tracer(),
                    {.cpu = static_cast<unsigned>(index)})
        {
        }
        void spendCallback() override { }
        TimerWheel* migrationTarget() override { return &owner->m_cpus[target].wheel; }

        Twins* owner;
        std::size_t target;
        TimerWheel wheel;
    };

    std::size_t anyCpu() { return *rc::gen::inRange<std::size_t>(0, 2); }
    WheelTimer& anyTimer() { return m_timers[*rc::gen::inRange<std::size_t>(0, timersMax)]; }
    /// Mostly ahead, often so near that levels meet; at times passed, now and then out of reach.
    std::uint64_t anyExpiry()
    {
        const int kind = *rc::gen::inRange(0, 12);
        if (kind < 6) { // half of them where a bucket of level 1 ends, too
            const std::uint64_t near = now + *rc::gen::inRange<std::uint64_t>(0, 100);
            return kind < 3 ? near | 7 : near;
        }
        return kind == 6 ? now - anySpan(8) : now + anySpan(kind == 7 ? 34 : 14);
    }
    /// Models stand in the order CPU 0, CPU 1, and both again for deferrable timers.
    std::size_t modelOf(const WheelTimer& timer, std::size_t cpu) const
    {
        return cpu + (timer.has(timer_flag::deferrable) ? 2 : 0);
    }

    void change()
    {
        WheelTimer& timer = anyTimer();
        const std::size_t cpu = anyCpu();
        const std::uint64_t expires = anyExpiry();
        const int how = *rc::gen::inRange(0, 4);
        TimerWheel& wheel = m_cpus[cpu].wheel;
        const Jiffies jiffies{now};
        const bool was = how == 0 ? wheel.modifyPending(timer, Jiffies{expires}, jiffies)
            : how == 1            ? wheel.reduce(timer, Jiffies{expires}, jiffies)
                                  : wheel.modify(timer, Jiffies{expires}, jiffies);
        RC_ASSERT(was == changeModel(timer, cpu, expires, how));
    }
    bool changeModel(const WheelTimer& timer, std::size_t cpu, std::uint64_t expires, int how)
    {
        std::size_t& home = m_homes[timer.id()];
        ModelWheel::Waiting* const waiting = m_models[home].find(timer.id());
        if (waiting != nullptr
            && (waiting->expires == expires
                || (how == 1 && ModelWheel::before(waiting->expires, expires)))) {
            return true;
        }
        m_models[home].forward(now);
        if (waiting == nullptr && how == 0) {
            return false;
        }
        if (waiting != nullptr) {
            const ModelWheel::Waiting place = m_models[home].place(timer.id(), expires);
            // A bucket counts by its number, which comes round every 64.
            const unsigned shift = 3 * place.level;
            if (place.level == waiting->level
                && ((place.firesAt >> shift) - (waiting->firesAt >> shift)) % 64 == 0) {
                waiting->expires = expires;
                return true;
            }
            m_models[home].take(timer.id());
        }
        const bool stays = timer.has(timer_flag::pinned);
        home = modelOf(timer, stays ? cpu : m_cpus[cpu].target);
        m_models[home].forward(now);
        m_models[home].add(timer.id(), expires);
        return waiting != nullptr;
    }
    void remove()
    {
        WheelTimer& timer = anyTimer();
        ModelWheel& model = m_models[m_homes[timer.id()]];
        const bool waits = model.find(timer.id()) != nullptr;
        if (waits) {
            model.take(timer.id());
        }
        RC_ASSERT(m_cpus[anyCpu()].wheel.remove(timer) == waits);
    }
    void addOn()
    {
        WheelTimer& timer = anyTimer();
        if (timer.isPending()) {
            return;
        }
        const std::size_t cpu = anyCpu();
        const std::uint64_t expires = anyExpiry();
        m_cpus[anyCpu()].wheel.addOn(m_cpus[cpu].wheel, timer, Jiffies{expires}, Jiffies{now});
        m_homes[timer.id()] = modelOf(timer, cpu);
        m_models[m_homes[timer.id()]].forward(now);
        m_models[m_homes[timer.id()]].add(timer.id(), expires);
    }
    void idleQuery()
    {
        const std::size_t cpu = anyCpu();
        ModelWheel& model = m_models[cpu];
        if (model.stale) {
            model.recalculate();
        }
        model.forward(now);
        const MonotonicInstant at{Ns{1'000'000'007}};
        MonotonicInstant expected = never<MonotonicClock>;
        if (!model.timers.empty()) {
            const auto ahead = static_cast<std::int64_t>(model.next - now);
            expected = at + std::max<std::int64_t>(ahead, 0) * m_rate.period();
        }
        RC_ASSERT(m_cpus[cpu].wheel.nextTimerInterrupt(Jiffies{now}, at) == expected);
    }
    void runBoth()
    {
        for (std::size_t cpu = 0; cpu < 2; ++cpu) {
            m_fired.clear();
            m_cpus[cpu].wheel.run(Jiffies{now});
            std::vector<std::uint32_t> expected = m_models[cpu].run(now);
            const auto deferrable = m_models[cpu + 2].run(now);
            expected.insert(expected.end(), deferrable.begin(), deferrable.end());
            RC_ASSERT(m_fired == expected);
        }
    }
    void noteFired(const WheelTimer& timer)
    {
        m_fired.push_back(timer.id());
        RC_ASSERT(!ModelWheel::before(now, timer.expires().count)); // never early
    }
    void compare()
    {
        for (std::size_t i = 0; i < m_models.size(); ++i) {
            const TimerBase& base = m_cpus[i % 2].wheel.base(i < 2 ? TimerBaseKind::Standard
                                                                   : TimerBaseKind::Deferrable);
            RC_ASSERT(base.clk().count == m_models[i].clk);
            RC_ASSERT(base.nextExpiry().count == m_models[i].next);
            RC_ASSERT(base.needsRecalc() == m_models[i].stale);
            RC_ASSERT(base.inOrder().size() == m_models[i].timers.size());
        }
    }

public:
    std::uint64_t now;

private:
    TraceBench m_trace;
    std::deque<ModelWheel> m_models;
    std::deque<WheelTimer> m_timers;
    std::vector<std::size_t> m_homes;
    std::vector<std::uint32_t> m_fired;
    std::array<Cpu, 2> m_cpus;
    TickRate m_rate;
};

/// An odd place to start from: the boot, the end of the counter, or anywhere.
std::uint64_t anyStart(TickRate rate)
{
    return *rc::gen::element(rate.initialJiffies().count, UINT64_MAX - 300,
                             *rc::gen::arbitrary<std::uint64_t>());
}

} // namespace

class TimerWheelProperty : public QObject
{
    Q_OBJECT
private slots:
    void wheelsDoAsAListOfTimersSays();
    void timersAreCancelledOnceForEachStart();
    void armedTimersFireWhateverTheirFunctionsDo();
    void levelIsTheLowestThatReaches();
};

void TimerWheelProperty::wheelsDoAsAListOfTimersSays()
{
    const bool holds = rc::check("two CPUs' wheels = lists of timers", [] {
        const TickRate rate{*rc::gen::element<std::uint32_t>(100, 250, 1000)};
        Twins twins(rate, anyStart(rate));
        for (int steps = *rc::gen::inRange(1, 300); steps > 0; --steps) {
            twins.step();
        }
    });
    QVERIFY(holds);
}

void TimerWheelProperty::timersAreCancelledOnceForEachStart()
{
    const bool holds = rc::check("records: start, cancel, and perhaps at once expire", [] {
        const TickRate rate{250};
        Twins twins(rate, anyStart(rate));
        for (int steps = *rc::gen::inRange(1, 300); steps > 0; --steps) {
            twins.step();
        }
        twins.removeAll();
        const TraceLog& log = twins.log();
        std::map<std::uint32_t, int> armed;
        for (std::size_t i = 0; i < log.size(); ++i) {
            if (log[i].kind == RecordKind::TimerStart) {
                RC_ASSERT(++armed[log[i].subject] == 1);
            } else if (log[i].kind == RecordKind::TimerCancel) {
                RC_ASSERT(--armed[log[i].subject] == 0);
            } else if (log[i].kind == RecordKind::TimerExpireEntry) {
                RC_ASSERT(log[i - 1].kind == RecordKind::TimerCancel);
                RC_ASSERT(log[i - 1].subject == log[i].subject);
            }
        }
        RC_ASSERT(std::ranges::all_of(armed, [](const auto& each) { return each.second == 0; }));
    });
    QVERIFY(holds);
}

/// Functions that arm and cancel whatever they like, those about to fire among them.
void TimerWheelProperty::armedTimersFireWhateverTheirFunctionsDo()
{
    const bool holds = rc::check("starts = expiries + cancels, with functions that interfere", [] {
        struct NoCost final : TimerWheel::Host
        {
            void spendCallback() override { }
        } host;
        TraceBench trace;
        Jiffies now{anyStart(TickRate{250})};
        TimerWheel wheel(TickRate{250}, now, host, trace.tracer());
        std::deque<WheelTimer> timers;
        int calls = 0;
        int removals = 0;
        const auto interfere = [&](WheelTimer& self) {
            ++calls;
            RC_ASSERT(!self.isPending());
            RC_ASSERT(wheel.tryRemove(self) == -1);
            WheelTimer& other = timers[*rc::gen::inRange<std::size_t>(0, timersMax)];
            if (*rc::gen::inRange(0, 3) == 0) {
                removals += wheel.remove(other) ? 1 : 0;
            } else {
                wheel.modify(other, Jiffies{now.count + anySpan(9)}, now);
            }
        };
        for (std::uint32_t id = 0; id < timersMax; ++id) {
            WheelTimer& timer = timers.emplace_back(id, "t", interfere);
            wheel.modify(timer, Jiffies{now.count + anySpan(7)}, now);
        }
        for (int jiffies = 0; jiffies < 300; ++jiffies) {
            ++now.count;
            wheel.run(now);
            RC_ASSERT(isBefore(now, wheel.nextExpiry()));
        }
        int starts = static_cast<int>(trace.count(RecordKind::TimerStart));
        const int cancels = static_cast<int>(trace.count(RecordKind::TimerCancel));
        RC_ASSERT(static_cast<int>(trace.count(RecordKind::TimerExpireEntry)) == calls);
        RC_ASSERT(starts - cancels == static_cast<int>(wheel.inOrder().size()));
        RC_ASSERT(cancels >= calls + removals);
        while (!wheel.inOrder().empty()) {
            starts -= wheel.remove(timers[wheel.inOrder().front()->id()]) ? 1 : 0;
        }
        RC_ASSERT(starts == cancels);
    });
    QVERIFY(holds);
}

void TimerWheelProperty::levelIsTheLowestThatReaches()
{
    const bool holds = rc::check("level = first L with distance < 63 x 8^L", [] {
        const auto clk = *rc::gen::arbitrary<std::uint64_t>();
        const std::uint64_t distance = anySpan(31);
        const auto levels = *rc::gen::element(8U, 9U);
        const WheelPosition position = wheelPosition(Jiffies{clk + distance}, Jiffies{clk}, levels);
        unsigned level = 0;
        while (level + 1 < levels && distance >= 63 * wheelGranularity(level)) {
            ++level;
        }
        RC_ASSERT(position.index / TimerWheel::bucketsPerLevel == level);
        const std::uint64_t late = position.bucketExpiry.count - (clk + distance);
        RC_ASSERT(distance >= 63 * wheelGranularity(level)
                  || (late > 0 && late <= wheelGranularity(level)));
    });
    QVERIFY(holds);
}

QTEST_GUILESS_MAIN(TimerWheelProperty)
#include "timer_wheel_property.moc"
