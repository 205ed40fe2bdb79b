// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clockevents/clock_event_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

/// Without MIN_ADJUST a forced event is tried this often, each time a minimum delta later.
constexpr int minDeltaTries = 10;
/// With it, the device may refuse its minimum this often before that is raised, …
constexpr int triesBeforeRaise = 3;
/// … at once to this.
constexpr Ns firstRaise{5000};

} // namespace

EventHandler noopHandler()
{
    return {.name = "clockevents_handle_noop", .call = [] { }};
}

ModuleHold ClockEventDevice::holdAs(HoldRole role) const
{
    return {.role = role, .device = name(), .cpu = m_roleCpu};
}

bool ClockEventDevice::hold(HoldRole role, unsigned cpu)
{
    m_roleCpu = cpu;
    if (!tryGetOwner(m_description.owner, holdAs(role))) {
        return false;
    }
    m_role = role;
    return true;
}

void ClockEventDevice::release()
{
    if (m_role) {
        putOwner(m_description.owner, holdAs(*m_role));
        m_role.reset();
    }
}

void ClockEventDevice::setHandler(EventHandler handler)
{
    auto former = std::exchange(m_handler, std::make_unique<EventHandler>(std::move(handler)));
    if (m_calls > 0) {
        m_replaced.push_back(std::move(former)); // its call may go on
    }
    m_tracer.record(RecordKind::ClockEventHandler, nameIn(m_tracer),
                    m_tracer.name(m_handler->name));
}

Errno ClockEventDevice::askDriver(ClockEventState state)
{
    using namespace clock_event_feature;
    if (has(dummy)) {
        return Errno::Ok;
    }
    switch (state) {
    case ClockEventState::Detached:
    case ClockEventState::Shutdown:
        return m_driver->setState(ClockEventState::Shutdown);
    case ClockEventState::Periodic:
        return has(periodic) ? m_driver->setState(state) : Errno::NoSys;
    case ClockEventState::Oneshot:
        return has(oneshot) ? m_driver->setState(state) : Errno::NoSys;
    case ClockEventState::OneshotStopped:
        return stopOneshot();
    }
    return Errno::NoSys;
}

Errno ClockEventDevice::stopOneshot()
{
    if (m_state != ClockEventState::Oneshot) {
        warn(fmt::format("Current state: {}", static_cast<int>(m_state)));
        return Errno::Invalid;
    }
    return m_driver->setState(ClockEventState::OneshotStopped);
}

void ClockEventDevice::warn(std::string_view text) const
{
    if (m_rules.log != nullptr) {
        m_rules.log->warn(text);
    }
}

void ClockEventDevice::bindTo(unsigned cpu)
{
    m_boundOn = cpu;
    m_driver->routeInterrupt(cpu);
}

Errno ClockEventDevice::switchState(ClockEventState state)
{
    const CallSpan span(m_tracer, "clockevents_switch_state");
    if (state == m_state) {
        return Errno::Ok;
    }
    const Errno answer = askDriver(state);
    if (answer != Errno::Ok) {
        return answer;
    }
    m_tracer.record(RecordKind::ClockEventState, nameIn(m_tracer), static_cast<std::int64_t>(state),
                    static_cast<std::int64_t>(m_state));
    m_state = state;
    if (state == ClockEventState::Oneshot && m_description.config.mult == 0) {
        // Nobody configured it: any delta would be no ticks at all.
        warn(fmt::format("{}: a oneshot device without a factor", name()));
        m_description.config.mult = 1;
    }
    return Errno::Ok;
}

void ClockEventDevice::shutdown()
{
    const CallSpan span(m_tracer, "clockevents_shutdown");
    static_cast<void>(switchState(ClockEventState::Shutdown));
    m_nextEvent = never<MonotonicClock>;
}

Errno ClockEventDevice::program(MonotonicInstant expires, MonotonicInstant now, bool force)
{
    const CallSpan span(m_tracer, "clockevents_program_event");
    if (nsOf(expires) < 0) {
        warn(fmt::format("{}: an event at {} ns, before time began", name(), nsOf(expires)));
        return Errno::Time;
    }
    m_nextEvent = expires;
    if (m_state == ClockEventState::Shutdown) {
        return Errno::Ok;
    }
    if (m_state != ClockEventState::Oneshot) {
        warn(fmt::format("Current state: {}", static_cast<int>(m_state)));
    }
    if (has(clock_event_feature::ktime)) {
        m_tracer.record(RecordKind::ClockEventProgram, nameIn(m_tracer), nsOf(expires));
        return m_driver->setNextTime(expires);
    }
    if (const Ns delta = expires - now; delta > Ns::zero()) {
        const Errno answer = programAfter(delta);
        return answer != Errno::Ok && force ? programMinDelta(now) : answer;
    }
    if (force) {
        return programMinDelta(now);
    }
    m_tracer.record(RecordKind::ClockEventProgram, nameIn(m_tracer), nsOf(expires), 0,
                    program_flag::refused);
    return Errno::Time;
}

/// The minimum has the last word, also over a smaller maximum.
Errno ClockEventDevice::programAfter(Ns delta)
{
    const ClockEventConfig& limits = m_description.config;
    const Ns allowed = std::max(std::min(delta, limits.maxDelta), limits.minDelta);
    return programTicks(allowed, allowed != delta ? program_flag::clamped : 0);
}

Errno ClockEventDevice::programTicks(Ns delta, std::uint8_t flags)
{
    const ClockEventConfig& config = m_description.config;
    const auto product = static_cast<std::uint64_t>(delta.count()) * config.mult;
    const std::uint64_t ticks = product >> config.shift;
    m_tracer.record(RecordKind::ClockEventProgram, nameIn(m_tracer), nsOf(m_nextEvent),
                    static_cast<std::int64_t>(ticks), flags);
    return m_driver->setNextEvent(ticks);
}

Errno ClockEventDevice::programMinDelta(MonotonicInstant now)
{
    if (m_rules.adjusts) {
        return programRaisingMinimum(now);
    }
    Ns delta{};
    for (int tries = 0; tries < minDeltaTries; ++tries) {
        delta += m_description.config.minDelta;
        m_nextEvent = addSaturating(now, delta);
        ++m_retries;
        if (programTicks(delta, program_flag::forced) == Errno::Ok) {
            return Errno::Ok;
        }
    }
    return Errno::Time;
}

/// A device that refuses its own minimum again and again gets a longer one, for good.
Errno ClockEventDevice::programRaisingMinimum(MonotonicInstant now)
{
    do {
        for (int tries = 0; tries < triesBeforeRaise; ++tries) {
            m_nextEvent = addSaturating(now, m_description.config.minDelta);
            ++m_retries;
            if (programTicks(m_description.config.minDelta, program_flag::forced) == Errno::Ok) {
                return Errno::Ok;
            }
        }
    } while (raiseMinimum());
    return Errno::Time;
}

bool ClockEventDevice::raiseMinimum()
{
    Ns& minimum = m_description.config.minDelta;
    if (minimum >= m_rules.limit) {
        m_rules.log->print("CE: Reprogramming failure. Giving up");
        m_nextEvent = never<MonotonicClock>;
        return false;
    }
    minimum = std::min(minimum < firstRaise ? firstRaise : minimum + minimum / 2, m_rules.limit);
    m_rules.log->print(
        fmt::format("CE: {} increased min_delta_ns to {} nsec", name(), minimum.count()));
    return true;
}

Result<Errno> ClockEventDevice::updateFrequency(std::uint32_t frequency, MonotonicInstant now)
{
    const CallSpan span(m_tracer, "clockevents_update_freq");
    auto config = clockEventConfig(frequency, m_description.minTicks, m_description.maxTicks,
                                   m_description.features);
    if (!config) {
        return tl::unexpected<Error>(std::move(config.error()));
    }
    m_description.config = *config;
    if (m_state == ClockEventState::Oneshot) {
        return program(m_nextEvent, now, false);
    }
    return m_state == ClockEventState::Periodic ? askDriver(ClockEventState::Periodic) : Errno::Ok;
}

void ClockEventDevice::fire()
{
    if (m_handler->call) {
        ++m_calls;
        m_handler->call();
        if (--m_calls == 0 && !m_replaced.empty()) [[unlikely]] {
            m_replaced.clear();
        }
    }
}

} // namespace timerscope
