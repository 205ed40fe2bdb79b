// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/jiffies_conversion.h"

#include "engine/base/bits.h"
#include "engine/base/invariant.h"
#include "engine/base/wide.h"

#include <algorithm>
#include <numeric>

namespace timerscope {
namespace {

constexpr std::uint32_t msPerSecond = 1000;
constexpr std::uint32_t usPerSecond = 1'000'000;
constexpr std::uint32_t nsecsPerSecond = 1'000'000'000;
constexpr std::uint64_t nsPerUserTick = nsecsPerSecond / JiffiesConversion::userHz;
constexpr std::uint32_t extraNsShift = 29;

constexpr std::uint64_t divideUp(WideUnsigned value, std::uint64_t by)
{
    return static_cast<std::uint64_t>((value + by - 1) / by);
}

/// A ratio of units per second to HZ in lowest terms: ticks x times / over = units.
struct Ratio
{
    std::uint64_t times = 1;
    std::uint64_t over = 1;
};

constexpr Ratio unitsPerTick(std::uint32_t perSecond, std::uint32_t hz)
{
    const std::uint32_t common = std::gcd(perSecond, hz);
    return {.times = perSecond / common, .over = hz / common};
}

} // namespace

JiffiesConversion::JiffiesConversion(TickRate rate, LongWidth width)
    : m_hz(rate.hz)
    , m_tickNs(static_cast<std::uint64_t>(rate.period().count()))
    , m_width(width)
{
    invariant(rate.hz >= slowestHz && rate.hz <= fastestHz);
    m_seconds = secondScale(rate, width);
}

/// The factor has exactly 32 significant bits and is rounded up; what is added before the shift
/// makes the result round up too, for every 32-bit value.
JiffiesConversion::Scale JiffiesConversion::scaleUp(std::uint32_t to, std::uint32_t from)
{
    std::uint32_t shift = 0;
    while (divideUp(WideUnsigned{to} << shift, from) < std::uint64_t{1} << 31) {
        ++shift;
    }
    const std::uint32_t lowest = from / std::gcd(to, from);
    return {.mult = static_cast<std::uint32_t>(divideUp(WideUnsigned{to} << shift, from)),
            .add = static_cast<std::uint64_t>((WideUnsigned{lowest - 1} << shift) / lowest),
            .shift = shift};
}

JiffiesConversion::SecondScale JiffiesConversion::secondScale(TickRate rate, LongWidth width)
{
    const auto tick = static_cast<std::uint64_t>(rate.period().count());
    // HZ's binary magnitude, the boundary between two at three quarters of the upper power of 2.
    const auto magnitude = static_cast<std::uint32_t>(bitWidth(std::uint64_t{rate.hz} * 4 / 3)) - 1;
    std::uint32_t shift = 31 - magnitude;
    const std::uint64_t probe = ((std::uint64_t{nsecsPerSecond} << 2) / tick) << (shift - 2);
    if ((probe & (std::uint64_t{1} << 31)) == 0) {
        ++shift; // there is a bit to spare for precision
    }
    const std::uint64_t maxOffset = (largestLong(width) >> 1) - 1;
    const std::uint64_t most = width == LongWidth::Bits32
        ? maxOffset * tick / nsecsPerSecond
        : ((maxOffset >> shift) * tick * 2 + nsecsPerSecond / 2) / nsecsPerSecond - 1;
    return {.shift = shift,
            .perSecond = divideUp(WideUnsigned{nsecsPerSecond} << shift, tick),
            .perNs = divideUp(WideUnsigned{1} << (shift + extraNsShift), tick),
            .most = most};
}

/// @p units of 1 / @p perSecond seconds as ticks, rounded up.
std::uint64_t JiffiesConversion::toJiffies(std::uint64_t units, std::uint32_t perSecond) const
{
    if (perSecond % m_hz == 0) {
        return (units + perSecond / m_hz - 1) / (perSecond / m_hz);
    }
    return cut(m_hz % perSecond == 0 ? units * (m_hz / perSecond)
                                     : scaleUp(m_hz, perSecond)(units));
}

std::uint64_t JiffiesConversion::msecsToJiffies(std::uint32_t ms) const
{
    // Only a tick shorter than 1 ms makes more jiffies than ms, so only then is there a limit.
    const bool tooMany = m_hz > msPerSecond && ms > msecs(maxOffset());
    return tooMany || ms > INT32_MAX ? maxOffset() : toJiffies(ms, msPerSecond);
}

std::uint64_t JiffiesConversion::usecsToJiffies(std::uint32_t us) const
{
    return us > usecs(maxOffset()) ? maxOffset() : toJiffies(us, usPerSecond);
}

std::uint64_t JiffiesConversion::nsecsToJiffies64(std::uint64_t ns) const
{
    if (nsecsPerSecond % m_hz == 0) {
        return ns / (nsecsPerSecond / m_hz);
    }
    if (m_hz % 512 == 0) {
        return ns * m_hz / 512 / (nsecsPerSecond / 512);
    }
    // Nine ticks are a whole number of ns at 300 Hz, and nearly so elsewhere.
    return ns * 9 / ((std::uint64_t{nsecsPerSecond} * 9 + m_hz / 2) / m_hz);
}

std::uint64_t JiffiesConversion::nsecsToJiffies(std::uint64_t ns) const
{
    return cut(nsecsToJiffies64(ns));
}

std::uint64_t JiffiesConversion::timespecToJiffies(SecondsAndNs span) const
{
    auto seconds = static_cast<std::uint64_t>(span.seconds);
    auto ns = static_cast<std::uint64_t>(span.ns) + m_tickNs - 1;
    if (seconds >= m_seconds.most) {
        seconds = m_seconds.most;
        ns = 0;
    }
    const std::uint64_t ofSeconds = seconds * m_seconds.perSecond;
    const std::uint64_t ofNs = (ns * m_seconds.perNs) >> extraNsShift;
    return cut((ofSeconds + ofNs) >> m_seconds.shift);
}

std::uint32_t JiffiesConversion::msecs(std::uint64_t jiffies) const
{
    const std::uint64_t ticks = cut(jiffies);
    const Ratio ratio = unitsPerTick(msPerSecond, m_hz);
    if (ratio.over == 1) {
        return static_cast<std::uint32_t>(ticks * ratio.times);
    }
    if (m_width == LongWidth::Bits32 && ratio.times != 1) {
        // No 64-bit division there: a factor that is rounded up, then a result that is too.
        Scale scale = scaleUp(msPerSecond, m_hz);
        scale.add = (std::uint64_t{1} << scale.shift) - 1;
        return static_cast<std::uint32_t>(scale(ticks));
    }
    return static_cast<std::uint32_t>((cut(ticks * ratio.times + ratio.over - 1)) / ratio.over);
}

std::uint32_t JiffiesConversion::usecs(std::uint64_t jiffies) const
{
    const std::uint64_t ticks = cut(jiffies);
    const Ratio ratio = unitsPerTick(usPerSecond, m_hz);
    if (m_width == LongWidth::Bits32 && ratio.over != 1) {
        Scale scale = scaleUp(usPerSecond, m_hz);
        scale.add = 0;
        return static_cast<std::uint32_t>(scale(ticks));
    }
    return static_cast<std::uint32_t>(ticks * ratio.times / ratio.over);
}

std::uint64_t JiffiesConversion::nsecs64(std::uint64_t jiffies64) const
{
    const Ratio ratio = unitsPerTick(nsecsPerSecond, m_hz);
    return jiffies64 * ratio.times / ratio.over;
}

std::uint64_t JiffiesConversion::msecs64(std::uint64_t jiffies64) const
{
    const Ratio ratio = unitsPerTick(msPerSecond, m_hz);
    return jiffies64 * ratio.times / ratio.over;
}

SecondsAndNs JiffiesConversion::timespec(std::uint64_t jiffies) const
{
    const std::uint64_t ns = cut(jiffies) * m_tickNs;
    return {.seconds = static_cast<std::int64_t>(ns / nsecsPerSecond),
            .ns = static_cast<std::int64_t>(ns % nsecsPerSecond)};
}

/// Where a tick is a whole number of user ticks, or the reverse, no wide product is made and
/// nothing wraps early.
std::uint64_t JiffiesConversion::userTicksUncut(std::uint64_t jiffies) const
{
    if (m_tickNs % nsPerUserTick != 0) {
        return jiffies * m_tickNs / nsPerUserTick;
    }
    return m_hz < userHz ? jiffies * userHz / m_hz : jiffies / (m_hz / userHz);
}

std::int64_t JiffiesConversion::userTicks(std::uint64_t jiffies) const
{
    const std::uint64_t ticks = cut(jiffies);
    const bool multiplies = m_hz < userHz && m_tickNs % nsPerUserTick == 0;
    return asSignedLong(multiplies ? ticks * (userHz / m_hz) : userTicksUncut(ticks), m_width);
}

std::uint64_t JiffiesConversion::userTicks64(std::uint64_t jiffies64) const
{
    return userTicksUncut(jiffies64);
}

std::uint64_t JiffiesConversion::userTicksToJiffies(std::uint64_t ticks) const
{
    const std::uint64_t most = largestUnsignedLong(m_width);
    const std::uint64_t value = cut(ticks);
    if (m_hz % userHz == 0) {
        const std::uint64_t factor = m_hz / userHz;
        return value >= most / factor ? most : value * factor;
    }
    const std::uint64_t limit = cut(most / m_hz * userHz);
    return value >= limit ? most : cut(value * m_hz / userHz);
}

std::uint64_t JiffiesConversion::nsecsToUserTicks(std::uint64_t ns)
{
    return ns / nsPerUserTick;
}

} // namespace timerscope
