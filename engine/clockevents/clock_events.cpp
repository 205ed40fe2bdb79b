// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clockevents/clock_events.h"

#include "engine/base/invariant.h"

#include <utility>

namespace timerscope {

void ClockEvents::registerDevice(ClockEventDevice& device, NewDeviceCheck& check)
{
    invariant(device.state() == ClockEventState::Detached);
    m_devices.insert(m_devices.begin(), &device);
    m_tracer.record(RecordKind::ClockEventRegister, m_tracer.name(device.name()), device.rating(),
                    device.features());
    check.checkNewDevice(device);
    offerReleased(check);
}

void ClockEvents::offerReleased(NewDeviceCheck& check)
{
    while (!m_released.empty()) {
        ClockEventDevice* const device = m_released.back();
        m_released.pop_back();
        m_devices.insert(m_devices.begin(), device);
        check.checkNewDevice(*device);
    }
}

void ClockEvents::exchange(ClockEventDevice* old, ClockEventDevice& next)
{
    if (old != nullptr) {
        static_cast<void>(old->switchState(ClockEventState::Detached));
        old->release();
        std::erase(m_devices, old);
        m_released.push_back(old);
    }
    invariant(next.state() == ClockEventState::Detached);
    next.shutdown();
}

} // namespace timerscope
