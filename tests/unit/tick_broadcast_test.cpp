// SPDX-License-Identifier: GPL-3.0-or-later
//! CPUs that lean on a broadcast device or on a wakeup device, and CPUs that come and go.
#include "tests/support/machine_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using namespace clock_event_feature;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

/// Every CPU's own timer.
EventDescription local(std::string name, int rating, std::uint32_t features)
{
    EventDescription event = eventDevice(std::move(name), rating, features);
    event.perCpu = true;
    event.irq = std::nullopt;
    return event;
}

EventDescription timerThatStops()
{
    return local("lapic", 100, periodicAndOneshot | c3stop);
}

MachineConfig smpConfig(unsigned cpus, std::string commandLine = {})
{
    MachineConfig config = machineConfig(std::move(commandLine));
    config.cpus = cpus;
    config.config.smp = true;
    config.config.broadcast = true;
    return config;
}

/// A machine whose device 0 is for everybody, the hpet, and device 1 every CPU's own timer.
struct Bench : MachineBench
{
    explicit Bench(const EventDescription& ownTimer, unsigned cpus = 2,
                   std::string commandLine = {})
        : MachineBench(
              smpConfig(cpus, std::move(commandLine)),
              {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("hpet", 50)}),
               deviceOf({}, {ownTimer})})
    {
    }
    [[nodiscard]] bool bootAll()
    {
        const bool booted = boot(2);
        run(milliseconds{103}); // and not to the instant of a tick
        return booted;
    }
    [[nodiscard]] Errno enter(unsigned cpu)
    {
        return machine->cpus().runOn(cpu, [&] { return broadcast().enter(cpu); });
    }
    void exit(unsigned cpu)
    {
        machine->cpus().runOn(cpu, [&] { broadcast().exit(cpu); });
    }
    [[nodiscard]] TickBroadcast& broadcast() { return machine->cpus().broadcast(); }
    [[nodiscard]] ClockEventDevice& tickDeviceOf(unsigned cpu)
    {
        return *machine->cpu(cpu).tick().device();
    }
    /// How often the tick's timer of @p cpu has run since record @p from.
    [[nodiscard]] std::size_t interrupts(unsigned cpu, std::size_t from) const
    {
        std::size_t count = 0;
        for (std::size_t i = from; i < log.size(); ++i) {
            count += log[i].kind == RecordKind::IrqHandlerEntry && log[i].cpu == cpu ? 1U : 0U;
        }
        return count;
    }
};

} // namespace

class TickBroadcastTest : public QObject
{
    Q_OBJECT
private slots:
    void releasedDeviceBecomesTheBroadcastDevice();
    void everyCpuGetsItsOwnTimer();
    void cpusWhoseTimerStopsGoHighResolutionWithABroadcastDeviceOnly();
    void dummiesAreTickedForPeriodically();
    void sleeperIsWokenByTheBroadcastDevice();
    void sleeperThatWakesByItselfProgramsItsOwnTimer();
    void sleeperThatWakesTooLateLetsTheNextBroadcastServeIt();
    void cpuWithoutAnybodyToWakeItMustStayAwake();
    void wakeupDeviceWakesInPlaceOfTheBroadcastDevice();
    void idleDriverMayAskForPeriodicTicks();
    void forcedHelpCannotBeTakenBack();
    void betterBroadcastDeviceReplacesTheOtherButNotAnEqualOne();
    void sleepersAreWokenByTheDeviceThatReplacesTheOther();
    void wakeupDeviceOfEachCpuInterruptsThatOne();
    void hrtimerBroadcastKeepsItsCpuAwakeForTheOthers();
    void hrtimerBroadcastIsTheLastResort();
    void offlineCpuLosesItsTimerAndHandsOverItsDuty();
    void interruptsOfACpuThatGoesMoveToAnother();
    void offlineCpuGetsNoTimerBackBeforeItReturns();
    void cpuThatComesBackTicksAgain();
    void skewedTicksDoNotFallTogether();
    void sysfsShowsEachCpusDevice();
    void unbindingIsDoneThroughTheCpusFile();
    void devicesThatAreEachPreferredToTheOtherLockUp();
};

void TickBroadcastTest::releasedDeviceBecomesTheBroadcastDevice()
{
    Bench bench(local("lapic", 150, periodicAndOneshot), 1);
    QVERIFY(bench.bootAll());
    QCOMPARE(bench.tickDeviceOf(0).name(), std::string("lapic"));
    QVERIFY(bench.broadcast().device() != nullptr);
    QCOMPARE(bench.broadcast().device()->name(), std::string("hpet"));
    QCOMPARE(bench.broadcast().device()->handler().name,
             std::string("tick_handle_oneshot_broadcast"));
    QCOMPARE(bench.broadcast().mode(), TickMode::Oneshot);
    const Snapshot snapshot = bench.machine->snapshot();
    QCOMPARE(snapshot.broadcast->device, std::string("hpet"));
    QCOMPARE(snapshot.clockEvent("hpet", 0)->role, DeviceRole::Broadcast);
}

void TickBroadcastTest::everyCpuGetsItsOwnTimer()
{
    Bench bench(local("lapic", 150, periodicAndOneshot), 4);
    QVERIFY(bench.bootAll());
    bench.keepBusy();
    const Snapshot snapshot = bench.machine->snapshot();
    QCOMPARE(snapshot.cpus.size(), 4U);
    for (const CpuRow& cpu : snapshot.cpus) {
        QVERIFY(cpu.online);
        QCOMPARE(*cpu.tickDevice, std::string("lapic"));
        QCOMPARE(*cpu.tickMode, TickMode::Oneshot);
        QVERIFY(*cpu.hresActive);
        QCOMPARE(bench.tickDeviceOf(cpu.index).boundOn(), cpu.index);
    }
    // Each one's interrupts are its own.
    const std::size_t from = bench.log.size();
    bench.run(milliseconds{100});
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        QVERIFY(bench.interrupts(cpu, from) > 0);
    }
    QCOMPARE(bench.all(RecordKind::CpuOnline).size(), 3U);
}

void TickBroadcastTest::cpusWhoseTimerStopsGoHighResolutionWithABroadcastDeviceOnly()
{
    Bench with(timerThatStops());
    QVERIFY(with.bootAll());
    QVERIFY(*with.machine->snapshot().cpus[1].hresActive);
    MachineBench without(
        smpConfig(2), {deviceOf({counterDevice("counter", 24'000'000, 300)}, {timerThatStops()})});
    QVERIFY(without.boot());
    without.run(milliseconds{100});
    QVERIFY(!*without.machine->snapshot().cpus[1].hresActive);
}

void TickBroadcastTest::dummiesAreTickedForPeriodically()
{
    EventDescription nothing = local("dummy", 150, periodicAndOneshot | dummy);
    nothing.rate = {};
    nothing.minTicks = 0;
    nothing.maxTicks = 0;
    Bench bench(nothing, 3);
    QVERIFY(bench.bootAll());
    QCOMPARE(bench.broadcast().masks().periodic, CpuMask::firstOf(3));
    QCOMPARE(bench.broadcast().mode(), TickMode::Periodic);
    QCOMPARE(bench.broadcast().device()->handler().name,
             std::string("tick_handle_periodic_broadcast"));
    QVERIFY(bench.dmesg().contains(
        "Clockevents: could not switch to one-shot mode: dummy is not functional."));
    const std::size_t from = bench.log.size();
    const std::uint64_t before = bench.jiffies();
    bench.run(milliseconds{100});
    // A tick a period for each: by the call of the CPU that has the interrupt, else by another.
    QCOMPARE(bench.jiffies() - before, 10U);
    for (unsigned cpu = 0; cpu < 3; ++cpu) {
        QCOMPARE(bench.interrupts(cpu, from), 10U);
    }
}

void TickBroadcastTest::sleeperIsWokenByTheBroadcastDevice()
{
    Bench bench(timerThatStops());
    QVERIFY(bench.bootAll());
    bench.keepBusy();
    bench.run(milliseconds{14});
    const std::size_t from = bench.log.size();
    const MonotonicInstant wakes = bench.tickDeviceOf(1).nextEvent();
    QCOMPARE(bench.enter(1), Errno::Ok);
    QCOMPARE(bench.tickDeviceOf(1).state(), ClockEventState::Shutdown);
    QVERIFY(bench.broadcast().masks().oneshot.has(1));
    QCOMPARE(bench.broadcast().device()->nextEvent(), wakes);
    bench.run(milliseconds{20});
    // The interrupt of the broadcast came on CPU 0, which sent one on; that set its timer going.
    QVERIFY(bench.interrupts(1, from) > 0);
    QCOMPARE(bench.tickDeviceOf(1).state(), ClockEventState::Oneshot);
    QCOMPARE(bench.all(RecordKind::BroadcastSend).back().a, std::int64_t{0x2});
    QVERIFY(bench.broadcast().masks().pending.has(1));
    bench.exit(1);
    QVERIFY(bench.broadcast().masks().oneshot.isEmpty());
    QVERIFY(bench.broadcast().masks().pending.isEmpty());
}

void TickBroadcastTest::sleeperThatWakesByItselfProgramsItsOwnTimer()
{
    Bench bench(timerThatStops());
    QVERIFY(bench.bootAll());
    bench.keepBusy();
    bench.run(milliseconds{14});
    const MonotonicInstant wakes = bench.tickDeviceOf(1).nextEvent();
    QCOMPARE(bench.enter(1), Errno::Ok);
    const std::size_t programs = bench.all(RecordKind::ClockEventProgram).size();
    bench.exit(1);
    QCOMPARE(bench.tickDeviceOf(1).state(), ClockEventState::Oneshot);
    QCOMPARE(bench.tickDeviceOf(1).nextEvent(), wakes);
    QCOMPARE(bench.all(RecordKind::ClockEventProgram).size(), programs + 1);
    QVERIFY(!bench.broadcast().masks().oneshot.has(1));
}

void TickBroadcastTest::sleeperThatWakesTooLateLetsTheNextBroadcastServeIt()
{
    Bench bench(timerThatStops());
    QVERIFY(bench.bootAll());
    QCOMPARE(bench.enter(1), Errno::Ok);
    bench.hardware.spend(milliseconds{30}); // its time passes, the interrupt is still to come
    bench.exit(1);
    QVERIFY(bench.broadcast().masks().force.has(1));
    QCOMPARE(bench.enter(1), Errno::Busy);
    bench.run(milliseconds{1});
    QVERIFY(bench.broadcast().masks().force.isEmpty());
}

void TickBroadcastTest::cpuWithoutAnybodyToWakeItMustStayAwake()
{
    MachineBench bench(smpConfig(2),
                       {deviceOf({counterDevice("counter", 24'000'000, 300)}, {timerThatStops()})});
    QVERIFY(bench.boot());
    Cpus& cpus = bench.machine->cpus();
    QCOMPARE(cpus.runOn(1, [&] { return cpus.broadcast().enter(1); }), Errno::Busy);
    // One whose timer goes on needs nobody.
    Bench other(local("lapic", 150, periodicAndOneshot));
    QVERIFY(other.bootAll());
    QCOMPARE(other.enter(1), Errno::Ok);
    QVERIFY(other.broadcast().masks().oneshot.isEmpty());
}

void TickBroadcastTest::wakeupDeviceWakesInPlaceOfTheBroadcastDevice()
{
    MachineBench with(
        smpConfig(1),
        {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("hpet", 50)}),
         deviceOf({}, {timerThatStops()}),
         deviceOf({}, {eventDevice("waker", 10, oneshot | percpu)})});
    QVERIFY(with.boot(3));
    with.run(milliseconds{103});
    Cpus& cpus = with.machine->cpus();
    ClockEventDevice* const waker = cpus.broadcast().wakeupDevice(0);
    QVERIFY(waker != nullptr);
    QCOMPARE(waker->name(), std::string("waker"));
    QCOMPARE(waker->state(), ClockEventState::Shutdown);
    const MonotonicInstant wakes = with.machine->cpu().tick().device()->nextEvent();
    QCOMPARE(cpus.broadcast().enter(0), Errno::Ok);
    QCOMPARE(waker->state(), ClockEventState::Oneshot);
    QCOMPARE(waker->nextEvent(), wakes);
    QVERIFY(cpus.broadcast().masks().oneshot.isEmpty());
    const std::uint64_t before = with.jiffies();
    with.run(milliseconds{30});
    QVERIFY(with.jiffies() > before);
    cpus.broadcast().exit(0);
    QCOMPARE(waker->state(), ClockEventState::Shutdown);
    QCOMPARE(with.machine->cpu().tick().device()->state(), ClockEventState::Oneshot);
}

void TickBroadcastTest::idleDriverMayAskForPeriodicTicks()
{
    Bench bench(timerThatStops(), 2, "highres=off nohz=off");
    QVERIFY(bench.bootAll());
    Cpus& cpus = bench.machine->cpus();
    cpus.runOn(1, [&] { cpus.broadcast().control(BroadcastControl::On, 1); });
    QCOMPARE(bench.broadcast().masks().periodic, CpuMask::of(1));
    QCOMPARE(bench.tickDeviceOf(1).state(), ClockEventState::Shutdown);
    QCOMPARE(bench.broadcast().device()->state(), ClockEventState::Periodic);
    const std::size_t from = bench.log.size();
    bench.run(milliseconds{105});
    QCOMPARE(bench.interrupts(1, from), 10U);
    cpus.runOn(1, [&] { cpus.broadcast().control(BroadcastControl::Off, 1); });
    QVERIFY(bench.broadcast().masks().periodic.isEmpty());
    QCOMPARE(bench.tickDeviceOf(1).state(), ClockEventState::Periodic);
    QCOMPARE(bench.broadcast().device()->state(), ClockEventState::Shutdown);
}

void TickBroadcastTest::forcedHelpCannotBeTakenBack()
{
    Bench bench(timerThatStops(), 1);
    QVERIFY(bench.bootAll());
    bench.broadcast().control(BroadcastControl::Force, 0);
    bench.broadcast().control(BroadcastControl::Off, 0);
    QVERIFY(bench.broadcast().isForced());
    QVERIFY(bench.broadcast().masks().periodic.has(0));
    QVERIFY(bench.broadcast().masks().on.has(0));
}

void TickBroadcastTest::betterBroadcastDeviceReplacesTheOtherButNotAnEqualOne()
{
    MachineBench bench(
        smpConfig(1),
        {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("hpet", 50)}),
         deviceOf({}, {local("lapic", 150, periodicAndOneshot)}),
         deviceOf({}, {eventDevice("equal", 50)}), deviceOf({}, {eventDevice("better", 60)}),
         deviceOf({}, {eventDevice("periodic", 70, periodic)})});
    QVERIFY(bench.boot(2));
    bench.run(milliseconds{100});
    const auto broadcasting = [&bench] {
        return QString::fromStdString(bench.machine->cpus().broadcast().device()->name());
    };
    QVERIFY(bench.probe(2));
    QCOMPARE(broadcasting(), QString("hpet"));
    QVERIFY(bench.probe(3));
    QCOMPARE(broadcasting(), QString("better"));
    QVERIFY(bench.probe(4)); // broadcasts go by single events by now
    QCOMPARE(broadcasting(), QString("better"));
}

void TickBroadcastTest::sleepersAreWokenByTheDeviceThatReplacesTheOther()
{
    MachineBench bench(
        smpConfig(2),
        {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("hpet", 50)}),
         deviceOf({}, {timerThatStops()}), deviceOf({}, {eventDevice("better", 60)})});
    QVERIFY(bench.boot(2));
    bench.run(milliseconds{103});
    Cpus& cpus = bench.machine->cpus();
    const MonotonicInstant wakes = bench.machine->cpu(1).tick().device()->nextEvent();
    QCOMPARE(cpus.runOn(1, [&] { return cpus.broadcast().enter(1); }), Errno::Ok);
    QVERIFY(bench.probe(2));
    QCOMPARE(cpus.broadcast().device()->name(), std::string("better"));
    bench.run(microseconds{100});
    QCOMPARE(cpus.broadcast().device()->nextEvent(), wakes);
}

void TickBroadcastTest::wakeupDeviceOfEachCpuInterruptsThatOne()
{
    MachineBench bench(
        smpConfig(2),
        {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("hpet", 50)}),
         deviceOf({}, {timerThatStops()}), deviceOf({}, {local("waker", 10, oneshot | percpu)})});
    QVERIFY(bench.boot(3));
    bench.run(milliseconds{103});
    TickBroadcast& broadcast = bench.machine->cpus().broadcast();
    for (const unsigned cpu : {0U, 1U}) {
        QVERIFY(broadcast.wakeupDevice(cpu) != nullptr);
        QCOMPARE(broadcast.wakeupDevice(cpu)->boundOn(), cpu);
    }
}

void TickBroadcastTest::hrtimerBroadcastKeepsItsCpuAwakeForTheOthers()
{
    MachineConfig config = smpConfig(2);
    config.config.hrtimerBroadcast = true;
    MachineBench bench(config,
                       {deviceOf({counterDevice("counter", 24'000'000, 300)}, {timerThatStops()})});
    QVERIFY(bench.boot());
    bench.keepBusy();
    bench.run(milliseconds{100});
    Cpus& cpus = bench.machine->cpus();
    QVERIFY(cpus.broadcast().device() != nullptr);
    QCOMPARE(cpus.broadcast().device()->name(), std::string("bc_hrtimer"));
    QVERIFY(*bench.machine->snapshot().cpus[1].hresActive);
    // The first one to sleep programs the hrtimer on itself, and so may not sleep deeply.
    QCOMPARE(cpus.runOn(1, [&] { return cpus.broadcast().enter(1); }), Errno::Busy);
    QCOMPARE(cpus.broadcast().device()->boundOn(), 1U);
    QVERIFY(!cpus.broadcast().masks().oneshot.has(1));
    // Another one whose event comes later is woken by it.
    const MonotonicInstant next = cpus.broadcast().device()->nextEvent();
    cpus.runOn(0, [&] {
        static_cast<void>(
            bench.machine->cpu(0).tick().tickDevice().program(next + milliseconds{1}, true));
    });
    QCOMPARE(cpus.runOn(0, [&] { return cpus.broadcast().enter(0); }), Errno::Ok);
    QVERIFY(cpus.broadcast().masks().oneshot.has(0));
    const std::size_t from = bench.log.size();
    bench.run(milliseconds{30});
    std::size_t sent = 0;
    for (std::size_t i = from; i < bench.log.size(); ++i) {
        sent += bench.log[i].kind == RecordKind::BroadcastSend ? 1U : 0U;
    }
    QVERIFY(sent > 0);
}

void TickBroadcastTest::hrtimerBroadcastIsTheLastResort()
{
    MachineConfig config = smpConfig(1);
    config.config.hrtimerBroadcast = true;
    MachineBench bench(config,
                       {deviceOf({counterDevice("counter", 24'000'000, 300)}, {timerThatStops()}),
                        deviceOf({}, {eventDevice("hpet", 50)})});
    QVERIFY(bench.boot());
    QCOMPARE(bench.machine->cpus().broadcast().device()->name(), std::string("bc_hrtimer"));
    QVERIFY(bench.probe(1));
    QCOMPARE(bench.machine->cpus().broadcast().device()->name(), std::string("hpet"));
}

void TickBroadcastTest::offlineCpuLosesItsTimerAndHandsOverItsDuty()
{
    Bench bench(local("lapic", 150, periodicAndOneshot), 3);
    QVERIFY(bench.bootAll());
    bench.passFirstCatchUp();
    QCOMPARE(bench.machine->setCpuOnline(0, false), Errno::NoEntry);
    QCOMPARE(bench.machine->setCpuOnline(3, false), Errno::NoEntry);
    QCOMPARE(bench.machine->setCpuOnline(1, false), Errno::Ok);
    QCOMPARE(bench.machine->cpus().onlineCpus(), CpuMask::of(0) | CpuMask::of(2));
    QVERIFY(bench.machine->cpu(1).tick().device() == nullptr);
    QVERIFY(!bench.machine->snapshot().cpus[1].online);
    QCOMPARE(bench.machine->clockEvents().devices().size(), 3U);
    const std::uint64_t before = bench.jiffies();
    bench.run(milliseconds{100});
    QCOMPARE(bench.jiffies() - before, 10U);
    QVERIFY(!bench.machine->cpus().tickShared().doTimer.isOn(1));
}

void TickBroadcastTest::interruptsOfACpuThatGoesMoveToAnother()
{
    Bench bench(timerThatStops(), 3);
    QVERIFY(bench.bootAll());
    bench.broadcast().device()->bindTo(2);
    QCOMPARE(bench.machine->setCpuOnline(2, false), Errno::Ok);
    QCOMPARE(bench.broadcast().device()->boundOn(), 0U);
    bench.keepBusy();
    bench.run(milliseconds{14});
    const std::size_t from = bench.log.size();
    QCOMPARE(bench.enter(1), Errno::Ok);
    bench.run(milliseconds{20});
    QVERIFY(bench.interrupts(1, from) > 0);
}

void TickBroadcastTest::offlineCpuGetsNoTimerBackBeforeItReturns()
{
    Bench bench(local("lapic", 150, periodicAndOneshot));
    QVERIFY(bench.bootAll());
    QCOMPARE(bench.machine->setCpuOnline(1, false), Errno::Ok);
    QCOMPARE(bench.machine->registerClockEvent("lapic"), Errno::Busy); // CPU 0 has its own
    QVERIFY(bench.machine->cpu(1).tick().device() == nullptr);
    QCOMPARE(bench.machine->setCpuOnline(1, true), Errno::Ok);
    QCOMPARE(bench.machine->cpu(1).tick().device()->name(), std::string("lapic"));
    QVERIFY(bench.machine->clockEvents().canBeWalked());
}

void TickBroadcastTest::cpuThatComesBackTicksAgain()
{
    Bench bench(local("lapic", 150, periodicAndOneshot));
    QVERIFY(bench.bootAll());
    QCOMPARE(bench.machine->writeSysfs("cpu/cpu1/online", "0\n"), Errno::Ok);
    QCOMPARE(bench.machine->writeSysfs("cpu/cpu1/online", "2\n"), Errno::Invalid);
    QCOMPARE(bench.machine->writeSysfs("cpu/cpu1/online", "1\n"), Errno::Ok);
    bench.run(milliseconds{100});
    const Snapshot snapshot = bench.machine->snapshot();
    QCOMPARE(*snapshot.cpus[1].tickDevice, std::string("lapic"));
    QVERIFY(*snapshot.cpus[1].hresActive);
    QVERIFY(bench.machine->clockEvents().canBeWalked());
}

void TickBroadcastTest::skewedTicksDoNotFallTogether()
{
    Bench bench(local("lapic", 150, periodicAndOneshot), 4, "skew_tick=1 nohz=off");
    QVERIFY(bench.bootAll());
    const Ns period = milliseconds{10};
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        const Ns phase
            = bench.machine->cpu(cpu).tick().sched().timer().softExpires().time_since_epoch()
            % period;
        QCOMPARE(phase, Ns{period / 8 * cpu});
    }
}

void TickBroadcastTest::sysfsShowsEachCpusDevice()
{
    Bench bench(local("lapic", 150, periodicAndOneshot));
    QVERIFY(bench.bootAll());
    const auto read = [&bench](std::string_view file) { return bench.machine->readSysfs(file); };
    QCOMPARE(read("clockevents/clockevent1/current_device").text, std::string("lapic\n"));
    QCOMPARE(read("clockevents/broadcast/current_device").text, std::string("hpet\n"));
    QCOMPARE(read("clockevents/clockevent1/unbind_device").error, Errno::Io);
    QCOMPARE(read("clockevents/broadcast/unbind_device").error, Errno::NoEntry);
    QCOMPARE(read("clockevents/clockevent2/current_device").error, Errno::NoEntry);
    QCOMPARE(bench.machine->writeSysfs("clockevents/clockevent0/current_device", "hpet"),
             Errno::Io);
    QCOMPARE(bench.machine->setCpuOnline(1, false), Errno::Ok);
    QCOMPARE(read("clockevents/clockevent1/current_device").text, std::string());
}

void TickBroadcastTest::unbindingIsDoneThroughTheCpusFile()
{
    Bench bench(local("lapic", 150, periodicAndOneshot));
    QVERIFY(bench.bootAll());
    const auto unbind = [&bench](unsigned cpu, std::string_view name) {
        return bench.machine->writeSysfs(
            "clockevents/clockevent" + std::to_string(cpu) + "/unbind_device", name);
    };
    QCOMPARE(unbind(0, "hpet"), Errno::Busy); // it broadcasts
    QCOMPARE(unbind(1, "lapic"), Errno::Busy); // nobody is there to replace it
    QCOMPARE(unbind(1, "nobody"), Errno::NoDevice);
    QCOMPARE(bench.machine->setCpuOnline(1, false), Errno::Ok);
    QCOMPARE(unbind(1, "lapic"), Errno::Busy); // CPU 0's, through the file of another
}

/// A driver without hardware.
class SilentDriver final : public ClockEventDriver
{
public:
    Errno setState(ClockEventState /*state*/) override { return Errno::Ok; }
    Errno setNextEvent(std::uint64_t /*ticks*/) override { return Errno::Ok; }
};

void TickBroadcastTest::devicesThatAreEachPreferredToTheOtherLockUp()
{
    MachineBench bench(smpConfig(3), {deviceOf({counterDevice("counter", 24'000'000, 300)}, {})});
    QVERIFY(bench.boot());
    SilentDriver driver;
    const auto description = [](const char* name, unsigned other) {
        ClockEventDevice::Description device;
        device.name = name;
        device.features = periodic;
        device.cpus = CpuMask::of(0) | CpuMask::of(other);
        return device;
    };
    ClockEventDevice first(description("first", 1), driver, bench.machine->tracer());
    ClockEventDevice second(description("second", 2), driver, bench.machine->tracer());
    bench.machine->clockEvents().registerDevice(first, 0);
    QVERIFY(!bench.machine->fault());
    bench.machine->clockEvents().registerDevice(second, 0);
    QVERIFY(bench.machine->fault().has_value());
    QCOMPARE(bench.machine->fault()->kind, FaultKind::Lockup);
}

QTEST_GUILESS_MAIN(TickBroadcastTest)
#include "tick_broadcast_test.moc"
