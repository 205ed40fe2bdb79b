// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/rate_meter.h"

#include <chrono>

namespace timerscope {

namespace {

constexpr Ns window = std::chrono::milliseconds(500);
constexpr Ns shortest = std::chrono::seconds(1);

double secondsOf(Ns span)
{
    return std::chrono::duration<double>(span).count();
}

} // namespace

double RateMeter::lateness(const Sample& sample) const
{
    return secondsOf(sample.at) - static_cast<double>(sample.cycles) / m_rate;
}

void RateMeter::add(Ns at, Cycles value)
{
    const std::uint64_t gained = m_value ? elapsed(*m_value, value, m_mask).count : 0;
    m_last = {.at = at, .cycles = m_last.cycles + gained};
    if (!m_value) {
        m_windowStart = at;
    }
    m_value = value;
    if (m_soonest && at - m_windowStart >= window) {
        m_first = m_first ? m_first : m_soonest;
        m_latest = m_soonest;
        m_soonest.reset();
        m_windowStart = at;
    }
    if (!m_soonest || lateness(m_last) < lateness(*m_soonest)) {
        m_soonest = m_last;
    }
}

std::optional<RateMeter::Rate> RateMeter::rate() const
{
    if (!m_first || !m_latest || m_latest->at - m_first->at < shortest) {
        return std::nullopt;
    }
    const Ns span = m_latest->at - m_first->at;
    return Rate{.hertz = static_cast<double>(m_latest->cycles - m_first->cycles) / secondsOf(span),
                .span = span};
}

} // namespace timerscope
