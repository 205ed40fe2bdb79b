// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/hrtimer/hrtimer_queue.h"
#include "engine/trace/tracer.h"

#include <array>
#include <cstdint>

namespace timerscope {

/// What the hrtimers of a CPU need from the rest of the machine.
class HrtimerHost
{
public:
    virtual ~HrtimerHost() = default;
    /// CLOCK_MONOTONIC now (ktime_get()). Reading it may cost time.
    [[nodiscard]] virtual MonotonicInstant monotonicNow() = 0;
    /// What @p clock is ahead of CLOCK_MONOTONIC.
    [[nodiscard]] virtual Ns clockOffset(HrtimerClock clock) = 0;
    /// Programs the CPU's tick device; Errno::Time when @p expires has passed and not @p force.
    /// "Never" stops it.
    virtual Errno programTickDevice(MonotonicInstant expires, bool force) = 0;
    /// The tick device has fired and holds no event any more.
    virtual void tickDeviceFired() = 0;
    virtual void raiseHrtimerSoftirq() = 0;
    /// A timer's function runs: its cost.
    virtual void spendCallback() = 0;

protected:
    HrtimerHost() = default;
    HrtimerHost(const HrtimerHost&) = default;
    HrtimerHost& operator=(const HrtimerHost&) = default;
};

/// One CPU's hrtimers: eight bases and the two ways to run them.
///
/// Rules: kernel/time/hrtimer.c, Linux 6.1. Until high resolution is active the tick runs the
/// expired timers (runQueues); afterwards the device's interrupt does (interrupt), and every
/// earlier expiry programs the device. Threading: the engine's thread.
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

    HrtimerCpuBase(HrtimerHost& host, Tracer tracer)
        : m_host(&host)
        , m_tracer(tracer)
    {
    }

    /// Announces a timer in the log. Once for each timer, before its first start.
    void init(const Hrtimer& timer);

    /// Queues @p timer to fire between @p soft and @p soft + @p slack on its clock, taking it off
    /// first when it is queued. @p mode (bits of hrtimer_mode) is for the record.
    void start(Hrtimer& timer, HrtimerInstant soft, Ns slack, std::uint8_t mode);
    /// True when it was queued.
    bool cancel(Hrtimer& timer);

    /// The low-resolution path, from the tick. Does nothing once high resolution is active.
    void runQueues();
    /// The high-resolution event handler.
    void interrupt();
    /// The HRTIMER softirq: runs the expired soft timers.
    void runSoftirq();

    /// From now on the device's interrupt runs the timers. The caller then starts the tick's
    /// timer and calls reprogram().
    void activateHres() { m_hresActive = true; }
    /// Programs the device for the first timer, whatever it was programmed for.
    void reprogram();

    [[nodiscard]] bool isHresActive() const { return m_hresActive; }
    [[nodiscard]] MonotonicInstant expiresNext() const { return m_expiresNext; }
    [[nodiscard]] const Statistics& statistics() const { return m_statistics; }
    [[nodiscard]] const HrtimerQueue& queue(std::size_t base) const { return m_queues[base]; }
    /// What the base's clock is ahead of CLOCK_MONOTONIC.
    [[nodiscard]] Ns offset(std::size_t base) const { return m_offsets[base % hrtimerClocks]; }
    /// The time on @p timer's clock.
    [[nodiscard]] HrtimerInstant clockNow(const Hrtimer& timer);

private:
    struct First
    {
        MonotonicInstant at = never<MonotonicClock>;
        const Hrtimer* timer = nullptr;
    };
    [[nodiscard]] MonotonicInstant toMonotonic(std::size_t base, HrtimerInstant at) const;
    [[nodiscard]] First firstExpiry(std::size_t fromBase, std::size_t toBase) const;
    [[nodiscard]] MonotonicInstant nextEvent();
    void updateOffsets();
    void program(MonotonicInstant expires);
    void programIfChanged(MonotonicInstant expires);
    void programAfterRemoval(const Hrtimer& removed);
    void programForFirst(const Hrtimer& timer);
    void runExpired(std::size_t fromBase, std::size_t toBase, MonotonicInstant now);
    void runTimer(Hrtimer& timer, HrtimerInstant now);
    void raiseSoftirqIfDue(MonotonicInstant now);
    void surviveHang(MonotonicInstant now, Ns spent);

    HrtimerHost* m_host;
    Tracer m_tracer;
    std::array<HrtimerQueue, hrtimerBases> m_queues;
    std::array<Ns, hrtimerClocks> m_offsets{};
    MonotonicInstant m_expiresNext = never<MonotonicClock>;
    MonotonicInstant m_softirqExpiresNext = never<MonotonicClock>;
    Statistics m_statistics;
    // Whose expiry the device was last programmed for, also after it has fired. Only compared.
    const Hrtimer* m_nextTimer = nullptr;
    bool m_hresActive = false;
    bool m_inInterrupt = false; // the interrupt programs the device once, at its end
    bool m_softirqActive = false;
    bool m_hangDetected = false; // the device is set for the end of the CPU's pause
};

} // namespace timerscope
