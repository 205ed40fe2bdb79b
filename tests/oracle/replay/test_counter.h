// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/clocksource.h"
#include "engine/port/hardware.h"

#include <cstdint>
#include <optional>

namespace timerscope::oracle {

/// The counter of a test module's clocksource: counts true time at a rate that can be made wrong,
/// jumps, and stops. Threading: one thread.
class TestCounter final : public CounterReader
{
public:
    /// @p hardware tells true time and must outlive this. It shows @p base now.
    TestCounter(const Hardware& hardware, Hertz rate, std::uint64_t mask, std::uint64_t base);

    [[nodiscard]] Cycles readCounter() override { return observeCounter(); }
    [[nodiscard]] Cycles observeCounter() const override;

    /// Counts @p ppm too fast from now on; below 0: too slowly.
    void setError(std::int64_t ppm);
    void jump(std::int64_t cycles) { m_base += static_cast<std::uint64_t>(cycles); }
    /// Stands from now on.
    void stop();

private:
    [[nodiscard]] std::uint64_t count() const;
    void startAnew();

    const Hardware* m_hardware;
    Hertz m_rate;
    std::uint64_t m_mask;
    std::uint64_t m_base; ///< what it showed at m_from
    TraceInstant m_from;
    std::int64_t m_ppm = 0;
    bool m_stopped = false;
};

} // namespace timerscope::oracle
