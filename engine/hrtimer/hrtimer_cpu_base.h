// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/hrtimer/hrtimer_host.h"
#include "engine/hrtimer/hrtimer_queue.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace timerscope {

/// What became of an attempt to cancel, by the kernel's numbers.
enum class HrtimerCancel : std::int8_t
{
    CallbackRuns = -1, ///< nothing was done: its function runs at this moment
    NotActive = 0,
    Cancelled = 1,
};

/// Bits of HrtimerCpuBase::clockWasSet(): which clocks may have jumped.
namespace clock_set {
inline constexpr std::uint8_t wall = 0x01; ///< CLOCK_REALTIME and CLOCK_TAI
inline constexpr std::uint8_t boottime = 0x02;
} // namespace clock_set

/// One CPU's hrtimers: eight bases and the two ways to run them.
///
/// Rules: kernel/time/hrtimer.c, Linux 6.1. Until high resolution is active the tick runs the
/// expired timers (runQueues); afterwards the device's interrupt does (interrupt), and every
/// earlier expiry programs the device. Each function is called as if on this CPU: a timer may be
/// queued on another one, whose device this CPU cannot program. Threading: the engine's thread.
class HrtimerCpuBase
{
public:
    struct Statistics
    {
        std::uint64_t events = 0; ///< interrupts
        std::uint64_t retries = 0; ///< a further timer had expired before the device was set
        std::uint64_t hangs = 0; ///< three rounds did not catch up; the third counts as retry too
        Ns maxHangTime{};
    };

    /// @p host and @p shared must outlive it.
    HrtimerCpuBase(HrtimerHost& host, Tracer tracer, HrtimerShared& shared)
        : m_host(&host)
        , m_tracer(tracer)
        , m_shared(&shared)
    {
    }
    /// Of a CPU that is alone, with a resolution of 1 ns from the start.
    HrtimerCpuBase(HrtimerHost& host, Tracer tracer)
        : HrtimerCpuBase(host, tracer, m_own)
    {
    }
    HrtimerCpuBase(const HrtimerCpuBase&) = delete;
    HrtimerCpuBase& operator=(const HrtimerCpuBase&) = delete;

    // --- one timer ---

    /// Announces a timer in the log. Once for each timer, before its first start.
    void init(const Hrtimer& timer, std::string_view function = "hrtimer_init");

    /// Queues @p timer to fire between @p soft and @p soft + @p slack on its clock, taking it off
    /// first when it is queued. @p mode (bits of hrtimer_mode) is for the record; with `pinned` it
    /// stays on this CPU. While its function runs it stays on the CPU that runs it.
    void start(Hrtimer& timer, HrtimerInstant soft, Ns slack, std::uint8_t mode);
    /// The same, @p delay from now.
    void startRelative(Hrtimer& timer, Ns delay, Ns slack, std::uint8_t mode);
    /// Queues it anew with the expiry and slack that it has (hrtimer_restart).
    void restart(Hrtimer& timer);
    /// True when it was queued. Not from its own function: the kernel would wait there for itself.
    bool cancel(Hrtimer& timer);
    /// hrtimer_try_to_cancel(): leaves a timer alone whose function runs, even if it is queued.
    HrtimerCancel tryToCancel(Hrtimer& timer);

    /// The time on @p timer's clock.
    [[nodiscard]] HrtimerInstant clockNow(const Hrtimer& timer);
    /// Time to its hard expiry; negative once that has passed (hrtimer_get_remaining).
    [[nodiscard]] Ns remaining(const Hrtimer& timer);
    /// The same without what a coarse clock has added, for answers to tasks.
    [[nodiscard]] Ns remainingAdjusted(const Hrtimer& timer);
    /// Moves its expiry past its clock's now (hrtimer_forward_now): Hrtimer::forward().
    std::uint64_t forwardNow(Hrtimer& timer, Ns interval);
    [[nodiscard]] HrtimerShared& shared() { return *m_shared; }
    [[nodiscard]] Ns resolution() const { return m_shared->resolution; }

    // --- running them ---

    /// The low-resolution path, from the tick. Does nothing once high resolution is active.
    void runQueues();
    /// The high-resolution event handler.
    void interrupt();
    /// The HRTIMER softirq: runs the expired soft timers.
    void runSoftirq();

    /// From now on the device's interrupt runs the timers. The caller then starts the tick's
    /// timer and calls reprogram().
    void activateHres();
    /// Takes over how far the clocks are apart and, in high resolution, programs the device for
    /// the first timer, whatever it was programmed for (retrigger_next_event). Also what a CPU
    /// does when it resumes. Without high resolution and NO_HZ it leaves it all to the next tick.
    void reprogram();
    /// The clocks of @p clocks (bits of clock_set) may have been set. True when reprogram() has to
    /// run on this CPU: one of their timers is now due before the device fires (clock_was_set).
    [[nodiscard]] bool clockWasSet(std::uint8_t clocks);

    // --- for NO_HZ ---

    /// When the next timer expires, seen by the tick that may stop: never in high resolution, where
    /// the device is set for it anyway (hrtimer_get_next_event).
    [[nodiscard]] MonotonicInstant lowResolutionNextEvent();
    /// In high resolution, when the next timer but @p except expires; else never
    /// (hrtimer_next_event_without).
    [[nodiscard]] MonotonicInstant nextEventWithout(const Hrtimer& except);

    // --- hotplug ---

    /// The CPU comes up: nothing is programmed and high resolution is not active
    /// (hrtimers_prepare_cpu). @pre no timer is queued
    void prepareCpu();
    /// The CPU goes: its timers move to @p target, in their order, and @p target is kicked. What is
    /// started on it afterwards goes to the host's target, else to @p target (hrtimers_cpu_dying).
    /// @pre none of its callbacks runs
    void migrateTo(HrtimerCpuBase& target);

    // --- to look at ---

    [[nodiscard]] bool isHresActive() const { return m_hresActive; }
    [[nodiscard]] bool isOnline() const { return m_online; }
    [[nodiscard]] MonotonicInstant expiresNext() const { return m_expiresNext; }
    /// From when on an interrupt or a tick raises the softirq.
    [[nodiscard]] MonotonicInstant softirqExpiresNext() const { return m_softirqExpiresNext; }
    [[nodiscard]] const Statistics& statistics() const { return m_statistics; }
    [[nodiscard]] const HrtimerQueue& queue(std::size_t base) const { return m_queues[base]; }
    /// What the base's clock is ahead of CLOCK_MONOTONIC, as this CPU last took it over.
    [[nodiscard]] Ns offset(std::size_t base) const { return m_offsets[base % hrtimerClocks]; }
    [[nodiscard]] unsigned cpu() const { return m_tracer.cpu(); }

private:
    struct First
    {
        MonotonicInstant at = never<MonotonicClock>; // may be before time began
        const Hrtimer* timer = nullptr;
    };
    [[nodiscard]] MonotonicInstant toMonotonic(std::size_t base, HrtimerInstant at) const;
    [[nodiscard]] MonotonicInstant eventOf(const Hrtimer& timer) const;
    [[nodiscard]] First firstExpiry(std::size_t fromBase, std::size_t toBase,
                                    const Hrtimer* except = nullptr);
    [[nodiscard]] First firstOfAll(const Hrtimer* except = nullptr);
    [[nodiscard]] MonotonicInstant nextEvent();
    void updateOffsets();
    void program(MonotonicInstant expires);
    void programIfChanged(MonotonicInstant expires);
    void noteFirst(const Hrtimer& timer, bool isThisCpu);

    /// The first base from @p fromBase on, and before @p toBase, that has timers; else @p toBase.
    [[nodiscard]] std::size_t nextActive(std::size_t fromBase, std::size_t toBase) const
    {
        const std::uint32_t left = m_activeBases >> fromBase;
        const std::size_t active = fromBase + static_cast<std::size_t>(std::countr_zero(left));
        return std::min(active, toBase); // without any, 32 zeros
    }
    void link(Hrtimer& timer);
    void unlink(Hrtimer& timer);
    void removeQueued(Hrtimer& timer);
    void enqueue(Hrtimer& timer, std::uint8_t mode, HrtimerCpuBase& target);
    [[nodiscard]] HrtimerCpuBase& placeFor(const Hrtimer& timer, HrtimerCpuBase& owner,
                                           bool pinned);
    [[nodiscard]] bool wouldComeFirst(const Hrtimer& timer) const;
    [[nodiscard]] HrtimerCpuBase* queueAnew(Hrtimer& timer, HrtimerInstant soft, Ns slack,
                                            std::uint8_t mode);
    void finishStart(const Hrtimer& timer, HrtimerCpuBase& target);

    void runExpired(std::size_t fromBase, std::size_t toBase, MonotonicInstant now);
    void runTimer(Hrtimer& timer, HrtimerInstant now);
    [[nodiscard]] HrtimerRestart callFunction(Hrtimer& timer);
    void raiseSoftirqIfDue(MonotonicInstant now);
    [[nodiscard]] bool hasEarlierTimer(std::size_t base) const;
    void surviveHang(MonotonicInstant now, Ns spent);
    void tellHang(Ns spent);

    HrtimerHost* m_host;
    Tracer m_tracer;
    HrtimerShared m_own; // of a CPU that is alone
    HrtimerShared* m_shared;
    std::array<HrtimerQueue, hrtimerBases> m_queues;
    std::uint32_t m_activeBases = 0; // a bit for each queue that is not empty
    std::array<Ns, hrtimerClocks> m_offsets{};
    MonotonicInstant m_expiresNext = never<MonotonicClock>;
    MonotonicInstant m_softirqExpiresNext = never<MonotonicClock>;
    Statistics m_statistics;
    // Whose expiry the device was last programmed for, also after it has fired. Only compared.
    const Hrtimer* m_nextTimer = nullptr;
    HrtimerCpuBase* m_heir = nullptr; // of a CPU that is offline: who has its timers
    bool m_hresActive = false;
    bool m_inInterrupt = false; // it programs the device at its end: an earlier start need not
    bool m_softirqActive = false;
    bool m_hangDetected = false; // the device is set for the end of the CPU's pause
    bool m_online = true;
};

} // namespace timerscope
