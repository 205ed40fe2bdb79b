// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clockevents/clock_event_device.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"

#include <functional>

namespace timerscope {

/// An hrtimer that stands in for a broadcast device where the hardware has none: the CPU whose
/// timer it is stays awake for all others (bc_hrtimer).
///
/// Rules: kernel/time/tick-broadcast-hrtimer.c, Linux 6.1. The last resort: its rating is 0, so
/// that any device displaces it, and it never ticks periodically. Threading: the engine's thread.
class HrtimerBroadcast final : private ClockEventDriver
{
public:
    /// What it needs of the machine; must outlive it.
    struct Parts
    {
        std::function<unsigned()> currentCpu;
        std::function<HrtimerCpuBase&(unsigned cpu)> hrtimersOf;
        /// It was to be programmed while it was being programmed: the kernel waits for a lock that
        /// it holds, for ever.
        std::function<void()> lockedUp;
        unsigned possibleCpus = 1;
    };
    HrtimerBroadcast(Parts parts, std::uint32_t timerId, Tracer tracer);
    HrtimerBroadcast(const HrtimerBroadcast&) = delete;
    HrtimerBroadcast& operator=(const HrtimerBroadcast&) = delete;

    /// What is registered (tick_setup_hrtimer_broadcast).
    [[nodiscard]] ClockEventDevice& device() { return m_device; }

private:
    Errno setState(ClockEventState state) override;
    Errno setNextEvent(std::uint64_t ticks) override;
    Errno setNextTime(MonotonicInstant expires) override;

    Parts m_parts;
    Hrtimer m_timer;
    ClockEventDevice m_device;
    bool m_announced = false;
    bool m_isStarting = false;
};

} // namespace timerscope
