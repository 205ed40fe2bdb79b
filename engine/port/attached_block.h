// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/timer_block.h"

#include <optional>

namespace timerscope {

/// What an attached block tells by itself.
///
/// Threading: called on any thread, usually the block's own; returns at once and never calls back
/// into the block.
class BlockListener
{
public:
    /// An armed channel fired. @p counter: what the block's first counter showed at that moment,
    /// where the device stamps its interrupts. One that was disarmed meanwhile is not reported.
    virtual void fired(ChannelIndex channel, std::optional<Cycles> counter) = 0;
    /// A value of a streamed counter; @p missed: how many before it are known to be lost.
    virtual void sampled(CounterIndex counter, Cycles value, std::uint64_t missed) = 0;
    /// The device is gone. Told once, within 100 ms; nothing else follows.
    virtual void lost(const Error& error) = 0;

protected:
    ~BlockListener() = default;
};

/// A timer block in the real world: a board on a wire, a counter in mapped memory. It works from
/// its making on; when the device goes, its listener hears and every later call fails with
/// DeviceLost.
class AttachedBlock : public TimerBlock
{
public:
    /// One line for a person: "STM32F405, firmware 1.0, on /dev/ttyACM0".
    [[nodiscard]] virtual std::string identity() const = 0;

    /// Who hears of events from now on; null: nobody. Returns after a call to the former listener
    /// that is under way, so that it may be destroyed. Call it while nothing is armed or streamed.
    virtual void listen(BlockListener* listener) = 0;

    /// Sends @p counter's value every @p period by itself, without being asked; zero stops it.
    /// Errors: NotSupported where a counter has to be read each time, DeviceLost.
    [[nodiscard]] virtual Result<void> stream(CounterIndex counter, Ns period) = 0;

    /// Data known to be lost or damaged on the way since the start: frames, samples.
    [[nodiscard]] virtual std::uint64_t losses() const = 0;

    /// Gives back what only one may hold, a serial port: every later call fails with DeviceLost,
    /// and the listener hears of nothing more. Nothing happens where several may hold it.
    virtual void release() { }
};

} // namespace timerscope
