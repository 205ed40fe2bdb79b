// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clocksource/registry.h"
#include "tests/support/engine_bench.h"

#include <QTest>

#include <deque>

using namespace timerscope;
using namespace timerscope::test;

namespace {

using namespace clocksource_flag;

class Bench final : private ClocksourceHost
{
public:
    Bench()
        : registry(*this, kernelLog, trace.tracer())
    {
    }

    /// Registers a source whose own line is of no interest.
    Clocksource& add(std::string name, int rating, std::uint32_t flags = continuous)
    {
        Clocksource& source = make(std::move(name), rating, flags);
        const QString before = kernelLog.take();
        registry.registerSource(source);
        QString log = kernelLog.take();
        log.remove(0, log.indexOf(" ns") + 3);
        if (log.startsWith('|')) {
            log.remove(0, 1);
        }
        lines = before + log;
        return source;
    }
    Clocksource& make(std::string name, int rating, std::uint32_t flags = continuous)
    {
        return sources.emplace_back(
            clocksourceOn(counter, std::move(name), 24'000'000, 32, rating, flags));
    }
    [[nodiscard]] QString list() const
    {
        QStringList names;
        for (const Clocksource* source : registry.list()) {
            names += QString::fromStdString(source->name);
        }
        return names.join(' ');
    }
    [[nodiscard]] QString available() const
    {
        QStringList names;
        for (const Clocksource* source : registry.list()) {
            if (registry.isAvailable(*source)) {
                names += QString::fromStdString(source->name);
            }
        }
        return names.join(' ');
    }
    [[nodiscard]] QString current() const
    {
        return registry.current() != nullptr ? QString::fromStdString(registry.current()->name)
                                             : QString();
    }
    [[nodiscard]] SelectReason lastReason() const
    {
        return static_cast<SelectReason>(trace.all(RecordKind::ClocksourceSelect).back().b);
    }

    TraceBench trace;
    KernelLogBench kernelLog;
    CounterBench counter;
    std::deque<Clocksource> sources;
    ClocksourceRegistry registry;
    QString lines;
    Clocksource bootClock = clocksourceOn(counter, "boot", 100, 32, 1, 0);
    QString timekeeping; // what the timekeeper was told to use
    bool oneshot = false;

private:
    [[nodiscard]] bool isTickOneshot() const override { return oneshot; }
    [[nodiscard]] Clocksource& defaultClock() override { return bootClock; }
    bool changeClocksource(Clocksource& chosen) override
    {
        timekeeping = QString::fromStdString(chosen.name);
        return true;
    }
    void touchedDangling(const Clocksource& /*source*/) override { }
};

} // namespace

class ClocksourceRegistryTest : public QObject
{
    Q_OBJECT
private slots:
    void listIsByRatingAndEqualRatingsKeepTheirOrder();
    void registrationPrintsTheSourcesLine();
    void nothingIsChosenBeforeBootHasFinished();
    void endOfBootChoosesTheBestAndSaysSo();
    void endOfBootOnTheDefaultClockIsNoSwitch();
    void betterSourceTakesOverAtOnceAndAnEqualOneDoesNot();
    void continuousSourcesAreValidForHighResolution();
    void withoutAWatchdogNothingWaitsToBeVerifiedOrTurnsUnstable();
    void oneshotHidesWhatIsNotValidForHighResolution();
    void overrideWinsOverRating();
    void overrideOfANameYetUnknownCountsWhenItAppears();
    void overrideOutlivesTheSourceItNames();
    void overrideThatIsNotValidForOneshotIsDeferred();
    void overrideOfAnUnstableSourceIsRefusedAndForgotten();
    void unusableOverrideChoosesTheBestNotTheCurrent();
    void periodicModeAcceptsEvenAnUnstableOverride();
    void emptyLineClearsTheOverride();
    void writtenNamesHaveLimits();
    void unknownNameIsAcceptedAndRemembered();
    void ratingChangeMovesAndReselects();
    void ratingChangeToAnEqualGoesBehind();
    void unregisteringTheCurrentFallsBackToTheNext();
    void lastUsableSourceCannotBeUnregistered();
    void unregisteringTwiceIsFine();
    void unbindAnswersLikeTheKernel();
    void overrideDoesNotKeepASourceThatIsUnbound();
    void secondSourceOfTheOverridesNameCountsWhenTheFirstGoes();
    void selectionRecordsNameThePreviousAndTheReason();
};

void ClocksourceRegistryTest::listIsByRatingAndEqualRatingsKeepTheirOrder()
{
    Bench bench;
    bench.add("b", 200);
    bench.add("d", 100);
    bench.add("a", 300);
    bench.add("c", 200);
    bench.add("e", 100);
    QCOMPARE(bench.list(), "a b c d e");
}

void ClocksourceRegistryTest::registrationPrintsTheSourcesLine()
{
    Bench bench;
    Clocksource source
        = clocksourceOn(bench.counter, "FTTMR010-TIMER2", 24'750'000, 32, 300, continuous);
    bench.registry.registerSource(source);
    QCOMPARE(bench.kernelLog.take(),
             "clocksource: FTTMR010-TIMER2: mask: 0xffffffff max_cycles: "
             "0xffffffff, max_idle_ns: 77222644334 ns");
}

void ClocksourceRegistryTest::nothingIsChosenBeforeBootHasFinished()
{
    Bench bench;
    bench.add("a", 300);
    QCOMPARE(bench.registry.writeCurrent("a"), Errno::Ok);
    QVERIFY(bench.registry.current() == nullptr);
    QCOMPARE(bench.timekeeping, "");
    QVERIFY(!bench.registry.hasFinishedBooting());
}

void ClocksourceRegistryTest::endOfBootChoosesTheBestAndSaysSo()
{
    Bench bench;
    bench.add("jiffies", 1, 0);
    bench.add("a", 300);
    bench.registry.doneBooting();
    QCOMPARE(bench.current(), "a");
    QCOMPARE(bench.timekeeping, "a");
    QCOMPARE(bench.kernelLog.take(), "clocksource: Switched to clocksource a");
    bench.registry.doneBooting();
    QCOMPARE(bench.kernelLog.take(), "");
}

void ClocksourceRegistryTest::endOfBootOnTheDefaultClockIsNoSwitch()
{
    Bench bench;
    bench.registry.registerSource(bench.bootClock);
    bench.kernelLog.take();
    bench.registry.doneBooting();
    QCOMPARE(bench.current(), "boot");
    QCOMPARE(bench.kernelLog.take(), "");
    QCOMPARE(bench.timekeeping, "");
    QCOMPARE(bench.trace.count(RecordKind::ClocksourceSelect), 0U);
}

void ClocksourceRegistryTest::betterSourceTakesOverAtOnceAndAnEqualOneDoesNot()
{
    Bench bench;
    bench.registry.doneBooting();
    QCOMPARE(bench.current(), "boot");
    bench.add("a", 300);
    QCOMPARE(bench.lines, "clocksource: Switched to clocksource a");
    bench.add("b", 300);
    QCOMPARE(bench.lines, "");
    bench.add("c", 301);
    QCOMPARE(bench.lines, "clocksource: Switched to clocksource c");
    QCOMPARE(bench.list(), "c a b");
}

void ClocksourceRegistryTest::continuousSourcesAreValidForHighResolution()
{
    Bench bench;
    QVERIFY(bench.add("a", 300).has(validForHres));
    QVERIFY(!bench.add("b", 300, 0).has(validForHres));
}

void ClocksourceRegistryTest::withoutAWatchdogNothingWaitsToBeVerifiedOrTurnsUnstable()
{
    Bench bench;
    QVERIFY(bench.add("a", 300, continuous | mustVerify).has(validForHres));
    QVERIFY(!bench.add("b", 300, mustVerify).has(validForHres));
    bench.registry.markUnstable(*bench.registry.find("a"));
    QVERIFY(!bench.registry.find("a")->has(unstable));
    QCOMPARE(bench.registry.watchdog(), nullptr);
}

void ClocksourceRegistryTest::oneshotHidesWhatIsNotValidForHighResolution()
{
    Bench bench;
    bench.add("coarse", 400, 0);
    bench.add("fine", 300);
    bench.add("jiffies", 1, 0);
    QCOMPARE(bench.available(), "coarse fine jiffies");
    bench.oneshot = true;
    QCOMPARE(bench.available(), "fine");
    QCOMPARE(bench.list(), "coarse fine jiffies");
    bench.registry.doneBooting();
    QCOMPARE(bench.current(), "fine");
}

void ClocksourceRegistryTest::overrideWinsOverRating()
{
    Bench bench;
    bench.add("a", 300);
    bench.add("b", 200);
    bench.registry.doneBooting();
    bench.kernelLog.take();
    QCOMPARE(bench.registry.writeCurrent("b\n"), Errno::Ok);
    QCOMPARE(bench.current(), "b");
    QCOMPARE(bench.kernelLog.take(), "clocksource: Switched to clocksource b");
    QCOMPARE(bench.lastReason(), SelectReason::Override);
    bench.add("c", 500);
    QCOMPARE(bench.current(), "b");
}

void ClocksourceRegistryTest::overrideOfANameYetUnknownCountsWhenItAppears()
{
    Bench bench;
    bench.registry.setOverride("late");
    bench.add("a", 300);
    bench.registry.doneBooting();
    QCOMPARE(bench.current(), "a");
    bench.add("late", 50);
    QCOMPARE(bench.current(), "late");
}

void ClocksourceRegistryTest::overrideOutlivesTheSourceItNames()
{
    Bench bench;
    bench.add("a", 300);
    Clocksource& b = bench.add("b", 50);
    bench.registry.doneBooting();
    bench.registry.writeCurrent("b");
    QCOMPARE(bench.registry.unregisterSource(b), Errno::Ok);
    QCOMPARE(bench.current(), "a");
    QCOMPARE(bench.registry.overrideName(), std::string("b"));
    bench.registry.registerSource(b);
    QCOMPARE(bench.current(), "b");
}

void ClocksourceRegistryTest::overrideThatIsNotValidForOneshotIsDeferred()
{
    Bench bench;
    bench.add("a", 300);
    bench.add("jiffies", 1, 0);
    bench.registry.doneBooting();
    bench.oneshot = true;
    bench.kernelLog.take();
    QCOMPARE(bench.registry.writeCurrent("jiffies"), Errno::Ok);
    QCOMPARE(bench.kernelLog.take(),
             "clocksource: Override clocksource jiffies is not currently "
             "HRT compatible - deferring");
    QCOMPARE(bench.current(), "a");
    QCOMPARE(bench.registry.overrideName(), std::string("jiffies"));
}

void ClocksourceRegistryTest::overrideOfAnUnstableSourceIsRefusedAndForgotten()
{
    Bench bench;
    bench.add("a", 300);
    bench.add("tsc", 0, unstable);
    bench.registry.doneBooting();
    bench.oneshot = true;
    bench.kernelLog.take();
    QCOMPARE(bench.registry.writeCurrent("tsc"), Errno::Ok);
    QCOMPARE(bench.kernelLog.take(),
             "clocksource: Override clocksource tsc is unstable and not "
             "HRT compatible - cannot switch while in HRT/NOHZ mode");
    QCOMPARE(bench.registry.overrideName(), std::string());
    QCOMPARE(bench.current(), "a");
}

void ClocksourceRegistryTest::unusableOverrideChoosesTheBestNotTheCurrent()
{
    Bench bench;
    bench.add("tsc", 300);
    bench.add("acpi_pm", 200);
    bench.add("jiffies", 1, 0);
    bench.registry.doneBooting();
    bench.oneshot = true;
    bench.registry.writeCurrent("acpi_pm");
    QCOMPARE(bench.current(), "acpi_pm");
    bench.registry.writeCurrent("jiffies");
    QCOMPARE(bench.current(), "tsc");
}

void ClocksourceRegistryTest::periodicModeAcceptsEvenAnUnstableOverride()
{
    Bench bench;
    bench.add("a", 300);
    bench.add("tsc", 0, unstable);
    bench.registry.doneBooting();
    bench.registry.writeCurrent("tsc");
    QCOMPARE(bench.current(), "tsc");
}

void ClocksourceRegistryTest::emptyLineClearsTheOverride()
{
    Bench bench;
    bench.add("a", 300);
    bench.add("b", 200);
    bench.registry.doneBooting();
    bench.registry.writeCurrent("b");
    QCOMPARE(bench.registry.writeCurrent("\n"), Errno::Ok);
    QCOMPARE(bench.registry.overrideName(), std::string());
    QCOMPARE(bench.current(), "a");
}

void ClocksourceRegistryTest::writtenNamesHaveLimits()
{
    Bench bench;
    const std::string longest(31, 'x');
    bench.registry.setOverride("kept");
    QCOMPARE(bench.registry.writeCurrent(""), Errno::Invalid);
    QCOMPARE(bench.registry.writeCurrent(longest + "x"), Errno::Invalid);
    QCOMPARE(bench.registry.writeCurrent(longest + "\n"), Errno::Invalid);
    QCOMPARE(bench.registry.overrideName(), std::string("kept"));
    QCOMPARE(bench.registry.writeCurrent(longest), Errno::Ok);
    QCOMPARE(bench.registry.overrideName(), longest);
    QCOMPARE(bench.registry.writeCurrent(longest.substr(1) + "\n"), Errno::Ok);
    QCOMPARE(bench.registry.overrideName(), longest.substr(1));
    // Only one newline is cut.
    QCOMPARE(bench.registry.writeCurrent("a\n\n"), Errno::Ok);
    QCOMPARE(bench.registry.overrideName(), std::string("a\n"));
}

void ClocksourceRegistryTest::unknownNameIsAcceptedAndRemembered()
{
    Bench bench;
    bench.add("a", 300);
    bench.add("b", 200);
    bench.registry.doneBooting();
    bench.registry.writeCurrent("b");
    QCOMPARE(bench.registry.writeCurrent("nowhere"), Errno::Ok);
    QCOMPARE(bench.registry.overrideName(), std::string("nowhere"));
    QCOMPARE(bench.current(), "a");
}

void ClocksourceRegistryTest::ratingChangeMovesAndReselects()
{
    Bench bench;
    Clocksource& a = bench.add("a", 300);
    bench.add("b", 200);
    bench.registry.doneBooting();
    bench.kernelLog.take();
    bench.registry.changeRating(a, 100);
    QCOMPARE(bench.list(), "b a");
    QCOMPARE(bench.current(), "b");
    QCOMPARE(bench.kernelLog.take(), "clocksource: Switched to clocksource b");
    const auto change = bench.trace.all(RecordKind::ClocksourceRating).back();
    QCOMPARE(change.a, 100);
    QCOMPARE(change.b, 300);
}

void ClocksourceRegistryTest::ratingChangeToAnEqualGoesBehind()
{
    Bench bench;
    Clocksource& a = bench.add("a", 300);
    bench.add("b", 300);
    bench.registry.doneBooting();
    bench.registry.changeRating(a, 300);
    QCOMPARE(bench.list(), "b a");
    QCOMPARE(bench.current(), "b");
}

void ClocksourceRegistryTest::unregisteringTheCurrentFallsBackToTheNext()
{
    Bench bench;
    Clocksource& a = bench.add("a", 300);
    bench.add("b", 200);
    bench.registry.doneBooting();
    bench.kernelLog.take();
    QCOMPARE(bench.registry.unregisterSource(a), Errno::Ok);
    QCOMPARE(bench.list(), "b");
    QCOMPARE(bench.current(), "b");
    QCOMPARE(bench.kernelLog.take(), "clocksource: Switched to clocksource b");
}

void ClocksourceRegistryTest::lastUsableSourceCannotBeUnregistered()
{
    Bench bench;
    Clocksource& a = bench.add("a", 300);
    bench.registry.doneBooting();
    QCOMPARE(bench.registry.unregisterSource(a), Errno::Busy);
    bench.add("jiffies", 1, 0);
    bench.oneshot = true;
    QCOMPARE(bench.registry.unregisterSource(a), Errno::Busy);
    QCOMPARE(bench.list(), "a jiffies");
    bench.oneshot = false;
    QCOMPARE(bench.registry.unregisterSource(a), Errno::Ok);
    QCOMPARE(bench.current(), "jiffies");
}

void ClocksourceRegistryTest::unregisteringTwiceIsFine()
{
    Bench bench;
    Clocksource& a = bench.add("a", 300);
    bench.add("b", 200);
    QCOMPARE(bench.registry.unregisterSource(a), Errno::Ok);
    QCOMPARE(bench.registry.unregisterSource(a), Errno::Ok);
    QCOMPARE(bench.trace.count(RecordKind::ClocksourceUnregister), 1U);
}

void ClocksourceRegistryTest::unbindAnswersLikeTheKernel()
{
    Bench bench;
    bench.add("a", 300);
    bench.add("b", 200);
    bench.add("c", 100);
    bench.registry.doneBooting();
    QCOMPARE(bench.registry.writeUnbind(""), Errno::Invalid);
    QCOMPARE(bench.registry.writeUnbind(std::string(32, 'x')), Errno::Invalid);
    QCOMPARE(bench.registry.writeUnbind("\n"), Errno::NoDevice);
    QCOMPARE(bench.registry.writeUnbind("nowhere\n"), Errno::NoDevice);
    QCOMPARE(bench.registry.writeUnbind("c\n"), Errno::Ok);
    QCOMPARE(bench.registry.writeUnbind("a\n"), Errno::Ok);
    QCOMPARE(bench.current(), "b");
    QCOMPARE(bench.registry.writeUnbind("b\n"), Errno::Busy);
    QCOMPARE(bench.list(), "b");
}

void ClocksourceRegistryTest::overrideDoesNotKeepASourceThatIsUnbound()
{
    Bench bench;
    bench.add("a", 300);
    bench.add("b", 200);
    bench.registry.doneBooting();
    bench.registry.writeCurrent("b");
    QCOMPARE(bench.registry.writeUnbind("b"), Errno::Ok);
    QCOMPARE(bench.current(), "a");
}

void ClocksourceRegistryTest::secondSourceOfTheOverridesNameCountsWhenTheFirstGoes()
{
    Bench bench;
    Clocksource& first = bench.add("twin", 200);
    Clocksource& second = bench.add("twin", 100);
    bench.add("a", 300);
    bench.registry.doneBooting();
    bench.registry.writeCurrent("twin");
    QVERIFY(bench.registry.current() == &first);
    QCOMPARE(bench.registry.writeUnbind("twin"), Errno::Ok);
    QVERIFY(bench.registry.current() == &second);
}

void ClocksourceRegistryTest::selectionRecordsNameThePreviousAndTheReason()
{
    Bench bench;
    bench.add("a", 300);
    bench.registry.doneBooting();
    QCOMPARE(bench.lastReason(), SelectReason::OnlyOne);
    bench.add("b", 400);
    QCOMPARE(bench.lastReason(), SelectReason::Best);
    const TraceRecord select = bench.trace.all(RecordKind::ClocksourceSelect).back();
    const TraceLog& log = bench.trace.log();
    QCOMPARE(log.string(select.subject), std::string_view("b"));
    QCOMPARE(log.string(static_cast<std::uint32_t>(select.a)), std::string_view("a"));
}

QTEST_GUILESS_MAIN(ClocksourceRegistryTest)
#include "clocksource_registry_test.moc"
