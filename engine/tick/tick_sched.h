// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tick/next_tick.h"
#include "engine/tick/tick_device.h"

#include <utility>

namespace timerscope {

/// A CPU's tick once its device is in oneshot mode: by high resolution or by low-resolution nohz
/// (struct tick_sched), and how it stops while the CPU has nothing to do.
///
/// Rules: kernel/time/tick-sched.c, Linux 6.1; the path of seed 003; oracle set tick_system_seq.
/// Each tick asks whether a clocksource or a device has changed; once the clocksource is valid for
/// it and the device can do oneshot, the CPU switches, and there is no way back. Threading: the
/// engine's thread.
class TickSched
{
public:
    /// @p timerId names the tick's hrtimer in the records.
    TickSched(TickDevice& device, const TickParts& parts, TickOptions options, Tracer tracer,
              std::uint32_t timerId);
    TickSched(const TickSched&) = delete;
    TickSched& operator=(const TickSched&) = delete;

    /// A clocksource was chosen or a device came: the next tick looks whether it can switch.
    void clockChanged() { m_checkClocks = true; }
    /// update_process_times(): what the CPU did is accounted, then come the hrtimers of a
    /// low-resolution CPU, the look whether it can leave that, and the wheel; then irq_work, the
    /// scheduler and the CPU timers of the running task.
    void updateProcessTimes();
    /// The CPU has died: it begins anew when it comes back, but goes on adding up how long and how
    /// often it was idle (tick_cancel_sched_timer).
    void shutDown();

    // --- idle: the CPU's idle loop calls these --------------------------------------------------

    /// Nothing is left to do (tick_nohz_idle_enter).
    void enterIdle();
    /// Each time before it goes to sleep: the tick stops if it may, for as long as no timer needs
    /// it (tick_nohz_idle_stop_tick).
    void stopIdleTick();
    /// Instead, where the sleep will be too short for that (tick_nohz_idle_retain_tick).
    void retainIdleTick() { m_found.reset(); }
    /// The tick is needed although the CPU is idle: it must not sleep now, but wait for a broadcast
    /// that is on its way (tick_nohz_idle_restart_tick).
    void restartIdleTick();
    /// How long it could sleep with its tick stopped, from idle entry: for who chooses how deep.
    /// stopIdleTick() or retainIdleTick() must follow (tick_nohz_get_sleep_length).
    [[nodiscard]] Ns sleepLength();
    /// A tick has come since this was asked last (tick_nohz_idle_got_tick).
    [[nodiscard]] bool takeIdleTick() { return std::exchange(m_gotIdleTick, false); }
    /// A task is to run (tick_nohz_idle_exit).
    void exitIdle();

    /// An interrupt has come to a CPU that is idle, or in full nohz: before its handler
    /// (tick_nohz_irq_enter), …
    void interruptEntered();
    /// … and when handler and softirqs are done and no task waits (tick_nohz_irq_exit).
    void interruptLeft();

    // --- full nohz ------------------------------------------------------------------------------

    [[nodiscard]] bool isFullNohz() const { return m_options.fullNohz.has(cpu()); }
    /// What keeps the tick of this CPU (its own tick_dep_mask). Whoever sets one lets the CPU look
    /// again, by interrupt, when the set was empty.
    [[nodiscard]] TickDependencies& dependencies() { return m_dependencies; }

    // --- looking --------------------------------------------------------------------------------

    [[nodiscard]] NohzMode nohzMode() const { return m_nohzMode; }
    [[nodiscard]] bool isTickStopped() const { return m_isStopped; }
    [[nodiscard]] bool isIdle() const { return m_isIdle; }
    /// What the device was set for when the tick stopped; empty once a tick has come since, or it
    /// goes on.
    [[nodiscard]] std::optional<MonotonicInstant> nextTick() const { return m_nextTick; }
    [[nodiscard]] IdleStatistics idleStatistics() const;
    [[nodiscard]] const TickAccount& account() const { return m_account; }
    /// The tick's own hrtimer in high resolution; in low-resolution nohz it only keeps the time of
    /// the next tick.
    [[nodiscard]] const Hrtimer& timer() const { return m_timer; }

private:
    [[nodiscard]] unsigned cpu() const { return m_device.cpu(); }
    [[nodiscard]] Ns period() const { return m_services.shared.periods.period; }
    [[nodiscard]] MonotonicInstant now() const { return m_services.timekeeper.monotonicNow(); }

    void accountProcessTick();
    void runLocalTimers();
    void schedulerTick();
    void runPosixCpuTimers();
    [[nodiscard]] bool mayGoHighRes();
    void runHrtimerQueues();
    void switchToHighRes();
    [[nodiscard]] bool initHighRes();
    void setUpTickTimer();
    void startTickTimer(MonotonicInstant at);
    void forward(MonotonicInstant now);
    void switchToLowresNohz();
    [[nodiscard]] MonotonicInstant startOfTicks(Ns skew);
    [[nodiscard]] Ns skew() const;
    void setNohzMode(NohzMode mode);

    void handleLowres();
    HrtimerRestart timerExpired();
    void tick(MonotonicInstant now);
    void countJiffies(MonotonicInstant now);

    void beginIdleTime();
    void endIdleTime(MonotonicInstant at);
    [[nodiscard]] bool mayStopIdleTick();
    [[nodiscard]] bool keepsTimeForFullNohz() const;
    [[nodiscard]] bool hasPendingSoftirqs();
    void stopTick(MonotonicInstant until);
    void programStopped(MonotonicInstant until);
    void restartTick(MonotonicInstant at);
    void accountIdle(MonotonicInstant at);

    void updateFullTick(MonotonicInstant at);
    [[nodiscard]] bool mayStopFullTick();
    [[nodiscard]] bool isKeptBy(const TickDependencies& dependencies);

    TickDevice& m_device;
    TickServices m_services;
    HrtimerCpuBase& m_hrtimers;
    TimerWheel& m_wheel;
    TickHost& m_host;
    RunQueue* m_runQueue;
    IrqWorkQueue* m_irqWork;
    TickOptions m_options;
    Tracer m_tracer;
    NohzMode m_nohzMode = NohzMode::Inactive;
    Jiffies m_lastTickJiffies;
    unsigned m_stalledTicks = 0; ///< in a row that found jiffies unchanged
    bool m_checkClocks = false;

    NextTick m_next;
    std::optional<NextTick::Answer> m_found; ///< by sleepLength(), for stopIdleTick()
    std::optional<MonotonicInstant> m_nextTick;
    IdleStatistics m_idle;
    TickAccount m_account;
    TickDependencies m_dependencies;
    bool m_isIdle = false;
    bool m_isIdleTimed = false; ///< and no interrupt is served
    bool m_isStopped = false;
    bool m_gotIdleTick = false;
    Hrtimer m_timer; // has cache lines of its own, so it comes last
};

} // namespace timerscope
