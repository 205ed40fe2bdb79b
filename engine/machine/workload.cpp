// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/workload.h"

#include "engine/timer/schedule_timeout.h"

#include <utility>

namespace timerscope {

SleepingTask::SleepingTask(WorkloadDescription description, Cpus& cpus, unsigned cpu,
                           std::uint32_t timerId)
    : m_description(std::move(description))
    , m_cpus(&cpus)
    , m_cpu(cpu)
    , m_timer(timerId, HrtimerClock::Monotonic, m_description.soft, m_description.function,
              [this](Hrtimer&) {
                  home().wake([this] { sleep(); });
                  return HrtimerRestart::No;
              })
{
    m_timer.setTask(m_description.task);
}

void SleepingTask::start()
{
    home().hrtimers().init(m_timer);
    sleep();
}

void SleepingTask::sleep()
{
    if (m_description.count != 0 && m_slept == m_description.count) {
        return;
    }
    ++m_slept;
    HrtimerCpuBase& hrtimers = home().hrtimers();
    hrtimers.start(m_timer, addSaturating(hrtimers.clockNow(m_timer), m_description.period),
                   m_description.slack, hrtimer_mode::relative);
}

WaitingTask::WaitingTask(WorkloadDescription description, Cpus& cpus, unsigned cpu,
                         const JiffiesCounter& jiffies, Timing timing, std::uint32_t timerId)
    : m_description(std::move(description))
    , m_cpus(&cpus)
    , m_cpu(cpu)
    , m_jiffies(&jiffies)
    , m_timeout((m_description.period + timing.rate.period() - Ns{1}) / timing.rate.period())
    , m_width(timing.width)
    , m_timer(timerId, m_description.function,
              [this](WheelTimer&) { home().wake([this] { wait(); }); })
{
    m_timer.setTask(m_description.task);
}

void WaitingTask::start()
{
    home().wheel().init(m_timer);
    wait();
}

void WaitingTask::wait()
{
    if (m_description.count != 0 && m_waited == m_description.count) {
        return;
    }
    ++m_waited;
    const Jiffies now = m_jiffies->now();
    const TimeoutPlan plan = scheduleTimeout(m_timeout, now, m_width);
    if (plan.kind == TimeoutKind::UntilTimer) {
        home().wheel().modify(m_timer, plan.expires, now);
    }
}

} // namespace timerscope
