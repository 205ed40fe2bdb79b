// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/procfs/procfs.h"

#include <QTest>

using namespace timerscope;

namespace {

void print(TraceLog& log, std::int64_t schedClockNs, std::string_view text)
{
    log.append(
        {.at = {}, .a = schedClockNs, .subject = log.intern(text), .kind = RecordKind::Printk});
}

Snapshot mfocSnapshot()
{
    Snapshot snapshot;
    snapshot.clocksources.resize(3);
    snapshot.clocksources[0].name = "mfoc";
    snapshot.clocksources[0].current = true;
    snapshot.clocksources[0].rating = 500;
    snapshot.clocksources[0].flags = clocksource_flag::continuous | clocksource_flag::validForHres;
    snapshot.clocksources[0].module = "";
    snapshot.clocksources[1].name = "tim34";
    snapshot.clocksources[1].maxCycles = 0xffff'ffff;
    snapshot.clocksources[2].name = "jiffies";
    snapshot.clocksources[2].available = false;
    return snapshot;
}

CpuRow cpuRow(unsigned index, std::optional<std::string> tickDevice)
{
    CpuRow row;
    row.index = index;
    row.tickDevice = std::move(tickDevice);
    return row;
}

/// One CPU in high resolution mode with one timer, and a broadcast device that is idle.
Snapshot tickingSnapshot()
{
    Snapshot snapshot;
    snapshot.monotonic = MonotonicInstant{Ns{1'000}};
    snapshot.machine.bits = 32;
    snapshot.jiffies = Jiffies{4294937346};

    CpuRow cpu;
    cpu.tickDevice = "lapic";
    cpu.tickMode = TickMode::Oneshot;
    cpu.nohzMode = NohzMode::HighRes;
    cpu.hresActive = true;
    cpu.tickStopped = false;
    cpu.expiresNext = MonotonicInstant{Ns{4'000}};
    cpu.hrtimerEvents = 7;
    cpu.idleStatistics = {{"max_hang_time", "0"}, {"last_tick", "0 nsecs"}, {"idle_calls", "3"}};
    HrtimerBaseRow base;
    base.offset = Ns{-1};
    HrtimerRow timer;
    timer.id = 0xbeef;
    timer.function = "tick_sched_timer";
    timer.softExpires = HrtimerInstant{Ns{3'000}};
    timer.hardExpires = HrtimerInstant{Ns{4'000}};
    timer.state = 1;
    base.timers = {timer};
    cpu.hrtimerBases = {base};
    snapshot.cpus = {cpu};

    ClockEventRow tick;
    tick.name = "lapic";
    tick.role = DeviceRole::Tick;
    tick.cpu = 0;
    tick.state = ClockEventState::Oneshot;
    tick.mult = 268432234;
    tick.shift = 32;
    tick.minDelta = Ns{1000};
    tick.maxDelta = Ns{34360150773};
    tick.nextEvent = MonotonicInstant{Ns{4'000}};
    tick.callbacks = {{"set_next_event", "lapic_next_event"}, {"oneshot stopped", "lapic_stop"}};
    tick.handler = "hrtimer_interrupt";
    tick.retries = 0;
    ClockEventRow broadcast;
    broadcast.name = "hpet";
    broadcast.role = DeviceRole::Broadcast;
    broadcast.state = ClockEventState::Shutdown;
    broadcast.nextEvent = never<MonotonicClock>;
    broadcast.retries = 2;
    snapshot.clockEvents = {broadcast, tick};
    snapshot.broadcast = BroadcastRow{
        .device = "hpet", .mode = TickMode::Oneshot, .periodicMask = {}, .oneshotMask = {0}};
    return snapshot;
}

constexpr std::string_view tickingTimerList = R"(Timer List Version: v0.9
HRTIMER_MAX_CLOCK_BASES: 1
now at 1000 nsecs

cpu: 0
 clock 0:
  .index:      0
  .resolution: 1 nsecs
  .offset:     18446744073709551615 nsecs
active timers:
 #0: <0000beef>, tick_sched_timer, S:01
 # expires at 3000-4000 nsecs [in 2001 to 3001 nsecs]
  .expires_next   : 4000 nsecs
  .hres_active    : 1
  .nr_events      : 7
  .max_hang_time  : 0
  .nohz_mode      : 2
  .last_tick      : 0 nsecs
  .tick_stopped   : 0
  .idle_calls     : 3
jiffies: 4294937346

Tick Device: mode:     1
Broadcast device
Clock Event Device: hpet
 mode:           1
 next_event:     9223372036854775807 nsecs

 retries:        2

tick_broadcast_mask: 0
tick_broadcast_oneshot_mask: 1

Tick Device: mode:     1
Per CPU device: 0
Clock Event Device: lapic
 max_delta_ns:   34360150773
 min_delta_ns:   1000
 mult:           268432234
 shift:          32
 mode:           3
 next_event:     4000 nsecs
 set_next_event: lapic_next_event
 oneshot stopped: lapic_stop
 event_handler:  hrtimer_interrupt

 retries:        0

)";

constexpr std::string_view tickingState = R"(machine.bits 32
monotonic 1000
jiffies 4294937346
cpu0.online 1
cpu0.tick.device lapic
cpu0.tick.mode oneshot
cpu0.tick.device_state oneshot
cpu0.tick.handler hrtimer_interrupt
cpu0.tick.next_event 4000
cpu0.nohz_mode highres
cpu0.hres_active 1
cpu0.tick_stopped 0
cpu0.expires_next 4000
cpu0.nr_events 7
cpu0.max_hang_time 0
cpu0.last_tick 0
cpu0.idle_calls 3
cpu0.hrtimers 1
cpu0.hrtimer.0.function tick_sched_timer
cpu0.hrtimer.0.base monotonic
cpu0.hrtimer.0.soft_expires 3000
cpu0.hrtimer.0.expires 4000
cpu0.hrtimer.0.left 3001
broadcast.device hpet
broadcast.mode oneshot
broadcast.periodic_cpus none
broadcast.oneshot_cpus 0
device.0.name hpet
device.0.role broadcast
device.0.state shutdown
device.0.next_event never
device.0.retries 2
device.1.name lapic
device.1.role tick
device.1.cpu 0
device.1.state oneshot
device.1.mult 268432234
device.1.shift 32
device.1.min_delta_ns 1000
device.1.max_delta_ns 34360150773
device.1.next_event 4000
device.1.handler hrtimer_interrupt
device.1.retries 0
unknown_lines 0
notices 0
)";

/// A failing comparison shows both texts, for they are long.
void compareTexts(const std::string& actual, std::string_view expected)
{
    QCOMPARE(QString::fromStdString(actual),
             QString::fromUtf8(expected.data(), static_cast<int>(expected.size())));
}

} // namespace

class ProcfsTest : public QObject
{
    Q_OBJECT
private slots:
    void bootLogHasTheKernelsStampsAndOnlyPrintks()
    {
        TraceLog log;
        print(log, 142'999, "sched_clock: 32 bits");
        log.append({.at = {}, .kind = RecordKind::TickMode});
        print(log, 12'345'000'000'000, "late");
        print(log, 0, "with a blank ");
        print(log, 123'456'000'001'000, "");
        compareTexts(dmesgText(log, log.size()),
                     "[    0.000142] sched_clock: 32 bits\n"
                     "[12345.000000] late\n"
                     "[    0.000000] with a blank\n"
                     "[123456.000001]\n");
    }

    void bootLogEndsAtTheCount()
    {
        TraceLog log;
        print(log, 1000, "first");
        print(log, 2000, "second");
        compareTexts(dmesgText(log, 1), "[    0.000001] first\n");
        compareTexts(dmesgText(log, 0), "");
        QCOMPARE(dmesgText(log, 99), dmesgText(log, 2));
    }

    void sysfsListsAvailableClocksourcesWithoutTheHiddenOnes()
    {
        compareTexts(sysfsText(mfocSnapshot()),
                     "/sys/devices/system/clocksource/clocksource0/available_clocksource\n"
                     "mfoc tim34\n"
                     "/sys/devices/system/clocksource/clocksource0/current_clocksource\n"
                     "mfoc\n");
    }

    void sysfsShowsTickDevicesAndLeavesAnEmptyFileEmpty()
    {
        Snapshot snapshot = tickingSnapshot();
        snapshot.cpus.push_back(cpuRow(1, ""));
        snapshot.cpus.push_back(cpuRow(2, {}));
        compareTexts(sysfsText(snapshot),
                     "/sys/devices/system/clockevents/broadcast/current_device\n"
                     "hpet\n"
                     "/sys/devices/system/clockevents/clockevent0/current_device\n"
                     "lapic\n"
                     "/sys/devices/system/clockevents/clockevent1/current_device\n");
    }

    void timerListHasTheFormOfVersionZeroNine()
    {
        compareTexts(timerListText(tickingSnapshot()), tickingTimerList);
    }

    void timerListWithoutADeviceSaysNullAndNothingMore()
    {
        Snapshot snapshot;
        CpuRow cpu = cpuRow(0, "");
        cpu.wakeupDevice = "";
        cpu.tickMode = TickMode::Periodic;
        snapshot.cpus = {cpu};
        snapshot.broadcast.emplace();
        compareTexts(timerListText(snapshot),
                     "Timer List Version: v0.9\nnow at 0 nsecs\n\ncpu: 0\n\n"
                     "Broadcast device\nClock Event Device: <NULL>\n"
                     "tick_broadcast_mask: 0\ntick_broadcast_oneshot_mask: 0\n\n"
                     "Tick Device: mode:     0\nPer CPU device: 0\nClock Event Device: <NULL>\n");
    }

    void broadcastMasksAreGroupsOfEightDigits()
    {
        Snapshot snapshot;
        snapshot.broadcast.emplace();
        snapshot.broadcast->periodicMask = {0, 5, 33};
        snapshot.broadcast->oneshotMask = {64};
        const std::string text = timerListText(snapshot);
        QVERIFY(text.find("tick_broadcast_mask: 2,00000021\n") != std::string::npos);
        QVERIFY(text.find("tick_broadcast_oneshot_mask: 1,00000000,00000000\n")
                != std::string::npos);
    }

    void onlyATickModeOrAQueueMakesATimerList()
    {
        QVERIFY(!hasTimerList(mfocSnapshot()));
        QVERIFY(hasTimerList(tickingSnapshot()));
        Snapshot sysfsOnly;
        sysfsOnly.cpus.push_back(cpuRow(0, "lapic"));
        QVERIFY(!hasTimerList(sysfsOnly));
    }

    void stateIsOneKeyAndValueALine()
    {
        compareTexts(stateText(tickingSnapshot()), tickingState);
        compareTexts(stateText(mfocSnapshot()),
                     "monotonic 0\n"
                     "clocksource.current mfoc\n"
                     "clocksource.available mfoc tim34\n"
                     "clocksource.mfoc.available 1\n"
                     "clocksource.mfoc.rating 500\n"
                     "clocksource.mfoc.flags 0x21\n"
                     "clocksource.mfoc.module none\n"
                     "clocksource.tim34.available 1\n"
                     "clocksource.tim34.max_cycles 0xffffffff\n"
                     "clocksource.jiffies.available 0\n"
                     "unknown_lines 0\n"
                     "notices 0\n");
    }

    void stateCarriesNotices()
    {
        Snapshot snapshot;
        snapshot.unknownLines = {"what is this"};
        snapshot.notices = {{Severity::DataLoss, "Two numbers are lost."}};
        compareTexts(stateText(snapshot),
                     "monotonic 0\nunknown_lines 1\nnotices 1\n"
                     "notice.0.severity data-loss\nnotice.0.text Two numbers are lost.\n");
    }

    /// It is one device, and its fields are printed in both places.
    void aDeviceThatTicksAndBroadcastsIsShownAsBoth()
    {
        Snapshot snapshot = tickingSnapshot();
        snapshot.broadcast->device = "lapic";
        snapshot.clockEvents.erase(snapshot.clockEvents.begin());
        QVERIFY(!stateValue(snapshot, "device.0.also_broadcasts"));
        ClockEventRow& lapic = snapshot.clockEvents.front();
        QVERIFY(!lapic.serves(DeviceRole::Broadcast));
        lapic.alsoBroadcasts = true;
        lapic.retries = 77;
        QVERIFY(lapic.serves(DeviceRole::Broadcast) && lapic.serves(DeviceRole::Tick));
        QVERIFY(!lapic.serves(DeviceRole::Wakeup));

        const QString text = QString::fromStdString(timerListText(snapshot));
        QCOMPARE(text.count("Clock Event Device: lapic"), 2);
        QCOMPARE(text.count(" retries:        77"), 2);
        QCOMPARE(stateValue(snapshot, "device.0.role"), std::optional<std::string>{"tick"});
        QCOMPARE(stateValue(snapshot, "device.0.also_broadcasts"), std::optional<std::string>{"1"});
    }

    void stateValueAnswersWithTheSameKeys()
    {
        const Snapshot snapshot = mfocSnapshot();
        QCOMPARE(stateValue(snapshot, "clocksource.current"), std::optional<std::string>{"mfoc"});
        QCOMPARE(stateValue(snapshot, "clocksource.mfoc.rating"),
                 std::optional<std::string>{"500"});
        QCOMPARE(stateValue(snapshot, "clocksource.tim34.rating"), std::optional<std::string>{});
        QCOMPARE(stateValue(snapshot, ""), std::optional<std::string>{});
    }

    void timeLeftIsClampedInsteadOfWrapping()
    {
        HrtimerBaseRow base;
        base.offset = Ns::min();
        HrtimerRow timer;
        timer.hardExpires = never<HrtimerBaseClock>;
        QCOMPARE(base.left(timer, MonotonicInstant{Ns{5}}).count(), Ns::max().count() - 5);
        base.offset = Ns::max();
        timer.hardExpires = HrtimerInstant{Ns::min()};
        QCOMPARE(base.left(timer, MonotonicInstant{Ns{5}}).count(), Ns::min().count());
    }
};

QTEST_GUILESS_MAIN(ProcfsTest)
#include "procfs_test.moc"
