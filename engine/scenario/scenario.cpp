// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/scenario.h"

#include <array>

namespace timerscope {

std::string_view keywordOf(const StepAction& action)
{
    // In the order of StepAction's alternatives. Faults of the hardware and of a probe share one,
    // and so do workloads with and without a process.
    static constexpr std::array<std::string_view, std::variant_size_v<StepAction>> keywords{
        "boot",       "probe",          "load",      "unload",  "open",  "close",    "register",
        "unregister", "register_event", "rating",    "write",   "read",  "cpu",      "suspend",
        "rtc",        "adjtimex",       "set_time",  "fault",   "fault", "workload", "workload",
        "timer",      "itimer",         "cpu_limit", "signals", "expect"};
    return keywords.at(action.index());
}

std::string_view nameOf(BootStage stage)
{
    return bootStageNames.at(static_cast<std::size_t>(stage));
}

} // namespace timerscope
