// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cpu_mask.h"
#include "engine/tick/tick_parts.h"

#include <array>

namespace timerscope {

class TickDevice;

/// What broadcasting needs from the rest of the machine.
class BroadcastHost
{
public:
    virtual ~BroadcastHost() = default;
    /// The CPU that works now.
    [[nodiscard]] virtual unsigned currentCpu() const = 0;
    [[nodiscard]] virtual CpuMask onlineCpus() const = 0;
    /// Sends the timer's inter-processor interrupt to @p cpus; each answers with
    /// TickBroadcast::receive().
    virtual void sendTimerInterrupt(CpuMask cpus) = 0;

protected:
    BroadcastHost() = default;
    BroadcastHost(const BroadcastHost&) = default;
    BroadcastHost& operator=(const BroadcastHost&) = default;
};

/// What a driver of idle states asks for (enum tick_broadcast_mode).
enum class BroadcastControl : std::uint8_t
{
    Off,
    On,
    Force, ///< On, and Off means nothing any more
};

/// The device that ticks for, or wakes, the CPUs whose own device stops in deep idle or is none.
///
/// Rules: kernel/time/tick-broadcast.c, Linux 6.1; scenarios ce02, ce05b, ce13, ce23 and
/// bt_nolapic_timer*. Every call but the ones that say otherwise is made on the CPU that it is
/// about. Without GENERIC_CLOCKEVENTS_BROADCAST there is never such a device. Threading: the
/// engine's thread.
class TickBroadcast
{
public:
    struct Masks
    {
        CpuMask periodic; ///< tick_broadcast_mask: whom the device ticks for, or may have to wake
        CpuMask on; ///< tick_broadcast_on: whose idle driver asked for it
        CpuMask oneshot; ///< tick_broadcast_oneshot_mask: who sleeps without its own device
        CpuMask pending; ///< whose interrupt was sent, until it wakes
        CpuMask force; ///< whose event had passed when it woke: the next broadcast wakes it anew
    };

    /// All must outlive this. @p isBuilt: GENERIC_CLOCKEVENTS_BROADCAST.
    TickBroadcast(bool isBuilt, TickShared& shared, ClockEvents& clockEvents,
                  Timekeeper& timekeeper, BroadcastHost& host, Tracer tracer);
    TickBroadcast(const TickBroadcast&) = delete;
    TickBroadcast& operator=(const TickBroadcast&) = delete;
    /// @p device is its CPU's; it must outlive this.
    void attach(TickDevice& device);

    // --- devices --------------------------------------------------------------------------------

    /// @p device was no use for the tick of @p cpu: it may wake that CPU from deep idle, or
    /// broadcast (tick_install_broadcast_device). True when the broadcast device is a new one that
    /// can do oneshot while nobody uses that yet: all CPUs then look again whether they can.
    [[nodiscard]] bool offer(ClockEventDevice& device, unsigned cpu);
    /// Null while there is none.
    [[nodiscard]] ClockEventDevice* device() const { return m_device; }
    [[nodiscard]] TickMode mode() const { return m_mode; }
    [[nodiscard]] const Masks& masks() const { return m_masks; }
    [[nodiscard]] bool isForced() const { return m_forced; }
    /// Null for a CPU without one.
    [[nodiscard]] ClockEventDevice* wakeupDevice(unsigned cpu) const { return m_wakeup.at(cpu); }
    [[nodiscard]] bool isOneshotAvailable() const;

    /// Whether the broadcast device ticks in place of @p device, which has just become the tick
    /// device of @p cpu (tick_device_uses_broadcast). Starts it if need be.
    [[nodiscard]] bool helps(ClockEventDevice& device, unsigned cpu);
    /// It ticks for @p cpu.
    [[nodiscard]] bool ticksFor(unsigned cpu) const { return m_masks.periodic.has(cpu); }
    /// @p cpu has switched to oneshot, so broadcasts go by single events too.
    void switchToOneshot(unsigned cpu);

    // --- deep idle ------------------------------------------------------------------------------

    /// An idle driver wants, or no longer wants, the device's help on @p cpu
    /// (tick_broadcast_control). Means something only for a device that stops in deep idle.
    void control(BroadcastControl wish, unsigned cpu);
    /// @p cpu is about to enter an idle state in which its own device stops. Busy when it must
    /// not: it would miss its own wake-up.
    [[nodiscard]] Errno enter(unsigned cpu);
    /// It has left that state.
    void exit(unsigned cpu);
    /// An interrupt has come to @p cpu while it was idle: its own device runs again.
    void interruptEntered(unsigned cpu);
    /// The interrupt of sendTimerInterrupt() has come: calls the handler of the tick device.
    void receive(unsigned cpu);

    // --- sleep and hotplug ----------------------------------------------------------------------

    void suspend();
    void resume();
    /// @p cpu goes offline: forgets it.
    void takeOffline(unsigned cpu);
    /// It has died while it had to stay awake for all others: this CPU does from now on.
    void pullFrom(unsigned deadCpu);

private:
    [[nodiscard]] bool offerForWakeup(ClockEventDevice& device, unsigned cpu);
    void exchangeWakeup(ClockEventDevice* device, unsigned cpu);
    [[nodiscard]] bool isBetter(const ClockEventDevice& device) const;
    void install(ClockEventDevice& device, unsigned cpu);
    void startTicking();
    /// Whether CPUs may be asleep that wait for a periodic broadcast.
    enum class PeriodicSleepers : bool
    {
        None,
        Some,
    };
    void setUpOneshot(unsigned cpu, PeriodicSleepers waiting);
    MonotonicInstant takeOverPeriodic(unsigned cpu);
    void setEvent(MonotonicInstant expires, unsigned cpu);
    void handlePeriodic();
    void handleOneshot();
    void handleWakeup(unsigned cpu);
    /// True when @p cpus has the CPU that works: it is told by a call, not by an interrupt.
    [[nodiscard]] bool broadcast(CpuMask cpus);
    void startHelping(unsigned cpu);
    void stopHelping(unsigned cpu);
    [[nodiscard]] bool keepsAwake(unsigned cpu) const;
    [[nodiscard]] Errno enterWithDevice(TickDevice& tick, unsigned cpu);
    void exitWithDevice(TickDevice& tick, unsigned cpu);
    void stopLocal(ClockEventDevice& local, unsigned cpu);
    [[nodiscard]] bool enterByWakeup(TickDevice& tick, unsigned cpu);
    [[nodiscard]] bool exitByWakeup(TickDevice& tick, unsigned cpu);
    [[nodiscard]] TickDevice& tickOf(unsigned cpu) const;
    [[nodiscard]] MonotonicInstant now() const { return m_timekeeper->monotonicNow(); }

    bool m_isBuilt;
    TickShared* m_shared;
    ClockEvents* m_clockEvents;
    Timekeeper* m_timekeeper;
    BroadcastHost* m_host;
    Tracer m_tracer;
    std::array<TickDevice*, CpuMask::capacity> m_ticks{};
    std::array<ClockEventDevice*, CpuMask::capacity> m_wakeup{};
    ClockEventDevice* m_device = nullptr;
    TickMode m_mode = TickMode::Periodic;
    Masks m_masks;
    bool m_forced = false;
};

} // namespace timerscope
