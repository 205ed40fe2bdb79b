// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/sleep_rules.h"

#include "engine/base/invariant.h"
#include "engine/posix/task.h"

#include <algorithm>

namespace timerscope {

namespace {

constexpr std::uint64_t usPerMs = 1'000;

constexpr Ns microseconds(std::uint64_t us)
{
    return std::chrono::microseconds{static_cast<std::int64_t>(us)};
}

} // namespace

KernelSleep msleep(std::uint32_t ms, const JiffiesConversion& conversion)
{
    return {.kind = KernelSleep::Kind::Ticks, .ticks = conversion.msecsToJiffies(ms) + 1};
}

KernelSleep usleepRange(std::uint64_t leastUs, std::uint64_t mostUs)
{
    invariant(leastUs <= mostUs);
    return {.kind = KernelSleep::Kind::Range,
            .least = microseconds(leastUs),
            .slack = microseconds(mostUs - leastUs)};
}

KernelSleep fsleep(std::uint32_t us, const JiffiesConversion& conversion)
{
    constexpr std::uint32_t longestBusy = 10;
    constexpr std::uint32_t longestRange = 20'000;
    if (us <= longestBusy) {
        return {.kind = KernelSleep::Kind::Busy, .least = microseconds(us)};
    }
    if (us <= longestRange) {
        return usleepRange(us, std::uint64_t{us} * 2);
    }
    const std::uint64_t ms = (us + usPerMs - 1) / usPerMs;
    return msleep(static_cast<std::uint32_t>(ms), conversion);
}

Ns pollSlack(const Task& task, Ns timeout)
{
    constexpr Ns most = std::chrono::milliseconds{100};
    constexpr std::int64_t part = 1'000;
    constexpr std::int64_t partOfNice = 200;
    if (task.isRealTime() || timeout < Ns::zero()) {
        return task.timerSlack();
    }
    const Ns slack = timeout / (task.nice() > 0 ? partOfNice : part);
    return std::max(std::min(slack, most), task.timerSlack());
}

} // namespace timerscope
