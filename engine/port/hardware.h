// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/kernel_types.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace timerscope {

/// One free-running counter that a backend offers.
struct CounterInfo
{
    std::string name; ///< unique within the backend: "FTTMR010-TIMER2"
    Hertz rate;
    unsigned bits = 64; ///< the counter wraps at 2^bits
    Ns readCost{}; ///< what one read takes, as far as the backend knows
};

/// One channel that can raise an interrupt at a chosen time.
struct EventChannelInfo
{
    std::string name; ///< unique within the backend: "FTTMR010-TIMER1"
    Hertz rate;
    std::uint64_t minTicks = 1;
    std::uint64_t maxTicks = 0xffff'ffff;
    std::uint32_t features = 0; ///< bits of clock_event_feature: what set() and program() accept
    unsigned cpu = 0; ///< which CPU its interrupt goes to
};

/// Positions in counters() and channels().
using CounterIndex = std::size_t;
using ChannelIndex = std::size_t;

/// The hardware under a modelled machine: simulated, a board over serial, a mapped counter.
///
/// What it asks of a backend: counters that can be read, channels that can be armed, and one axis
/// of true time on which the machine waits. A backend without channels says so by an empty span;
/// whoever builds the machine then adds a channel of the host's. Nothing here knows of Linux.
///
/// Threading: every call comes from the one thread that owns the machine. read(), set() and
/// program() may block for a device's round trip; waitUntil() blocks on real hardware and returns
/// at once on simulated. After DeviceLost every later call fails with DeviceLost too.
class Hardware
{
public:
    virtual ~Hardware() = default;

    [[nodiscard]] virtual std::span<const CounterInfo> counters() const = 0;
    [[nodiscard]] virtual std::span<const EventChannelInfo> channels() const = 0;

    /// The counter now. Errors: DeviceLost, Corrupt.
    [[nodiscard]] virtual Result<Cycles> read(CounterIndex counter) = 0;

    /// The counter as an onlooker sees it: costs no modelled time and changes nothing, so that
    /// looking at a deterministic machine leaves its run as it was. A backend whose counter is
    /// far away may answer the value that it read last.
    [[nodiscard]] virtual Cycles observe(CounterIndex counter) const = 0;

    /// Puts a channel into @p state. Periodic starts at once with @p periodTicks between
    /// interrupts; every other state stops what was armed. Errors: DeviceLost, NotSupported.
    [[nodiscard]] virtual Result<void> set(ChannelIndex channel, ClockEventState state,
                                           std::uint64_t periodTicks)
        = 0;

    /// Arms one interrupt @p ticks from now, in place of any armed before. Errors: DeviceLost.
    [[nodiscard]] virtual Result<void> program(ChannelIndex channel, std::uint64_t ticks) = 0;

    /// True time since power-on: what scenario steps are timed by and records are stamped with.
    [[nodiscard]] virtual TraceInstant now() const = 0;

    /// The modelled CPU works for @p span. Simulated time passes; on real hardware time passes by
    /// itself and nothing happens.
    virtual void spend(Ns span) = 0;

    /// Lets time pass until a channel's interrupt is pending or @p limit is reached, and takes
    /// that interrupt. Empty when the limit came first; what falls due at the limit itself stays
    /// pending, so that whatever the caller waited for comes before it. Errors: DeviceLost.
    [[nodiscard]] virtual Result<std::optional<ChannelIndex>> waitUntil(TraceInstant limit) = 0;

protected:
    Hardware() = default;
    Hardware(const Hardware&) = default;
    Hardware& operator=(const Hardware&) = default;
};

} // namespace timerscope
