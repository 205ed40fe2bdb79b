// SPDX-License-Identifier: GPL-3.0-or-later
//! The commands of a test module that arm timers: `hr`, `tw`, and the runs of random ones, which go
//! on over some time.
#include "tests/oracle/replay/made_up_timers.h"
#include "tests/oracle/replay/test_module.h"

#include <fmt/format.h>

namespace timerscope::oracle {
namespace {

constexpr std::int64_t mostTimers = 100'000;
constexpr std::int64_t mostDelta = std::int64_t{1} << 40;
constexpr std::int64_t mostSpan = 1'000'000'000'000'000; // ns: twelve days
constexpr std::int64_t longestPause = 3'600'000; // ms

/// A word of a command, from @p least to @p most; @p otherwise where there is none.
Result<std::int64_t> wordOf(const KernelCommand& command, std::size_t place, std::int64_t least,
                            std::int64_t most, std::int64_t otherwise)
{
    if (command.word(place).empty()) {
        return otherwise;
    }
    const auto value = command.number(place);
    if (!value || *value < least || *value > most) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}: word {} is '{}'; it must be a number from {} to {}",
                                command.verb, place + 1, command.word(place), least, most));
    }
    return *value;
}

/// `tw_rand N SEED MAXDELTA 0 [SPREAD_MS [DEFERRABLE_PCT]]`
Result<WheelWish> wheelWish(const KernelCommand& command)
{
    constexpr std::int64_t anySeed = std::numeric_limits<std::int64_t>::max();
    const auto count = wordOf(command, 0, 1, mostTimers, 1);
    const auto seed = wordOf(command, 1, 0, anySeed, 0);
    const auto maxDelta = wordOf(command, 2, 1, mostDelta, 1);
    const auto spread = wordOf(command, 4, 0, longestPause, 0);
    const auto percent = wordOf(command, 5, 0, 100, 0);
    for (const auto* const word : {&count, &seed, &maxDelta, &spread, &percent}) {
        if (!*word) {
            return tl::unexpected<Error>(word->error());
        }
    }
    return WheelWish{.count = static_cast<std::uint64_t>(*count),
                     .seed = static_cast<std::uint64_t>(*seed),
                     .maxDelta = static_cast<std::uint64_t>(*maxDelta),
                     .spread = std::chrono::milliseconds{*spread},
                     .deferrablePercent = static_cast<std::uint64_t>(*percent)};
}

} // namespace

Result<Errno> TestModule::timers(const KernelCommand& command)
{
    auto done
        = command.verb == "tw" ? m_wheelTimers->carryOut(command) : m_timers->carryOut(command);
    if (!done) {
        return tl::unexpected<Error>(std::move(done.error()));
    }
    return Errno::Ok;
}

Result<CommandResult> TestModule::armAtRandom(const KernelCommand& command)
{
    auto done = command.verb == "tw_rand" ? armWheelTimers(command) : armHrtimers(command);
    if (!done) {
        return tl::unexpected<Error>(std::move(done.error()));
    }
    m_pc->machine().settle();
    return answered(Errno::Ok, command.length + 1);
}

/// Which timers, and when each is armed, is read off the table of the recording.
Result<void> TestModule::armWheelTimers(const KernelCommand& command)
{
    auto wish = wheelWish(command);
    if (!wish) {
        return tl::unexpected<Error>(std::move(wish.error()));
    }
    const auto& table = m_scenario->wheel;
    const Jiffies now{m_pc->shownJiffies(m_pc->machine().jiffies().now())};
    const auto armings = table && table->armings.size() == wish->count
        ? table->armings
        : madeUpWheelTimers(*wish, now, recordedTickRate, command.cpu);
    for (const WheelArming& arming : armings) {
        const WheelMoment moment{.at = arming.armed.count,
                                 .clockIsAhead = isBefore(arming.armed, arming.baseClk)};
        if (auto ran = m_pc->runToJiffy(moment, command.cpu); !ran) {
            return ran;
        }
        m_pc->machine().cpus().runOn(command.cpu, [&] { m_wheelTimers->arm(arming); });
    }
    return {};
}

/// `hr_rand N SEED SPAN_NS`
Result<void> TestModule::armHrtimers(const KernelCommand& command)
{
    const auto count = wordOf(command, 0, 1, mostTimers, 1);
    const auto seed = wordOf(command, 1, 0, std::numeric_limits<std::int64_t>::max(), 0);
    const auto span = wordOf(command, 2, 1, mostSpan, 1);
    for (const auto* const word : {&count, &seed, &span}) {
        if (!*word) {
            return tl::unexpected<Error>(word->error());
        }
    }
    const auto& table = m_scenario->hrtimers;
    const auto asked = static_cast<std::uint64_t>(*count);
    const MonotonicInstant now{
        m_pc->shownMonotonic(m_pc->machine().timekeeper().monotonicNow().time_since_epoch())};
    const auto timers = table && table->timers.size() == asked
        ? table->timers
        : madeUpHrtimers(asked, static_cast<std::uint64_t>(*seed), Ns{*span}, now, command.cpu);
    for (const RecordedHrtimer& timer : timers) {
        if (auto ran = m_pc->runTo(m_pc->stampOfMonotonic(timer.armed)); !ran) {
            return ran;
        }
        m_pc->machine().cpus().runOn(command.cpu, [&] { m_timers->arm(timer); });
    }
    return {};
}

/// The recordings keep what was dumped in a file of its own.
Result<Errno> TestModule::dumpTimers(const KernelCommand& command)
{
    const bool isWheel = command.verb == "tw_dump";
    std::size_t rows = 0;
    if (isWheel) {
        m_wheelDump = m_wheelTimers->outcomes();
        rows = m_wheelDump->size();
    } else {
        m_hrtimerDump = m_timers->firings();
        rows = m_timers->armedAtRandom();
    }
    note(fmt::format("({} rows: {}/{}.tsv)", rows, isWheel ? "wheel" : "hrtimer", m_scenario->id));
    return Errno::Ok;
}

} // namespace timerscope::oracle
