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
    , m_runQueue(parts.runQueue)
    , m_irqWork(parts.irqWork)
    , m_options(std::move(options))
    , m_tracer(tracer)
    , m_next(device.cpu(), parts, tracer)
    , m_timer(timerId, HrtimerClock::Monotonic, false, m_options.tickTimerName,
              [this](Hrtimer&) { return timerExpired(); })
{
}

void TickSched::updateProcessTimes()
{
    const CallSpan span(m_tracer, "update_process_times");
    accountProcessTick();
    runLocalTimers();
    if (m_irqWork != nullptr) {
        m_tracer.call("irq_work_tick");
        m_irqWork->tick();
    }
    schedulerTick();
    runPosixCpuTimers();
}

void TickSched::accountProcessTick()
{
    m_account.add(m_host.activity(), 1);
    if (m_runQueue != nullptr) {
        m_runQueue->accountProcessTick();
    }
}

void TickSched::schedulerTick()
{
    const CallSpan span(m_tracer, "scheduler_tick");
    if (m_runQueue != nullptr) {
        m_runQueue->schedulerTick(m_services.jiffies.now());
    }
}

void TickSched::runPosixCpuTimers()
{
    const CallSpan span(m_tracer, "run_posix_cpu_timers");
    if (m_runQueue != nullptr) {
        m_runQueue->runCpuTimers();
    }
}

void TickSched::runLocalTimers()
{
    const CallSpan span(m_tracer, "run_local_timers");
    runHrtimerQueues();
    m_host.raiseTimerSoftirqIfDue();
}

/// Nothing is left for the tick to do once the hrtimers have their own interrupt.
void TickSched::runHrtimerQueues()
{
    const CallSpan span(m_tracer, "hrtimer_run_queues");
    if (m_hrtimers.isHresActive()) {
        return;
    }
    if (mayGoHighRes()) {
        switchToHighRes();
    } else {
        m_hrtimers.runQueues();
    }
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
    m_tracer.call("hrtimer_set_expires");
    m_timer.setExpires(onHrtimerClock(m_services.shared.periods.align()) + skew);
    forward(now());
    return onMonotonicClock(m_timer.softExpires());
}

void TickSched::switchToHighRes()
{
    const CallSpan span(m_tracer, "hrtimer_switch_to_hres");
    if (!initHighRes()) {
        m_services.kernelLog.print(
            fmt::format("Could not switch to high resolution mode on CPU {}", cpu()));
        return;
    }
    m_hrtimers.activateHres();
    setUpTickTimer();
    m_hrtimers.reprogram();
}

bool TickSched::initHighRes()
{
    const CallSpan span(m_tracer, "tick_init_highres");
    return m_device.switchToOneshot(
        {.name = "hrtimer_interrupt", .call = [this] { m_hrtimers.interrupt(); }});
}

void TickSched::setUpTickTimer()
{
    const CallSpan span(m_tracer, "tick_setup_sched_timer");
    m_hrtimers.init(m_timer);
    m_tracer.install(m_options.tickTimerName);
    const MonotonicInstant first = startOfTicks(skew());
    startTickTimer(first);
    if (m_options.noHz) {
        setNohzMode(NohzMode::HighRes);
    }
}

void TickSched::startTickTimer(MonotonicInstant at)
{
    const CallSpan span(m_tracer, "hrtimer_start_expires");
    m_hrtimers.start(m_timer, onHrtimerClock(at), Ns::zero(),
                     hrtimer_mode::pinned | hrtimer_mode::hard);
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
    const CallSpan span(m_tracer, "tick_sched_do_timer");
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

void TickSched::forward(MonotonicInstant now)
{
    m_tracer.call("hrtimer_forward");
    m_timer.forward(onHrtimerClock(now), period(), Ns{1});
}

void TickSched::tick(MonotonicInstant now)
{
    countJiffies(now);
    const CallSpan span(m_tracer, "tick_sched_handle");
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
    const CallSpan span(m_tracer, m_options.lowresHandlerName);
    m_device.device()->markFired();
    const MonotonicInstant at = now();
    tick(at);
    if (m_isStopped) {
        // Not every device is truly one-shot: without this, some would go on firing.
        static_cast<void>(m_device.program(never<MonotonicClock>, true));
        return;
    }
    forward(at);
    static_cast<void>(m_device.program(onMonotonicClock(m_timer.softExpires()), true));
}

HrtimerRestart TickSched::timerExpired()
{
    const MonotonicInstant at = now();
    tick(at);
    if (m_isStopped) {
        return HrtimerRestart::No;
    }
    forward(at);
    return HrtimerRestart::Yes;
}

} // namespace timerscope
