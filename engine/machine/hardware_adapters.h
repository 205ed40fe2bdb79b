// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernel's driver callbacks on top of a backend's hardware.
#pragma once

#include "engine/clockevents/clock_event_device.h"
#include "engine/clocksource/clocksource.h"
#include "engine/port/hardware.h"

#include <optional>

namespace timerscope {

/// Keeps the first failure of a backend: kernel callbacks cannot fail, so the machine looks here
/// after each interrupt and stops.
class HardwareFault
{
public:
    void note(const Error& error)
    {
        if (!m_error) {
            m_error = error;
        }
    }
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }

private:
    std::optional<Error> m_error;
};

/// A clocksource's read callback on a hardware counter. After a failure it answers the last
/// value: time stands still until the machine stops.
class HardwareCounter final : public CounterReader
{
public:
    HardwareCounter(Hardware& hardware, CounterIndex index, HardwareFault& fault)
        : m_hardware(&hardware)
        , m_index(index)
        , m_fault(&fault)
    {
    }
    [[nodiscard]] Cycles readCounter() override;
    [[nodiscard]] Cycles observeCounter() const override { return m_hardware->observe(m_index); }

private:
    Hardware* m_hardware;
    CounterIndex m_index;
    HardwareFault* m_fault;
    Cycles m_last;
};

/// A clock event driver on a hardware channel.
class HardwareEventDriver final : public ClockEventDriver
{
public:
    /// @p periodTicks: of one tick, as the driver computes it from its rate and HZ.
    HardwareEventDriver(Hardware& hardware, ChannelIndex index, std::uint64_t periodTicks,
                        HardwareFault& fault)
        : m_hardware(&hardware)
        , m_index(index)
        , m_periodTicks(periodTicks)
        , m_fault(&fault)
    {
    }
    Errno setState(ClockEventState state) override;
    Errno setNextEvent(std::uint64_t ticks) override;

private:
    Errno answer(const Result<void>& result);

    Hardware* m_hardware;
    ChannelIndex m_index;
    std::uint64_t m_periodTicks;
    HardwareFault* m_fault;
};

} // namespace timerscope
