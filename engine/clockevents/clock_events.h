// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clockevents/clock_event_device.h"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace timerscope {

/// What the list of devices asks of the tick layer. @p cpu is always the CPU that works.
class TickLayer
{
public:
    virtual ~TickLayer() = default;
    /// Takes @p device for @p cpu's tick, for waking it from deep idle, or for broadcasting, if it
    /// is better than what is there (tick_check_new_device).
    virtual void checkNewDevice(ClockEventDevice& device, unsigned cpu) = 0;
    /// @p candidate may stand in for @p current, null for none, as the tick of @p cpu
    /// (tick_check_replacement).
    [[nodiscard]] virtual bool isReplacement(const ClockEventDevice* current,
                                             const ClockEventDevice& candidate, unsigned cpu) const
        = 0;
    /// @p device, which is held, makes the tick of @p cpu from now on (tick_install_replacement).
    virtual void installReplacement(ClockEventDevice& device, unsigned cpu) = 0;
    [[nodiscard]] virtual bool isTickDevice(const ClockEventDevice& device, unsigned cpu) const = 0;
    [[nodiscard]] virtual bool isBroadcastDevice(const ClockEventDevice& device) const = 0;
    [[nodiscard]] virtual bool isOnline(unsigned cpu) const = 0;
    [[nodiscard]] virtual CpuMask possibleCpus() const = 0;

protected:
    TickLayer() = default;
    TickLayer(const TickLayer&) = default;
    TickLayer& operator=(const TickLayer&) = default;
};

/// Hears of what a kernel does not survive.
class DeviceListFaults
{
public:
    virtual ~DeviceListFaults() = default;
    /// A walk of the list came to @p device, whose memory is gone.
    virtual void touchedGoneDevice(std::string_view device) = 0;
    /// A walk of the list never ends: @p device is on it twice.
    virtual void walksForEver(std::string_view device) = 0;
    /// @p device and another one take each other's place for ever: neither is a CPU's own, and they
    /// serve different CPUs, so each is preferred to the other.
    virtual void displacedForEver(std::string_view device) = 0;

protected:
    DeviceListFaults() = default;
    DeviceListFaults(const DeviceListFaults&) = default;
    DeviceListFaults& operator=(const DeviceListFaults&) = default;
};

/// The registered clock event devices and those that lost their place and are offered again.
///
/// Rules (kernel/time/clockevents.c, Linux 6.1; seed 004; scenarios ce*): a new device heads the
/// list and is offered to the tick layer on the CPU that registers it; a device displaced by it is
/// released and offered once more for another role. There is no call that unregisters a device:
/// it leaves the list when it is unbound, or when the only CPU it serves dies. Threading: the
/// engine's thread.
class ClockEvents
{
public:
    /// @p faults must outlive this. attach() comes before anything else.
    ClockEvents(DeviceListFaults& faults, KernelLog& log, Tracer tracer)
        : m_faults(&faults)
        , m_log(&log)
        , m_tracer(tracer)
    {
    }
    void attach(TickLayer& tick) { m_tick = &tick; }

    /// A driver registers @p device on @p cpu; it must outlive its registration.
    void registerDevice(ClockEventDevice& device, unsigned cpu);
    /// Releases @p old and readies @p next; either may be null. @p next must be detached.
    void exchange(ClockEventDevice* old, ClockEventDevice* next);

    /// Takes @p device off the list, on @p cpu (clockevents_unbind_device): at once when nobody
    /// uses it; when it makes the tick of @p cpu, after a replacement has taken over. Busy when
    /// there is none, or when the device has another role; NoDevice when @p cpu is offline.
    [[nodiscard]] Errno unbind(ClockEventDevice& device, unsigned cpu);
    /// A task writes @p text to @p cpu's unbind_device: the first device of that name. NoDevice
    /// when there is none, Invalid for a text that is no name.
    [[nodiscard]] Errno writeUnbind(std::string_view text, unsigned cpu);

    /// After @p cpu has died: whatever was released, and every device that served only it, is
    /// forgotten, except one that broadcasts (tick_cleanup_dead_cpu).
    void cleanUpDeadCpu(unsigned cpu);

    /// Newest first, as the kernel lists them. Looks only: what would fault a walk does not.
    [[nodiscard]] std::span<ClockEventDevice* const> devices() const { return m_devices; }
    [[nodiscard]] std::span<ClockEventDevice* const> released() const { return m_released; }
    /// A device that is on the list twice; null for a sound list.
    [[nodiscard]] const ClockEventDevice* listedTwice() const { return m_listedTwice; }
    /// A task walks the list to its end, as a reader of all devices does; false when it faults.
    [[nodiscard]] bool canBeWalked();

private:
    enum class Walk : std::uint8_t
    {
        GoesOn,
        Ends,
    };
    /// Visits the devices from the head; false when the walk came to what is not there.
    bool walk(const std::function<Walk(ClockEventDevice&)>& visit);
    void checkCpus(ClockEventDevice& device, unsigned cpu);
    void enter(ClockEventDevice& device);
    void offerReleased(unsigned cpu);
    [[nodiscard]] Errno tryUnbind(ClockEventDevice& device, unsigned cpu);
    [[nodiscard]] Errno replace(ClockEventDevice& device, unsigned cpu);
    [[nodiscard]] ClockEventDevice* findReplacement(const ClockEventDevice& device, unsigned cpu);
    void forget(ClockEventDevice& device);

    DeviceListFaults* m_faults;
    KernelLog* m_log;
    Tracer m_tracer;
    TickLayer* m_tick = nullptr;
    std::vector<ClockEventDevice*> m_devices;
    std::vector<ClockEventDevice*> m_released;
    const ClockEventDevice* m_listedTwice = nullptr;
};

} // namespace timerscope
