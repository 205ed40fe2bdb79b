// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/delay_loop.h"

#include "engine/base/mult_shift.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

constexpr std::int64_t coarsestNs = 1000;
constexpr std::uint32_t conversionSpan = 3600;

std::int64_t resolutionOf(Hertz timer)
{
    const MultShift factor = calcMultShift(static_cast<std::uint32_t>(timer.value),
                                           static_cast<std::uint32_t>(nsPerSecond), conversionSpan);
    return cyclesToNs(Cycles{1}, factor).count();
}

} // namespace

void DelayLoop::registerTimer(std::string_view name, Hertz timer)
{
    const std::int64_t resolution = resolutionOf(timer);
    if (resolution > coarsestNs) {
        m_kernelLog->print(
            fmt::format("Ignoring delay timer {}, which has insufficient resolution of {}ns", name,
                        resolution));
        return;
    }
    if (m_calibrated || (m_resolutionNs != 0 && resolution >= m_resolutionNs)) {
        m_kernelLog->print("Ignoring duplicate/late registration of read_current_timer delay");
        return;
    }
    m_kernelLog->print(
        fmt::format("Switching to timer-based delay loop, resolution {}ns", resolution));
    m_resolutionNs = resolution;
    m_lpjFine = timer.value / m_rate.hz;
}

void DelayLoop::calibrate()
{
    if (m_lpjFine == 0) {
        return;
    }
    m_calibrated = true;
    // A BogoMIPS is 500 000 loops a second: two instructions a loop, by tradition.
    const std::uint64_t hundredths = m_lpjFine / (5000 / m_rate.hz);
    m_kernelLog->print(fmt::format("Calibrating delay loop (skipped), value calculated using timer "
                                   "frequency.. {}.{:02} BogoMIPS (lpj={})",
                                   m_lpjFine / (500'000 / m_rate.hz), hundredths % 100, m_lpjFine));
}

} // namespace timerscope
