// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/hrtimer/hrtimer_cpu_base.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {

namespace {

constexpr std::size_t hardBegin = 0;
constexpr std::size_t softBegin = hrtimerClocks;
constexpr std::size_t softEnd = hrtimerBases;

/// A clock that was set forward can put an expiry before the start of CLOCK_MONOTONIC.
constexpr MonotonicInstant notBeforeTime(MonotonicInstant at)
{
    return std::max(at, MonotonicInstant{});
}

} // namespace

void HrtimerHost::kick(HrtimerCpuBase& other)
{
    other.reprogram();
}

void HrtimerHost::readClockOffsets(std::array<Ns, hrtimerClocks>& offsets)
{
    for (std::size_t clock = 0; clock < hrtimerClocks; ++clock) {
        offsets[clock] = clockOffset(static_cast<HrtimerClock>(clock));
    }
}

// --- clocks ------------------------------------------------------------------------------------

/// May be before the start of CLOCK_MONOTONIC.
MonotonicInstant HrtimerCpuBase::toMonotonic(std::size_t base, HrtimerInstant at) const
{
    return MonotonicInstant{
        subtractSaturating(at.time_since_epoch(), m_offsets[base % hrtimerClocks])};
}

/// When the device must fire for @p timer, which is queued here.
MonotonicInstant HrtimerCpuBase::eventOf(const Hrtimer& timer) const
{
    return notBeforeTime(toMonotonic(timer.baseIndex(), timer.hardExpires()));
}

HrtimerInstant HrtimerCpuBase::clockNow(const Hrtimer& timer)
{
    const Ns now = m_host->monotonicNow().time_since_epoch();
    return HrtimerInstant{now + m_host->clockOffset(timer.clock())};
}

Ns HrtimerCpuBase::remaining(const Hrtimer& timer)
{
    return subtractSaturating(timer.hardExpires().time_since_epoch(),
                              clockNow(timer).time_since_epoch());
}

Ns HrtimerCpuBase::remainingAdjusted(const Hrtimer& timer)
{
    const Ns left = remaining(timer);
    return m_shared->coarseClock && timer.m_isRelative ? left - resolution() : left;
}

std::uint64_t HrtimerCpuBase::forwardNow(Hrtimer& timer, Ns interval)
{
    return timer.forward(clockNow(timer), interval, resolution());
}

void HrtimerCpuBase::updateOffsets()
{
    m_host->readClockOffsets(m_offsets);
}

// --- what comes next ---------------------------------------------------------------------------

HrtimerCpuBase::First HrtimerCpuBase::firstExpiry(std::size_t fromBase, std::size_t toBase,
                                                  const Hrtimer* except)
{
    First first;
    for (std::size_t base = nextActive(fromBase, toBase); base < toBase;
         base = nextActive(base + 1, toBase)) {
        HrtimerQueue& queue = m_queues[base];
        const Hrtimer* const timer = except != nullptr ? queue.firstExcept(*except) : queue.first();
        if (timer == nullptr) {
            continue; // the only one is the exception
        }
        if (const auto at = toMonotonic(base, timer->hardExpires()); at < first.at) {
            first = {.at = at, .timer = timer};
        }
    }
    first.at = notBeforeTime(first.at);
    return first;
}

/// When the device must fire next. While the softirq is pending or running it looks after the
/// soft timers itself, so they do not count.
MonotonicInstant HrtimerCpuBase::nextEvent()
{
    First next = firstExpiry(hardBegin, softBegin);
    if (!m_softirqActive) {
        const First soft = firstExpiry(softBegin, softEnd);
        m_softirqExpiresNext = soft.at;
        next = soft.at < next.at ? soft : next;
    }
    m_nextTimer = next.timer;
    return next.at;
}

MonotonicInstant HrtimerCpuBase::lowResolutionNextEvent()
{
    if (m_hresActive) {
        return never<MonotonicClock>;
    }
    const First soft = m_softirqActive ? First{} : firstExpiry(softBegin, softEnd);
    const First hard = firstExpiry(hardBegin, softBegin);
    const First& next = hard.at < soft.at ? hard : soft;
    m_nextTimer = next.timer;
    return next.at;
}

MonotonicInstant HrtimerCpuBase::nextEventWithout(const Hrtimer& except)
{
    if (!m_hresActive) {
        return never<MonotonicClock>;
    }
    const First soft = m_softirqActive ? First{} : firstExpiry(softBegin, softEnd, &except);
    return std::min(soft.at, firstExpiry(hardBegin, softBegin, &except).at);
}

// --- programming the device --------------------------------------------------------------------

void HrtimerCpuBase::program(MonotonicInstant expires)
{
    m_expiresNext = expires;
    if (m_hresActive && !m_hangDetected) {
        static_cast<void>(m_host->programTickDevice(expires, true));
    }
}

void HrtimerCpuBase::programIfChanged(MonotonicInstant expires)
{
    if (expires != m_expiresNext) {
        program(expires);
    }
}

/// @p timer has become the first of its base here: the device must fire no later than it expires.
/// Another CPU cannot see to that; it has made sure that it need not.
void HrtimerCpuBase::noteFirst(const Hrtimer& timer, bool isThisCpu)
{
    const MonotonicInstant expires = eventOf(timer);
    if (timer.isSoft()) {
        if (m_softirqActive || expires >= m_softirqExpiresNext) {
            return;
        }
        m_softirqExpiresNext = expires;
    }
    if (isThisCpu && !m_inInterrupt && expires < m_expiresNext) {
        m_nextTimer = &timer;
        program(expires);
    }
}

void HrtimerCpuBase::activateHres()
{
    m_hresActive = true;
    m_shared->resolution = Ns{1};
}

void HrtimerCpuBase::reprogram()
{
    const CallSpan span(m_tracer, "retrigger_next_event");
    if (!m_hresActive && !m_shared->nohzActive) {
        return;
    }
    updateOffsets();
    const MonotonicInstant next = nextEvent();
    if (m_hresActive) {
        program(next);
    }
}

bool HrtimerCpuBase::clockWasSet(std::uint8_t clocks)
{
    if (!m_hresActive && !m_shared->nohzActive) {
        return false;
    }
    const auto before = m_offsets;
    updateOffsets();
    // A running interrupt looks at everything before it programs the device.
    if (before == m_offsets || m_inInterrupt) {
        return false;
    }
    for (std::size_t base = 0; base < hrtimerBases; ++base) {
        const auto clock = static_cast<HrtimerClock>(base % hrtimerClocks);
        const std::uint8_t bit
            = clock == HrtimerClock::Boottime ? clock_set::boottime : clock_set::wall;
        if (clock != HrtimerClock::Monotonic && (clocks & bit) != 0 && hasEarlierTimer(base)) {
            return true;
        }
    }
    return false;
}

/// A timer of @p base expires before what this CPU waits for.
bool HrtimerCpuBase::hasEarlierTimer(std::size_t base) const
{
    const Hrtimer* const timer = m_queues[base].first();
    if (timer == nullptr) {
        return false;
    }
    const MonotonicInstant at = toMonotonic(base, timer->hardExpires());
    return at < m_expiresNext || (timer->isSoft() && !m_softirqActive && at < m_softirqExpiresNext);
}

// --- starting and cancelling -------------------------------------------------------------------

void HrtimerCpuBase::init(const Hrtimer& timer, std::string_view function)
{
    const CallSpan span(m_tracer, function);
    m_tracer.call("__hrtimer_init");
    m_tracer.record(RecordKind::HrtimerInit, timer.id(), m_tracer.name(timer.functionName()),
                    static_cast<std::int64_t>(timer.kind().clock), timer.kind().mode);
}

void HrtimerCpuBase::start(Hrtimer& timer, HrtimerInstant soft, Ns slack, std::uint8_t mode)
{
    const CallSpan span(m_tracer, "hrtimer_start_range_ns");
    if (HrtimerCpuBase* const target = queueAnew(timer, soft, slack, mode)) {
        m_tracer.call("hrtimer_reprogram");
        finishStart(timer, *target);
    }
}

/// Where it has become the first, and the device may have to fire earlier for it; else null.
HrtimerCpuBase* HrtimerCpuBase::queueAnew(Hrtimer& timer, HrtimerInstant soft, Ns slack,
                                          std::uint8_t mode)
{
    const CallSpan span(m_tracer, "__hrtimer_start_range_ns");
    HrtimerCpuBase& owner = timer.m_cpuBase != nullptr ? *timer.m_cpuBase : *this;
    // The device is set for this very timer: it stays, and one fresh look at everything does.
    const bool wasNext = m_online && &owner == this && &timer == m_nextTimer;
    m_tracer.call("remove_hrtimer");
    removeQueued(timer);
    m_tracer.call("hrtimer_set_expires_range_ns");
    timer.setExpires(soft, slack);
    timer.m_isRelative = false;
    HrtimerCpuBase& target
        = wasNext ? *this : placeFor(timer, owner, (mode & hrtimer_mode::pinned) != 0);
    m_tracer.call("enqueue_hrtimer");
    enqueue(timer, mode, target);
    if (wasNext) {
        m_tracer.call("hrtimer_force_reprogram");
        programIfChanged(nextEvent());
        return nullptr;
    }
    return target.m_queues[timer.baseIndex()].first() == &timer ? &target : nullptr;
}

void HrtimerCpuBase::startRelative(Hrtimer& timer, Ns delay, Ns slack, std::uint8_t mode)
{
    removeQueued(timer);
    Ns soft = ktimeAddSafe(delay, clockNow(timer).time_since_epoch());
    if (m_shared->coarseClock) {
        soft = ktimeAddSafe(soft, resolution());
    }
    start(timer, HrtimerInstant{soft}, slack, mode | hrtimer_mode::relative);
    timer.m_isRelative = true;
}

void HrtimerCpuBase::restart(Hrtimer& timer)
{
    start(timer, timer.softExpires(), timer.slack(), hrtimer_mode::absolute);
}

void HrtimerCpuBase::removeQueued(Hrtimer& timer)
{
    if (timer.isQueued()) {
        invariant(timer.m_cpuBase != nullptr);
        timer.m_cpuBase->unlink(timer);
        m_tracer.record(RecordKind::HrtimerCancel, timer.id());
    }
}

void HrtimerCpuBase::enqueue(Hrtimer& timer, std::uint8_t mode, HrtimerCpuBase& target)
{
    if (&target != this) {
        m_tracer.record(RecordKind::HrtimerMigrate, timer.id(), target.cpu());
    }
    m_tracer.record(RecordKind::HrtimerStart, timer.id(), nsOf(timer.hardExpires()),
                    nsOf(timer.softExpires()), mode);
    target.link(timer);
}

void HrtimerCpuBase::link(Hrtimer& timer)
{
    const std::size_t base = timer.baseIndex();
    timer.m_cpuBase = this;
    m_queues[base].add(timer);
    m_activeBases |= 1U << base;
}

void HrtimerCpuBase::unlink(Hrtimer& timer)
{
    const std::size_t base = timer.baseIndex();
    m_queues[base].remove(timer);
    if (m_queues[base].isEmpty()) {
        m_activeBases &= ~(1U << base);
    }
}

/// switch_hrtimer_base(): which CPU serves @p timer, now on @p owner, from here on.
HrtimerCpuBase& HrtimerCpuBase::placeFor(const Hrtimer& timer, HrtimerCpuBase& owner, bool pinned)
{
    m_tracer.call("switch_hrtimer_base");
    HrtimerCpuBase* target = pinned && m_online ? nullptr : m_host->timerTarget();
    if (target == nullptr) {
        target = m_heir != nullptr ? m_heir : this;
    }
    if (target != &owner && timer.isCallbackRunning()) {
        return owner;
    }
    // Nobody could set the other CPU's device to an earlier time; a CPU that goes must try.
    if (target != this && m_online && target->wouldComeFirst(timer)) {
        target = this;
    }
    return target != &owner && timer.isCallbackRunning() ? owner : *target;
}

bool HrtimerCpuBase::wouldComeFirst(const Hrtimer& timer) const
{
    return toMonotonic(timer.baseIndex(), timer.hardExpires()) < m_expiresNext;
}

void HrtimerCpuBase::finishStart(const Hrtimer& timer, HrtimerCpuBase& target)
{
    if (&target != this && !m_online) {
        m_host->kick(target);
    } else {
        target.noteFirst(timer, &target == this);
    }
}

bool HrtimerCpuBase::cancel(Hrtimer& timer)
{
    const HrtimerCancel done = tryToCancel(timer);
    invariant(done != HrtimerCancel::CallbackRuns);
    return done == HrtimerCancel::Cancelled;
}

HrtimerCancel HrtimerCpuBase::tryToCancel(Hrtimer& timer)
{
    if (timer.isCallbackRunning()) {
        return HrtimerCancel::CallbackRuns;
    }
    if (!timer.isQueued()) {
        return HrtimerCancel::NotActive;
    }
    removeQueued(timer);
    // Another CPU's device fires once for nothing.
    if (timer.m_cpuBase == this && &timer == m_nextTimer) {
        programIfChanged(nextEvent());
    }
    return HrtimerCancel::Cancelled;
}

// --- hotplug -----------------------------------------------------------------------------------

void HrtimerCpuBase::prepareCpu()
{
    invariant(std::ranges::all_of(m_queues, &HrtimerQueue::isEmpty));
    m_expiresNext = never<MonotonicClock>;
    m_softirqExpiresNext = never<MonotonicClock>;
    m_nextTimer = nullptr;
    m_hresActive = false;
    m_softirqActive = false;
    m_hangDetected = false;
    m_online = true;
    m_heir = nullptr;
}

void HrtimerCpuBase::migrateTo(HrtimerCpuBase& target)
{
    invariant(&target != this && target.m_online);
    for (HrtimerQueue& queue : m_queues) {
        while (Hrtimer* const timer = queue.first()) {
            invariant(!timer->isCallbackRunning());
            removeQueued(*timer);
            enqueue(*timer, hrtimer_mode::absolute, target);
            if (target.m_queues[timer->baseIndex()].first() == timer) {
                target.noteFirst(*timer, false);
            }
        }
    }
    m_online = false;
    m_heir = &target;
    m_host->kick(target);
}

} // namespace timerscope
