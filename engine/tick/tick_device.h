// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tick/tick_parts.h"

namespace timerscope {

/// Ticks that come one after the other: who is told of them, and when the first one is due.
struct PeriodicTicks
{
    EventHandler handler;
    MonotonicInstant first; ///< for a device that has to be told each tick anew
    Ns period{};
    /// Oneshot even where the device has a periodic mode: others use it in oneshot already.
    bool isOneshotOnly = false;
};

/// Makes @p device tick (tick_setup_periodic). A dummy only gets its handler.
void startPeriodic(ClockEventDevice& device, PeriodicTicks ticks, Timekeeper& timekeeper,
                   Tracer& tracer);

/// One CPU's place for a clock event device, and how that device is used (struct tick_device).
///
/// Rules: kernel/time/tick-common.c and tick-oneshot.c, Linux 6.1. Threading: the engine's thread.
class TickDevice
{
public:
    /// @p periodicHandler is the CPU's tick_handle_periodic.
    TickDevice(unsigned cpu, const TickServices& services, EventHandler periodicHandler,
               Tracer tracer);
    TickDevice(const TickDevice&) = delete;
    TickDevice& operator=(const TickDevice&) = delete;

    [[nodiscard]] unsigned cpu() const { return m_cpu; }
    /// Null before the first device.
    [[nodiscard]] ClockEventDevice* device() const { return m_device; }
    [[nodiscard]] TickMode mode() const { return m_mode; }
    /// The CPU's tick_handle_periodic.
    [[nodiscard]] const EventHandler& periodicHandler() const { return m_periodicHandler; }

    /// @p candidate may take the place of @p current, null for none (tick_check_replacement).
    [[nodiscard]] bool isReplacement(const ClockEventDevice* current,
                                     const ClockEventDevice& candidate) const;
    /// @p device, which is held and readied, takes the place of the present one, goes on with its
    /// handler and its next event (tick_setup_device).
    void setUp(ClockEventDevice& device);
    /// Ticks periodically from now on, with the device that is there.
    void setUpPeriodic();
    /// True when the device can do oneshot, by itself or with the broadcast device's help.
    [[nodiscard]] bool isOneshotAvailable() const;
    /// False, with the kernel's message, when the device cannot do it (tick_switch_to_oneshot).
    [[nodiscard]] bool switchToOneshot(EventHandler handler);

    /// Programs the device, as ClockEventDevice::program() says; "never" stops it
    /// (oneshot-stopped) until the next call (tick_program_event).
    Errno program(MonotonicInstant expires, bool force);
    /// The same without that: for a device in oneshot mode.
    Errno programDevice(MonotonicInstant expires, bool force);

    /// The machine goes to sleep: the device is shut down (tick_suspend_local).
    void suspend();
    /// It has woken, and time goes on: the device is set up again; a oneshot one fires at once
    /// (tick_resume_local).
    void resume();
    /// The CPU has died: nobody asks the device for anything any more (tick_shutdown).
    void shutDown();

private:
    [[nodiscard]] bool isFitFor(const ClockEventDevice* current,
                                const ClockEventDevice& candidate) const;
    [[nodiscard]] bool isPreferred(const ClockEventDevice* current,
                                   const ClockEventDevice& candidate) const;
    void countFirst();
    [[nodiscard]] std::string whyNotOneshot() const;

    unsigned m_cpu;
    TickServices m_services;
    EventHandler m_periodicHandler;
    Tracer m_tracer;
    ClockEventDevice* m_device = nullptr;
    TickMode m_mode = TickMode::Periodic;
};

} // namespace timerscope
