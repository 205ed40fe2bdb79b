// SPDX-License-Identifier: GPL-3.0-or-later
//! Every answer of the clocksource list, on states that are made by hand.
#include "engine/base/kernel_types.h"
#include "engine/why/clocksource_case.h"
#include "engine/why/why.h"

#include <QtTest>

#include <algorithm>

using namespace timerscope;
using namespace timerscope::clocksource_flag;

namespace {

constexpr std::uint32_t fit = continuous | validForHres;
constexpr std::uint32_t unverified = continuous | mustVerify;

/// A kernel whose boot is over and whose tick is oneshot unless a test says otherwise.
struct State : Snapshot
{
    State()
    {
        machine.bootFinished = true;
        overrideName = "";
        CpuRow cpu;
        cpu.tickMode = TickMode::Oneshot;
        cpus.push_back(std::move(cpu));
    }
    /// Behind the others: rows come in the list's order.
    State& with(std::string name, int rating, std::uint32_t flags)
    {
        ClocksourceRow row;
        row.name = std::move(name);
        row.rating = rating;
        row.flags = flags;
        clocksources.push_back(std::move(row));
        return *this;
    }
    State& current(std::string_view name)
    {
        std::ranges::find(clocksources, name, &ClocksourceRow::name)->current = true;
        return *this;
    }
    State& asking(std::string name)
    {
        overrideName = std::move(name);
        return *this;
    }
    State& periodic()
    {
        cpus.front().tickMode = TickMode::Periodic;
        return *this;
    }
};

/// The whole answer on one line.
std::string why(const Snapshot& state, std::string_view name, const TraceLog* log = nullptr)
{
    std::string text;
    for (const std::string& line : linesOf(whyClocksource(state, name, log))) {
        text += line + '\n';
    }
    return text;
}

} // namespace

// The text is shown when a part is missing.
#define VERIFY_SAYS(text, part) QVERIFY2((text).find(part) != std::string::npos, (text).c_str())
#define VERIFY_SAYS_NOT(text, part) QVERIFY2((text).find(part) == std::string::npos, (text).c_str())

class WhyClocksourceTest : public QObject
{
    Q_OBJECT

private slots:
    void ofEqualRatingsTheFirstOneStaysAhead();
    void aBetterOneThatMayNotBeChosenIsNamed();
    void mustVerifyWaitsForTheWatchdog();
    void unstableIsRefusedWhileTheTickIsOneshot();
    void unstableIsAcceptedWhileTheTickIsPeriodic();
    void registeredUnstableIsChosenLikeAnyOther();
    void anAbsentOverrideIsKept();
    void anUnfitOverrideIsDeferred();
    void aUsedOverrideGoesBeforeTheRating();
    void beforeTheEndOfTheBootAnOverrideWaits();
    void whereNothingMayBeChosenNothingIs();
    void suspendIsAChoiceOfItsOwn();
    void namesMayRepeat();
    void aRefusalIsFoundInTheLog();
    void whatLeftTheListIsFoundInTheLog();
    void aRaisedUnstableOneIsFirstAndStillPassedOver();
};

void WhyClocksourceTest::ofEqualRatingsTheFirstOneStaysAhead()
{
    const State state = State().with("a", 300, fit).with("b", 300, fit).current("a");
    const std::string first = why(state, "a");
    VERIFY_SAYS(first, "First of equals: b has 300 as well and was registered later");
    const std::string second = why(state, "b");
    VERIFY_SAYS(second, "No better than the first: a has 300 as well and was registered before it");
    VERIFY_SAYS(second, "An override would be accepted");
    VERIFY_SAYS(second, "Would change it: Give it a rating above 300");
    VERIFY_SAYS(second, "Would change it: Unregister a or mark it unstable");
    // A kernel that is known to have no watchdog marks nothing.
    State without = state;
    without.suspendClocksource = "";
    VERIFY_SAYS(why(without, "b"), "Would change it: Unregister a\n");
    VERIFY_SAYS_NOT(why(without, "a"), "Mark it unstable");
}

void WhyClocksourceTest::aBetterOneThatMayNotBeChosenIsNamed()
{
    const State state = State()
                            .with("tsc", 400, unverified)
                            .with("old", 350, 0)
                            .with("hpet", 250, fit)
                            .current("hpet");
    const std::string text = why(state, "hpet");
    VERIFY_SAYS(text, "Highest rating of those that may be chosen: 250 of the band");
    VERIFY_SAYS(text,
                "Passed over while the tick is oneshot: tsc (400, not verified yet), old "
                "(350, not continuous)");
    VERIFY_SAYS(text, "Would change it: The watchdog finds tsc right");
    VERIFY_SAYS_NOT(text, "The watchdog finds old right");
    VERIFY_SAYS(text, "Would change it: Override with tsc: deferred");
}

void WhyClocksourceTest::mustVerifyWaitsForTheWatchdog()
{
    const State unread
        = State().with("tsc", 300, unverified).with("hpet", 250, fit).current("hpet");
    const std::string before = why(unread, "tsc");
    VERIFY_SAYS(before,
                "Not fit while the tick is oneshot: Continuous, but must be verified: the "
                "watchdog has not read it yet.");
    VERIFY_SAYS(before, "Would change it: Two passes of the watchdog");
    VERIFY_SAYS(before, "An override would be deferred");
    const State read
        = State().with("tsc", 300, unverified | watchdog).with("hpet", 250, fit).current("hpet");
    VERIFY_SAYS(why(read, "tsc"), "the watchdog has taken its first reading");
    State referenced = read;
    referenced.watchdogReference = "hpet";
    VERIFY_SAYS(why(referenced, "tsc"), "compares it with the reference, hpet, at its next pass");
    const State verified = State().with("tsc", 300, fit | mustVerify | watchdog).current("tsc");
    VERIFY_SAYS(why(verified, "tsc"), "Continuous, and the watchdog found it right.");
}

void WhyClocksourceTest::unstableIsRefusedWhileTheTickIsOneshot()
{
    const State state
        = State().with("hpet", 250, fit).with("tsc", 0, unverified | unstable).current("hpet");
    const std::string text = why(state, "tsc");
    VERIFY_SAYS(text, "Unstable: The watchdog or its driver marked it so; its rating became 0 and");
    VERIFY_SAYS(text, "An override would be refused: It would not be current");
    VERIFY_SAYS(text, "is unstable and not HRT compatible - cannot switch while in HRT/NOHZ mode");
    VERIFY_SAYS(text, "forgets the name, and lets hpet run");
    VERIFY_SAYS(text, "Unregister it and register it anew");
    VERIFY_SAYS(why(state, "hpet"), "Would change it: Override with tsc: refused, unstable");
}

void WhyClocksourceTest::unstableIsAcceptedWhileTheTickIsPeriodic()
{
    State state
        = State().with("hpet", 250, fit).with("tsc", 0, unstable).periodic().current("hpet");
    VERIFY_SAYS(why(state, "tsc"),
                "An override would be accepted: Written to "
                "current_clocksource, tsc would be current at once, whatever its "
                "rating: the tick is periodic");
    state = State().with("hpet", 250, fit).with("tsc", 0, unstable).periodic().current("tsc");
    state.asking("tsc");
    const std::string kept = why(state, "tsc");
    VERIFY_SAYS(kept, "Asked for by name");
    VERIFY_SAYS(kept, "Its rating does not matter: 0 is outside the kernel's bands");
    VERIFY_SAYS(kept, "without the override hpet, which has 250, would be chosen");
    VERIFY_SAYS(kept, "Would change it: Clear the override: then hpet is chosen");
    VERIFY_SAYS_NOT(kept, "Would change it: Mark it unstable");
}

void WhyClocksourceTest::registeredUnstableIsChosenLikeAnyOther()
{
    const State state = State().with("odd", 400, fit | unstable).current("odd");
    const std::string text = why(state, "odd");
    VERIFY_SAYS(text, "Highest rating: 400 of the band");
    VERIFY_SAYS(text, "Unstable: It was registered with this flag, and is chosen like any other.");
}

void WhyClocksourceTest::anAbsentOverrideIsKept()
{
    const State state = State().with("tsc", 300, fit).current("tsc").asking("hpet");
    const std::string text = why(state, "tsc");
    VERIFY_SAYS(text,
                "The override cannot be used: hpet was asked for, but is not registered. The "
                "name is kept; the best one runs until it is registered.");
    VERIFY_SAYS(text, "Would change it: Register hpet: the override still names it");
    const std::string absent = why(state, "hpet");
    VERIFY_SAYS(absent, "No clocksource called hpet is registered.");
    VERIFY_SAYS(absent, "1. Asked for by name: The override names hpet. The name is kept");
}

void WhyClocksourceTest::anUnfitOverrideIsDeferred()
{
    const State state
        = State().with("tsc", 300, fit).with("jiffies", 1, 0).current("tsc").asking("jiffies");
    VERIFY_SAYS(why(state, "tsc"),
                "jiffies was asked for, but is not valid for high resolution "
                "while the tick is oneshot (deferred). The name is kept; the "
                "best one runs until it is valid.");
    VERIFY_SAYS(why(state, "jiffies"), "An override would be deferred");
    VERIFY_SAYS(why(state, "jiffies"), "highres=off nohz=off on the command line");
}

void WhyClocksourceTest::aUsedOverrideGoesBeforeTheRating()
{
    const State state
        = State().with("tsc", 300, fit).with("hpet", 250, fit).current("hpet").asking("hpet");
    const std::string other = why(state, "tsc");
    VERIFY_SAYS(other,
                "Another one was asked for: The override names hpet, although this one is "
                "better rated.");
    VERIFY_SAYS(other, "Would change it: Clear the override: then this one is chosen");
    VERIFY_SAYS_NOT(other, "Lower rating");
    VERIFY_SAYS(why(state, "hpet"),
                "An override would be accepted: Written to "
                "current_clocksource, hpet would stay current");
}

void WhyClocksourceTest::beforeTheEndOfTheBootAnOverrideWaits()
{
    State state = State().with("tsc", 300, fit).with("jiffies", 1, 0).periodic().current("jiffies");
    state.machine.bootFinished = false;
    const std::string text = why(state, "tsc");
    VERIFY_SAYS(text, "The boot has not finished");
    VERIFY_SAYS(text, "As they are now, tsc would be chosen then.");
    VERIFY_SAYS(text, "An override would wait: Nothing is chosen before the boot has finished.");
    VERIFY_SAYS(text, "clocksource=tsc on the command line");
    VERIFY_SAYS_NOT(text, "The override cannot be used");
    state.asking("jiffies");
    VERIFY_SAYS(why(state, "tsc"), "As they are now, jiffies would be chosen then.");
}

void WhyClocksourceTest::whereNothingMayBeChosenNothingIs()
{
    const State state = State().with("old", 350, 0).with("jiffies", 1, 0).current("jiffies");
    VERIFY_SAYS(why(state, "jiffies"),
                "Nothing else may be chosen: No registered clocksource is "
                "valid for high resolution");
    VERIFY_SAYS(why(state, "old"), "An override would change nothing");
}

void WhyClocksourceTest::suspendIsAChoiceOfItsOwn()
{
    const State state = State()
                            .with("tsc", 300, fit)
                            .with("s1", 200, fit | suspendNonstop)
                            .with("s2", 100, fit | suspendNonstop)
                            .current("tsc");
    VERIFY_SAYS(why(state, "s1"), "Counts on in suspend: It measures the sleep");
    VERIFY_SAYS(why(state, "s2"), "Counts on in suspend: s1 measures the sleep");
    VERIFY_SAYS_NOT(why(state, "tsc"), "Counts on in suspend");
}

void WhyClocksourceTest::namesMayRepeat()
{
    const State state
        = State().with("tsc", 300, fit).with("x", 200, fit).with("x", 100, fit).current("tsc");
    VERIFY_SAYS(why(state, "x"),
                "Not the only one of its name: 2 are called x; names are looked up "
                "from the front of the list, so this is the first of them, at "
                "place 2.");
}

void WhyClocksourceTest::aRefusalIsFoundInTheLog()
{
    State state = State().with("hpet", 250, fit).with("tsc", 0, unstable).current("hpet");
    TraceLog log;
    log.append({.at = TraceInstant{Ns{nsPerSecond}},
                .subject = log.intern("clocksource: Override clocksource tsc is unstable and not "
                                      "HRT compatible - cannot switch while in HRT/NOHZ mode"),
                .kind = RecordKind::Printk});
    VERIFY_SAYS_NOT(why(state, "tsc", &log), "An override was refused");
    state.records = 1;
    VERIFY_SAYS(why(state, "tsc", &log), "An override was refused: At 1.000000000 s");
    VERIFY_SAYS_NOT(why(state, "hpet", &log), "An override was refused");
}

void WhyClocksourceTest::whatLeftTheListIsFoundInTheLog()
{
    State state = State().with("hpet", 250, fit).current("hpet");
    TraceLog log;
    log.append({.at = TraceInstant{Ns{nsPerSecond}},
                .subject = log.intern("tsc"),
                .kind = RecordKind::ClocksourceUnregister});
    state.records = 1;
    VERIFY_SAYS(why(state, "tsc", &log), "Unregistered: It left the kernel's list at 1.000000000");
    QVERIFY(whyClocksource(state, "acpi_pm", &log).reasons.empty());
}

void WhyClocksourceTest::aRaisedUnstableOneIsFirstAndStillPassedOver()
{
    const State state
        = State().with("tsc", 450, continuous | unstable).with("hpet", 250, fit).current("hpet");
    VERIFY_SAYS(why(state, "tsc"), "its rating became 0 (and was raised to 450 since)");
    VERIFY_SAYS(why(state, "hpet"), "tsc (450, unstable)");
    QCOMPARE(choiceOf(state)->name, std::string("hpet"));
}

QTEST_GUILESS_MAIN(WhyClocksourceTest)
#include "why_clocksource_test.moc"
