// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/jiffies.h"
#include "engine/trace/tracer.h"

#include <cstdint>
#include <string_view>

namespace timerscope {

/// ARM's delay loop on a timer, and the BogoMIPS that follow.
///
/// Rules (arch/arm/lib/delay.c and init/calibrate.c, Linux 5.15): a timer is taken while the loop
/// is not calibrated, if one of its cycles is at most 1 us and finer than the timer before; loops
/// per jiffy are then the timer's cycles in a tick, and nothing needs to be measured.
class DelayLoop
{
public:
    DelayLoop(TickRate rate, KernelLog& kernelLog)
        : m_rate(rate)
        , m_kernelLog(&kernelLog)
    {
    }

    /// register_current_timer_delay(), by the driver of @p name.
    void registerTimer(std::string_view name, Hertz timer);
    /// calibrate_delay(). Prints nothing when no timer was registered: measuring loops needs an
    /// instruction-exact CPU, which this model is not.
    void calibrate();

    /// Loops per jiffy; 0 until calibrated.
    [[nodiscard]] std::uint64_t loopsPerJiffy() const { return m_calibrated ? m_lpjFine : 0; }

private:
    TickRate m_rate;
    KernelLog* m_kernelLog;
    std::int64_t m_resolutionNs = 0;
    std::uint64_t m_lpjFine = 0;
    bool m_calibrated = false;
};

} // namespace timerscope
