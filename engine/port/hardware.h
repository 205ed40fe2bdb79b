// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/kept_reading.h"
#include "engine/port/faults.h"
#include "engine/port/timer_block.h"

#include <optional>

namespace timerscope {

/// The hardware under a modelled machine: timer blocks, and one axis of true time on which the
/// machine waits for their interrupts. Simulated hardware makes its own time; a HostBench has the
/// host's, and carries the blocks of a board, of mapped counters and of the host itself.
///
/// Threading: every call comes from the one thread that owns the machine. waitUntil() blocks on
/// real hardware and returns at once on simulated. After DeviceLost every later call fails with
/// DeviceLost too.
class Hardware : public TimerBlock
{
public:
    /// True time since power-on: what scenario steps are timed by and records are stamped with.
    [[nodiscard]] virtual TraceInstant now() const = 0;

    /// Where what now() answers is kept at every moment, for those who ask often; null where time
    /// passes by itself.
    [[nodiscard]] virtual const TraceInstant* keptNow() const { return nullptr; }

    /// Where the last reading of a counter is kept, as long as reading it costs nothing; its time
    /// is compared with keptNow(). Null, and always null without keptNow(): it is not kept.
    [[nodiscard]] virtual const KeptReading* keptReading(CounterIndex /*counter*/) const
    {
        return nullptr;
    }

    /// The modelled CPU works for @p span. Simulated time passes; on real hardware time passes by
    /// itself and nothing happens.
    virtual void spend(Ns span) = 0;

    /// Lets time pass until a channel's interrupt is pending or @p limit is reached, and takes
    /// that interrupt. Empty when the limit came first; what falls due at the limit itself stays
    /// pending, so that whatever the caller waited for comes before it. Errors: DeviceLost.
    [[nodiscard]] virtual Result<std::optional<ChannelIndex>> waitUntil(TraceInstant limit) = 0;

    /// The machine sleeps for @p span of true time: counters that stand in suspend do, and no
    /// interrupt comes. What was armed before should have been shut down.
    /// Errors: NotSupported for hardware that a model cannot put to sleep.
    [[nodiscard]] virtual Result<void> sleep(Ns span);

    /// From now on something is wrong with a counter, a channel or the whole.
    /// Errors: NotSupported for real hardware, NotFound for an unknown target, OutOfRange for an
    /// amount that makes no sense.
    [[nodiscard]] virtual Result<void> inject(const InjectedFault& fault);

    /// Gives back what only one may hold; a machine on it can do nothing more.
    virtual void release() { }
};

} // namespace timerscope
