// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/jiffies.h"
#include "engine/base/time.h"
#include "engine/clocksource/clocksource.h"

#include <span>

namespace timerscope {

/// How the watchdog of one kernel build is set. The defaults are those of Linux 6.1.
struct WatchdogConfig
{
    TickRate rate;
    /// CLOCKSOURCE_WATCHDOG_MAX_SKEW_US: how long a readout may take, and half of what a fast
    /// clock's margin is at least.
    Ns maxSkew{100'000};
    /// clocksource.max_cswd_read_retries; below 0: one, and one more for every fourfold number of
    /// CPUs.
    int readRetries = -1;
    /// clocksource.verify_n_cpus: how many other CPUs a bad per-CPU clock is compared on; 0: none,
    /// below 0: all.
    int verifyCpus = 8;
    /// CLOCKSOURCE_VALIDATE_LAST_CYCLE (x86): a step of more than half a counter's range counts as
    /// none.
    bool validatesSteps = false;
    /// 6.12: the margins of both clocks, not maxSkew, limit how long a readout may take.
    bool marginsLimitReadout = false;
    /// 6.12: a line more that says the skew in ms.
    bool printsSkew = false;
};

/// What the watchdog needs from the rest of the machine. Reading a counter goes through the
/// clocksource itself; faults (drift, jumps, slow reads) are injected there.
class WatchdogHost
{
public:
    virtual ~WatchdogHost() = default;

    [[nodiscard]] virtual Jiffies jiffies() const = 0;
    /// Arms the watchdog's wheel timer on @p cpu; its function is ClocksourceRegistry::
    /// watchdogTimer(). It is not pending when this is called.
    virtual void armWatchdogTimer(Jiffies expires, unsigned cpu) = 0;
    virtual void cancelWatchdogTimer() = 0;
    /// Has ClocksourceRegistry::watchdogWork() run soon, by a kernel thread. Asking again before
    /// it has run changes nothing.
    virtual void scheduleWatchdogWork() = 0;

    /// The CPU that runs now.
    [[nodiscard]] virtual unsigned currentCpu() const = 0;
    /// In ascending order, never empty.
    [[nodiscard]] virtual std::span<const unsigned> onlineCpus() const = 0;
    /// nr_cpu_ids: one more than the highest CPU that could ever be.
    [[nodiscard]] virtual unsigned possibleCpus() const = 0;
    /// Has @p cpu read @p source, by an interrupt to it that is waited for.
    [[nodiscard]] virtual Cycles readOnCpu(const Clocksource& source, unsigned cpu) = 0;
    /// A number below @p bound, from the run's own seed.
    [[nodiscard]] virtual unsigned randomBelow(unsigned bound) = 0;

    /// The current clocksource has become valid for high resolution: the tick may leave periodic
    /// mode (tick_clock_notify).
    virtual void currentBecameValidForHres() = 0;
    /// False while initcalls run: long intervals are not worth a line then.
    [[nodiscard]] virtual bool isSystemUp() const = 0;

protected:
    WatchdogHost() = default;
    WatchdogHost(const WatchdogHost&) = default;
    WatchdogHost& operator=(const WatchdogHost&) = default;
};

} // namespace timerscope
