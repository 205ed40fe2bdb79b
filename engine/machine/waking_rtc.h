// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/rtc.h"
#include "engine/port/hardware.h"
#include "engine/posix/posix_host.h"

#include <algorithm>

namespace timerscope {

/// The RTC that the machine's alarm timers are woken by: the first that was probed and can.
/// Both arguments must outlive it. Threading: the engine's thread.
class WakingRtc final : public AlarmRtc
{
public:
    WakingRtc(Rtc& rtc, const Hardware& hardware)
        : m_rtc(&rtc)
        , m_hardware(&hardware)
    {
    }

    [[nodiscard]] RealtimeInstant readRtc() override { return m_rtc->shown(m_hardware->now()); }
    Errno setAlarm(RealtimeInstant at) override
    {
        m_rtc->setAlarm(at);
        return Errno::Ok;
    }
    void cancelAlarm() override { m_rtc->setAlarm(std::nullopt); }
    /// How long the machine can sleep until its alarm.
    [[nodiscard]] Ns untilAlarm() const
    {
        return std::max(m_rtc->ringsAt(), m_hardware->now()) - m_hardware->now();
    }

private:
    Rtc* m_rtc;
    const Hardware* m_hardware;
};

} // namespace timerscope
