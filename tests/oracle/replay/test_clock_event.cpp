// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/test_clock_event.h"

#include "tests/oracle/replay/device_state_text.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace timerscope::oracle {
namespace {

enum Word : std::size_t
{
    Name = 1,
    Rating,
    Features,
    CpuOfMask,
    Hz,
    MinTicks,
    MaxTicks,
    Irq,
    Owner,
    Backed,
    HasStopped,
};

constexpr std::int64_t mostInt = std::numeric_limits<int>::max();
constexpr std::int64_t mostFrequency = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t mostTicks = std::numeric_limits<std::int64_t>::max();

/// The numbers of a command, and whether each was one within its limits.
class Numbers
{
public:
    explicit Numbers(const KernelCommand& command)
        : m_command(command)
    {
    }
    std::int64_t at(std::size_t place, std::int64_t least, std::int64_t most)
    {
        const auto number = m_command.number(place);
        m_areGood = m_areGood && number && *number >= least && *number <= most;
        return number.value_or(0);
    }
    [[nodiscard]] bool areGood() const { return m_areGood; }

private:
    const KernelCommand& m_command;
    bool m_areGood = true;
};

Result<ClockEventConfig> configOf(const ClockEventDevice::Description& device, std::int64_t hz)
{
    if (hz == 0) {
        return ClockEventConfig{}; // registered without configuration
    }
    return clockEventConfig(static_cast<std::uint32_t>(hz), device.minTicks, device.maxTicks,
                            device.features);
}

std::string callbackOf(ClockEventState state)
{
    switch (state) {
    case ClockEventState::Periodic:
        return "set_state_periodic";
    case ClockEventState::Oneshot:
        return "set_state_oneshot";
    case ClockEventState::OneshotStopped:
        return "set_state_oneshot_stopped";
    case ClockEventState::Detached:
    case ClockEventState::Shutdown:
        break;
    }
    return "set_state_shutdown";
}

} // namespace

Result<std::unique_ptr<TestClockEvent>> TestClockEvent::make(const KernelCommand& command,
                                                             PcMachine& pc, Module& module,
                                                             std::vector<std::string>& log)
{
    Numbers numbers(command);
    ClockEventDevice::Description device;
    device.name = command.word(Name);
    device.rating = static_cast<int>(numbers.at(Rating, -mostInt, mostInt));
    const auto features = featuresOf(command.word(Features));
    const std::int64_t cpu = numbers.at(CpuOfMask, -1, pc.machine().cpus().count() - 1);
    Traits traits;
    traits.hz = numbers.at(Hz, 0, mostFrequency);
    device.minTicks = static_cast<std::uint64_t>(numbers.at(MinTicks, 0, mostTicks));
    device.maxTicks = static_cast<std::uint64_t>(numbers.at(MaxTicks, 0, mostTicks));
    const std::int64_t irq = numbers.at(Irq, -1, mostInt);
    device.owner = numbers.at(Owner, 0, 1) == 1 ? &module : nullptr;
    const bool isBacked = numbers.at(Backed, 0, 1) == 1;
    traits.canStop = command.number(HasStopped).value_or(0) == 1;
    if (device.name.empty() || !features || !numbers.areGood()) {
        return fail(ErrorCode::InvalidArgument,
                    "ce_reg needs SLOT NAME RATING FEATURES CPU HZ MIN MAX IRQ OWNER BACKED, CPU "
                    "one of the machine's or -1, OWNER and BACKED 0 or 1");
    }
    device.features = *features;
    device.cpus = cpu < 0 ? CpuMask::firstOf(pc.machine().cpus().count())
                          : CpuMask::of(static_cast<unsigned>(cpu));
    device.irq = irq >= 0 ? std::optional(static_cast<unsigned>(irq)) : std::nullopt;
    auto config = configOf(device, traits.hz);
    if (!config) {
        return tl::unexpected<Error>(std::move(config.error()));
    }
    device.config = *config;
    if (isBacked) {
        traits.channel = pc.takeSpareTimer();
        if (!traits.channel) {
            return fail(ErrorCode::InvalidArgument, "ce_reg: no timer is left to back a device");
        }
    }
    return std::unique_ptr<TestClockEvent>(new TestClockEvent(std::move(device), traits, pc, log));
}

TestClockEvent::TestClockEvent(ClockEventDevice::Description description, const Traits& traits,
                               PcMachine& pc, std::vector<std::string>& log)
    : m_pc(&pc)
    , m_log(&log)
    , m_device(std::move(description), *this, pc.machine().tracer())
    , m_hz(traits.hz)
    , m_channel(traits.channel)
    , m_canStop(traits.canStop)
{
    if (m_channel) {
        pc.machine().attachInterrupt(*m_channel, m_device);
    }
}

void TestClockEvent::note(const std::string& what)
{
    m_log->push_back(fmt::format("cb ce {} cpu{} {}", m_device.name(),
                                 m_pc->machine().cpus().currentCpu(), what));
}

Errno TestClockEvent::setState(ClockEventState state)
{
    if (state == ClockEventState::OneshotStopped && !m_canStop) {
        return Errno::NoSys;
    }
    note(fmt::format("{} (from {})", callbackOf(state), stateWord(m_device.state())));
    if (m_channel) {
        m_pc->setSpareTimer(*m_channel, state);
    }
    return Errno::Ok;
}

Errno TestClockEvent::setNextEvent(std::uint64_t ticks)
{
    ++m_programmed;
    if (m_refusals > 0) {
        --m_refusals;
        note(fmt::format("set_next_event({}) -> {}", ticks, returnValue(Errno::Time)));
        return Errno::Time;
    }
    note(fmt::format("set_next_event({}) #{}", ticks, m_programmed));
    if (m_channel && m_hz != 0) {
        m_pc->armSpareTimer(*m_channel, ticks, Hertz{static_cast<std::uint64_t>(m_hz)});
    }
    return Errno::Ok;
}

void TestClockEvent::unload()
{
    m_device.setDangling();
    if (m_channel) {
        m_pc->setSpareTimer(*m_channel, ClockEventState::Shutdown);
    }
}

} // namespace timerscope::oracle
