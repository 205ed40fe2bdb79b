// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clockevents/clock_event_device.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {

namespace {

/// Without MIN_ADJUST a forced event is tried this often, each time a minimum delta later.
constexpr int minDeltaTries = 10;

} // namespace

ModuleHold ClockEventDevice::holdAs(HoldRole role) const
{
    return {.role = role, .device = name(), .cpu = cpu()};
}

bool ClockEventDevice::hold(HoldRole role)
{
    invariant(!m_role);
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
    m_handler = std::move(handler);
    m_tracer.record(RecordKind::ClockEventHandler, m_tracer.name(name()),
                    m_tracer.name(m_handler.name));
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
        return m_state == ClockEventState::Oneshot ? m_driver->setState(state) : Errno::Invalid;
    }
    return Errno::NoSys;
}

Errno ClockEventDevice::switchState(ClockEventState state)
{
    if (state == m_state) {
        return Errno::Ok;
    }
    const Errno answer = askDriver(state);
    if (answer != Errno::Ok) {
        return answer;
    }
    m_tracer.record(RecordKind::ClockEventState, m_tracer.name(name()),
                    static_cast<std::int64_t>(state), static_cast<std::int64_t>(m_state));
    m_state = state;
    return Errno::Ok;
}

void ClockEventDevice::shutdown()
{
    static_cast<void>(switchState(ClockEventState::Shutdown));
    m_nextEvent = never<MonotonicClock>;
}

Errno ClockEventDevice::program(MonotonicInstant expires, MonotonicInstant now, bool force)
{
    if (nsOf(expires) < 0) {
        return Errno::Time;
    }
    m_nextEvent = expires;
    if (m_state == ClockEventState::Shutdown) {
        return Errno::Ok;
    }
    const Ns delta = expires - now;
    if (delta <= Ns::zero()) {
        if (force) {
            return programMinDelta(now);
        }
        m_tracer.record(RecordKind::ClockEventProgram, m_tracer.name(name()), nsOf(expires), 0,
                        program_flag::refused);
        return Errno::Time;
    }
    // The minimum has the last word, also over a smaller maximum.
    const ClockEventConfig& limits = m_description.config;
    const Ns allowed = std::max(std::min(delta, limits.maxDelta), limits.minDelta);
    const Errno answer = programTicks(allowed, allowed != delta ? program_flag::clamped : 0);
    return answer != Errno::Ok && force ? programMinDelta(now) : answer;
}

Errno ClockEventDevice::programTicks(Ns delta, std::uint8_t flags)
{
    const ClockEventConfig& config = m_description.config;
    const auto product = static_cast<std::uint64_t>(delta.count()) * config.mult;
    const std::uint64_t ticks = product >> config.shift;
    m_tracer.record(RecordKind::ClockEventProgram, m_tracer.name(name()), nsOf(m_nextEvent),
                    static_cast<std::int64_t>(ticks), flags);
    return m_driver->setNextEvent(ticks);
}

Errno ClockEventDevice::programMinDelta(MonotonicInstant now)
{
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

void ClockEventDevice::fire() const
{
    if (m_handler.call) {
        // The handler may replace itself while it runs.
        const auto call = m_handler.call;
        call();
    }
}

} // namespace timerscope
