// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/base/kernel_types.h"
#include "engine/base/time.h"
#include "engine/clockevents/config.h"
#include "engine/module/module.h"
#include "engine/trace/tracer.h"

#include <functional>
#include <optional>
#include <string>

namespace timerscope {

/// The callbacks that a clock event device's driver gives. Threading: the engine's thread.
class ClockEventDriver
{
public:
    virtual ~ClockEventDriver() = default;
    /// Puts the hardware into @p state (never Detached: that is asked for as Shutdown).
    virtual Errno setState(ClockEventState state) = 0;
    /// Arms one interrupt @p ticks from now. Errno::Time when the hardware cannot make it.
    virtual Errno setNextEvent(std::uint64_t ticks) = 0;

protected:
    ClockEventDriver() = default;
    ClockEventDriver(const ClockEventDriver&) = default;
    ClockEventDriver& operator=(const ClockEventDriver&) = default;
};

/// Who is called when the device fires: the kernel's function and its name.
struct EventHandler
{
    std::string name; ///< empty: none was ever set
    std::function<void()> call;
};

/// A clock event device as the kernel keeps it (struct clock_event_device). Owned by its driver.
///
/// Rules (kernel/time/clockevents.c, Linux 6.1; seed 004).
class ClockEventDevice
{
public:
    struct Description
    {
        std::string name;
        int rating = 0;
        std::uint32_t features = 0; ///< bits of clock_event_feature
        ClockEventConfig config;
        unsigned cpu = 0; ///< the only CPU that it serves
        Module* owner = nullptr; ///< held while installed; null: built in, or not set
    };

    /// @p driver and what @p tracer writes to must outlive the device.
    ClockEventDevice(Description description, ClockEventDriver& driver, Tracer tracer)
        : m_description(std::move(description))
        , m_driver(&driver)
        , m_tracer(tracer)
    {
    }
    ClockEventDevice(const ClockEventDevice&) = delete;
    ClockEventDevice& operator=(const ClockEventDevice&) = delete;

    [[nodiscard]] const std::string& name() const { return m_description.name; }
    [[nodiscard]] int rating() const { return m_description.rating; }
    [[nodiscard]] std::uint32_t features() const { return m_description.features; }
    [[nodiscard]] bool has(std::uint32_t feature) const
    {
        return (m_description.features & feature) != 0;
    }
    [[nodiscard]] unsigned cpu() const { return m_description.cpu; }
    [[nodiscard]] Module* owner() const { return m_description.owner; }
    [[nodiscard]] const ClockEventConfig& config() const { return m_description.config; }
    [[nodiscard]] ClockEventState state() const { return m_state; }
    [[nodiscard]] MonotonicInstant nextEvent() const { return m_nextEvent; }
    [[nodiscard]] std::uint64_t retries() const { return m_retries; }
    [[nodiscard]] const EventHandler& handler() const { return m_handler; }

    /// The device is about to be installed as @p role: takes its owner's module. False when that
    /// is going. A device has one role at a time (an invariant).
    [[nodiscard]] bool hold(HoldRole role);
    /// It is displaced: its owner's module is given back, if it was held.
    void release();
    /// Empty while nobody uses it.
    [[nodiscard]] std::optional<HoldRole> role() const { return m_role; }

    /// The driver's module was unloaded and left the device registered: whoever looks at it faults.
    void setDangling() { m_dangling = true; }
    [[nodiscard]] bool isDangling() const { return m_dangling; }

    void setHandler(EventHandler handler);
    /// Asks the driver for @p state. A refusal leaves the state as it was: NoSys when the device
    /// lacks the feature, Invalid for oneshot-stopped from anything but oneshot.
    Errno switchState(ClockEventState state);
    /// Shutdown, and nothing programmed.
    void shutdown();

    /// Arms the device for @p expires, seen at @p now, within its limits.
    ///
    /// Errno::Time when @p expires has passed, unless @p force, which then asks for the shortest
    /// delta and, if the driver refuses that, for ever longer ones. Time too for a negative
    /// expiry, which is not even stored. A device that is shut down only notes the time.
    Errno program(MonotonicInstant expires, MonotonicInstant now, bool force);
    /// The device has fired: nothing is programmed any more.
    void markFired() { m_nextEvent = never<MonotonicClock>; }

    /// The hardware's interrupt: calls the handler, if there is one.
    void fire() const;

private:
    [[nodiscard]] ModuleHold holdAs(HoldRole role) const;
    [[nodiscard]] Errno askDriver(ClockEventState state);
    Errno programMinDelta(MonotonicInstant now);
    Errno programTicks(Ns delta, std::uint8_t flags);

    Description m_description;
    ClockEventDriver* m_driver;
    Tracer m_tracer;
    EventHandler m_handler;
    MonotonicInstant m_nextEvent = never<MonotonicClock>;
    std::uint64_t m_retries = 0;
    std::optional<HoldRole> m_role;
    bool m_dangling = false;
    ClockEventState m_state = ClockEventState::Detached;
};

} // namespace timerscope
