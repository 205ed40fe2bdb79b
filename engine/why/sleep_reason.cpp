// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/sleep_reason.h"

#include "engine/base/wide.h"
#include "engine/why/number_text.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

/// A sleep is measured to a few readings' time: less than this was not lost by wrapping.
constexpr Ns readingsTime{1'000'000};

/// The span after which the counter shows the same again; empty when that is not known, or beyond
/// 292 years.
std::optional<Ns> wrapOf(const ClocksourceRow& row)
{
    if (!row.bits || !row.rate || row.rate->value == 0) {
        return {};
    }
    const WideUnsigned cycles = static_cast<WideUnsigned>(1) << *row.bits;
    if (cycles > ~WideUnsigned{0} / static_cast<WideUnsigned>(nsPerSecond)) {
        return {};
    }
    const WideUnsigned ns = cycles * static_cast<WideUnsigned>(nsPerSecond) / row.rate->value;
    if (ns > static_cast<WideUnsigned>(Ns::max().count())) {
        return {};
    }
    return Ns{static_cast<std::int64_t>(ns)};
}

Reason lossReason(const SleepRow& sleep, const ClocksourceRow& row)
{
    const Ns lost = sleep.trueLength - sleep.measured;
    const std::optional<Ns> wrap = wrapOf(row);
    const std::string because = wrap && sleep.trueLength >= *wrap
        ? fmt::format("It shows the same again every {}, so whole turns are not seen.",
                      spanText(*wrap))
        : std::string{"It stood, or showed less than before."};
    return {.head = "Lost time in the last sleep",
            .detail = fmt::format("The machine slept {}, but was told {}: {} are missing from "
                                  "CLOCK_BOOTTIME and CLOCK_REALTIME. {}",
                                  spanText(sleep.trueLength), spanText(sleep.measured),
                                  spanText(lost), because),
            .function = "clocksource_stop_suspend_timing"};
}

} // namespace

std::optional<Reason> sleepReason(const Snapshot& snapshot, const ClocksourceRow& row)
{
    const auto& sleep = snapshot.lastSleep;
    const bool isForSuspend = snapshot.suspendClocksource == row.name;
    if (!sleep || !isForSuspend) {
        return {};
    }
    if (sleep->measuredBy != row.name && !sleep->measuredBy.empty()) {
        return Reason{.head = "Could not measure the last sleep",
                      .detail = fmt::format("{} told its length instead: {}.", sleep->measuredBy,
                                            spanText(sleep->measured)),
                      .function = "clocksource_stop_suspend_timing"};
    }
    if (sleep->trueLength - sleep->measured > readingsTime) {
        return lossReason(*sleep, row);
    }
    return Reason{.head = "Measured the last sleep",
                  .detail = fmt::format("{}, by which CLOCK_BOOTTIME and CLOCK_REALTIME went on.",
                                        spanText(sleep->measured)),
                  .function = "clocksource_stop_suspend_timing"};
}

} // namespace timerscope
