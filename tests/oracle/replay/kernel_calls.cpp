// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/kernel_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope::oracle {
namespace {

constexpr Ns tick = TickRate{250}.period();

/// clock_getres(2): an hrtimer's clock has its resolution, a coarse one always a tick's, and the
/// scheduler's own clock never has less than it counts.
CommandResult resolutions(Machine& machine)
{
    struct Clock
    {
        const char* name;
        enum : std::uint8_t
        {
            Hrtimer,
            Coarse,
            Fine,
        } kind;
    };
    constexpr std::array clocks{
        Clock{"REALTIME", Clock::Hrtimer},        Clock{"MONOTONIC", Clock::Hrtimer},
        Clock{"MONOTONIC_RAW", Clock::Hrtimer},   Clock{"REALTIME_COARSE", Clock::Coarse},
        Clock{"MONOTONIC_COARSE", Clock::Coarse}, Clock{"BOOTTIME", Clock::Hrtimer},
        Clock{"PROCESS_CPUTIME_ID", Clock::Fine}, Clock{"TAI", Clock::Hrtimer},
    };
    const bool isHres = machine.cpu().hrtimers().isHresActive();
    CommandResult result;
    for (const Clock& clock : clocks) {
        const bool isTick
            = clock.kind == Clock::Coarse || (clock.kind == Clock::Hrtimer && !isHres);
        result.lines.push_back(
            fmt::format("res {} 0.{:09}", clock.name, isTick ? tick.count() : 1));
    }
    return result;
}

Result<CommandResult> setTime(Machine& machine, const KernelCommand& command)
{
    const auto step = command.number(1);
    if (!step) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("ks settime needs ns, '{}' are none", command.word(1)));
    }
    return answered(machine.setTime(machine.timekeeper().realtimeNow() + Ns{*step}), 0);
}

struct TimexField
{
    const char* name;
    std::uint32_t mode;
    void (*set)(Timex& timex, std::int64_t value);
};

constexpr std::array timexFields{
    TimexField{"tai", timex_mode::tai, [](Timex& timex, std::int64_t v) { timex.constant = v; }},
    TimexField{"tick", timex_mode::tick, [](Timex& timex, std::int64_t v) { timex.tick = v; }},
    TimexField{"freq", timex_mode::frequency,
               [](Timex& timex, std::int64_t v) { timex.frequency = v; }},
    // An offset is taken by the PLL only: the tool switches it on in the same call.
    TimexField{"offset", timex_mode::offset | timex_mode::status,
               [](Timex& timex, std::int64_t v) {
                   timex.offset = v;
                   timex.status = ntp_status::pll;
               }},
    TimexField{"status", timex_mode::status,
               [](Timex& timex, std::int64_t v) { timex.status = static_cast<std::uint32_t>(v); }},
    TimexField{"maxerror", timex_mode::maxError,
               [](Timex& timex, std::int64_t v) { timex.maxError = v; }},
    TimexField{"esterror", timex_mode::estError,
               [](Timex& timex, std::int64_t v) { timex.estError = v; }},
};

Result<Timex> timexFrom(const KernelCommand& command)
{
    Timex timex;
    if (command.words.size() == 1) {
        return timex; // nothing is changed, only told
    }
    const auto field = std::ranges::find_if(timexFields, [&](const TimexField& candidate) {
        return command.word(1) == candidate.name;
    });
    const auto value = command.number(2);
    if (field == timexFields.end()) {
        return notModelled(fmt::format("ks adjtime {}", command.word(1)));
    }
    if (!value) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("ks adjtime {} needs a number, '{}' is none", command.word(1),
                                command.word(2)));
    }
    timex.modes = field->mode;
    field->set(timex, *value);
    return timex;
}

Result<CommandResult> adjust(Machine& machine, const KernelCommand& command)
{
    auto timex = timexFrom(command);
    if (!timex) {
        return tl::unexpected<Error>(std::move(timex.error()));
    }
    const AdjtimexAnswer answer = machine.adjtimex(*timex);
    if (answer.error != Errno::Ok) {
        return refused(answer.error);
    }
    return CommandResult{
        .lines = {fmt::format(
            "ok ret={} freq={} tick={} offset={} tai={} status={:#x} maxerror={} esterror={}",
            answer.returnValue(), timex->frequency, timex->tick, timex->offset, timex->tai,
            timex->status, timex->maxError, timex->estError)},
        .rc = 0};
}

} // namespace

Result<CommandResult> carryOutCall(Machine& machine, const KernelCommand& command)
{
    if (command.word(0) == "res") {
        return resolutions(machine);
    }
    if (command.word(0) == "settime") {
        return setTime(machine, command);
    }
    if (command.word(0) == "adjtime") {
        return adjust(machine, command);
    }
    return notModelled(fmt::format("ks {}", command.word(0)));
}

} // namespace timerscope::oracle
