// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clockevents/clock_event_device.h"

#include <span>
#include <vector>

namespace timerscope {

/// The tick layer's answer to a device that was registered or released.
class NewDeviceCheck
{
public:
    virtual ~NewDeviceCheck() = default;
    /// Takes @p device for a tick if it is better than what is there (tick_check_new_device).
    virtual void checkNewDevice(ClockEventDevice& device) = 0;

protected:
    NewDeviceCheck() = default;
    NewDeviceCheck(const NewDeviceCheck&) = default;
    NewDeviceCheck& operator=(const NewDeviceCheck&) = default;
};

/// The registered clock event devices and those that lost their place and are offered again.
///
/// Rules (kernel/time/clockevents.c, Linux 6.1; seed 004): a new device heads the list and is
/// offered to the tick layer; a device displaced by it is released and offered once more for
/// another role. Threading: the engine's thread.
class ClockEvents
{
public:
    explicit ClockEvents(Tracer tracer)
        : m_tracer(tracer)
    {
    }

    /// @p device must outlive its registration.
    void registerDevice(ClockEventDevice& device, NewDeviceCheck& check);
    /// Releases @p old (may be null) and readies @p next, which must be detached.
    void exchange(ClockEventDevice* old, ClockEventDevice& next);

    /// Newest first, as the kernel lists them.
    [[nodiscard]] std::span<ClockEventDevice* const> devices() const { return m_devices; }

private:
    void offerReleased(NewDeviceCheck& check);

    Tracer m_tracer;
    std::vector<ClockEventDevice*> m_devices;
    std::vector<ClockEventDevice*> m_released;
};

} // namespace timerscope
