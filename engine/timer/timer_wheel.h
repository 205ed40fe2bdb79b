// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"
#include "engine/timer/timer_base.h"
#include "engine/trace/tracer.h"

#include <cstdint>
#include <vector>

namespace timerscope {

/// Which of a CPU's wheels: deferrable timers have their own, so that they wake nobody.
enum class TimerBaseKind : std::uint8_t
{
    Standard, ///< BASE_STD
    Deferrable, ///< BASE_DEF
};

/// What a CPU's wheels are made for.
struct WheelOptions
{
    unsigned cpu = 0;
    /// NO_HZ_COMMON: without it there is one base, and deferrable timers are like the others.
    bool noHz = true;
};

/// The timers of one CPU (its timer_bases) and the kernel's calls on them, made by code that runs
/// on that CPU. The timer may wait on another CPU's wheel: it knows which.
///
/// Every call may be made from a timer's function, also on that timer and on those that fire
/// after it. Records are the calling CPU's. A timer that fires or moves is recorded as
/// timer_cancel first, as the kernel does; one that keeps its bucket is not recorded at all.
/// Threading: the engine's thread. Source: timer.c, Linux 6.1.
class TimerWheel
{
public:
    static constexpr unsigned bucketsPerLevel = TimerBase::bucketsPerLevel;
    static constexpr unsigned levelsMax = TimerBase::levelsMax;

    /// What the wheel needs from the machine. What has a default is right for one CPU.
    class Host
    {
    public:
        virtual ~Host() = default;
        /// A timer's function runs: its cost.
        virtual void spendCallback() = 0;
        /// The first timer of @p cpu has changed while it is idle without its tick
        /// (wake_up_nohz_cpu). The CPU that calls needs no waking: it is not asleep.
        virtual void wakeIdleCpu(unsigned /*cpu*/) { }
        /// Whether @p cpu may run a task without its tick (nohz_full): it then has to be told of
        /// deferrable timers, too.
        [[nodiscard]] virtual bool isFullNohz(unsigned /*cpu*/) const { return false; }
        /// The wheels of the CPU that takes timers which are armed here and not pinned
        /// (get_nohz_timer_target); null: this one's.
        [[nodiscard]] virtual TimerWheel* migrationTarget() { return nullptr; }

    protected:
        Host() = default;
        Host(const Host&) = default;
        Host& operator=(const Host&) = default;
    };

    /// The clocks start at @p now.
    TimerWheel(TickRate rate, Jiffies now, Host& host, Tracer tracer, WheelOptions options = {});

    /// Announces a timer in the log and makes it this CPU's. Once for each timer, before it is
    /// first armed (timer_setup); one that never was announced becomes the first armer's.
    void init(WheelTimer& timer);
    /// Arms @p timer for @p expires, at @p now; true when it was pending (mod_timer). A timer that
    /// changes its bucket is cancelled first; one that stays in it only notes the new expiry.
    bool modify(WheelTimer& timer, Jiffies expires, Jiffies now)
    {
        return change(timer, expires, now, Change::Any);
    }
    /// The same for a timer that is pending; nothing and false for another (mod_timer_pending).
    bool modifyPending(WheelTimer& timer, Jiffies expires, Jiffies now)
    {
        return change(timer, expires, now, Change::PendingOnly);
    }
    /// As modify(), but never to a later expiry than it has (timer_reduce).
    bool reduce(WheelTimer& timer, Jiffies expires, Jiffies now)
    {
        return change(timer, expires, now, Change::Reduce);
    }
    /// Arms a timer that is not pending (add_timer). @pre !timer.isPending()
    void add(WheelTimer& timer, Jiffies expires, Jiffies now);
    /// Arms a timer that is not pending on the CPU of @p target (add_timer_on).
    /// @pre !timer.isPending()
    void addOn(TimerWheel& target, WheelTimer& timer, Jiffies expires, Jiffies now);
    /// True when it was pending (del_timer). Its function may be running, and run to its end.
    bool remove(WheelTimer& timer);
    /// 1 when it was pending, 0 when not, and -1 with nothing done while its function runs
    /// (try_to_del_timer_sync).
    [[nodiscard]] int tryRemove(WheelTimer& timer);

    /// True when run() would find something at @p now: what the tick asks (run_local_timers).
    [[nodiscard]] bool isDue(Jiffies now) const;
    /// Fires every timer whose bucket has been reached by @p now, standard ones first (the TIMER
    /// softirq). Not from a timer's function.
    void run(Jiffies now);

    /// When the first standard timer wants this CPU, in ns from @p now, which is @p at; `at` when
    /// it is due, never when there is none (get_next_timer_interrupt, without its question to
    /// hrtimers: see withHrtimer()). From more than a tick ahead the base counts as idle.
    [[nodiscard]] MonotonicInstant nextTimerInterrupt(Jiffies now, MonotonicInstant at);
    /// The tick goes on (timer_clear_idle).
    void clearIdle() { m_standard.setIdle(false); }

    /// The timers of @p dead, which runs none, move here (timers_dead_cpu).
    void takeTimersOf(TimerWheel& dead, Jiffies now);
    /// This CPU comes up (timers_prepare_cpu). @pre it has no pending timers
    void prepare(Jiffies now);

    /// One of the wheels; both names mean the one that there is without NO_HZ.
    [[nodiscard]] TimerBase& base(TimerBaseKind kind);
    [[nodiscard]] const TimerBase& base(TimerBaseKind kind) const;
    [[nodiscard]] bool hasDeferrableBase() const { return m_noHz; }

    // Of the standard base:
    [[nodiscard]] Jiffies clk() const { return m_standard.clk(); }
    [[nodiscard]] Jiffies nextExpiry() const { return m_standard.nextExpiry(); }
    [[nodiscard]] unsigned levels() const { return m_standard.levels(); }
    [[nodiscard]] std::vector<const WheelTimer*> inOrder() const { return m_standard.inOrder(); }

private:
    enum class Change : std::uint8_t
    {
        Any,
        PendingOnly,
        Reduce,
    };

    bool change(WheelTimer& timer, Jiffies expires, Jiffies now, Change how);
    void armOnTarget(TimerBase& present, WheelTimer& timer, Jiffies expires, Jiffies now);
    void arm(TimerBase& base, WheelTimer& timer, Jiffies expires);
    void removePending(WheelTimer& timer);
    void runBase(TimerBase& base, Jiffies now);
    void expire(TimerBase& base, Jiffies now);
    void tellNextInterrupt();
    void callFunction(WheelTimer& timer);
    void fire(TimerBase& base, WheelTimer& timer, Jiffies now);
    void moveBucket(TimerBase& from, unsigned index, TimerBase& to);
    [[nodiscard]] TimerBase& baseFor(const WheelTimer& timer);
    [[nodiscard]] TimerBase& presentBase(WheelTimer& timer);
    [[nodiscard]] TimerBase& targetBase(const WheelTimer& timer);
    [[nodiscard]] bool mustWake(const TimerBase& base, const WheelTimer& timer) const;

    TimerBase m_standard;
    TimerBase m_deferrable;
    Host* m_host;
    Tracer m_tracer;
    Ns m_tick;
    bool m_noHz;
};

/// The earlier of what the wheel and the hrtimers of a CPU without high resolution want, at @p at:
/// such an hrtimer needs the tick that comes after it (cmp_next_hrtimer_event).
[[nodiscard]] MonotonicInstant withHrtimer(MonotonicInstant wheel, MonotonicInstant hrtimer,
                                           MonotonicInstant at, TickRate rate);

} // namespace timerscope
