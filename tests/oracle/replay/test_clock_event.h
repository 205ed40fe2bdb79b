// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clockevents/clock_event_device.h"
#include "tests/oracle/replay/kernel_command.h"
#include "tests/oracle/replay/pc_machine.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// A clock event device of a test module, whose callbacks write to the module's log. A "backed" one
/// has a timer of the machine's hardware under it; another one never fires. Threading: one thread.
class TestClockEvent final : private ClockEventDriver
{
public:
    /// From `ce_reg SLOT NAME RATING FEATURES CPU HZ MIN MAX IRQ OWNER BACKED [STOPPED]`.
    /// Errors (InvalidArgument): a word that is missing or no such number, a rate that cannot be
    /// configured, more backed devices than the bench has timers. @p pc, @p module and @p log must
    /// outlive it.
    [[nodiscard]] static Result<std::unique_ptr<TestClockEvent>>
    make(const KernelCommand& command, PcMachine& pc, Module& module,
         std::vector<std::string>& log);

    TestClockEvent(const TestClockEvent&) = delete;
    TestClockEvent& operator=(const TestClockEvent&) = delete;

    [[nodiscard]] ClockEventDevice& device() { return m_device; }
    [[nodiscard]] bool isBacked() const { return m_channel.has_value(); }
    /// How often an event was programmed.
    [[nodiscard]] std::uint64_t programmed() const { return m_programmed; }
    /// The next @p times events are refused: their time has passed.
    void refuse(std::int64_t times) { m_refusals = times; }
    /// Its module is gone; what is left of it must not be called any more.
    void unload();

private:
    struct Traits
    {
        std::int64_t hz = 0;
        std::optional<ChannelIndex> channel;
        bool canStop = false;
    };
    TestClockEvent(ClockEventDevice::Description description, const Traits& traits, PcMachine& pc,
                   std::vector<std::string>& log);

    Errno setState(ClockEventState state) override;
    Errno setNextEvent(std::uint64_t ticks) override;
    void note(const std::string& what);

    PcMachine* m_pc;
    std::vector<std::string>* m_log;
    ClockEventDevice m_device;
    std::int64_t m_hz;
    std::optional<ChannelIndex> m_channel;
    bool m_canStop;
    std::uint64_t m_programmed = 0;
    std::int64_t m_refusals = 0;
};

} // namespace timerscope::oracle
