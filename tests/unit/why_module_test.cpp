// SPDX-License-Identifier: GPL-3.0-or-later
//! Who holds a module, on states that are made by hand.
#include "engine/why/why.h"

#include <QtTest>

using namespace timerscope;

namespace {

struct State : Snapshot
{
    State& module(std::string name, bool loaded = true)
    {
        modules.push_back({.name = std::move(name), .loaded = loaded, .holds = {}});
        return *this;
    }
    State& held(HoldRole role, std::string device, unsigned cpu = 0)
    {
        modules.back().holds.push_back({.role = role, .device = std::move(device), .cpu = cpu});
        return *this;
    }
    State& clocksource(std::string name, bool hasOwner = true, bool dangling = false)
    {
        ClocksourceRow row;
        row.name = std::move(name);
        row.module = modules.back().name;
        row.hasOwner = hasOwner;
        row.isDangling = dangling;
        clocksources.push_back(std::move(row));
        return *this;
    }
    State& event(std::string name, bool hasOwner = true, bool dangling = false)
    {
        ClockEventRow row;
        row.name = std::move(name);
        row.module = modules.back().name;
        row.hasOwner = hasOwner;
        row.isDangling = dangling;
        clockEvents.push_back(std::move(row));
        return *this;
    }
};

std::string why(const Snapshot& state, std::string_view name)
{
    std::string text;
    for (const std::string& line : linesOf(whyModule(state, name))) {
        text += line + '\n';
    }
    return text;
}

} // namespace

// The text is shown when a part is missing.
#define VERIFY_SAYS(text, part) QVERIFY2((text).find(part) != std::string::npos, (text).c_str())
#define VERIFY_SAYS_NOT(text, part) QVERIFY2((text).find(part) == std::string::npos, (text).c_str())

class WhyModuleTest : public QObject
{
    Q_OBJECT

private slots:
    void everyRoleIsNamedWithItsDevice();
    void aClocksourceAloneCanBeUnloadedUnlessCurrent();
    void anUnusedEventDeviceHoldsNothing();
    void oneUsedDeviceDoesNotHideAnUnusedOne();
    void aDriverWithoutOwnerHoldsNothing();
    void whatIsGoneButRegisteredIsSaid();
    void dashAndUnderscoreAreTheSame();
    void anUnknownModuleHasNoReasons();
};

void WhyModuleTest::everyRoleIsNamedWithItsDevice()
{
    const State state = State()
                            .module("m")
                            .held(HoldRole::CurrentClocksource, "cs")
                            .held(HoldRole::TickDevice, "t", 2)
                            .held(HoldRole::WakeupDevice, "w", 3)
                            .held(HoldRole::BroadcastDevice, "b")
                            .held(HoldRole::Watchdog, "WDT0")
                            .held(HoldRole::Pwm, "ch1");
    const std::string text = why(state, "m");
    VERIFY_SAYS(text, "m cannot be unloaded now: 6 references of it are held.\n");
    VERIFY_SAYS(text, "1. Held as the current clocksource: Timekeeping counts by cs");
    VERIFY_SAYS(text, "2. Held as the tick device of CPU 2: t is installed there");
    VERIFY_SAYS(text, "3. Held as the wakeup device of CPU 3: w wakes");
    VERIFY_SAYS(text, "4. Held as the broadcast device: b ticks");
    VERIFY_SAYS(text, "5. Held by an open watchdog: A task has WDT0 open.");
    VERIFY_SAYS(text, "6. Held by a PWM consumer: The channel ch1 has been requested.");
    VERIFY_SAYS(text, "Would change it: Write another clocksource to current_clocksource");
    VERIFY_SAYS(text, "Would change it: Register a better device for CPU 2, or unbind t");
    VERIFY_SAYS(text, "Would change it: Close WDT0");
}

void WhyModuleTest::aClocksourceAloneCanBeUnloadedUnlessCurrent()
{
    const State idle = State().module("m").clocksource("cs");
    const std::string text = why(idle, "m");
    VERIFY_SAYS(text, "m can be unloaded now: nothing holds it.");
    VERIFY_SAYS(text, "Only a clocksource: ");
    VERIFY_SAYS(text, "Would change it: Make cs the current clocksource: that holds it");
    State used = State().module("m").held(HoldRole::CurrentClocksource, "cs").clocksource("cs");
    used.clocksources.front().current = true;
    VERIFY_SAYS(why(used, "m"), "m cannot be unloaded now: 1 reference of it is held.");
    VERIFY_SAYS(why(used, "m"), "Only a clocksource: ");
}

void WhyModuleTest::anUnusedEventDeviceHoldsNothing()
{
    const State state = State().module("m").event("e");
    const std::string text = why(state, "m");
    VERIFY_SAYS(text, "m can be unloaded now: nothing holds it.");
    VERIFY_SAYS(text,
                "Registered, but unused: e holds nothing: registering takes no reference. "
                "Unloading would succeed, and the next walk of the kernel's list would "
                "fault.");
    VERIFY_SAYS(text,
                "A clock event device stays: There is no call that takes one off again. As "
                "soon as one of a module is registered and in use, the reference is held, "
                "and the module cannot be unloaded.");
    const State used = State().module("m").held(HoldRole::TickDevice, "e").event("e");
    VERIFY_SAYS_NOT(why(used, "m"), "Registered, but unused");
    VERIFY_SAYS(why(used, "m"), "cannot be unloaded until another device takes its place.");
}

void WhyModuleTest::oneUsedDeviceDoesNotHideAnUnusedOne()
{
    const State state
        = State().module("m").held(HoldRole::TickDevice, "e0").event("e0").event("e1");
    VERIFY_SAYS(why(state, "m"),
                "Registered, but unused: e1 holds nothing: registering takes no "
                "reference. Were nothing else held, unloading would succeed");
    VERIFY_SAYS_NOT(why(state, "m"), "unused: e0");
}

void WhyModuleTest::aDriverWithoutOwnerHoldsNothing()
{
    const State state = State().module("m").clocksource("cs", false).event("e", false);
    const std::string text = why(state, "m");
    VERIFY_SAYS(text, "m can be unloaded now: nothing holds it.");
    VERIFY_SAYS(text, "No owner: The driver of cs names no owner, so it holds nothing at all");
    VERIFY_SAYS(text, "No owner: The driver of e names no owner");
    VERIFY_SAYS(text, "Would change it: Name the owner in its driver: then use is counted");
    VERIFY_SAYS_NOT(text, "Registered, but unused");
    VERIFY_SAYS_NOT(text, "Make cs the current clocksource");
}

void WhyModuleTest::whatIsGoneButRegisteredIsSaid()
{
    State state = State().module("m", false).event("e", true, true);
    const std::string text = why(state, "m");
    VERIFY_SAYS(text, "m is not loaded.\n");
    VERIFY_SAYS(text, "Gone, but still registered: e is in the kernel's list");
    VERIFY_SAYS_NOT(text, "The kernel has faulted");
    state.fault = KernelFault{.kind = FaultKind::Oops, .at = {}, .text = "it fell over e"};
    VERIFY_SAYS(why(state, "m"), "The kernel has faulted: it fell over e");
    VERIFY_SAYS(why(State().module("m", false), "m"), "It left nothing behind");
}

void WhyModuleTest::dashAndUnderscoreAreTheSame()
{
    const State state = State().module("timer_sun5i").clocksource("cs");
    QCOMPARE(why(state, "timer-sun5i"), why(state, "timer_sun5i"));
    VERIFY_SAYS(why(state, "timer-sun5i"), "timer_sun5i can be unloaded now");
}

void WhyModuleTest::anUnknownModuleHasNoReasons()
{
    const Explanation answer = whyModule(State().module("m"), "n");
    QCOMPARE(answer.what, std::string("No module called n was ever loaded."));
    QVERIFY(answer.reasons.empty());
}

QTEST_GUILESS_MAIN(WhyModuleTest)
#include "why_module_test.moc"
