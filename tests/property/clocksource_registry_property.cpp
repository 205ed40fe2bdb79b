// SPDX-License-Identifier: GPL-3.0-or-later
//! What holds for the list of clocksources and its watchdog after any sequence of operations.
#include "engine/why/clocksource_case.h"
#include "tests/support/watchdog_bench.h"

#include <QTest>

#include <rapidcheck.h>

#include <set>

using namespace timerscope;
using namespace timerscope::test;
using namespace timerscope::clocksource_flag;

namespace {

constexpr int drivers = 6;

/// A booted machine, six drivers, and somebody who does things to them at random.
class Chaos
{
public:
    explicit Chaos(bool oneshot)
    {
        bench.oneshot = oneshot;
        bench.boot();
        for (int i = 0; i < drivers; ++i) {
            m_clocks.emplace_back(bench.trueNs, "c" + std::to_string(i), 10'000'000, 56, 0, 0,
                                  Ns::zero());
        }
    }

    void act()
    {
        WatchedClock& clock = m_clocks[static_cast<std::size_t>(*rc::gen::inRange(0, drivers))];
        switch (*rc::gen::inRange(0, 8)) {
        case 0:
        case 1:
            registerAnew(clock);
            break;
        case 2:
            static_cast<void>(bench.registry.unregisterSource(clock.source));
            break;
        case 3:
            rate(clock);
            break;
        case 4:
            bench.registry.markUnstable(clock.source);
            break;
        case 5:
            bench.registry.setOverride(*rc::gen::element<std::string>("", clock.source.name));
            break;
        case 6:
            clock.counter.drift(*rc::gen::element<std::int64_t>(0, 500, 2000, -2000));
            break;
        default:
            break;
        }
        bench.pass(*rc::gen::element<std::uint64_t>(0, 0, 130, 400));
        bench.runWork();
    }

    [[nodiscard]] const Clocksource& current() const { return *bench.registry.current(); }
    [[nodiscard]] bool isListed(const Clocksource& source) const
    {
        const auto list = bench.registry.list();
        return std::ranges::find(list, &source) != list.end();
    }
    /// What the rules say should be current; null when nothing may be.
    [[nodiscard]] const Clocksource* due() const
    {
        const Clocksource* const wanted = bench.registry.find(bench.registry.overrideName());
        if (wanted != nullptr && bench.registry.isAvailable(*wanted)) {
            return wanted;
        }
        for (const Clocksource* const source : bench.registry.list()) {
            if (bench.registry.isAvailable(*source)) {
                return source;
            }
        }
        return nullptr;
    }

    WatchdogBench bench;

    /// True for one that was marked, and that somebody has given a rating since.
    [[nodiscard]] bool isRaised(const Clocksource& source) const
    {
        return m_raised.contains(&source);
    }

private:
    void rate(WatchedClock& clock)
    {
        if (isListed(clock.source) && clock.source.has(unstable)) {
            m_raised.insert(&clock.source);
        }
        bench.registry.changeRating(clock.source, *rc::gen::inRange(1, 500));
    }
    void registerAnew(WatchedClock& clock)
    {
        if (isListed(clock.source)) {
            return;
        }
        m_raised.erase(&clock.source);
        clock.source.rating = *rc::gen::inRange(1, 500);
        clock.source.flags
            = *rc::gen::element<std::uint32_t>(0, continuous, continuous | mustVerify, mustVerify);
        bench.registry.registerSource(clock.source);
    }

    std::deque<WatchedClock> m_clocks;
    std::set<const Clocksource*> m_raised;
};

/// What an observer of the machine sees of its list.
Snapshot snapshotOf(const WatchdogBench& bench)
{
    Snapshot snapshot;
    snapshot.machine.bootFinished = true;
    snapshot.overrideName = bench.registry.overrideName();
    CpuRow cpu;
    cpu.tickMode = bench.oneshot ? TickMode::Oneshot : TickMode::Periodic;
    snapshot.cpus.push_back(std::move(cpu));
    for (const Clocksource* const source : bench.registry.list()) {
        ClocksourceRow row;
        row.name = source->name;
        row.current = source == bench.registry.current();
        row.rating = source->rating;
        row.flags = source->flags;
        snapshot.clocksources.push_back(std::move(row));
    }
    return snapshot;
}

/// What the registry makes of a name that is written to it, seen from the outside.
OverrideAnswer answerTo(WatchdogBench& bench, const std::string& name)
{
    const bool mayChoose = std::ranges::any_of(bench.registry.list(), [&](const Clocksource* any) {
        return bench.registry.isAvailable(*any);
    });
    bench.registry.setOverride(name);
    if (!mayChoose) {
        return OverrideAnswer::Ignored;
    }
    if (bench.registry.current()->name == name) {
        return OverrideAnswer::Accepted;
    }
    return bench.registry.overrideName().empty() ? OverrideAnswer::Refused
                                                 : OverrideAnswer::Deferred;
}

/// Holds @p body after each of up to 60 random acts, in periodic and in oneshot mode.
template<typename Body>
bool alwaysAfterActs(const char* what, Body body)
{
    return rc::check(what, [&] {
        Chaos chaos(*rc::gen::arbitrary<bool>());
        const int acts = *rc::gen::inRange(1, 60);
        for (int i = 0; i < acts; ++i) {
            chaos.act();
            body(chaos);
        }
    });
}

} // namespace

class ClocksourceRegistryProperty : public QObject
{
    Q_OBJECT
private slots:
    void currentIsTheOneThatTheRulesName();
    void unstableSourceIsNeverCurrentWhileABetterOneExists();
    void markedSourcesAreRatedZeroUntilSomebodyRaisesThem();
    void listStaysSortedWithoutDoubles();
    void watchdogRunsExactlyWhileItHasWork();
    void unstableSourcesHaveNoOtherClaim();
    void explanationsForetellWhatTheRegistryDoes();
};

void ClocksourceRegistryProperty::currentIsTheOneThatTheRulesName()
{
    QVERIFY(alwaysAfterActs("current is the wished one, else the first that may be",
                            [](const Chaos& chaos) {
                                const Clocksource* const due = chaos.due();
                                RC_ASSERT(due == nullptr || &chaos.current() == due);
                            }));
}

void ClocksourceRegistryProperty::unstableSourceIsNeverCurrentWhileABetterOneExists()
{
    QVERIFY(alwaysAfterActs("an unstable or unlisted source gives way", [](const Chaos& chaos) {
        const Clocksource& current = chaos.current();
        RC_ASSERT(chaos.isListed(current));
        const bool wished
            = !chaos.bench.oneshot && current.name == chaos.bench.registry.overrideName();
        if (!current.has(unstable) || wished) {
            return;
        }
        for (const Clocksource* const source : chaos.bench.registry.list()) {
            const bool better = !source->has(unstable) && source->rating > current.rating
                && chaos.bench.registry.isAvailable(*source);
            RC_ASSERT(!better);
        }
    }));
}

void ClocksourceRegistryProperty::markedSourcesAreRatedZeroUntilSomebodyRaisesThem()
{
    QVERIFY(alwaysAfterActs("a marked source is rated 0", [](const Chaos& chaos) {
        for (const Clocksource* const source : chaos.bench.registry.list()) {
            RC_ASSERT(!source->has(unstable) || source->rating == 0 || chaos.isRaised(*source));
        }
    }));
}

void ClocksourceRegistryProperty::listStaysSortedWithoutDoubles()
{
    QVERIFY(alwaysAfterActs("ratings fall along the list", [](const Chaos& chaos) {
        const auto list = chaos.bench.registry.list();
        RC_ASSERT(std::ranges::is_sorted(list, std::ranges::greater{}, &Clocksource::rating));
        std::vector<const Clocksource*> sorted(list.begin(), list.end());
        std::ranges::sort(sorted);
        RC_ASSERT(std::ranges::adjacent_find(sorted) == sorted.end());
    }));
}

void ClocksourceRegistryProperty::watchdogRunsExactlyWhileItHasWork()
{
    QVERIFY(alwaysAfterActs("the timer is armed while sources are watched", [](const Chaos& chaos) {
        const ClocksourceWatchdog& dog = *chaos.bench.registry.watchdog();
        RC_ASSERT(dog.isRunning() == !dog.watched().empty());
        RC_ASSERT(dog.isRunning() == chaos.bench.armed.has_value());
        RC_ASSERT(!dog.reference()->has(mustVerify));
        RC_ASSERT(chaos.isListed(*dog.reference()));
        for (const Clocksource* const source : dog.watched()) {
            RC_ASSERT(source->has(mustVerify) && !source->has(unstable));
            RC_ASSERT(chaos.isListed(*source));
        }
    }));
}

void ClocksourceRegistryProperty::unstableSourcesHaveNoOtherClaim()
{
    QVERIFY(alwaysAfterActs("unstable excludes valid and checked", [](const Chaos& chaos) {
        for (const Clocksource* const source : chaos.bench.registry.list()) {
            const std::uint32_t lost = validForHres | watchdog | reselect;
            RC_ASSERT(!source->has(unstable) || (source->flags & lost) == 0);
        }
    }));
}

void ClocksourceRegistryProperty::explanationsForetellWhatTheRegistryDoes()
{
    QVERIFY(alwaysAfterActs("why? knows the choice and each override's answer", [](Chaos& chaos) {
        const Snapshot snapshot = snapshotOf(chaos.bench);
        const ClocksourceRow* const choice = choiceOf(snapshot);
        RC_ASSERT(choice == nullptr || choice->current);
        const auto& rows = snapshot.clocksources;
        const ClocksourceRow& asked
            = rows[*rc::gen::inRange<std::size_t>(0, snapshot.clocksources.size())];
        const OverrideAnswer foretold = overrideAnswerOf(snapshot, asked);
        RC_ASSERT(answerTo(chaos.bench, asked.name) == foretold);
    }));
}

QTEST_GUILESS_MAIN(ClocksourceRegistryProperty)
#include "clocksource_registry_property.moc"
