// SPDX-License-Identifier: GPL-3.0-or-later
//! The commands of a test module that concern clock event devices.
#include "tests/oracle/replay/device_state_text.h"
#include "tests/oracle/replay/test_module.h"

#include <fmt/format.h>

namespace timerscope::oracle {

Result<TestClockEvent*> TestModule::deviceSlot(const KernelCommand& command) const
{
    const auto number = command.number(0);
    const auto found = number ? m_deviceSlots.find(*number) : m_deviceSlots.end();
    if (found == m_deviceSlots.end()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}: no device was registered in slot '{}'", command.verb,
                                command.word(0)));
    }
    return found->second;
}

Result<Errno> TestModule::registerDevice(const KernelCommand& command)
{
    const auto number = command.number(0);
    if (!number) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("ce_reg: '{}' is no slot", command.word(0)));
    }
    auto made = TestClockEvent::make(command, *m_pc, *m_module, m_log);
    if (!made) {
        return tl::unexpected<Error>(std::move(made.error()));
    }
    TestClockEvent& added = *m_devices.emplace_back(std::move(*made));
    m_deviceSlots[*number] = &added;
    Machine& machine = m_pc->machine();
    machine.clockEvents().registerDevice(added.device(), machine.cpus().currentCpu());
    note(deviceLine(added.device()));
    if (added.isBacked() && added.device().role() == HoldRole::TickDevice) {
        m_pc->forwardLocalTimer(added.device(), *m_module);
    }
    return Errno::Ok;
}

Result<Errno> TestModule::unbindDevice(const KernelCommand& command)
{
    const auto device = deviceSlot(command);
    const auto cpu = argument(command);
    Cpus& cpus = m_pc->machine().cpus();
    if (!device || !cpu) {
        return tl::unexpected<Error>(device ? cpu.error() : device.error());
    }
    if (*cpu < 0 || *cpu >= cpus.count()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("ce_unbind: the machine has no CPU {}", *cpu));
    }
    const auto on = static_cast<unsigned>(*cpu);
    const Errno answer = cpus.runOn(
        on, [&] { return m_pc->machine().clockEvents().unbind((*device)->device(), on); });
    note(fmt::format("ret {}", returnValue(answer)));
    return answer;
}

Result<Errno> TestModule::updateFrequency(const KernelCommand& command)
{
    const auto device = deviceSlot(command);
    const auto hz = argument(command);
    if (!device || !hz) {
        return tl::unexpected<Error>(device ? hz.error() : device.error());
    }
    ClockEventDevice& changed = (*device)->device();
    const auto answer = changed.updateFrequency(static_cast<std::uint32_t>(*hz),
                                                m_pc->machine().timekeeper().monotonicNow());
    if (!answer) {
        return tl::unexpected<Error>(answer.error());
    }
    note(fmt::format("ret {}", returnValue(*answer)));
    note(deviceLine(changed));
    return *answer;
}

Result<Errno> TestModule::refuseEvents(const KernelCommand& command)
{
    const auto device = deviceSlot(command);
    const auto times = argument(command);
    if (!device || !times) {
        return tl::unexpected<Error>(device ? times.error() : device.error());
    }
    (*device)->refuse(*times);
    return Errno::Ok;
}

Result<Errno> TestModule::tellDevice(const KernelCommand& command)
{
    const auto device = deviceSlot(command);
    if (!device) {
        return tl::unexpected<Error>(device.error());
    }
    note(deviceLine((*device)->device()));
    return Errno::Ok;
}

Result<Errno> TestModule::tellAllDevices(const KernelCommand& /*command*/)
{
    ClockEvents& events = m_pc->machine().clockEvents();
    if (events.canBeWalked()) {
        for (const ClockEventDevice* device : events.devices()) {
            note(deviceLine(*device));
        }
    }
    return Errno::Ok;
}

Result<Errno> TestModule::countEvents(const KernelCommand& command)
{
    const auto device = deviceSlot(command);
    if (!device) {
        return tl::unexpected<Error>(device.error());
    }
    note(fmt::format("ce {} set_next_event calls={}", (*device)->device().name(),
                     (*device)->programmed()));
    return Errno::Ok;
}

Result<Errno> TestModule::controlBroadcast(const KernelCommand& command)
{
    const auto wish = command.number(0);
    if (!wish || *wish < 0 || *wish > 2) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("bc needs 0, 1 or 2, '{}' is none", command.word(0)));
    }
    Cpus& cpus = m_pc->machine().cpus();
    cpus.broadcast().control(static_cast<BroadcastControl>(*wish), cpus.currentCpu());
    return Errno::Ok;
}

/// In, a look at everything, and out again.
Result<Errno> TestModule::enterBroadcast(const KernelCommand& /*command*/)
{
    Cpus& cpus = m_pc->machine().cpus();
    const unsigned cpu = cpus.currentCpu();
    note(fmt::format("ret {}", returnValue(cpus.broadcast().enter(cpu))));
    noteState();
    cpus.broadcast().exit(cpu);
    return Errno::Ok;
}

} // namespace timerscope::oracle
