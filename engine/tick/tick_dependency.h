// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

namespace timerscope {

/// Why a CPU that runs one task has to keep its tick (enum tick_dep_bits; tracepoint tick_stop
/// shows 1 << this).
enum class TickDependency : std::uint8_t
{
    PosixTimer = 0, ///< a CPU timer of the task or its process is armed
    PerfEvents = 1,
    Sched = 2, ///< more than one task wants the CPU
    ClockUnstable = 3, ///< sched_clock is not the same on all CPUs
    Rcu = 4,
    RcuExpedited = 5,
};

/// A set of them (tick_dep_mask).
class TickDependencies
{
public:
    /// True when the set was empty before: who may have stopped for that must hear of it.
    bool set(TickDependency dependency)
    {
        const bool wasEmpty = m_bits == 0;
        m_bits |= bitOf(dependency);
        return wasEmpty;
    }
    void clear(TickDependency dependency) { m_bits &= ~bitOf(dependency); }
    [[nodiscard]] bool has(TickDependency dependency) const
    {
        return (m_bits & bitOf(dependency)) != 0;
    }
    [[nodiscard]] bool isEmpty() const { return m_bits == 0; }
    /// The one that the kernel names; empty for none.
    [[nodiscard]] std::optional<TickDependency> first() const
    {
        return m_bits == 0 ? std::nullopt
                           : std::optional(static_cast<TickDependency>(std::countr_zero(m_bits)));
    }
    [[nodiscard]] static constexpr std::uint32_t bitOf(TickDependency dependency)
    {
        return std::uint32_t{1} << static_cast<unsigned>(dependency);
    }
    friend bool operator==(const TickDependencies&, const TickDependencies&) = default;

private:
    std::uint32_t m_bits = 0;
};

} // namespace timerscope
