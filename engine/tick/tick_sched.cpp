// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/tick_sched.h"

#include "engine/tick/tick_clock.h"
#include "engine/tick/tick_jiffies.h"

#include <fmt/format.h>

#include <utility>

namespace timerscope {

namespace {

/// So many ticks in a row may find jiffies unchanged before a CPU counts them out of its turn.
constexpr unsigned stalledTicksMax = 5;

} // namespace

TickSched::TickSched(TickDevice& device, const TickParts& parts, TickOptions options, Tracer tracer,
                     std::uint32_t timerId)
    : m_device(device)
    , m_services(parts.services)
    , m_hrtimers(parts.hrtimers)
    , m_wheel(parts.wheel)
    , m_host(parts.host)
    , m_options(std::move(options))
    , m_tracer(tracer)
    , m_timer(timerId, HrtimerClock::Monotonic, false, m_options.tickTimerName,
              [this](Hrtimer&) { return timerExpired(); })
    , m_next(device.cpu(), parts, tracer)
{
}

void TickSched::updateProcessTimes()
{
    m_account.add(m_host.activity(), 1);
    if (!m_hrtimers.isHresActive()) {
        if (mayGoHighRes()) {
            switchToHighRes();
        } else {
            m_hrtimers.runQueues();
        }
    }
    m_host.raiseTimerSoftirqIfDue();
}

// --- switching ---------------------------------------------------------------------------------

/// tick_check_oneshot_change(): looks only after something has changed. Goes to low-resolution
/// nohz itself where high resolution is not allowed.
bool TickSched::mayGoHighRes()
{
    if (!std::exchange(m_checkClocks, false)) {
        return false;
    }
    if (m_nohzMode != NohzMode::Inactive || !m_services.timekeeper.isValidForHres()
        || !m_device.isOneshotAvailable()) {
        return false;
    }
    if (m_options.highRes) {
        return true;
    }
    if (m_options.noHz) {
        switchToLowresNohz();
    }
    return false;
}

/// What a CPU's ticks come later than those of CPU 0, so that they do not all ask for the same
/// locks at once.
Ns TickSched::skew() const
{
    return m_options.skewTick ? period() / 2 / m_options.possibleCpus * cpu() : Ns::zero();
}

MonotonicInstant TickSched::startOfTicks(Ns skew)
{
    m_timer.setExpires(onHrtimerClock(m_services.shared.periods.align()) + skew);
    m_timer.forward(onHrtimerClock(now()), period(), Ns{1});
    return onMonotonicClock(m_timer.softExpires());
}

void TickSched::switchToHighRes()
{
    if (!m_device.switchToOneshot(
            {.name = "hrtimer_interrupt", .call = [this] { m_hrtimers.interrupt(); }})) {
        m_services.kernelLog.print(
            fmt::format("Could not switch to high resolution mode on CPU {}", cpu()));
        return;
    }
    m_hrtimers.activateHres();
    m_hrtimers.init(m_timer);
    const MonotonicInstant first = startOfTicks(skew());
    m_hrtimers.start(m_timer, onHrtimerClock(first), Ns::zero(),
                     hrtimer_mode::pinned | hrtimer_mode::hard);
    if (m_options.noHz) {
        setNohzMode(NohzMode::HighRes);
    }
    m_hrtimers.reprogram();
}

void TickSched::switchToLowresNohz()
{
    if (!m_device.switchToOneshot(
            {.name = m_options.lowresHandlerName, .call = [this] { handleLowres(); }})) {
        return;
    }
    static_cast<void>(m_device.program(startOfTicks(Ns::zero()), true));
    setNohzMode(NohzMode::LowRes);
}

void TickSched::setNohzMode(NohzMode mode)
{
    m_tracer.record(RecordKind::NohzMode, 0, static_cast<std::int64_t>(mode),
                    static_cast<std::int64_t>(m_nohzMode));
    m_nohzMode = mode;
    m_hrtimers.shared().nohzActive = true;
}

void TickSched::shutDown()
{
    static_cast<void>(m_hrtimers.cancel(m_timer));
    m_nohzMode = NohzMode::Inactive;
    m_checkClocks = false;
    m_stalledTicks = 0;
    m_lastTickJiffies = {};
    m_next.forget();
    m_found.reset();
    m_nextTick.reset();
    IdleStatistics kept;
    kept.idleCalls = m_idle.idleCalls;
    kept.idleSleeps = m_idle.idleSleeps;
    kept.idleSleepTime = m_idle.idleSleepTime;
    kept.iowaitSleepTime = m_idle.iowaitSleepTime;
    m_idle = kept;
    m_dependencies = {};
    m_isIdle = false;
    m_isIdleTimed = false;
    m_isStopped = false;
    m_gotIdleTick = false;
}

// --- ticks on oneshot --------------------------------------------------------------------------

/// The CPU with do_timer duty counts, or takes the duty when nobody has it. Another one only helps
/// out when jiffies have stood for too long.
void TickSched::countJiffies(MonotonicInstant now)
{
    DoTimerDuty& duty = m_services.shared.doTimer;
    if (duty.isFree()) {
        takeDoTimerDuty(m_services, m_tracer, cpu());
    }
    if (duty.isOn(cpu())) {
        updateJiffies(m_services, m_tracer, now);
    }
    const Jiffies jiffies = m_services.jiffies.now();
    if (std::exchange(m_lastTickJiffies, jiffies) != jiffies) {
        m_stalledTicks = 0;
    } else if (++m_stalledTicks == stalledTicksMax) {
        updateJiffies(m_services, m_tracer, now);
        m_stalledTicks = 0;
        m_lastTickJiffies = m_services.jiffies.now();
    }
}

void TickSched::tick(MonotonicInstant now)
{
    countJiffies(now);
    m_gotIdleTick = m_gotIdleTick || m_isIdle;
    if (m_isStopped) {
        // This jiffy is accounted by its own tick, not when idle ends.
        if (m_isIdle) {
            ++m_idle.idleJiffies;
        }
        m_nextTick.reset();
    }
    updateProcessTimes();
}

void TickSched::handleLowres()
{
    m_device.device()->markFired();
    const MonotonicInstant at = now();
    tick(at);
    if (m_isStopped) {
        // Not every device is truly one-shot: without this, some would go on firing.
        static_cast<void>(m_device.program(never<MonotonicClock>, true));
        return;
    }
    m_timer.forward(onHrtimerClock(at), period(), Ns{1});
    static_cast<void>(m_device.program(onMonotonicClock(m_timer.softExpires()), true));
}

HrtimerRestart TickSched::timerExpired()
{
    const MonotonicInstant at = now();
    tick(at);
    if (m_isStopped) {
        return HrtimerRestart::No;
    }
    m_timer.forward(onHrtimerClock(at), period(), Ns{1});
    return HrtimerRestart::Yes;
}

} // namespace timerscope
