// SPDX-License-Identifier: GPL-3.0-or-later
//! The local timer that broadcasts, while a test module has put itself before its handler.
#include "tests/oracle/replay/pc_machine.h"

#include <fmt/format.h>

namespace timerscope::oracle {

namespace {

std::string forwarderOf(const Module& module)
{
    return fmt::format("lapic_fwd [{}]", module.name());
}

} // namespace

void PcMachine::forwardLocalTimer(ClockEventDevice& device, const Module& module)
{
    m_forwarder = {.device = &device, .name = forwarderOf(module)};
    if (ClockEventDevice* const broadcasting = broadcastingLocalTimer()) {
        putForwarder(*broadcasting);
    }
}

ClockEventDevice* PcMachine::broadcastingLocalTimer()
{
    ClockEventDevice* const device = m_machine->cpus().broadcast().device();
    return device != nullptr && device->name() == "lapic" ? device : nullptr;
}

void PcMachine::putForwarder(ClockEventDevice& localTimer)
{
    localTimer.setHandler(
        {.name = m_forwarder->name, .call = [device = m_forwarder->device] { device->fire(); }});
}

/// The kernel sets the handler again when it sets the local timer up for broadcasting anew: as its
/// CPU comes back and takes up high resolution.
void PcMachine::keepForwarding()
{
    ClockEventDevice* const broadcasting = broadcastingLocalTimer();
    if (m_forwarder && broadcasting != nullptr
        && broadcasting->handler().name.ends_with("_broadcast")) {
        putForwarder(*broadcasting);
    }
}

/// A function that is gone is shown by its address.
void PcMachine::forgetForwarder(const Module& module)
{
    const std::string name = forwarderOf(module);
    if (m_forwarder && m_forwarder->name == name) {
        m_forwarder.reset();
    }
    ClockEventDevice* const broadcasting = m_machine->cpus().broadcast().device();
    if (broadcasting != nullptr && broadcasting->handler().name == name) {
        broadcasting->setHandler({.name = "0xffffffffc0000000", .call = [] { }});
    }
}

} // namespace timerscope::oracle
