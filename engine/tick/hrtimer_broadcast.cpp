// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/hrtimer_broadcast.h"

#include <limits>
#include <utility>

namespace timerscope {

namespace {

ClockEventDevice::Description describe(unsigned possibleCpus)
{
    using namespace clock_event_feature;
    return {.name = "bc_hrtimer",
            .rating = 0,
            .features = oneshot | ktime | hrtimer,
            .config = {.mult = 1, .shift = 0, .minDelta = Ns{1}, .maxDelta = Ns::max()},
            .minTicks = 1,
            .maxTicks = std::numeric_limits<std::uint64_t>::max(),
            .cpus = CpuMask::firstOf(possibleCpus)};
}

} // namespace

HrtimerBroadcast::HrtimerBroadcast(Parts parts, std::uint32_t timerId, Tracer tracer)
    : m_parts(std::move(parts))
    , m_timer(timerId, HrtimerClock::Monotonic, false, "bc_handler",
              [this](Hrtimer&) {
                  m_device.fire();
                  return HrtimerRestart::No;
              })
    , m_device(describe(m_parts.possibleCpus), *this, tracer)
{
}

/// There is no hardware that could be in a state; a stopped one only must not fire.
Errno HrtimerBroadcast::setState(ClockEventState state)
{
    if (state == ClockEventState::Shutdown && m_timer.isQueued()) {
        // Its own function may be what shuts it down: nobody waits for that to end.
        static_cast<void>(m_parts.hrtimersOf(m_device.boundOn()).tryToCancel(m_timer));
    }
    return Errno::Ok;
}

Errno HrtimerBroadcast::setNextEvent(std::uint64_t /*ticks*/)
{
    return Errno::NoSys; // it is told times, not ticks
}

/// The timer moves to the CPU that asks, which by that has to stay awake for it.
Errno HrtimerBroadcast::setNextTime(MonotonicInstant expires)
{
    // Where nothing better came it is a CPU's tick device as well: starting its timer programs
    // that.
    if (m_isStarting) {
        m_parts.lockedUp();
        return Errno::Ok;
    }
    HrtimerCpuBase& hrtimers = m_parts.hrtimersOf(m_parts.currentCpu());
    if (!std::exchange(m_announced, true)) {
        hrtimers.init(m_timer);
    }
    m_isStarting = true;
    hrtimers.start(m_timer, HrtimerInstant{expires.time_since_epoch()}, Ns::zero(),
                   hrtimer_mode::pinned | hrtimer_mode::hard);
    m_isStarting = false;
    m_device.bindTo(m_timer.cpuBase()->cpu()); // another one while its function runs there
    return Errno::Ok;
}

} // namespace timerscope
