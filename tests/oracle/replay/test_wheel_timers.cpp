// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/test_wheel_timers.h"

#include "tests/oracle/replay/command_result.h"

#include <fmt/format.h>

namespace timerscope::oracle {
namespace {

constexpr std::size_t deltaWord = 2;

bool changesExpiry(std::string_view what)
{
    return what == "mod" || what == "modp" || what == "reduce";
}

bool isKnown(std::string_view what)
{
    return changesExpiry(what) || what == "del" || what == "trydel" || what == "pend";
}

} // namespace

TestWheelTimers::~TestWheelTimers()
{
    for (auto& [id, entry] : m_timers) {
        static_cast<void>(wheel().remove(*entry.timer));
    }
    for (const auto& timer : m_random) {
        static_cast<void>(wheel().remove(*timer));
    }
}

/// The module has set all of its timers up before the first command.
TestWheelTimers::TestTimer& TestWheelTimers::timerOf(std::int64_t id)
{
    TestTimer& entry = m_timers[id];
    if (entry.timer == nullptr) {
        entry.timer
            = std::make_unique<WheelTimer>(m_nextId++, "kscn_tw", [this, &entry](WheelTimer&) {
                  entry.fired = m_pc->shownJiffies(now());
                  ++entry.fires;
              });
        wheel().init(*entry.timer);
    }
    return entry;
}

Result<void> TestWheelTimers::carryOut(const KernelCommand& command)
{
    const std::string_view what = command.word(0);
    const auto id = command.number(1);
    const auto delta = command.number(deltaWord);
    if (!isKnown(what)) {
        return notModelled(fmt::format("tw {}", what));
    }
    if (!id || (changesExpiry(what) && !delta)) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("tw {} needs the id of a timer{}, '{}' is none", what,
                                id ? " and a delta" : "", command.word(id ? deltaWord : 1)));
    }
    const int answer = change(what, *timerOf(*id).timer, delta.value_or(0));
    tell(command, *id, answer);
    return {};
}

/// What the kernel's call answers.
int TestWheelTimers::change(std::string_view what, WheelTimer& timer, std::int64_t delta)
{
    const Jiffies expires{now().count + static_cast<std::uint64_t>(delta)};
    if (what == "mod") {
        return wheel().modify(timer, expires, now()) ? 1 : 0;
    }
    if (what == "modp") {
        return wheel().modifyPending(timer, expires, now()) ? 1 : 0;
    }
    if (what == "reduce") {
        return wheel().reduce(timer, expires, now()) ? 1 : 0;
    }
    if (what == "del") {
        return wheel().remove(timer) ? 1 : 0;
    }
    if (what == "trydel") {
        return wheel().tryRemove(timer);
    }
    return timer.isPending() ? 1 : 0;
}

/// "tw mod id=0 arg=100 ret=1 jiffies=… expires=… pending=1 bucket=118 level=1 base_clk=… fired=0
/// nfire=0"; a timer that was never armed expires at 0.
void TestWheelTimers::tell(const KernelCommand& command, std::int64_t id, int answer)
{
    const TestTimer& entry = m_timers.at(id);
    const WheelTimer& timer = *entry.timer;
    const bool wasArmed = timer.expires() != Jiffies{};
    m_log->push_back(fmt::format(
        "tw {} id={} arg={} ret={} jiffies={} expires={} pending={:d} bucket={} level={} "
        "base_clk={} fired={} nfire={}",
        command.word(0), id, command.word(deltaWord), answer, m_pc->shownJiffies(now()),
        wasArmed ? m_pc->shownJiffies(timer.expires()) : 0, timer.isPending(), timer.index(),
        timer.index() / TimerWheel::bucketsPerLevel, m_pc->shownJiffies(wheel().clk()), entry.fired,
        entry.fires));
}

void TestWheelTimers::arm(const WheelArming& asked)
{
    const std::size_t place = m_random.size();
    const std::uint8_t flags = asked.deferrable ? timer_flag::deferrable : 0;
    m_random.push_back(std::make_unique<WheelTimer>(
        m_nextId++, "kscn_tw", [this, place](WheelTimer&) { noteFired(place); }, flags));
    m_outcomes.emplace_back();
    WheelTimer& timer = *m_random.back();
    wheel().init(timer);
    static_cast<void>(wheel().modify(timer, m_pc->ownJiffies(asked.requested.count), now()));
    m_outcomes.back().index = timer.index();
}

void TestWheelTimers::noteFired(std::size_t place)
{
    WheelOutcome& outcome = m_outcomes[place];
    outcome.fired = Jiffies{m_pc->shownJiffies(now())};
    outcome.cpu = m_pc->machine().cpus().currentCpu();
    ++outcome.fires;
    if (!m_random[place]->has(timer_flag::deferrable)) {
        outcome.order = ++m_standardFirings;
    }
}

} // namespace timerscope::oracle
