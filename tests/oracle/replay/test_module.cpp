// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/test_module.h"

#include "tests/oracle/replay/device_state_text.h"
#include "tests/oracle/replay/kernel_state_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace timerscope::oracle {
namespace {

constexpr std::int64_t slotCount = 64;

ModuleHold userHold()
{
    return {.role = HoldRole::Other, .device = "get", .cpu = 0};
}

} // namespace

TestModule::TestModule(PcMachine& pc, const RecordedScenario& scenario, char letter)
    : m_pc(&pc)
    , m_scenario(&scenario)
    , m_module(&pc.machine().modules().get(fmt::format("kscn_{}", letter)))
{
}

// --- the module --------------------------------------------------------------------------------

CommandResult TestModule::load(bool keepsDevices)
{
    if (isLoaded()) {
        return refused(exists);
    }
    m_module->load();
    m_keepsDevices = keepsDevices;
    m_timers = std::make_unique<TestTimers>(*m_pc, m_log);
    m_wheelTimers = std::make_unique<TestWheelTimers>(*m_pc, m_log);
    return accepted(0);
}

CommandResult TestModule::unload()
{
    if (const Errno answer = m_module->beginUnload(); answer != Errno::Ok) {
        return refused(answer);
    }
    leave();
    m_module->finishUnload();
    m_pc->machine().settle();
    m_log.clear(); // it was the module's
    return accepted(0);
}

/// The exit function. What it leaves on the list is gone from memory all the same.
void TestModule::leave()
{
    for (const auto& [number, clocksource] : m_slots) {
        if (!m_keepsDevices) {
            static_cast<void>(registry().unregisterSource(clocksource->source()));
        }
        clocksource->source().isDangling = isListed(*clocksource);
    }
    m_slots.clear();
    m_deviceSlots.clear();
    for (const auto& device : m_devices) {
        device->unload(); // there is no call that would take it off
    }
    m_pc->forgetForwarder(*m_module);
    m_timers.reset();
    m_wheelTimers.reset();
}

bool TestModule::owns(const Clocksource& source) const
{
    return std::ranges::any_of(m_made, [&](const std::unique_ptr<TestClocksource>& made) {
        return &made->source() == &source;
    });
}

bool TestModule::isListed(TestClocksource& clocksource) const
{
    const auto list = registry().list();
    return std::ranges::find(list, &clocksource.source()) != list.end();
}

// --- commands ----------------------------------------------------------------------------------

const std::vector<TestModule::KnownCommand>& TestModule::commands()
{
    static const std::vector<KnownCommand> known{
        {"cs_reg", &TestModule::registerClocksource},
        {"cs_unreg", &TestModule::unregisterClocksource},
        {"cs_rate", &TestModule::changeRating},
        {"cs_unst", &TestModule::markUnstable},
        {"cs_ppm", &TestModule::setError},
        {"cs_jump", &TestModule::jump},
        {"cs_stop", &TestModule::stop},
        {"cs_info", &TestModule::tellOne},
        {"cs_all", &TestModule::tellAll},
        {"state", &TestModule::tellState},
        {"jiffies", &TestModule::tellTime},
        {"get", &TestModule::takeReference},
        {"put", &TestModule::dropReference},
        {"burn", &TestModule::burn},
        {"hr", &TestModule::timers},
        {"tw", &TestModule::timers},
        {"hr_dump", &TestModule::dumpTimers},
        {"tw_dump", &TestModule::dumpTimers},
        {"ce_reg", &TestModule::registerDevice},
        {"ce_unbind", &TestModule::unbindDevice},
        {"ce_freq", &TestModule::updateFrequency},
        {"ce_fail", &TestModule::refuseEvents},
        {"ce_info", &TestModule::tellDevice},
        {"ce_all", &TestModule::tellAllDevices},
        {"ce_count", &TestModule::countEvents},
        {"bc", &TestModule::controlBroadcast},
        {"bc_enter", &TestModule::enterBroadcast},
    };
    return known;
}

Result<CommandResult> TestModule::carryOut(const KernelCommand& command)
{
    const auto known = std::ranges::find_if(
        commands(), [&](const KnownCommand& candidate) { return command.verb == candidate.verb; });
    const bool isRun = command.verb == "hr_rand" || command.verb == "tw_rand";
    if (known == commands().end() && !isRun) {
        return notModelled(command.verb);
    }
    Cpus& cpus = m_pc->machine().cpus();
    if (!cpus.onlineCpus().has(command.cpu)) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("{} runs on CPU {}, which is not online", command.verb, command.cpu));
    }
    if (!isLoaded()) {
        return refused(Errno::NoEntry, "open ");
    }
    if (isRun) {
        return armAtRandom(command);
    }
    auto error = cpus.runOn(command.cpu, [&] { return (this->*known->handler)(command); });
    if (!error) {
        return tl::unexpected<Error>(std::move(error.error()));
    }
    m_pc->machine().settle();
    return answered(*error, command.length + 1);
}

Result<TestClocksource*> TestModule::slot(const KernelCommand& command) const
{
    const auto number = command.number(0);
    const auto found = number ? m_slots.find(*number) : m_slots.end();
    if (found == m_slots.end()) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("{}: nothing was registered in slot '{}'", command.verb, command.word(0)));
    }
    return found->second;
}

Result<std::int64_t> TestModule::argument(const KernelCommand& command) const
{
    const auto value = command.number(1);
    if (!value) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} needs a number, '{}' is none", command.verb, command.word(1)));
    }
    return *value;
}

Result<Errno> TestModule::registerClocksource(const KernelCommand& command)
{
    const auto number = command.number(0);
    if (!number || *number < 0 || *number >= slotCount) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("cs_reg: '{}' is no slot, they are 0 to {}", command.word(0),
                                slotCount - 1));
    }
    auto made = TestClocksource::make(command, m_pc->hardware(), *m_module, m_log);
    if (!made) {
        return tl::unexpected<Error>(std::move(made.error()));
    }
    TestClocksource& clocksource = *m_made.emplace_back(std::move(*made));
    m_slots[*number] = &clocksource;
    registry().registerSource(clocksource.source());
    note("ret 0");
    note(clocksourceLine(clocksource.source(), true));
    return Errno::Ok;
}

Result<Errno> TestModule::unregisterClocksource(const KernelCommand& command)
{
    const auto clocksource = slot(command);
    if (!clocksource) {
        return tl::unexpected<Error>(clocksource.error());
    }
    const Errno answer = registry().unregisterSource((*clocksource)->source());
    note(fmt::format("ret {}", returnValue(answer)));
    return answer;
}

Result<Errno> TestModule::changeRating(const KernelCommand& command)
{
    const auto clocksource = slot(command);
    const auto rating = argument(command);
    if (!clocksource || !rating) {
        return tl::unexpected<Error>(clocksource ? rating.error() : clocksource.error());
    }
    registry().changeRating((*clocksource)->source(), static_cast<int>(*rating));
    return Errno::Ok;
}

Result<Errno> TestModule::markUnstable(const KernelCommand& command)
{
    const auto clocksource = slot(command);
    if (!clocksource) {
        return tl::unexpected<Error>(clocksource.error());
    }
    registry().markUnstable((*clocksource)->source());
    return Errno::Ok;
}

Result<Errno> TestModule::setError(const KernelCommand& command)
{
    const auto clocksource = slot(command);
    const auto ppm = argument(command);
    if (!clocksource || !ppm) {
        return tl::unexpected<Error>(clocksource ? ppm.error() : clocksource.error());
    }
    (*clocksource)->counter().setError(*ppm);
    return Errno::Ok;
}

Result<Errno> TestModule::jump(const KernelCommand& command)
{
    const auto clocksource = slot(command);
    const auto cycles = argument(command);
    if (!clocksource || !cycles) {
        return tl::unexpected<Error>(clocksource ? cycles.error() : clocksource.error());
    }
    (*clocksource)->counter().jump(*cycles);
    return Errno::Ok;
}

Result<Errno> TestModule::stop(const KernelCommand& command)
{
    const auto clocksource = slot(command);
    if (!clocksource) {
        return tl::unexpected<Error>(clocksource.error());
    }
    (*clocksource)->counter().stop();
    return Errno::Ok;
}

Result<Errno> TestModule::tellOne(const KernelCommand& command)
{
    const auto clocksource = slot(command);
    if (!clocksource) {
        return tl::unexpected<Error>(clocksource.error());
    }
    note(clocksourceLine((*clocksource)->source(), true));
    return Errno::Ok;
}

Result<Errno> TestModule::tellAll(const KernelCommand& /*command*/)
{
    for (const Clocksource* source : registry().list()) {
        const bool isTest = std::ranges::any_of(
            *m_siblings, [&](const auto& sibling) { return sibling.second->owns(*source); });
        note(clocksourceLine(*source, isTest));
    }
    return Errno::Ok;
}

Result<Errno> TestModule::tellState(const KernelCommand& /*command*/)
{
    noteState();
    return Errno::Ok;
}

/// The kernel's devices are told of before the last line, which is of its clocksources again.
void TestModule::noteState()
{
    std::vector<std::string> lines = stateLines(registry());
    std::string last = std::move(lines.back());
    lines.pop_back();
    for (std::string& line : deviceStateLines(m_pc->machine())) {
        lines.push_back(std::move(line));
    }
    lines.push_back(std::move(last));
    std::ranges::move(lines, std::back_inserter(m_log));
}

/// "jiffies N mono NS real NS boot NS clk N": clk is the wheel's own clock.
Result<Errno> TestModule::tellTime(const KernelCommand& /*command*/)
{
    Machine& machine = m_pc->machine();
    const Timekeeper& timekeeper = machine.timekeeper();
    const Ns monotonic = timekeeper.monotonicNow().time_since_epoch();
    const Ns boottime = timekeeper.boottimeNow().time_since_epoch();
    note(fmt::format(
        "jiffies {} mono {} real {} boot {} clk {}", m_pc->shownJiffies(machine.jiffies().now()),
        m_pc->shownMonotonic(monotonic).count(), nsOf(timekeeper.realtimeNow()),
        m_pc->shownMonotonic(boottime).count(), m_pc->shownJiffies(machine.cpu().wheel().clk())));
    return Errno::Ok;
}

/// The kernel's count has one for the module being there.
void TestModule::noteReferences()
{
    note(fmt::format("refcnt {}", m_module->holds().size() + 1));
}

Result<Errno> TestModule::takeReference(const KernelCommand& /*command*/)
{
    if (!m_module->tryGet(userHold())) {
        return Errno::NoDevice;
    }
    noteReferences();
    return Errno::Ok;
}

Result<Errno> TestModule::dropReference(const KernelCommand& /*command*/)
{
    if (std::ranges::find(m_module->holds(), userHold()) == m_module->holds().end()) {
        return fail(ErrorCode::InvalidArgument, "put: no reference was taken by get");
    }
    m_module->put(userHold());
    noteReferences();
    return Errno::Ok;
}

Result<Errno> TestModule::burn(const KernelCommand& command)
{
    const auto span = command.number(0);
    if (!span || *span < 0) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("burn needs ns, '{}' are none", command.word(0)));
    }
    m_pc->burn(Ns{*span});
    return Errno::Ok;
}

} // namespace timerscope::oracle
