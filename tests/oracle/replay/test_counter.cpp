// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/test_counter.h"

#include "engine/base/wide.h"

namespace timerscope::oracle {
namespace {

constexpr std::int64_t million = 1'000'000;

} // namespace

TestCounter::TestCounter(const Hardware& hardware, Hertz rate, std::uint64_t mask,
                         std::uint64_t base)
    : m_hardware(&hardware)
    , m_rate(rate)
    , m_mask(mask)
    , m_base(base)
    , m_from(hardware.now())
{
}

std::uint64_t TestCounter::count() const
{
    if (m_stopped) {
        return m_base;
    }
    const Ns passed = m_hardware->now() - m_from;
    const WideSigned speed
        = WideSigned{static_cast<std::int64_t>(m_rate.value)} * (million + m_ppm);
    return m_base + static_cast<std::uint64_t>(speed * passed.count() / million / nsPerSecond);
}

Cycles TestCounter::observeCounter() const
{
    return Cycles{count() & m_mask};
}

void TestCounter::startAnew()
{
    m_base = count();
    m_from = m_hardware->now();
}

void TestCounter::setError(std::int64_t ppm)
{
    startAnew();
    m_ppm = ppm;
}

void TestCounter::stop()
{
    startAnew();
    m_stopped = true;
}

} // namespace timerscope::oracle
