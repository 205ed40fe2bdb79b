// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/process.h"

#include "engine/base/invariant.h"
#include "engine/posix/interval_timers.h"
#include "engine/posix/posix_timers.h"

#include <algorithm>

namespace timerscope {

Process::Process(PosixHost& host, int pid, std::string name)
    : m_host(&host)
    , m_name(std::move(name))
    , m_pid(pid)
    , m_timers(std::make_unique<PosixTimers>(*this))
    , m_intervalTimers(std::make_unique<IntervalTimers>(*this))
{
    addThread(pid, m_name);
}

Process::~Process() = default;

Task& Process::addThread(int tid, std::string name)
{
    return *m_threads.emplace_back(std::make_unique<Task>(*this, tid, std::move(name)));
}

Task* Process::findThread(int tid)
{
    const auto found
        = std::ranges::find_if(m_threads, [&](const auto& task) { return task->tid() == tid; });
    return found == m_threads.end() ? nullptr : found->get();
}

void Process::endThread(Task& thread)
{
    invariant(&thread != &leader());
    m_endedTimes += thread.times();
    std::erase_if(m_threads, [&](const auto& task) { return task.get() == &thread; });
}

void Process::becomeChildOf(Task& parent)
{
    const Process& from = parent.process();
    m_mayWakeMachine = from.m_mayWakeMachine;
    m_actions = from.m_actions;
    m_cpuLimit = from.m_cpuLimit;
    m_rttimeLimit = from.m_rttimeLimit;
    if (m_cpuLimit.soft != ResourceLimit::infinity) {
        watchCpuLimit();
    }
    leader().setPolicy(parent.policy());
    leader().setNice(parent.nice());
    leader().inheritTimerSlack(parent);
    leader().setBlocked(parent.blocked());
}

void Process::exec()
{
    m_timers->removeAll();
    m_shared.discardTimerSignals();
    for (const auto& task : m_threads) {
        task->pending().discardTimerSignals();
    }
    for (SignalAction& what : m_actions) {
        what = what == SignalAction::Handle ? SignalAction::Default : what;
    }
}

// --- CPU time ---------------------------------------------------------------------------------

CpuTimes Process::totalTimes()
{
    CpuTimes sum = m_endedTimes;
    for (const auto& task : m_threads) {
        m_host->updateRuntime(*task);
        sum += task->times();
    }
    return sum;
}

void Process::startTimers()
{
    if (m_timersActive) {
        return;
    }
    const CpuTimes sum = totalTimes();
    // The clock never goes back.
    m_activeTimes = {.user = std::max(m_activeTimes.user, sum.user),
                     .system = std::max(m_activeTimes.system, sum.system),
                     .runtime = std::max(m_activeTimes.runtime, sum.runtime)};
    m_timersActive = true;
}

void Process::stopTimers()
{
    m_timersActive = false;
    m_needsTick = false;
}

void Process::account(const CpuTimes& used)
{
    if (m_timersActive) {
        m_activeTimes += used;
    }
}

CpuTime Process::sample(CpuClock clock, bool start)
{
    if (m_timersActive) {
        return m_activeTimes.on(clock);
    }
    if (!start) {
        return totalTimes().on(clock);
    }
    startTimers();
    return m_activeTimes.on(clock);
}

void Process::checkTimers(std::vector<CpuTimer*>& expired)
{
    const CallSpan span(m_host->tracer(), "check_process_timers");
    if (!m_timersActive) {
        return;
    }
    const CpuTimes times = m_activeTimes;
    const std::vector<CpuTimer*> found = m_cpuTimers.collect(times);
    tellCollected(m_host->tracer(), found.size());
    expired.insert(expired.end(), found.begin(), found.end());
    m_intervalTimers->checkCpuTimers(times);
    checkCpuLimit(times);
    if (m_cpuTimers.isInactive()) {
        stopTimers();
    }
}

// --- limits -----------------------------------------------------------------------------------

void Process::checkCpuLimit(const CpuTimes& times)
{
    if (m_cpuLimit.soft == ResourceLimit::infinity) {
        return;
    }
    constexpr std::uint64_t ns = nsPerSecond;
    const CpuTime used = times.on(CpuClock::Prof);
    if (m_cpuLimit.hard != ResourceLimit::infinity && used >= CpuTime{m_cpuLimit.hard * ns}) {
        static_cast<void>(send(signal_number::kill, SignalCode::Kernel));
        return;
    }
    if (used >= CpuTime{m_cpuLimit.soft * ns}) {
        static_cast<void>(send(signal_number::cpuLimit, SignalCode::Kernel));
        ++m_cpuLimit.soft;
    }
    m_cpuTimers.lowerNextEvent(CpuClock::Prof, CpuTime{m_cpuLimit.soft * ns});
}

Errno Process::allow(const ResourceLimit& now, const ResourceLimit& wanted)
{
    if (wanted.soft > wanted.hard) {
        return Errno::Invalid;
    }
    return wanted.hard > now.hard ? Errno::NotPermitted : Errno::Ok;
}

Errno Process::setCpuLimit(const ResourceLimit& limit)
{
    if (const Errno refused = allow(m_cpuLimit, limit); refused != Errno::Ok) {
        return refused;
    }
    m_cpuLimit = limit;
    if (limit.soft != ResourceLimit::infinity) {
        watchCpuLimit();
        m_needsTick = true;
    }
    return Errno::Ok;
}

void Process::watchCpuLimit()
{
    constexpr std::uint64_t ns = nsPerSecond;
    startTimers();
    m_cpuTimers.lowerNextEvent(CpuClock::Prof, CpuTime{m_cpuLimit.soft * ns});
}

Errno Process::setRttimeLimit(const ResourceLimit& limit)
{
    const Errno refused = allow(m_rttimeLimit, limit);
    if (refused == Errno::Ok) {
        m_rttimeLimit = limit;
    }
    return refused;
}

// --- signals ----------------------------------------------------------------------------------

SignalAction Process::action(int number) const
{
    invariant(isSignal(number));
    return m_actions[static_cast<std::size_t>(number - 1)];
}

void Process::setAction(int number, SignalAction action)
{
    invariant(isSignal(number));
    m_actions[static_cast<std::size_t>(number - 1)] = action;
}

Errno Process::sigaction(int number, SignalAction action)
{
    if (!isSignal(number) || number == signal_number::kill || number == signal_number::stop) {
        return Errno::Invalid;
    }
    setAction(number, action);
    if (isIgnored(number)) {
        discard(number);
    }
    return Errno::Ok;
}

void Process::discard(int number)
{
    m_shared.discard(number);
    for (const auto& task : m_threads) {
        task->pending().discard(number);
    }
}

bool Process::isIgnored(int number) const
{
    const SignalAction what = action(number);
    return what == SignalAction::Ignore
        || (what == SignalAction::Default && isIgnoredByDefault(number));
}

bool Process::prepareSignal(int number, const Task& task)
{
    stopAndContinue(number);
    // One that is blocked may have a handler by the time that it is let through.
    return task.blocked().has(number) || !isIgnored(number);
}

void Process::stopAndContinue(int number)
{
    if (isStopSignal(number)) {
        discard(signal_number::cont);
        return;
    }
    if (number == signal_number::cont) {
        for (const int stop : {signal_number::stop, signal_number::terminalStop,
                               signal_number::terminalInput, signal_number::terminalOutput}) {
            discard(stop);
        }
        m_stopped = false;
        for (const auto& task : m_threads) {
            m_host->wakeUp(*task);
        }
    }
}

SendResult Process::send(int number, SignalCode code, Task* thread)
{
    const SignalInfo info{.number = number, .code = code};
    SendResult result = SendResult::Ignored;
    if (prepareSignal(number, thread != nullptr ? *thread : leader())) {
        result = thread != nullptr ? thread->pending().add(info) : m_shared.add(info);
    }
    if (result == SendResult::Queued) {
        wakeReceiver(number, thread);
    }
    m_host->signalGenerated(*this, info, result);
    return result;
}

SendResult Process::sendTimerSignal(const std::shared_ptr<SignalEntry>& entry,
                                    std::optional<int> tid)
{
    Task* const thread = tid ? findThread(*tid) : nullptr;
    if (m_killedBy || (tid && thread == nullptr)) {
        return SendResult::NoTarget;
    }
    SendResult result = SendResult::Ignored;
    if (prepareSignal(entry->info.number, thread != nullptr ? *thread : leader())) {
        result = (thread != nullptr ? thread->pending() : m_shared).addTimerSignal(entry);
    }
    if (result == SendResult::Queued) {
        wakeReceiver(entry->info.number, thread);
    }
    m_host->signalGenerated(*this, entry->info, result);
    return result;
}

/// Wakes the thread that is to take the signal: the one it was sent to, else the first that lets
/// it through. With none it waits until one does.
void Process::wakeReceiver(int number, Task* thread)
{
    if (thread != nullptr) {
        if (!thread->blocked().has(number)) {
            m_host->wakeUp(*thread);
        }
        return;
    }
    const auto receiver = std::ranges::find_if(
        m_threads, [&](const auto& task) { return !task->blocked().has(number); });
    if (receiver != m_threads.end()) {
        m_host->wakeUp(**receiver);
    }
}

std::optional<SignalInfo> Process::dequeue(Task& task, const SignalSet& blocked)
{
    std::shared_ptr<SignalEntry> entry = task.pending().take(blocked);
    if (entry == nullptr) {
        entry = m_shared.take(blocked);
        if (entry != nullptr && entry->info.number == signal_number::alarm) {
            m_intervalTimers->alarmTaken();
        }
    }
    if (entry == nullptr) {
        return std::nullopt;
    }
    SignalInfo info = entry->info;
    if (entry->hasTimer && entry->requeue != 0) {
        info.overrun = m_timers->rearm(*entry);
    }
    return info;
}

Process::Delivery Process::deliver(Task& task)
{
    if (m_shared.has(signal_number::kill) || task.pending().has(signal_number::kill)) {
        end(signal_number::kill);
        return {.outcome = Outcome::Killed, .info = {.number = signal_number::kill}};
    }
    while (const auto info = dequeue(task, task.blocked())) {
        if (action(info->number) == SignalAction::Handle) {
            return {.outcome = Outcome::Handled, .info = *info};
        }
        if (isIgnored(info->number)) {
            continue;
        }
        if (isStopSignal(info->number)) {
            m_stopped = true;
            return {.outcome = Outcome::Stopped, .info = *info};
        }
        end(info->number);
        return {.outcome = Outcome::Killed, .info = *info};
    }
    return {};
}

void Process::end(int signal)
{
    // Its timers go while its clocks can still be asked for: CPU timers are queued there.
    m_timers->removeAll();
    m_intervalTimers->cancel();
    m_cpuTimers.clear();
    for (const auto& task : m_threads) {
        task->cpuTimers().clear();
    }
    m_killedBy = signal;
}

} // namespace timerscope
