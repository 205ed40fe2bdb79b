// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/mult_shift.h"
#include "engine/base/time.h"
#include "engine/port/mapped_counter.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// What counts: a hardware counter, or one that the kernel keeps itself.
enum class CounterKind : std::uint8_t
{
    Hardware,
    Jiffies, ///< the kernel's tick count: its rate is HZ, mult and shift are its own
    RefinedJiffies, ///< the same count with the length of a tick as the tick's timer makes it
};

/// A counter and what its driver registers it as.
struct CounterDescription
{
    std::string name; ///< "FTTMR010-TIMER2"
    CounterKind kind = CounterKind::Hardware;
    Hertz rate; ///< 0 for both kinds of jiffies; only for people when there is a factor
    unsigned bits = 32; ///< 1 to 64
    int rating = 0; ///< any: the kernel's bands are not a limit
    std::uint32_t flags = 0; ///< bits of clocksource_flag that the driver sets
    /// What the driver registers instead of its rate; mult at least 1. Empty: the rate.
    std::optional<MultShift> factor = std::nullopt;
    Ns margin{}; ///< the driver's own uncertainty margin, below 2^32 ns; 0: from the rate
    Ns readCost{}; ///< true time that one read takes
    bool schedClock = false; ///< the driver also registers it as sched_clock
    /// Whether it stands while the machine sleeps; empty: unless it is flagged suspend-nonstop.
    std::optional<bool> standsInSuspend = std::nullopt;
    bool delayTimer = false; ///< and as the delay loop's timer (ARM)
    std::optional<MappedCounter> mmio
        = std::nullopt; ///< where a real one can be read; empty: nowhere known
    friend bool operator==(const CounterDescription&, const CounterDescription&) = default;
};

/// A channel that raises interrupts and the clock event device its driver registers.
struct EventDescription
{
    std::string name; ///< "FTTMR010-TIMER1"
    Hertz rate; ///< 0 only for a dummy, which is registered without being configured
    int rating = 0;
    std::uint32_t features = 0; ///< bits of clock_event_feature
    std::uint64_t minTicks = 1; ///< 0 for a dummy without a rate
    std::uint64_t maxTicks = 0xffff'ffff; ///< up to 64 bits; 0 for a dummy without a rate
    std::optional<unsigned> irq;
    bool perCpu = false; ///< one such device on every CPU; else one, on CPU 0
    friend bool operator==(const EventDescription&, const EventDescription&) = default;
};

/// What else a hardware timer's channel is used for, beside counting and raising events.
enum class ChannelRole : std::uint8_t
{
    Watchdog, ///< resets the machine unless it is fed
    Pwm, ///< drives an output by pulse width
};

/// A channel that neither a clocksource nor a clock event device of the kernel sits on.
struct ChannelUse
{
    std::string name; ///< "WDT0"
    ChannelRole role = ChannelRole::Watchdog;
    friend bool operator==(const ChannelUse&, const ChannelUse&) = default;
};

/// When a driver names its module as the owner of what it registers. Only an owner's references
/// are counted: without one, the module can be unloaded under a device that is in use.
enum class DriverOwner : std::uint8_t
{
    Never,
    Patched, ///< with the series "Setting the scene to convert the timers into modules" (2025)
    Always,
};

/// What a driver's own functions are called, for a trace that tells of functions. All may be empty.
struct DriverFunctions
{
    std::vector<std::string> init; ///< outermost first, each called by the one before
    std::vector<std::string> calls; ///< what the innermost calls before it registers anything
    std::string clocksource; ///< what it registers its clocksources through
    std::string interrupt; ///< its interrupt's handler
    friend bool operator==(const DriverFunctions&, const DriverFunctions&) = default;
};

/// The driver that finds the device and registers it.
struct DriverDescription
{
    std::string name; ///< platform driver; empty: an early timer, which time_init probes
    std::string module; ///< its module when built as one; empty: always built in
    DriverOwner owner = DriverOwner::Never;
    bool single = false; ///< a second instance is refused
    std::string clock; ///< the clock input that it asks for by name; empty: none
    /// It has no exit function that would take its clocksources off.
    bool leavesClocksources = false;
    DriverFunctions functions = {};
    friend bool operator==(const DriverDescription&, const DriverDescription&) = default;
};

/// A timer block as its device file describes it: the catalogue's unit.
struct DeviceDescription
{
    std::string name; ///< of the file: "fttmr010"
    std::string title; ///< for a person
    std::string source; ///< where the figures come from
    std::string assumed; ///< which figures are assumed and why; empty when none
    std::vector<std::string> compatible; ///< device tree
    DriverDescription driver;
    std::vector<CounterDescription> counters; ///< in the order that the driver registers them
    std::vector<EventDescription> events;
    std::vector<ChannelUse> channels; ///< what else its hardware is used for
    friend bool operator==(const DeviceDescription&, const DeviceDescription&) = default;
};

} // namespace timerscope
