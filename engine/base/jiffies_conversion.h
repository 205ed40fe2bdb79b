// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/long_width.h"

#include <cstdint>

namespace timerscope {

/// A timespec64: whole seconds and the rest.
struct SecondsAndNs
{
    std::int64_t seconds = 0;
    std::int64_t ns = 0; ///< 0 to 999'999'999 when it comes from here
    friend constexpr auto operator<=>(const SecondsAndNs&, const SecondsAndNs&) = default;
};

/// Spans of time as numbers of ticks and back, as one kernel build converts them.
///
/// A span is a plain number: of jiffies (`unsigned long`, so modulo 2^32 on a 32-bit machine),
/// ms, us, ns, or ticks of USER_HZ (100 per second on every machine that is modelled). Results
/// wrap where the kernel's do: a product of 64 bits is cut, a result is cut to its C type.
/// Which way a division rounds depends on HZ, the direction and the width of `unsigned long`; each
/// function says so. Pure and cheap to copy; any thread.
///
/// Source: behaviour of kernel/time/time.c and of the constants that its build derives from HZ,
/// Linux 6.1; oracle set jiffies_conv (64 bits). What 32 bits change has no vectors: property
/// tests hold it against wide arithmetic.
class JiffiesConversion
{
public:
    /// The rates that a kernel can be built for.
    static constexpr std::uint32_t slowestHz = 12;
    static constexpr std::uint32_t fastestHz = 12'287;
    static constexpr std::uint32_t userHz = 100;

    /// @param rate slowestHz to fastestHz (an invariant).
    JiffiesConversion(TickRate rate, LongWidth width);

    /// The longest span that timers take (MAX_JIFFY_OFFSET): half the positive range less 1.
    [[nodiscard]] LongWidth width() const { return m_width; }
    [[nodiscard]] std::uint64_t maxOffset() const { return (largestLong(m_width) >> 1) - 1; }

    /// Rounded up. From 2^31 ms on: maxOffset(), as those are negative numbers of ms.
    [[nodiscard]] std::uint64_t msecsToJiffies(std::uint32_t ms) const;
    /// Rounded up; where neither of HZ and 10^6 divides the other, at times by a tick too much, and
    /// likewise for ms. maxOffset() for more us than usecs() answers for maxOffset(); that answer
    /// has wrapped at 32 bits, so on 64 bits the limit lies just below 2^32 us.
    [[nodiscard]] std::uint64_t usecsToJiffies(std::uint32_t us) const;
    /// Rounded down. The 64-bit result; where HZ does not divide 10^9, a product wraps at 2^64.
    [[nodiscard]] std::uint64_t nsecsToJiffies64(std::uint64_t ns) const;
    /// Rounded down, cut to `unsigned long`.
    [[nodiscard]] std::uint64_t nsecsToJiffies(std::uint64_t ns) const;
    /// Rounded up, by a fixed-point factor that is a little too large: over very long spans the
    /// answer may be a few ticks too many. Spans too long for it count as the longest: on 32 bits
    /// from maxOffset() on, on 64 bits when the fixed-point seconds would pass 63 bits (174 years
    /// at 100 Hz).
    /// @param span its ns should be below one second; seconds below 0 count as too long.
    [[nodiscard]] std::uint64_t timespecToJiffies(SecondsAndNs span) const;

    /// jiffies_to_msecs: rounded up, modulo 2^32.
    [[nodiscard]] std::uint32_t msecs(std::uint64_t jiffies) const;
    /// jiffies_to_usecs: rounded down, modulo 2^32. On 32 bits, where HZ does not divide 10^6, by
    /// a factor that is a little too large: the answer may then exceed the true time.
    [[nodiscard]] std::uint32_t usecs(std::uint64_t jiffies) const;
    /// jiffies64_to_nsecs: rounded down; the product wraps at 2^64.
    [[nodiscard]] std::uint64_t nsecs64(std::uint64_t jiffies64) const;
    /// jiffies64_to_msecs: rounded down; the product wraps at 2^64.
    [[nodiscard]] std::uint64_t msecs64(std::uint64_t jiffies64) const;
    /// jiffies_to_timespec64: the ns are jiffies times the rounded length of a tick, modulo 2^64.
    [[nodiscard]] SecondsAndNs timespec(std::uint64_t jiffies) const;

    /// jiffies_to_clock_t: ticks of USER_HZ, rounded down; a long.
    [[nodiscard]] std::int64_t userTicks(std::uint64_t jiffies) const;
    /// jiffies_64_to_clock_t
    [[nodiscard]] std::uint64_t userTicks64(std::uint64_t jiffies64) const;
    /// clock_t_to_jiffies: rounded down; all ones when too many. Below 100 Hz the kernel's test for
    /// "too many" wraps itself and comes early.
    [[nodiscard]] std::uint64_t userTicksToJiffies(std::uint64_t ticks) const;
    /// nsec_to_clock_t: rounded down.
    [[nodiscard]] static std::uint64_t nsecsToUserTicks(std::uint64_t ns);

private:
    /// value x mult + add >> shift in 64 bits, as the build derives it for a ratio.
    struct Scale
    {
        std::uint32_t mult = 0;
        std::uint64_t add = 0;
        std::uint32_t shift = 0;
        [[nodiscard]] std::uint64_t operator()(std::uint64_t value) const
        {
            return (value * mult + add) >> shift;
        }
    };
    /// Factors of timespecToJiffies(): ticks << shift per second, and per ns << 29 on top.
    struct SecondScale
    {
        std::uint32_t shift = 0;
        std::uint64_t perSecond = 0;
        std::uint64_t perNs = 0;
        std::uint64_t most = 0; ///< seconds from which a span is as long as can be
    };
    [[nodiscard]] static Scale scaleUp(std::uint32_t to, std::uint32_t from);
    [[nodiscard]] static SecondScale secondScale(TickRate rate, LongWidth width);
    [[nodiscard]] std::uint64_t toJiffies(std::uint64_t units, std::uint32_t perSecond) const;
    [[nodiscard]] std::uint64_t cut(std::uint64_t value) const { return cutToLong(value, m_width); }
    [[nodiscard]] std::uint64_t userTicksUncut(std::uint64_t jiffies) const;

    std::uint32_t m_hz;
    std::uint64_t m_tickNs;
    LongWidth m_width;
    SecondScale m_seconds;
};

} // namespace timerscope
