// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tick/tick_sched.h"

namespace timerscope {

/// One CPU's tick: its device, what drives it once that is in oneshot mode, and before that the
/// periodic tick.
///
/// Rules: kernel/time/tick-common.c, Linux 6.1. A CPU starts periodic on its first device.
/// Threading: the engine's thread.
class TickCpu
{
public:
    /// @p tickTimerId names the tick's hrtimer in the records.
    TickCpu(unsigned cpu, const TickParts& parts, TickOptions options, Tracer tracer,
            std::uint32_t tickTimerId);
    TickCpu(const TickCpu&) = delete;
    TickCpu& operator=(const TickCpu&) = delete;

    [[nodiscard]] unsigned index() const { return m_device.cpu(); }
    [[nodiscard]] TickDevice& tickDevice() { return m_device; }
    [[nodiscard]] const TickDevice& tickDevice() const { return m_device; }
    [[nodiscard]] TickSched& sched() { return m_sched; }
    [[nodiscard]] const TickSched& sched() const { return m_sched; }

    /// Null before the first device.
    [[nodiscard]] ClockEventDevice* device() const { return m_device.device(); }
    [[nodiscard]] TickMode mode() const { return m_device.mode(); }
    [[nodiscard]] NohzMode nohzMode() const { return m_sched.nohzMode(); }

    /// The CPU goes: if it counts jiffies, the first of @p left does from now on.
    void handOverDoTimer(CpuMask left);

private:
    void handlePeriodic();
    void periodicTick();
    void countOne();

    TickServices m_services;
    Tracer m_tracer;
    TickDevice m_device;
    TickSched m_sched;
};

} // namespace timerscope
