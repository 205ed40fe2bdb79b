// SPDX-License-Identifier: GPL-3.0-or-later
//! What ticks have become and what devices are used for, on states that are made by hand.
#include "engine/why/why.h"

#include <QtTest>

using namespace timerscope;
using namespace clock_event_feature;

namespace {

/// One CPU with a fit clocksource, a lapic that could do oneshot, and everything allowed.
struct State : Snapshot
{
    State()
    {
        machine.bootFinished = true;
        machine.highResAllowed = true;
        machine.noHzAllowed = true;
        ClocksourceRow tsc;
        tsc.name = "tsc";
        tsc.current = true;
        tsc.flags = clocksource_flag::validForHres;
        clocksources.push_back(tsc);
        CpuRow cpu;
        cpu.tickDevice = "lapic";
        cpu.tickMode = TickMode::Periodic;
        cpu.nohzMode = NohzMode::Inactive;
        cpu.hresActive = false;
        cpus.push_back(cpu);
        device("lapic", DeviceRole::Tick, 150, periodic | oneshot).cpu = 0;
    }
    ClockEventRow& device(std::string name, DeviceRole role, int rating, std::uint32_t features,
                          CpuMask serves = CpuMask::of(0))
    {
        ClockEventRow row;
        row.name = std::move(name);
        row.role = role;
        row.rating = rating;
        row.features = features;
        row.cpus = serves;
        row.state
            = role == DeviceRole::Unused ? ClockEventState::Detached : ClockEventState::Oneshot;
        clockEvents.push_back(std::move(row));
        return clockEvents.back();
    }
};

std::string textOf(const Explanation& explanation)
{
    std::string text;
    for (const std::string& line : linesOf(explanation)) {
        text += line + '\n';
    }
    return text;
}

std::string whyTickOf(const Snapshot& state)
{
    return textOf(whyTick(state, 0, nullptr));
}

} // namespace

// The text is shown when a part is missing.
#define VERIFY_SAYS(text, part) QVERIFY2((text).find(part) != std::string::npos, (text).c_str())

class WhyTickTest : public QObject
{
    Q_OBJECT
private slots:
    void eachObstacleIsNamedInTheKernelsOrder();
    void highResolutionNamesWhatMadeItPossible();
    void offlineCpuHasNoTick();
    void unknownCpuAndDeviceHaveNoReasons();
    void unusedDeviceCanBeUnboundAtOnce();
    void tickDeviceNeedsAReplacementThatReachesItsCpu();
    void replacementIsTheKernelsChoice();
    void otherRolesAreNeverReplaced();
    void lossIsToldByItsRule();
};

void WhyTickTest::eachObstacleIsNamedInTheKernelsOrder()
{
    State state;
    VERIFY_SAYS(whyTickOf(state), "The next tick will see");
    state.machine.highResAllowed = false;
    state.machine.noHzAllowed = false;
    VERIFY_SAYS(whyTickOf(state), "Neither is allowed");
    state.clockEvents[0].features = periodic | oneshot | c3stop;
    VERIFY_SAYS(whyTickOf(state), "Nobody would wake it");
    state.device("hpet", DeviceRole::Broadcast, 50, oneshot);
    VERIFY_SAYS(whyTickOf(state), "Neither is allowed");
    state.clockEvents[0].features = periodic | oneshot | dummy;
    VERIFY_SAYS(whyTickOf(state), "The device is a dummy");
    state.clockEvents[0].features = periodic;
    VERIFY_SAYS(whyTickOf(state), "The device cannot do oneshot");
    state.clocksources[0].flags = 0;
    VERIFY_SAYS(whyTickOf(state), "tsc is not valid for high resolution");
    state.machine.bootFinished = false;
    VERIFY_SAYS(whyTickOf(state), "The boot is not over");
}

void WhyTickTest::highResolutionNamesWhatMadeItPossible()
{
    State state;
    state.cpus[0].hresActive = true;
    state.cpus[0].tickMode = TickMode::Oneshot;
    state.machine.doTimerCpu = 0;
    VERIFY_SAYS(whyTickOf(state), "The clocksource tsc is valid for high resolution");
    VERIFY_SAYS(whyTickOf(state), "NO_HZ is off");
    VERIFY_SAYS(whyTickOf(state), "It counts jiffies");
    state.cpus[0].nohzMode = NohzMode::HighRes;
    VERIFY_SAYS(whyTickOf(state), "and its tick may stop");
}

void WhyTickTest::offlineCpuHasNoTick()
{
    State state;
    state.cpus[0].online = false;
    VERIFY_SAYS(whyTickOf(state), "CPU 0 is offline.");
}

void WhyTickTest::unknownCpuAndDeviceHaveNoReasons()
{
    const State state;
    QVERIFY(whyTick(state, 1, nullptr).reasons.empty());
    QVERIFY(whyDevice(state, "hpet").reasons.empty());
}

void WhyTickTest::unusedDeviceCanBeUnboundAtOnce()
{
    State state;
    state.device("hpet", DeviceRole::Unused, 50, oneshot);
    VERIFY_SAYS(textOf(whyDevice(state, "hpet")), "Unbinding succeeds at once");
}

void WhyTickTest::tickDeviceNeedsAReplacementThatReachesItsCpu()
{
    State state;
    VERIFY_SAYS(textOf(whyDevice(state, "lapic")), "Unbinding is refused: EBUSY");
    state.device("far", DeviceRole::Unused, 500, oneshot, CpuMask::of(1));
    VERIFY_SAYS(textOf(whyDevice(state, "lapic")), "Unbinding is refused: EBUSY");
    state.device("hpet", DeviceRole::Unused, 50, oneshot);
    VERIFY_SAYS(textOf(whyDevice(state, "lapic")), "then hpet, rated 50, takes the tick over");
}

void WhyTickTest::replacementIsTheKernelsChoice()
{
    State state;
    state.cpus[0].tickMode = TickMode::Oneshot;
    state.device("global", DeviceRole::Unused, 400, oneshot, CpuMask::firstOf(2));
    state.device("low", DeviceRole::Unused, 10, oneshot);
    state.device("high", DeviceRole::Unused, 20, oneshot);
    state.device("periodic", DeviceRole::Unused, 500, periodic);
    VERIFY_SAYS(textOf(whyDevice(state, "lapic")), "then high, rated 20, takes the tick over");
}

void WhyTickTest::otherRolesAreNeverReplaced()
{
    State state;
    state.device("hpet", DeviceRole::Broadcast, 50, oneshot);
    state.device("waker", DeviceRole::Wakeup, 10, oneshot | percpu).cpu = 0;
    state.device("spare", DeviceRole::Unused, 5, oneshot);
    VERIFY_SAYS(textOf(whyDevice(state, "hpet")), "Unbinding is refused: EBUSY");
    VERIFY_SAYS(textOf(whyDevice(state, "waker")), "Unbinding is refused: EBUSY");
    VERIFY_SAYS(textOf(whyDevice(state, "lapic")), "lapic makes the tick of CPU 0.");
    state.clockEvents.front().alsoBroadcasts = true;
    VERIFY_SAYS(textOf(whyDevice(state, "lapic")),
                "lapic makes the tick of CPU 0, and is the broadcast device.");
    VERIFY_SAYS(textOf(whyDevice(state, "lapic")), "Registered again while it broadcast");
}

void WhyTickTest::lossIsToldByItsRule()
{
    State state;
    state.device("equal", DeviceRole::Unused, 150, oneshot);
    VERIFY_SAYS(textOf(whyDevice(state, "equal")), "an equal rating changes nothing");
    state.device("global", DeviceRole::Unused, 400, oneshot, CpuMask::firstOf(2));
    VERIFY_SAYS(textOf(whyDevice(state, "global")), "It is that CPU's own");
    state.device("periodic", DeviceRole::Unused, 400, periodic);
    VERIFY_SAYS(textOf(whyDevice(state, "periodic")), "It can do oneshot, and this one cannot.");
}

QTEST_GUILESS_MAIN(WhyTickTest)
#include "why_tick_test.moc"
