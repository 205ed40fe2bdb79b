// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sched/run_queue.h"

#include "engine/base/invariant.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace timerscope {

namespace {

/// For one CPU; more of them lengthen all three by a factor.
constexpr CpuTime latency = std::chrono::milliseconds{6};
constexpr CpuTime leastSlice = std::chrono::microseconds{750};
constexpr CpuTime wakeupGranularity = std::chrono::milliseconds{1};

/// One more than the logarithm of the CPUs, of which eight count (get_update_sysctl_factor).
std::uint64_t factorFor(unsigned cpus)
{
    constexpr unsigned most = 8;
    return static_cast<std::uint64_t>(std::bit_width(std::min(cpus, most)));
}

bool isRealTime(const SchedEntity& entity)
{
    return entity.task->isRealTime();
}

/// Whether @p a runs before @p b, of two that wait.
bool isAhead(const SchedEntity& a, const SchedEntity& b)
{
    if (isRealTime(a) || isRealTime(b)) {
        return isRealTime(a) && (!isRealTime(b) || a.priority > b.priority);
    }
    return a.virtualRuntime < b.virtualRuntime;
}

} // namespace

RunQueue::RunQueue(const SchedServices& services)
    : m_services(services)
    , m_latency(latency * factorFor(services.cpus))
    , m_leastSlice(leastSlice * factorFor(services.cpus))
    , m_wakeupGranularity(wakeupGranularity * factorFor(services.cpus))
    , m_load(services.load.newCpu())
{
}

// --- run time ----------------------------------------------------------------------------------

void RunQueue::updateCurrent()
{
    if (m_current == nullptr) {
        return;
    }
    const Ns now = m_services.clock.now();
    const Ns ran = now - m_current->runningSince;
    if (ran <= Ns::zero()) {
        return; // sched_clock may be no finer than a tick
    }
    m_current->runningSince = now;
    m_current->task->accountRuntime(cpuTimeOf(ran));
    if (!isRealTime(*m_current)) {
        m_current->virtualRuntime += cpuTimeOf(ran);
        raiseLeast();
    }
}

/// The least virtual run time of those that want to run, for those who come.
void RunQueue::raiseLeast()
{
    CpuTime least = m_current->virtualRuntime;
    for (const SchedEntity* const waiting : m_waiting) {
        if (!isRealTime(*waiting)) {
            least = std::min(least, waiting->virtualRuntime);
        }
    }
    m_leastVirtualRuntime = std::max(m_leastVirtualRuntime, least);
}

void RunQueue::accountTickToCurrent()
{
    const CpuTime period = cpuTimeOf(m_services.rate.period());
    const bool isInKernel = m_current->isInKernel;
    m_current->task->accountTick(isInKernel ? CpuTime::zero() : period,
                                 isInKernel ? period : CpuTime::zero());
}

CpuTime RunQueue::ranSincePicked() const
{
    return m_current->task->times().runtime - m_current->runtimeWhenPicked;
}

void RunQueue::taskTick(Jiffies now)
{
    updateCurrent();
    if (isRealTime(*m_current)) {
        m_current->task->rtTick(now);
    } else {
        fairTick();
    }
}

/// A slice is over, or the task is a slice ahead of one that waits (check_preempt_tick).
void RunQueue::fairTick()
{
    if (m_waiting.empty()) {
        return;
    }
    const CpuTime slice = std::max(m_latency / running(), m_leastSlice);
    if (ranSincePicked() > slice) {
        requestReschedule();
        return;
    }
    const SchedEntity& next = **first();
    if (ranSincePicked() >= m_leastSlice
        && m_current->virtualRuntime > next.virtualRuntime + slice) {
        requestReschedule();
    }
}

// --- who runs ----------------------------------------------------------------------------------

/// Of equals the one that came first.
std::vector<SchedEntity*>::iterator RunQueue::first()
{
    return std::ranges::min_element(
        m_waiting, [](const SchedEntity* a, const SchedEntity* b) { return isAhead(*a, *b); });
}

/// Who has slept gets half a latency ahead of the others, but no more (place_entity).
void RunQueue::place(SchedEntity& entity) const
{
    const CpuTime credit = m_latency / 2;
    const CpuTime least
        = m_leastVirtualRuntime > credit ? m_leastVirtualRuntime - credit : CpuTime::zero();
    entity.virtualRuntime = std::max(entity.virtualRuntime, least);
}

bool RunQueue::shouldPreempt(const SchedEntity& woken) const
{
    if (m_current == nullptr) {
        return true;
    }
    if (isRealTime(woken) || isRealTime(*m_current)) {
        return isAhead(woken, *m_current);
    }
    return m_current->virtualRuntime > woken.virtualRuntime + m_wakeupGranularity;
}

void RunQueue::wakeUp(SchedEntity& entity)
{
    invariant(!entity.isQueued);
    updateCurrent();
    entity.isQueued = true;
    if (isRealTime(entity)) {
        entity.task->rtWoken();
    } else {
        place(entity);
    }
    m_waiting.push_back(&entity);
    if (shouldPreempt(entity)) {
        requestReschedule();
    }
}

void RunQueue::block()
{
    invariant(m_current != nullptr);
    updateCurrent();
    m_current->isQueued = false;
    m_current = nullptr;
    requestReschedule();
}

SchedEntity* RunQueue::takeWaiting()
{
    if (m_waiting.empty()) {
        return nullptr;
    }
    SchedEntity* const taken = m_waiting.front();
    m_waiting.erase(m_waiting.begin());
    taken->isQueued = false;
    return taken;
}

SchedEntity* RunQueue::pickNext()
{
    updateCurrent();
    m_needsReschedule = false;
    if (m_waiting.empty()) {
        return m_current;
    }
    const auto next = first();
    if (m_current != nullptr && isRealTime(*m_current) && !isAhead(**next, *m_current)) {
        return m_current; // it runs until somebody of higher priority comes
    }
    if (m_current != nullptr && !isRealTime(**next)
        && m_current->virtualRuntime <= (*next)->virtualRuntime) {
        return m_current;
    }
    SchedEntity* const before = std::exchange(m_current, *next);
    m_waiting.erase(next);
    if (before != nullptr) {
        m_waiting.insert(m_waiting.begin(), before); // not behind its equals: it was not done
    }
    m_current->runningSince = m_services.clock.now();
    m_current->runtimeWhenPicked = m_current->task->times().runtime;
    ++m_current->switches;
    return m_current;
}

} // namespace timerscope
