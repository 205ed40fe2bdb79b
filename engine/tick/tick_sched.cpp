// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/tick_sched.h"

#include "engine/tick/tick_jiffies.h"

#include <fmt/format.h>

#include <utility>

namespace timerscope {

namespace {

/// So many ticks in a row may find jiffies unchanged before a CPU counts them out of its turn.
constexpr unsigned stalledTicksMax = 5;

HrtimerInstant onHrtimerClock(MonotonicInstant at)
{
    return HrtimerInstant{at.time_since_epoch()};
}

MonotonicInstant onMonotonicClock(HrtimerInstant at)
{
    return MonotonicInstant{at.time_since_epoch()};
}

} // namespace

TickSched::TickSched(TickDevice& device, const TickServices& services, HrtimerCpuBase& hrtimers,
                     TickHost& host, TickOptions options, Tracer tracer, std::uint32_t timerId)
    : m_device(device)
    , m_services(services)
    , m_hrtimers(hrtimers)
    , m_host(host)
    , m_options(std::move(options))
    , m_tracer(tracer)
    , m_timer(timerId, HrtimerClock::Monotonic, false, m_options.tickTimerName,
              [this](Hrtimer&) { return timerExpired(); })
{
}

void TickSched::updateProcessTimes()
{
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

void TickSched::handleLowres()
{
    m_device.device()->markFired();
    const MonotonicInstant at = now();
    countJiffies(at);
    updateProcessTimes();
    m_timer.forward(onHrtimerClock(at), period(), Ns{1});
    static_cast<void>(m_device.program(onMonotonicClock(m_timer.softExpires()), true));
}

HrtimerRestart TickSched::timerExpired()
{
    const MonotonicInstant at = now();
    countJiffies(at);
    updateProcessTimes();
    m_timer.forward(onHrtimerClock(at), period(), Ns{1});
    return HrtimerRestart::Yes;
}

} // namespace timerscope
