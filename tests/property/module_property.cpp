// SPDX-License-Identifier: GPL-3.0-or-later
//! What holds for modules and their references after any sequence of operations on a machine.
#include "tests/support/machine_bench.h"

#include <QTest>

#include <rapidcheck.h>

#include <algorithm>
#include <array>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::milliseconds;

namespace {

/// A built-in timer to boot on; one module with a counter, an event device and a watchdog; one with
/// a counter only.
std::vector<DeviceDescription> described()
{
    std::vector<DeviceDescription> all{
        deviceOf({counterDevice("counter", 24'000'000, 200)}, {eventDevice("timer", 200)}),
        deviceOf({counterDevice("both", 10'000'000, 300)}, {eventDevice("both-event", 300)}),
        deviceOf({counterDevice("only", 1'000'000, 250)}, {})};
    for (std::size_t i = 1; i < all.size(); ++i) {
        all[i].driver.module = all[i].counters[0].name;
        all[i].driver.owner = DriverOwner::Always;
        all[i].counters[0].schedClock = false;
    }
    all[1].channels.push_back({.name = "dog", .role = ChannelRole::Watchdog});
    return all;
}

class Chaos
{
public:
    Chaos()
        : m_bench(machineConfig(), described())
    {
        RC_ASSERT(m_bench.boot());
    }

    void act()
    {
        const std::size_t index = *rc::gen::inRange<std::size_t>(1, 3);
        const DeviceDescription& device = m_bench.devices.at(index);
        const std::array<const DeviceDescription*, 1> devices{&device};
        switch (*rc::gen::inRange(0, 7)) {
        case 0:
        case 1:
            RC_ASSERT(m_bench.machine->loadModule(device.driver.module, devices).has_value());
            break;
        case 2:
            static_cast<void>(m_bench.machine->unloadModule(device.driver.module));
            break;
        case 3:
            static_cast<void>(m_bench.machine->writeSysfs(
                "clocksource/clocksource0/current_clocksource",
                *rc::gen::element<std::string>("counter", "both", "only", "\n")));
            break;
        case 4:
            static_cast<void>(
                m_bench.machine->changeRating(device.counters[0].name, *rc::gen::inRange(1, 500)));
            break;
        case 5:
            toggleDog();
            break;
        default:
            static_cast<void>(m_bench.machine->writeSysfs(
                "clocksource/clocksource0/unbind_clocksource", device.counters[0].name));
            break;
        }
        m_bench.run(milliseconds{*rc::gen::inRange(0, 30)});
    }

    /// As many references as there are uses, each for one of them.
    void check() const
    {
        const Snapshot snapshot = m_bench.machine->snapshot();
        RC_ASSERT(!snapshot.fault);
        for (const ModuleRow& module : snapshot.modules) {
            const std::size_t uses = usesOf(module.name, snapshot);
            RC_ASSERT(module.holds.size() == uses);
            RC_ASSERT(module.loaded || uses == 0);
        }
    }

private:
    void toggleDog()
    {
        const DeviceDescription& device = m_bench.devices.at(1);
        const ChannelUse& dog = device.channels.at(0);
        if (m_dogIsOpen) {
            RC_ASSERT(m_bench.machine->closeChannel(device, dog) == Errno::Ok);
            m_dogIsOpen = false;
        } else {
            m_dogIsOpen = m_bench.machine->openChannel(device, dog) == Errno::Ok;
        }
    }

    [[nodiscard]] std::size_t usesOf(const std::string& module, const Snapshot& snapshot) const
    {
        const ClocksourceRow* const current = snapshot.currentClocksource();
        const bool counts = current != nullptr && current->module == module;
        const auto ticks = std::ranges::count_if(snapshot.clockEvents, [&](const auto& row) {
            return row.module == module && row.role == DeviceRole::Tick;
        });
        return (counts ? 1U : 0U) + static_cast<std::size_t>(ticks)
            + (module == "both" && m_dogIsOpen ? 1U : 0U);
    }

    MachineBench m_bench;
    bool m_dogIsOpen = false;
};

} // namespace

class ModuleProperty : public QObject
{
    Q_OBJECT
private slots:
    void referencesAreAsManyAsUses();
};

void ModuleProperty::referencesAreAsManyAsUses()
{
    QVERIFY(rc::check("references are as many as uses", [] {
        Chaos chaos;
        const int steps = *rc::gen::inRange(1, 40);
        for (int i = 0; i < steps; ++i) {
            chaos.act();
            chaos.check();
        }
    }));
}

QTEST_APPLESS_MAIN(ModuleProperty)
#include "module_property.moc"
