// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
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
};

/// A counter and what its driver registers it as.
struct CounterDescription
{
    std::string name; ///< "FTTMR010-TIMER2"
    CounterKind kind = CounterKind::Hardware;
    Hertz rate; ///< 0 for jiffies
    unsigned bits = 32; ///< 1 to 64
    int rating = 0; ///< any: the kernel's bands are not a limit
    std::uint32_t flags = 0; ///< bits of clocksource_flag that the driver sets
    Ns readCost{}; ///< true time that one read takes
    bool schedClock = false; ///< the driver also registers it as sched_clock
    bool delayTimer = false; ///< and as the delay loop's timer (ARM)
    std::optional<MappedCounter> mmio
        = std::nullopt; ///< where a real one can be read; empty: nowhere known
    friend bool operator==(const CounterDescription&, const CounterDescription&) = default;
};

/// A channel that raises interrupts and the clock event device its driver registers.
struct EventDescription
{
    std::string name; ///< "FTTMR010-TIMER1"
    Hertz rate;
    int rating = 0;
    std::uint32_t features = 0; ///< bits of clock_event_feature
    std::uint64_t minTicks = 1;
    std::uint64_t maxTicks = 0xffff'ffff;
    std::optional<unsigned> irq;
    bool perCpu = false; ///< one such device on every CPU; else one, on CPU 0
    friend bool operator==(const EventDescription&, const EventDescription&) = default;
};

/// A timer block as its device file describes it: the catalogue's unit.
struct DeviceDescription
{
    std::string name; ///< of the file: "fttmr010"
    std::string title; ///< for a person
    std::string source; ///< where the figures come from
    std::string assumed; ///< which figures are assumed and why; empty when none
    std::vector<std::string> compatible; ///< device tree
    std::string module; ///< owner module; empty when built in
    bool leavesClocksources = false; ///< the driver has no exit function that takes them off
    std::vector<CounterDescription> counters; ///< in the order that the driver registers them
    std::vector<EventDescription> events;
    friend bool operator==(const DeviceDescription&, const DeviceDescription&) = default;
};

} // namespace timerscope
