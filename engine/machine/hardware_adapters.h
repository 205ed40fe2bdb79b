// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernel's driver callbacks on top of a backend's hardware.
#pragma once

#include "engine/clockevents/clock_event_device.h"
#include "engine/clocksource/clocksource.h"
#include "engine/port/hardware.h"

#include <optional>
#include <string_view>

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

/// Hears of code that touches what is gone.
class DanglingListener
{
public:
    virtual ~DanglingListener() = default;
    /// A callback of @p device, a counter or an event channel, was called after its module was
    /// unloaded.
    virtual void calledGoneCode(std::string_view device) = 0;

protected:
    DanglingListener() = default;
    DanglingListener(const DanglingListener&) = default;
    DanglingListener& operator=(const DanglingListener&) = default;
};

/// A clocksource's read callback on a hardware counter. After a failure it answers the last
/// value: time stands still until the machine stops.
class HardwareCounter final : public CounterReader
{
public:
    HardwareCounter(Hardware& hardware, CounterIndex index, HardwareFault& fault)
        : CounterReader(hardware.keptReading(index), hardware.keptNow())
        , m_hardware(&hardware)
        , m_index(index)
        , m_fault(&fault)
    {
    }
    [[nodiscard]] Cycles readCounter() override;
    [[nodiscard]] Cycles observeCounter() const override { return m_hardware->observe(m_index); }
    /// The code of this callback is gone: @p listener, which must outlive this, hears of each call.
    void unload(DanglingListener& listener)
    {
        m_listener = &listener;
        readAlways();
    }

private:
    Hardware* m_hardware;
    CounterIndex m_index;
    HardwareFault* m_fault;
    DanglingListener* m_listener = nullptr; // set once the code is gone
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
    /// The code of these callbacks is gone: @p listener, which must outlive this, hears of each
    /// call.
    void unload(DanglingListener& listener) { m_listener = &listener; }

private:
    Errno answer(const Result<void>& result);
    [[nodiscard]] bool isGone() const;

    Hardware* m_hardware;
    ChannelIndex m_index;
    std::uint64_t m_periodTicks;
    HardwareFault* m_fault;
    DanglingListener* m_listener = nullptr; // set once the code is gone
};

} // namespace timerscope
