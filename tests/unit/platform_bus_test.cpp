// SPDX-License-Identifier: GPL-3.0-or-later
//! What a driver needs to get its device, and what becomes of that when it does not (seed 002).
#include "tests/support/machine_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::milliseconds;

namespace {

DeviceNode mfocNode()
{
    DeviceNode node;
    node.name = "mfoc-clocksource@640000e4";
    node.compatible = {"mfoc,mfoc-clocksource"};
    node.reg = MemoryRegion{.base = 0x6400'00e4, .size = 8};
    node.clocks = {{.input = "mfoc", .clock = "gate"}};
    return node;
}

MachineConfig configOf(std::vector<DeviceNode> nodes, std::string_view profile = "linux-6.1")
{
    ClockProvider crystal;
    crystal.name = "crystal";
    crystal.rates = {1'000'000};
    ClockProvider gate;
    gate.name = "gate";
    gate.kind = ClockKind::Gate;
    gate.parent = "crystal";
    MachineConfig config = machineConfig({}, 100, profile);
    config.clocks = ClockTree({crystal, gate}, LongWidth::Bits32);
    config.nodes = std::move(nodes);
    return config;
}

DeviceDescription mfocDevice()
{
    DeviceDescription device = deviceOf({counterDevice("mfoc", 1'000'000, 500)}, {});
    device.compatible = {"mfoc,mfoc-clocksource"};
    device.driver.name = "mfoc-clocksource";
    device.driver.clock = "mfoc";
    device.driver.single = true;
    return device;
}

/// Claims addresses on the bus that mfoc sits on.
DeviceDescription neighbour()
{
    DeviceDescription device = deviceOf({counterDevice("other", 2'000'000, 100)}, {});
    device.counters[0].schedClock = false;
    device.compatible = {"acme,timer"};
    device.driver.name = "acme-timer";
    return device;
}

DeviceNode neighbourNode(std::uint64_t base, std::uint64_t size)
{
    DeviceNode node;
    node.name = "timer";
    node.compatible = {"acme,timer"};
    node.reg = MemoryRegion{.base = base, .size = size};
    return node;
}

/// A PC's timer to boot on, then mfoc and a neighbour.
class Bench : public MachineBench
{
public:
    explicit Bench(MachineConfig config)
        : MachineBench(std::move(config),
                       {deviceOf({counterDevice("boot", 500'000, 300)}, {eventDevice("tick", 300)}),
                        mfocDevice(), neighbour()})
    {
        booted = boot();
        before = dmesg();
    }
    [[nodiscard]] Errno probeMfoc() const { return machine->probe(devices[1]).value(); }
    [[nodiscard]] Errno probeNeighbour() const { return machine->probe(devices[2]).value(); }
    /// What was printed since the boot.
    [[nodiscard]] QString news() const { return dmesg().mid(before.size()); }
    /// Nothing is registered, claimed or enabled for mfoc.
    [[nodiscard]] bool isUntouched(std::size_t otherBindings = 0,
                                   std::size_t otherRegions = 0) const
    {
        const Snapshot snapshot = machine->snapshot();
        const PlatformBus& bus = machine->platform();
        return machine->clocksources().find("mfoc") == nullptr
            && snapshot.schedClock->counter != "mfoc" && bus.bound() == otherBindings + 1
            && bus.regions().size() == otherRegions && bus.users("gate") == 0
            && bus.users("crystal") == 0;
    }
    [[nodiscard]] bool isWhole() const
    {
        const PlatformBus& bus = machine->platform();
        return machine->clocksources().find("mfoc") != nullptr
            && machine->snapshot().schedClock->counter == "mfoc" && bus.users("gate") == 1
            && bus.users("crystal") == 1;
    }

    bool booted = false;
    QString before;
};

const QString probeFailed = "mfoc-clocksource: probe of 640000e4.mfoc-clocksource failed with "
                            "error %1\n";

} // namespace

class PlatformBusTest : public QObject
{
    Q_OBJECT
private slots:
    void driverTakesWhatItsNodeGives();
    void deviceWithoutANodeIsThereAllTheSame();
    void noMemory();
    void busyRegion();
    void neighbouringRegionIsFree();
    void missingRegion();
    void missingClock();
    void refusedRegistration();
    void refusalsComeInTheOrderOfTheDriver();
    void nodeThatIsNotOkayIsNotProbed();
    void secondInstanceIsRefused();
    void secondNodeIsTriedWhenTheFirstIsRefused();
    void boundNodeIsNotBoundAgain();
    void newerKernelsTellItAsALineOfTheDevice();
    void earlyTimerClaimsNothingAndIsToldByItsPath();
    void unloadedModuleGivesBackWhatItHeld();
    void refusedModuleStaysWithoutItsDevice();
    void nodesAreNamedAsTheKernelDoes();
};

void PlatformBusTest::driverTakesWhatItsNodeGives()
{
    Bench bench(configOf({mfocNode()}));
    QVERIFY(bench.booted);
    QVERIFY(bench.isUntouched());
    QCOMPARE(bench.probeMfoc(), Errno::Ok);
    QVERIFY(bench.isWhole());
    QCOMPARE(bench.machine->platform().regions(), std::vector{*mfocNode().reg});
    QVERIFY(!bench.news().contains("failed"));
}

void PlatformBusTest::deviceWithoutANodeIsThereAllTheSame()
{
    DeviceNode stranger = mfocNode();
    stranger.compatible = {"mfoc,something-else"};
    Bench bench(configOf({stranger}));
    QCOMPARE(bench.probeMfoc(), Errno::Ok);
    QVERIFY(bench.machine->clocksources().find("mfoc") != nullptr);
    QVERIFY(bench.machine->platform().regions().empty());
}

void PlatformBusTest::noMemory()
{
    Bench bench(configOf({mfocNode()}));
    bench.machine->denyProbe("mfoc", ProbeDenial::NoMemory);
    QCOMPARE(bench.probeMfoc(), Errno::NoMemory);
    QCOMPARE(bench.news(), probeFailed.arg(-12));
    QVERIFY(bench.isUntouched());
    QCOMPARE(bench.probeMfoc(), Errno::Ok);
    QVERIFY(bench.isWhole());
}

void PlatformBusTest::busyRegion()
{
    Bench bench(configOf({mfocNode(), neighbourNode(0x6400'00eb, 1)}));
    QCOMPARE(bench.probeNeighbour(), Errno::Ok);
    bench.before = bench.dmesg();
    QCOMPARE(bench.probeMfoc(), Errno::Busy);
    QCOMPARE(bench.news(),
             "mfoc-clocksource 640000e4.mfoc-clocksource: can't request region for resource "
             "[mem 0x640000e4-0x640000eb]\n"
                 + probeFailed.arg(-16));
    QVERIFY(bench.isUntouched(1, 1));
}

void PlatformBusTest::neighbouringRegionIsFree()
{
    Bench bench(configOf({mfocNode(), neighbourNode(0x6400'00ec, 4)}));
    QCOMPARE(bench.probeNeighbour(), Errno::Ok);
    QCOMPARE(bench.probeMfoc(), Errno::Ok);
    Bench below(configOf({mfocNode(), neighbourNode(0x6400'00e0, 4)}));
    QCOMPARE(below.probeNeighbour(), Errno::Ok);
    QCOMPARE(below.probeMfoc(), Errno::Ok);
}

void PlatformBusTest::missingRegion()
{
    DeviceNode node = mfocNode();
    node.reg.reset();
    Bench bench(configOf({node}));
    QCOMPARE(bench.probeMfoc(), Errno::Invalid);
    QCOMPARE(bench.news(),
             "mfoc-clocksource mfoc-clocksource@640000e4: invalid resource\n"
             "mfoc-clocksource: probe of mfoc-clocksource@640000e4 failed with error -22\n");
    QVERIFY(bench.isUntouched());
}

void PlatformBusTest::missingClock()
{
    DeviceNode node = mfocNode();
    node.clocks[0].input = "mfoc-clk";
    Bench bench(configOf({node, neighbourNode(0x6400'00e4, 8)}));
    QCOMPARE(bench.probeMfoc(), Errno::NoEntry);
    QCOMPARE(bench.news(), probeFailed.arg(-2));
    QVERIFY(bench.isUntouched());
    // The region was given back.
    QCOMPARE(bench.probeNeighbour(), Errno::Ok);
}

void PlatformBusTest::refusedRegistration()
{
    Bench bench(configOf({mfocNode(), neighbourNode(0x6400'00e4, 8)}));
    bench.machine->denyProbe("mfoc", ProbeDenial::RegistrationRefused);
    QCOMPARE(bench.probeMfoc(), Errno::Invalid);
    QCOMPARE(bench.news(),
             "mfoc-clocksource 640000e4.mfoc-clocksource: clocksource registration failed\n"
                 + probeFailed.arg(-22));
    QVERIFY(bench.isUntouched());
    QCOMPARE(bench.probeMfoc(), Errno::Ok);
    QVERIFY(bench.isWhole());
    QCOMPARE(bench.probeNeighbour(), Errno::Busy);
}

void PlatformBusTest::refusalsComeInTheOrderOfTheDriver()
{
    DeviceNode node = mfocNode();
    node.clocks.clear();
    Bench bench(configOf({node, neighbourNode(0x6400'00e0, 8)}));
    QCOMPARE(bench.probeNeighbour(), Errno::Ok);
    bench.machine->denyProbe("mfoc", ProbeDenial::NoMemory);
    bench.machine->denyProbe("mfoc", ProbeDenial::RegistrationRefused);
    QCOMPARE(bench.probeMfoc(), Errno::NoMemory);
    QCOMPARE(bench.probeMfoc(), Errno::Busy);
    QVERIFY(bench.isUntouched(1, 1));
}

void PlatformBusTest::nodeThatIsNotOkayIsNotProbed()
{
    DeviceNode node = mfocNode();
    node.status = "disabled";
    Bench bench(configOf({node}));
    QCOMPARE(bench.probeMfoc(), Errno::NoDevice);
    QCOMPARE(bench.news(), "");
    QVERIFY(bench.isUntouched());
    node.status = "ok";
    Bench other(configOf({node}));
    QCOMPARE(other.probeMfoc(), Errno::Ok);
}

void PlatformBusTest::secondInstanceIsRefused()
{
    DeviceNode second = mfocNode();
    second.name = "mfoc-clocksource@640000f4";
    second.reg->base = 0x6400'00f4;
    Bench bench(configOf({mfocNode(), second}));
    QCOMPARE(bench.probeMfoc(), Errno::Busy);
    QVERIFY(bench.isWhole());
    QVERIFY(bench.news().contains(
        "mfoc-clocksource: probe of 640000f4.mfoc-clocksource failed with error -16\n"));
    QCOMPARE(bench.machine->platform().regions(), std::vector{*mfocNode().reg});
    QCOMPARE(bench.machine->clocksources().list().size(), std::size_t{3});

    Bench without(configOf({}));
    QCOMPARE(without.probeMfoc(), Errno::Ok);
    QCOMPARE(without.probeMfoc(), Errno::Busy);
    QCOMPARE(without.machine->clocksources().list().size(), std::size_t{3});
}

void PlatformBusTest::secondNodeIsTriedWhenTheFirstIsRefused()
{
    DeviceNode second = mfocNode();
    second.name = "mfoc-clocksource@640000f4";
    second.reg->base = 0x6400'00f4;
    Bench bench(configOf({mfocNode(), second, neighbourNode(0x6400'00e4, 8)}));
    QCOMPARE(bench.probeNeighbour(), Errno::Ok);
    QCOMPARE(bench.probeMfoc(), Errno::Busy); // of the first
    QVERIFY(bench.isWhole());
    QCOMPARE(bench.machine->platform().regions().back(), *second.reg);
}

void PlatformBusTest::boundNodeIsNotBoundAgain()
{
    Bench bench(configOf({mfocNode()}));
    QCOMPARE(bench.probeMfoc(), Errno::Ok);
    bench.before = bench.dmesg();
    QCOMPARE(bench.probeMfoc(), Errno::Busy);
    QCOMPARE(bench.news(), "");
    QVERIFY(bench.isWhole());
}

void PlatformBusTest::newerKernelsTellItAsALineOfTheDevice()
{
    Bench bench(configOf({mfocNode()}, "linux-6.12"));
    bench.machine->denyProbe("mfoc", ProbeDenial::NoMemory);
    QCOMPARE(bench.probeMfoc(), Errno::NoMemory);
    QCOMPARE(bench.news(),
             "mfoc-clocksource 640000e4.mfoc-clocksource: probe with driver mfoc-clocksource "
             "failed with error -12\n");
}

void PlatformBusTest::earlyTimerClaimsNothingAndIsToldByItsPath()
{
    DeviceNode node = mfocNode();
    node.name = "/ahb/mfoc-clocksource@640000e4";
    Bench bench(configOf({node, neighbourNode(0x6400'00e4, 8)}));
    bench.devices[1].driver.name.clear();
    bench.devices[1].driver.clock = "PCLK";
    QCOMPARE(bench.probeMfoc(), Errno::NoEntry);
    QCOMPARE(bench.news(), "Failed to initialize '/ahb/mfoc-clocksource@640000e4': -2\n");
    bench.devices[1].driver.clock = "mfoc";
    QCOMPARE(bench.probeMfoc(), Errno::Ok);
    QVERIFY(bench.isWhole());
    QCOMPARE(bench.probeNeighbour(), Errno::Ok);

    node.reg.reset();
    Bench unmapped(configOf({node}));
    unmapped.devices[1].driver.name.clear();
    QCOMPARE(unmapped.probeMfoc(), Errno::NoAddress);
    QVERIFY(unmapped.isUntouched());
}

void PlatformBusTest::unloadedModuleGivesBackWhatItHeld()
{
    Bench bench(configOf({mfocNode(), neighbourNode(0x6400'00e4, 8)}));
    bench.devices[1].driver.module = "mfoc";
    bench.devices[1].counters[0].rating = 10; // so that it is not the clock
    bench.devices[1].counters[0].schedClock = false;
    const std::array<const DeviceDescription*, 1> devices{&bench.devices[1]};
    QCOMPARE(bench.machine->loadModule("mfoc", devices).value(), Errno::Ok);
    QCOMPARE(bench.probeNeighbour(), Errno::Busy);
    QCOMPARE(bench.machine->unloadModule("mfoc"), Errno::Ok);
    QVERIFY(bench.machine->platform().regions().empty());
    QCOMPARE(bench.machine->platform().users("crystal"), 0U);
    QCOMPARE(bench.machine->loadModule("mfoc", devices).value(), Errno::Ok);
    QCOMPARE(bench.machine->platform().users("crystal"), 1U);
}

void PlatformBusTest::refusedModuleStaysWithoutItsDevice()
{
    DeviceNode node = mfocNode();
    node.clocks.clear();
    MachineConfig config = configOf({node});
    config.config.schedClockForModules = true;
    Bench bench(config);
    bench.devices[1].driver.module = "mfoc";
    const std::array<const DeviceDescription*, 1> devices{&bench.devices[1]};
    QCOMPARE(bench.machine->loadModule("mfoc", devices).value(), Errno::Ok);
    QCOMPARE(bench.news(), probeFailed.arg(-2));
    QVERIFY(bench.isUntouched());
    QVERIFY(bench.machine->snapshot().modules.at(0).name == "mfoc");
    QCOMPARE(bench.machine->unloadModule("mfoc"), Errno::Ok);
}

void PlatformBusTest::nodesAreNamedAsTheKernelDoes()
{
    DeviceNode node = mfocNode();
    QCOMPARE(node.deviceName(), std::string("640000e4.mfoc-clocksource"));
    QCOMPARE(node.path(), std::string("/mfoc-clocksource@640000e4"));
    node.name = "/soc/bus@60000000/mfoc-clocksource@640000e4";
    QCOMPARE(node.deviceName(), std::string("640000e4.mfoc-clocksource"));
    QCOMPARE(node.path(), node.name);
    QCOMPARE(std::string(node.unitAddress()), std::string("640000e4"));
}

QTEST_GUILESS_MAIN(PlatformBusTest)
#include "platform_bus_test.moc"
