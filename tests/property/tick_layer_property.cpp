// SPDX-License-Identifier: GPL-3.0-or-later
//! What holds for clock event devices, their roles and the CPUs they serve, whatever was
//! registered, unbound and unplugged before.
#include "tests/support/machine_bench.h"

#include <QTest>

#include <rapidcheck.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

using namespace timerscope;
using namespace timerscope::test;
using namespace clock_event_feature;
using std::chrono::milliseconds;

namespace {

constexpr unsigned cpuCount = 3;

/// A driver without hardware: takes everything and never fires.
class SilentDriver final : public ClockEventDriver
{
public:
    Errno setState(ClockEventState /*state*/) override { return Errno::Ok; }
    Errno setNextEvent(std::uint64_t /*ticks*/) override { return Errno::Ok; }
};

MachineConfig threeCpus()
{
    MachineConfig config
        = machineConfig(*rc::gen::element<std::string>("", "highres=off", "highres=off nohz=off"));
    config.cpus = cpuCount;
    config.config.smp = true;
    config.config.broadcast = true;
    config.config.hrtimerBroadcast = *rc::gen::arbitrary<bool>();
    return config;
}

/// A counter and an hpet for all, a timer for each CPU that may stop in deep idle. That one is
/// marked as a CPU's own, else it could come to broadcast, outlive its CPU on the list, and be on
/// it twice once the CPU is back: the recorded lock-up of ce19, and another test's.
std::vector<DeviceDescription> devicesOfTheMachine()
{
    EventDescription own = eventDevice(
        "lapic", 150, periodicAndOneshot | percpu | (*rc::gen::arbitrary<bool>() ? c3stop : 0U));
    own.perCpu = true;
    return {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("hpet", 50)}),
            deviceOf({}, {own})};
}

class Chaos
{
public:
    Chaos()
        : m_bench(threeCpus(), devicesOfTheMachine())
        , m_module(m_bench.machine->modules().get("chaos"))
    {
        RC_ASSERT(m_bench.boot(2));
        m_module.load();
        m_bench.run(milliseconds{25});
    }

    void act()
    {
        switch (*rc::gen::inRange(0, 8)) {
        case 0:
        case 1:
        case 2:
            add();
            break;
        case 3:
        case 4:
            unbind();
            break;
        case 5:
            static_cast<void>(m_bench.machine->setCpuOnline(*rc::gen::inRange(1U, cpuCount),
                                                            *rc::gen::arbitrary<bool>()));
            break;
        case 6:
            sleepDeeply();
            break;
        default:
            control();
            break;
        }
        m_bench.run(milliseconds{*rc::gen::inRange(0, 12)});
    }

    void check()
    {
        const auto listed = events().devices();
        RC_ASSERT((std::set<const ClockEventDevice*>(listed.begin(), listed.end()).size()
                   == listed.size()));
        RC_ASSERT(events().released().empty());
        RC_ASSERT(events().canBeWalked());
        checkRoles(listed);
        checkMasks();
        checkDuty();
    }

private:
    [[nodiscard]] ClockEvents& events() { return m_bench.machine->clockEvents(); }
    [[nodiscard]] Cpus& cpus() { return m_bench.machine->cpus(); }
    [[nodiscard]] unsigned anyOnlineCpu()
    {
        const CpuMask online = cpus().onlineCpus();
        return *rc::gen::elementOf(std::vector<unsigned>(online.begin(), online.end()));
    }

    void add()
    {
        ClockEventDevice& device = m_added.emplace_back(
            ClockEventDevice::Description{
                .name = "d" + std::to_string(m_added.size()),
                .rating = *rc::gen::inRange(0, 300),
                .features
                = *rc::gen::element(oneshot, periodic, periodicAndOneshot, oneshot | percpu,
                                    oneshot | c3stop, periodicAndOneshot | dummy),
                .config = {.mult = 1, .shift = 0, .minDelta = Ns{1000}, .maxDelta = Ns{1'000'000}},
                // Two devices that serve different CPUs, and are nobody's own, displace each other
                // for ever: a fault, and another test's.
                .cpus = *rc::gen::element(CpuMask::of(0), CpuMask::of(1), CpuMask::of(2),
                                          CpuMask::firstOf(cpuCount)),
                .irq = std::nullopt,
                .owner = &m_module},
            m_driver, m_bench.machine->tracer());
        const unsigned cpu = anyOnlineCpu();
        cpus().runOn(cpu, [&] { events().registerDevice(device, cpu); });
    }

    void unbind()
    {
        const auto listed = events().devices();
        ClockEventDevice& device = *listed[*rc::gen::inRange<std::size_t>(0, listed.size())];
        const unsigned cpu = *rc::gen::inRange(0U, cpuCount);
        const bool isOnline = cpus().onlineCpus().has(cpu);
        const bool wasUsed = device.role().has_value();
        const bool wasTick = cpus().at(cpu).tick().device() == &device;
        const Errno answer
            = cpus().runOn(isOnline ? cpu : 0, [&] { return events().unbind(device, cpu); });
        const auto left = events().devices();
        const bool isLeft = std::ranges::find(left, &device) != left.end();
        RC_ASSERT(isLeft == (answer != Errno::Ok));
        if (!isOnline) {
            RC_ASSERT(answer == Errno::NoDevice);
        } else if (!wasUsed) {
            RC_ASSERT(answer == Errno::Ok);
        } else if (!wasTick) {
            RC_ASSERT(answer == Errno::Busy);
        } else {
            RC_ASSERT((answer == Errno::Ok || answer == Errno::Busy));
            RC_ASSERT(cpus().at(cpu).tick().device() != nullptr);
        }
    }

    void sleepDeeply()
    {
        const unsigned cpu = anyOnlineCpu();
        cpus().runOn(cpu, [&] {
            if (cpus().broadcast().enter(cpu) == Errno::Ok && *rc::gen::arbitrary<bool>()) {
                m_bench.hardware.spend(milliseconds{*rc::gen::inRange(0, 15)});
            }
            cpus().broadcast().exit(cpu);
        });
    }

    void control()
    {
        const unsigned cpu = anyOnlineCpu();
        const auto wish = *rc::gen::element(BroadcastControl::On, BroadcastControl::Off);
        cpus().runOn(cpu, [&] { cpus().broadcast().control(wish, cpu); });
    }

    /// Who has a role is no longer detached, and the other way round; each is held for it.
    void checkRoles(std::span<ClockEventDevice* const> listed)
    {
        std::map<const ClockEventDevice*, int> used;
        for (unsigned cpu = 0; cpu < cpuCount; ++cpu) {
            const ClockEventDevice* const tick = cpus().at(cpu).tick().device();
            used[tick] += tick != nullptr ? 1 : 0;
            const ClockEventDevice* const wakeup = cpus().broadcast().wakeupDevice(cpu);
            used[wakeup] += wakeup != nullptr ? 1 : 0;
            RC_ASSERT((tick == nullptr || cpus().onlineCpus().has(cpu)));
            RC_ASSERT((tick == nullptr || tick->cpus().has(cpu)));
            RC_ASSERT((wakeup == nullptr || wakeup->isLocalTo(cpu)));
        }
        if (const ClockEventDevice* const broadcasts = cpus().broadcast().device()) {
            ++used[broadcasts];
        }
        std::size_t held = 0;
        for (const ClockEventDevice* device : listed) {
            RC_ASSERT(used[device] <= 1);
            RC_ASSERT(device->role().has_value() == (used[device] == 1));
            RC_ASSERT((device->state() == ClockEventState::Detached) == (used[device] == 0));
            held += used[device] == 1 && device->owner() == &m_module ? 1U : 0U;
        }
        RC_ASSERT(m_module.holds().size() == held);
    }

    void checkMasks()
    {
        const TickBroadcast::Masks& masks = cpus().broadcast().masks();
        const CpuMask all = masks.periodic | masks.on | masks.oneshot | masks.pending | masks.force;
        RC_ASSERT((all - cpus().onlineCpus()).isEmpty());
    }

    void checkDuty()
    {
        const auto duty = cpus().tickShared().doTimer.cpu();
        RC_ASSERT((!duty || cpus().onlineCpus().has(*duty)));
    }

    MachineBench m_bench;
    Module& m_module;
    SilentDriver m_driver;
    std::deque<ClockEventDevice> m_added; // known by address
};

} // namespace

class TickLayerProperty : public QObject
{
    Q_OBJECT
private slots:
    void rolesMasksAndReferencesStayConsistent()
    {
        QVERIFY(rc::check([] {
            Chaos chaos;
            const int steps = *rc::gen::inRange(1, 40);
            for (int step = 0; step < steps; ++step) {
                chaos.act();
                chaos.check();
            }
        }));
    }
};

QTEST_GUILESS_MAIN(TickLayerProperty)
#include "tick_layer_property.moc"
