// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/stand_in.h"

#include <QTest>

using namespace timerscope;

namespace {

CounterDescription counterNamed(const char* name)
{
    CounterDescription result;
    result.name = name;
    result.rate = Hertz{1'000'000};
    return result;
}

EventDescription eventNamed(const char* name)
{
    EventDescription result;
    result.name = name;
    result.rate = Hertz{1'000'000};
    return result;
}

DeviceDescription device(const char* name, std::vector<CounterDescription> counters,
                         std::vector<EventDescription> events)
{
    DeviceDescription result;
    result.name = name;
    result.counters = std::move(counters);
    result.events = std::move(events);
    return result;
}

template<typename Action>
Step step(Action action)
{
    return {.at = {}, .action = std::move(action), .line = 1};
}

Scenario boot()
{
    Scenario scenario;
    CounterDescription jiffies = counterNamed("jiffies");
    jiffies.kind = CounterKind::Jiffies;
    scenario.devices
        = {device("jiffies", {jiffies}, {}),
           device("soc", {counterNamed("soc-a"), counterNamed("soc-b")}, {eventNamed("soc-tick")}),
           device("fpga", {counterNamed("fpga")}, {})};
    scenario.steps = {step(step::Boot{.stage = BootStage::TimeInit, .devices = {"jiffies", "soc"}}),
                      step(step::Probe{.device = "fpga"}),
                      step(step::ChangeRating{.clocksource = "soc-b", .rating = 400}),
                      step(step::WriteSysfs{.file = "clocksource/clocksource0/current_clocksource",
                                            .text = "soc-a"}),
                      step(step::Expect{.key = "clocksource.current", .value = "soc-a"}),
                      step(step::Expect{.key = "cpu0.tick.device", .value = "soc-tick"}),
                      step(step::Expect{.key = "cpu0.tick.mode", .value = "oneshot"})};
    return scenario;
}

template<typename Action>
const Action& actionOf(const Scenario& scenario, std::size_t index)
{
    return std::get<Action>(scenario.steps[index].action);
}

} // namespace

class StandInTest : public QObject
{
    Q_OBJECT
private slots:
    void firstTimerIsTheFirstWithHardwareOfItsOwn();
    void stepsAndExpectationsNameTheNewDevice();
    void withoutChannelsTheOldOnesStay();
    void itsOwnPlaceKeepsEverythingElse();
};

void StandInTest::firstTimerIsTheFirstWithHardwareOfItsOwn()
{
    const Scenario scenario = boot();
    QCOMPARE(firstTimer(scenario)->name, std::string("soc"));
    Scenario without = scenario;
    without.steps.erase(without.steps.begin());
    QVERIFY(firstTimer(without) == nullptr);
}

void StandInTest::stepsAndExpectationsNameTheNewDevice()
{
    const Scenario fitted
        = standIn(boot(), "soc", device("board", {counterNamed("tim2")}, {eventNamed("systick")}));
    QCOMPARE(fitted.devices[1].name, std::string("board"));
    QCOMPARE(actionOf<step::Boot>(fitted, 0).devices,
             (std::vector<std::string>{"jiffies", "board"}));
    QCOMPARE(actionOf<step::Probe>(fitted, 1).device, std::string("fpga"));
    QCOMPARE(actionOf<step::ChangeRating>(fitted, 2).clocksource, std::string("tim2"));
    QCOMPARE(actionOf<step::WriteSysfs>(fitted, 3).text, std::string("tim2"));
    QCOMPARE(actionOf<step::Expect>(fitted, 4).value, std::string("tim2"));
    QCOMPARE(actionOf<step::Expect>(fitted, 5).value, std::string("systick"));
    QCOMPARE(actionOf<step::Expect>(fitted, 6).value, std::string("oneshot"));
}

void StandInTest::withoutChannelsTheOldOnesStay()
{
    const Scenario fitted = standIn(boot(), "soc", device("page", {counterNamed("page")}, {}));
    QCOMPARE(fitted.devices[1].events.size(), 1U);
    QCOMPARE(fitted.devices[1].events[0].name, std::string("soc-tick"));
    QCOMPARE(actionOf<step::Expect>(fitted, 5).value, std::string("soc-tick"));
}

void StandInTest::itsOwnPlaceKeepsEverythingElse()
{
    const Scenario fitted = standIn(boot(), "fpga", device("fpga", {counterNamed("fpga")}, {}));
    QCOMPARE(fitted.devices, boot().devices);
    QCOMPARE(actionOf<step::Expect>(fitted, 4).value, std::string("soc-a"));
}

QTEST_GUILESS_MAIN(StandInTest)
#include "stand_in_test.moc"
