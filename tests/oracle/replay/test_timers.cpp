// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/test_timers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope::oracle {
namespace {

enum ArmWord : std::size_t
{
    Clock = 2,
    Mode,
    Expires,
    Slack,
    Period,
    Count,
};

constexpr Ns tick = TickRate{250}.period();

std::optional<HrtimerClock> clockNamed(std::string_view name)
{
    constexpr std::array names{"mono", "real", "boot", "tai"};
    const auto known = std::ranges::find(names, name);
    if (known == names.end()) {
        return std::nullopt;
    }
    return static_cast<HrtimerClock>(known - names.begin());
}

bool has(std::string_view mode, char letter)
{
    return mode.find(letter) != std::string_view::npos;
}

} // namespace

TestTimers::~TestTimers()
{
    for (auto& [id, entry] : m_timers) {
        static_cast<void>(hrtimers().cancel(*entry.timer));
    }
    for (Hrtimer& timer : m_random) {
        static_cast<void>(hrtimers().cancel(timer));
    }
}

/// A recorded expiry is of CLOCK_MONOTONIC, whatever clock it is counted on.
void TestTimers::arm(const RecordedHrtimer& asked)
{
    const std::uint32_t id = asked.id;
    Hrtimer& timer
        = m_random.emplace_back(m_nextId++, asked.kind, "kscn_hr", [this, id](Hrtimer& fired) {
              noteFiring(id, fired);
              return HrtimerRestart::No;
          });
    hrtimers().init(timer);
    const Ns soft = asked.softExpires.time_since_epoch() - m_pc->shownMonotonic(Ns::zero())
        + hrtimers().offset(timer.baseIndex());
    hrtimers().start(timer, HrtimerInstant{soft}, asked.slack, asked.kind.mode);
}

void TestTimers::noteFiring(std::uint32_t id, const Hrtimer& timer)
{
    const Cpu& cpu = m_pc->machine().cpus().current();
    const Ns hard = timer.hardExpires().time_since_epoch() - hrtimers().offset(timer.baseIndex());
    m_firings.push_back({.id = id,
                         .base = timer.baseIndex(),
                         .cpu = cpu.index(),
                         .inSoftirq = m_pc->isInSoftirq(cpu.index()),
                         .hardExpires = MonotonicInstant{m_pc->shownMonotonic(hard)},
                         .at = MonotonicInstant{monotonic()}});
}

TestTimers::TestTimer* TestTimers::find(std::int64_t id)
{
    const auto found = m_timers.find(id);
    return found != m_timers.end() ? &found->second : nullptr;
}

Ns TestTimers::monotonic() const
{
    return m_pc->shownMonotonic(m_pc->machine().timekeeper().monotonicNow().time_since_epoch());
}

/// Only what counts from the boot is shifted; far ends of time stay where they are.
std::int64_t TestTimers::shown(const Hrtimer& timer, HrtimerInstant at) const
{
    const bool sinceBoot
        = timer.clock() == HrtimerClock::Monotonic || timer.clock() == HrtimerClock::Boottime;
    const Ns since = at.time_since_epoch();
    return sinceBoot && since != Ns::max() ? m_pc->shownMonotonic(since).count() : since.count();
}

Ns TestTimers::resolution() const
{
    return hrtimers().isHresActive() ? Ns{1} : tick;
}

Result<void> TestTimers::carryOut(const KernelCommand& command)
{
    const std::string_view what = command.word(0);
    const auto id = command.number(1);
    if (!id) {
        return fail(ErrorCode::InvalidArgument, fmt::format("hr {} names no timer", what));
    }
    if (what == "arm") {
        return arm(*id, command);
    }
    if (what != "cancel" && what != "try" && what != "active" && what != "rem" && what != "fwd") {
        return notModelled(fmt::format("hr {}", what));
    }
    if (find(*id) == nullptr) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("hr {}: timer {} was never armed", what, *id));
    }
    if (what == "fwd") {
        return forward(*id, command);
    }
    if (what == "active") {
        tellActive(*id);
    } else if (what == "rem") {
        tellRemaining(*id);
    } else {
        cancel(*id, what == "cancel" ? "cancel" : "try_to_cancel");
    }
    return {};
}

/// hr arm ID CLOCK MODE NS [SLACK [PERIOD COUNT]]
Result<void> TestTimers::arm(std::int64_t id, const KernelCommand& command)
{
    const auto clock = clockNamed(command.word(Clock));
    const std::string_view mode = command.word(Mode);
    const auto expires = command.number(Expires);
    if (!clock || mode.empty() || !expires) {
        return fail(ErrorCode::InvalidArgument, "hr arm needs ID CLOCK MODE NS");
    }
    if (TestTimer* const old = find(id)) {
        static_cast<void>(hrtimers().cancel(*old->timer));
    }
    const bool isRelative = has(mode, 'r');
    // A relative span is the same on a clock that may be set: the kernel counts it on one that
    // cannot.
    const HrtimerClock counted
        = isRelative && *clock == HrtimerClock::Realtime ? HrtimerClock::Monotonic : *clock;
    TestTimer& entry = m_timers[id];
    entry = {.timer = std::make_unique<Hrtimer>(m_nextId++, counted, has(mode, 's'), "kscn_hr",
                                                [this, id](Hrtimer&) { return fired(id); }),
             .base = std::string{command.word(Clock)},
             .period = Ns{command.number(Period).value_or(0)},
             .count = command.number(Count).value_or(1),
             .hard = has(mode, 'h')};
    hrtimers().init(*entry.timer);
    const bool fromNow = !isRelative && command.word(Expires).starts_with('+');
    const Ns base
        = fromNow || isRelative ? hrtimers().clockNow(*entry.timer).time_since_epoch() : Ns::zero();
    const Ns shift = !fromNow && !isRelative && entry.timer->clock() != HrtimerClock::Realtime
            && entry.timer->clock() != HrtimerClock::Tai
        ? m_pc->shownMonotonic(Ns::zero())
        : Ns::zero();
    const Ns at = isRelative ? ktimeAddSafe(base, Ns{*expires}) : base + Ns{*expires} - shift;
    start(entry, at, Ns{command.number(Slack).value_or(0)}, isRelative);
    const Hrtimer& timer = *entry.timer;
    m_log->push_back(fmt::format(
        "hr {} armed at mono={} soft={} hard={} base={} offset={} active={:d} queued={:d}", id,
        monotonic().count(), shown(timer, timer.softExpires()), shown(timer, timer.hardExpires()),
        entry.base, hrtimers().offset(timer.baseIndex()).count(), timer.isQueued(),
        timer.isQueued()));
    return {};
}

void TestTimers::start(TestTimer& entry, Ns expires, Ns slack, bool isRelative)
{
    const std::uint8_t mode = isRelative ? hrtimer_mode::relative : hrtimer_mode::absolute;
    hrtimers().start(*entry.timer, HrtimerInstant{expires}, slack, mode);
}

HrtimerRestart TestTimers::fired(std::int64_t id)
{
    TestTimer& entry = m_timers.at(id);
    Hrtimer& timer = *entry.timer;
    ++entry.fires;
    m_log->push_back(fmt::format(
        "hr {} fire #{} mono={} base_now={} exp={} soft={} ctx={} cpu0 is_soft={:d} is_hard={:d} "
        "is_rel=0",
        id, entry.fires, monotonic().count(), shown(timer, hrtimers().clockNow(timer)),
        shown(timer, timer.hardExpires()), shown(timer, timer.softExpires()),
        timer.isSoft() ? "softirq" : "hardirq", timer.isSoft(), entry.hard));
    if (entry.period == Ns::zero() || entry.fires >= entry.count) {
        return HrtimerRestart::No;
    }
    const auto passed = timer.forward(hrtimers().clockNow(timer), entry.period, resolution());
    entry.overruns += passed;
    m_log->push_back(fmt::format("hr {} forward_now({}) -> {} exp={}", id, entry.period.count(),
                                 passed, shown(timer, timer.hardExpires())));
    return HrtimerRestart::Yes;
}

void TestTimers::cancel(std::int64_t id, std::string_view word)
{
    const bool wasQueued = hrtimers().cancel(*m_timers.at(id).timer);
    m_log->push_back(fmt::format("hr {} {} -> {:d}", id, word, wasQueued));
}

void TestTimers::tellActive(std::int64_t id)
{
    const TestTimer& entry = m_timers.at(id);
    const bool isQueued = entry.timer->isQueued();
    m_log->push_back(fmt::format("hr {} active -> {:d} queued {:d} n={} overruns={}", id, isQueued,
                                 isQueued, entry.fires, entry.overruns));
}

void TestTimers::tellRemaining(std::int64_t id)
{
    const Hrtimer& timer = *m_timers.at(id).timer;
    const Ns left = timer.hardExpires() - hrtimers().clockNow(timer);
    m_log->push_back(fmt::format("hr {} remaining -> {}", id, left.count()));
}

/// hr fwd ID INTERVAL OFFSET: hrtimer_forward(now = expires + OFFSET, INTERVAL)
Result<void> TestTimers::forward(std::int64_t id, const KernelCommand& command)
{
    constexpr std::size_t intervalWord = 2;
    constexpr std::size_t offsetWord = 3;
    Hrtimer& timer = *m_timers.at(id).timer;
    const auto interval = command.number(intervalWord);
    const auto offset = command.number(offsetWord);
    if (!interval || !offset || timer.isQueued()) {
        return fail(ErrorCode::InvalidArgument,
                    "hr fwd needs ID INTERVAL OFFSET and a timer that is not queued");
    }
    const HrtimerInstant before = timer.hardExpires();
    const auto passed = timer.forward(before + Ns{*offset}, Ns{*interval}, resolution());
    m_log->push_back(fmt::format("hr {} forward(now=exp{:+}, interval={}) -> {} exp {} -> {}", id,
                                 *offset, *interval, passed, shown(timer, before),
                                 shown(timer, timer.hardExpires())));
    return {};
}

} // namespace timerscope::oracle
