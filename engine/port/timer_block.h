// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/kernel_types.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
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
    bool standsInSuspend = false; ///< it does not count while the machine sleeps
    unsigned partBits = 0; ///< it is read in parts of so many bits, low first; 0: at once
};

/// One channel that can raise an interrupt at a chosen time.
struct EventChannelInfo
{
    std::string name; ///< unique within the backend, for its CPU: "FTTMR010-TIMER1"
    Hertz rate;
    std::uint64_t minTicks = 1;
    std::uint64_t maxTicks = 0xffff'ffff;
    std::uint32_t features = 0; ///< bits of clock_event_feature: what set() and program() accept
    unsigned cpu = 0; ///< which CPU its interrupt goes to
};

/// Positions in counters() and channels().
using CounterIndex = std::size_t;
using ChannelIndex = std::size_t;

/// What every backend offers: counters that can be read and channels that can be armed.
///
/// One that lacks something says so by an empty span; whoever builds a machine on it adds the
/// host's timer instead. Nothing here knows of Linux. resources/docs/decisions/backend-interface.md
/// has the reasons.
///
/// Threading: one thread makes all the calls. read(), set() and program() may block for a device's
/// round trip.
class TimerBlock
{
public:
    virtual ~TimerBlock() = default;

    /// Constant from the block's making on; spans stay valid as long as it lives.
    [[nodiscard]] virtual std::span<const CounterInfo> counters() const = 0;
    [[nodiscard]] virtual std::span<const EventChannelInfo> channels() const = 0;

    /// The counter now. Errors: DeviceLost.
    [[nodiscard]] virtual Result<Cycles> read(CounterIndex counter) = 0;

    /// The counter as an onlooker sees it: costs no modelled time and changes nothing, so that
    /// looking at a deterministic machine leaves its run as it was. A block whose counter is
    /// far away may answer the value that it read last.
    [[nodiscard]] virtual Cycles observe(CounterIndex counter) const = 0;

    /// Puts a channel into @p state. Periodic starts at once with @p periodTicks between
    /// interrupts; every other state stops what was armed. Errors: DeviceLost, NotSupported.
    [[nodiscard]] virtual Result<void> set(ChannelIndex channel, ClockEventState state,
                                           std::uint64_t periodTicks)
        = 0;

    /// Arms one interrupt @p ticks from now, in place of any armed before. It never comes early by
    /// the device's own clock. Errors: DeviceLost, NotSupported.
    [[nodiscard]] virtual Result<void> program(ChannelIndex channel, std::uint64_t ticks) = 0;

protected:
    TimerBlock() = default;
    TimerBlock(const TimerBlock&) = default;
    TimerBlock& operator=(const TimerBlock&) = default;
};

} // namespace timerscope
