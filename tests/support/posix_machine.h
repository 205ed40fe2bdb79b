// SPDX-License-Identifier: GPL-3.0-or-later
//! A machine of one CPU for the POSIX side: time jumps from event to event, ticks find the running
//! task, and signals are handled as soon as something has woken somebody.
#pragma once

#include "engine/posix/alarm_timer.h"
#include "engine/posix/process.h"
#include "tests/support/engine_bench.h"

#include <algorithm>
#include <map>
#include <vector>

namespace timerscope::test {

/// An RTC that is right to the second and remembers its alarm.
class RtcBench final : public AlarmRtc
{
public:
    [[nodiscard]] RealtimeInstant readRtc() override { return now; }
    Errno setAlarm(RealtimeInstant at) override
    {
        alarm = answer == Errno::Ok ? at : alarm;
        return answer;
    }
    void cancelAlarm() override { alarm.reset(); }

    RealtimeInstant now;
    Errno answer = Errno::Ok;
    std::optional<RealtimeInstant> alarm;
};

/// A handler that ran.
struct HandlerRun
{
    std::int64_t at = 0; ///< ns of CLOCK_MONOTONIC
    int signal = 0;
    int tid = 0;
    int timerId = 0;
    int overrun = 0;
    SignalCode code = SignalCode::User;
    std::int64_t value = 0;
};

class PosixMachine final : private HrtimerHost, public PosixHost
{
public:
    /// @p firstTick: the moment of one tick; the others are a tick apart, before and after.
    explicit PosixMachine(std::int64_t start = 0, std::int64_t firstTick = 0,
                          TickRate tickRate = TickRate{250}, bool highRes = true)
        : m_now(start)
        , m_accounted(start)
        , m_rate(tickRate)
        , m_base(*this, m_trace.tracer())
        , m_alarms(*this)
        , m_highRes(highRes)
    {
        const std::int64_t period = m_rate.period().count();
        m_nextTick = start + 1 + ((firstTick - start - 1) % period + period) % period;
        if (highRes) {
            m_base.activateHres();
        }
    }

    Process& addProcess(int pid)
    {
        return *m_processes.emplace_back(std::make_unique<Process>(*this, pid, "bench"));
    }
    /// Who uses the CPU from now on; null: nobody.
    void run(Task* task, bool inKernel = false)
    {
        accountRunning();
        m_running = task;
        m_inKernel = inKernel;
    }

    [[nodiscard]] std::int64_t now() const { return m_now; }
    [[nodiscard]] const TraceBench& trace() const { return m_trace; }
    /// Lets everything happen that happens until @p ns, then it is that late.
    void runTo(std::int64_t ns)
    {
        while (std::min(m_event, m_nextTick) <= ns) {
            step();
        }
        m_now = std::max(m_now, ns);
    }
    void runFor(Ns span) { runTo(m_now + span.count()); }
    /// Runs the handlers of all signals that are pending and not blocked.
    void deliverSignals()
    {
        for (const auto& process : m_processes) {
            for (Task* const task : tasksOf(*process)) {
                while (!process->killedBy() && deliverOne(*task)) { }
            }
        }
    }
    /// Handlers that ran since the last call.
    [[nodiscard]] std::vector<HandlerRun> takeRuns() { return std::exchange(m_runs, {}); }
    [[nodiscard]] std::vector<Task*> takeWoken() { return std::exchange(m_woken, {}); }
    /// When somebody was woken last.
    [[nodiscard]] std::int64_t lastWake() const { return m_lastWake; }
    /// Handlers run by hand only.
    void holdSignals() { m_deliversByItself = false; }
    void addThread(Task& task) { m_threads.push_back(&task); }

    /// clock_settime() and what follows from it, but for timerfd.
    void stepRealtime(Ns by)
    {
        offsets[HrtimerClock::Realtime] += by;
        offsets[HrtimerClock::Tai] += by;
        m_base.reprogram();
    }

    std::map<HrtimerClock, Ns> offsets;
    /// The CPU takes over what was written to offsets, as clock_was_set() makes it.
    void clocksWereSet() { m_base.reprogram(); }
    RtcBench rtc;
    bool hasRtc = true;

    // PosixHost
    [[nodiscard]] HrtimerCpuBase& hrtimers() override { return m_base; }
    [[nodiscard]] Tracer& tracer() override { return m_tracer; }
    [[nodiscard]] Ns hrtimerResolution() const override
    {
        return m_highRes ? Ns{1} : m_rate.period();
    }
    [[nodiscard]] TickRate tickRate() const override { return m_rate; }
    [[nodiscard]] std::uint32_t nextTimerId() override { return ++m_lastTimerId; }
    [[nodiscard]] Ns realtimeOffset() override { return offsets[HrtimerClock::Realtime]; }
    [[nodiscard]] AlarmTimers& alarmTimers() override { return m_alarms; }
    [[nodiscard]] AlarmRtc* alarmRtc() override { return hasRtc ? &rtc : nullptr; }
    [[nodiscard]] Process* findProcess(int pid) override
    {
        const auto found = std::ranges::find_if(
            m_processes, [&](const auto& process) { return process->pid() == pid; });
        return found == m_processes.end() ? nullptr : found->get();
    }
    void wakeUp(Task& task) override
    {
        m_woken.push_back(&task);
        m_lastWake = m_now;
    }
    void updateRuntime(Task& task) override
    {
        if (&task == m_running) {
            accountRunning();
        }
    }

private:
    [[nodiscard]] MonotonicInstant monotonicNow() override { return MonotonicInstant{Ns{m_now}}; }
    [[nodiscard]] Ns clockOffset(HrtimerClock clock) override { return offsets[clock]; }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        if (nsOf(expires) <= m_now && !force) {
            return Errno::Time;
        }
        m_event = std::max(nsOf(expires), m_now);
        return Errno::Ok;
    }
    void tickDeviceFired() override { m_event = Ns::max().count(); }
    void raiseHrtimerSoftirq() override { }
    void spendCallback() override { }

    [[nodiscard]] std::vector<Task*> tasksOf(Process& process)
    {
        std::vector<Task*> tasks{&process.leader()};
        std::ranges::copy_if(m_threads, std::back_inserter(tasks),
                             [&](Task* task) { return &task->process() == &process; });
        return tasks;
    }
    bool deliverOne(Task& task)
    {
        const auto delivery = task.process().deliver(task);
        if (delivery.outcome == Process::Outcome::Handled) {
            const SignalInfo& info = delivery.info;
            m_runs.push_back({m_now, info.number, task.tid(), info.timerId, info.overrun, info.code,
                              info.value});
        }
        return delivery.outcome == Process::Outcome::Handled;
    }
    void accountRunning()
    {
        const std::int64_t ran = m_now - m_accounted;
        m_accounted = m_now;
        if (m_running != nullptr) {
            m_running->accountRuntime(cpuTimeOf(Ns{ran}));
        }
    }
    void step()
    {
        if (m_event <= m_nextTick) {
            m_now = std::max(m_now, m_event);
            m_base.interrupt();
        } else {
            m_now = m_nextTick;
            m_nextTick += m_rate.period().count();
            tick();
        }
        if (m_deliversByItself) {
            deliverSignals();
        }
    }
    void tick()
    {
        ++m_jiffies.count;
        m_base.runQueues(); // nothing in high resolution
        accountRunning();
        if (m_running == nullptr || m_running->process().killedBy()) {
            return;
        }
        const CpuTime period = cpuTimeOf(m_rate.period());
        m_running->accountTick(m_inKernel ? CpuTime{} : period, m_inKernel ? period : CpuTime{});
        if (m_running->policy() == SchedulingPolicy::RealTime) {
            m_running->rtTick(m_jiffies);
        }
        m_running->runCpuTimers();
    }

    TraceBench m_trace;
    Tracer m_tracer = m_trace.tracer();
    std::int64_t m_now;
    std::int64_t m_event = Ns::max().count();
    std::int64_t m_nextTick = 0;
    std::int64_t m_accounted; // until when run time is accounted
    Jiffies m_jiffies;
    TickRate m_rate;
    HrtimerCpuBase m_base;
    AlarmTimers m_alarms;
    std::uint32_t m_lastTimerId = 0;
    Task* m_running = nullptr;
    bool m_inKernel = false;
    bool m_highRes;
    bool m_deliversByItself = true;
    std::vector<Task*> m_threads; // other than leaders
    std::vector<HandlerRun> m_runs;
    std::vector<Task*> m_woken;
    std::int64_t m_lastWake = -1;
    std::vector<std::unique_ptr<Process>> m_processes;
};

} // namespace timerscope::test
