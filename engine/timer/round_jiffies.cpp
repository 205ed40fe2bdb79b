// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timer/round_jiffies.h"

#include "engine/base/invariant.h"

namespace timerscope {
namespace {

constexpr std::uint64_t ticksBetweenCpus = 3;

} // namespace

JiffiesRounding::JiffiesRounding(TickRate rate, LongWidth width)
    : m_hz(rate.hz)
    , m_width(width)
{
    invariant(rate.hz != 0);
}

/// The whole second for @p shifted, an expiry moved by its CPU's offset.
std::uint64_t JiffiesRounding::nearestPlace(std::uint64_t shifted, Direction direction) const
{
    const std::uint64_t past = shifted % m_hz;
    const bool back = direction == Direction::Nearest && past < m_hz / 4;
    return back ? shifted - past : shifted - past + m_hz;
}

std::uint64_t JiffiesRounding::absolute(std::uint64_t expires, Direction direction, unsigned cpu,
                                        std::uint64_t now) const
{
    const std::uint64_t offset = cpu * ticksBetweenCpus;
    const std::uint64_t rounded = cut(nearestPlace(cut(expires + offset), direction) - offset);
    return asSignedLong(rounded - now, m_width) > 0 ? rounded : cut(expires);
}

std::uint64_t JiffiesRounding::relative(std::uint64_t delay, Direction direction, unsigned cpu,
                                        std::uint64_t now) const
{
    return cut(absolute(delay + now, direction, cpu, now) - now);
}

} // namespace timerscope
