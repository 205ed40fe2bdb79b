// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/long_width.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// What a clock provider does to its parent's rate.
enum class ClockKind : std::uint8_t
{
    FixedRate, ///< an oscillator: there is no parent
    FixedFactor, ///< a PLL or a prescaler that nothing sets: times mult, by div
    Divider, ///< by what a register's field says
    Gate, ///< passes it on, while somebody needs it
};

/// How a divider's number becomes its divisor (CLK_DIVIDER_* of the common clock framework).
enum class DivisorRule : std::uint8_t
{
    PlusOne, ///< number + 1
    OneBased, ///< the number itself; 0 is no divisor
    PowerOfTwo, ///< 2 to the power of the number, up to 2^31
};

/// Bits of a register as they stand when the kernel starts: a strap, or what a boot loader left.
struct RegisterField
{
    std::uint32_t value = 0; ///< of the whole register
    unsigned shift = 0; ///< 0 to 31
    unsigned width = 0; ///< 1 to 32 - shift; 0: there is no register
    /// 0 when there is no register.
    [[nodiscard]] std::uint32_t number() const;
    friend bool operator==(const RegisterField&, const RegisterField&) = default;
};

/// One clock of a tree. What its kind has no use for is left alone.
struct ClockProvider
{
    std::string name; ///< "hpll"
    ClockKind kind = ClockKind::FixedRate;
    std::string parent; ///< empty for a fixed rate
    std::vector<std::uint64_t> rates; ///< FixedRate: Hz; of several, the field's number chooses
    std::uint32_t mult = 1; ///< FixedFactor: 1 or more
    std::uint32_t div = 1; ///< FixedFactor: 1 or more
    RegisterField field;
    std::vector<std::uint64_t> divisors; ///< Divider: the field's number chooses; empty: the rule
    DivisorRule rule = DivisorRule::PlusOne;
    friend bool operator==(const ClockProvider&, const ClockProvider&) = default;
};

/// What is wrong with a tree, as a sentence, and with which of its providers.
struct ClockFault
{
    std::size_t provider = 0;
    std::string what;
};

/// The clocks of a machine, from oscillators down to the inputs of its devices: a value.
///
/// Rules (drivers/clk, Linux 6.1): rates are whole Hz in an `unsigned long`. A fixed factor
/// multiplies first and drops what its division leaves; a divider rounds up, so that a clock is
/// never thought to be slower than it is; a gate has its parent's rate even while it is closed.
class ClockTree
{
public:
    ClockTree() = default;
    /// @p width of the kernel's `unsigned long`, which cuts rates off.
    ClockTree(std::vector<ClockProvider> providers, LongWidth width)
        : m_providers(std::move(providers))
        , m_width(width)
    {
    }

    /// The first thing that keeps this from being a tree in which every clock has a rate: a name
    /// that is there twice, an unknown parent, a circle, a number without a divisor, 0 Hz.
    [[nodiscard]] std::optional<ClockFault> firstFault() const;

    [[nodiscard]] std::span<const ClockProvider> providers() const { return m_providers; }
    /// Null when no clock has this name.
    [[nodiscard]] const ClockProvider* find(std::string_view name) const;
    /// @p name and every clock above it, the oscillator last. Empty when there is no such clock;
    /// a circle is followed until it would begin again.
    [[nodiscard]] std::vector<const ClockProvider*> pathOf(std::string_view name) const;
    /// clk_get_rate(): 0 for a clock that is not there, as for a missing one in the kernel.
    [[nodiscard]] Hertz rate(std::string_view name) const;

    friend bool operator==(const ClockTree&, const ClockTree&) = default;

private:
    [[nodiscard]] std::optional<std::string> faultOf(const ClockProvider& clock) const;
    [[nodiscard]] std::optional<std::string> faultAbove(const ClockProvider& clock) const;

    std::vector<ClockProvider> m_providers;
    LongWidth m_width = LongWidth::Bits64;
};

} // namespace timerscope
