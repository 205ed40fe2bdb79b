// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cpu_mask.h"
#include "engine/base/errno.h"
#include "engine/base/kernel_types.h"
#include "engine/base/time.h"
#include "engine/clockevents/config.h"
#include "engine/module/module.h"
#include "engine/trace/tracer.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// The callbacks that a clock event device's driver gives. Threading: the engine's thread.
class ClockEventDriver
{
public:
    virtual ~ClockEventDriver() = default;
    /// Puts the hardware into @p state (never Detached: that is asked for as Shutdown). NoSys for
    /// oneshot-stopped says that the driver has no such callback.
    virtual Errno setState(ClockEventState state) = 0;
    /// Arms one interrupt @p ticks from now. Errno::Time when the hardware cannot make it.
    virtual Errno setNextEvent(std::uint64_t ticks) = 0;
    /// A device with the feature ktime: arms one interrupt at @p expires.
    virtual Errno setNextTime(MonotonicInstant /*expires*/) { return Errno::NoSys; }
    /// The interrupt is to go to @p cpu from now on (irq_set_affinity).
    virtual void routeInterrupt(unsigned /*cpu*/) { }

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

/// clockevents_handle_noop: of a device that has lost its place.
[[nodiscard]] EventHandler noopHandler();

/// How the kernel was built to deal with devices that refuse short deltas.
struct MinDeltaRules
{
    bool adjusts = false; ///< GENERIC_CLOCKEVENTS_MIN_ADJUST: raises the device's minimum
    Ns limit{}; ///< it is raised to at most one tick
    KernelLog* log = nullptr; ///< hears of it; must be there when it adjusts
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
        std::uint64_t minTicks = 0; ///< for updateFrequency()
        std::uint64_t maxTicks = 0;
        CpuMask cpus = CpuMask::of(0); ///< whom its interrupt can reach
        /// Empty for a device whose interrupt cannot be routed, as a CPU's own timer.
        std::optional<unsigned> irq = std::nullopt;
        Module* owner = nullptr; ///< held while installed; null: built in, or not set
    };

    /// @p driver and what @p tracer writes to must outlive the device.
    ClockEventDevice(Description description, ClockEventDriver& driver, Tracer tracer,
                     MinDeltaRules rules = {})
        : m_description(std::move(description))
        , m_driver(&driver)
        , m_tracer(tracer)
        , m_rules(rules)
    {
    }
    ClockEventDevice(const ClockEventDevice&) = delete;
    ClockEventDevice& operator=(const ClockEventDevice&) = delete;

    [[nodiscard]] const std::string& name() const { return m_description.name; }
    /// Its number in the log of @p tracer, which is also the device's own.
    [[nodiscard]] std::uint32_t nameIn(Tracer& tracer) { return m_tracedName.in(tracer, name()); }
    [[nodiscard]] int rating() const { return m_description.rating; }
    [[nodiscard]] std::uint32_t features() const { return m_description.features; }
    [[nodiscard]] bool has(std::uint32_t feature) const
    {
        return (m_description.features & feature) != 0;
    }
    /// A dummy makes no interrupts of its own: somebody must broadcast to it.
    [[nodiscard]] bool isFunctional() const { return !has(clock_event_feature::dummy); }
    [[nodiscard]] CpuMask cpus() const { return m_description.cpus; }
    /// It serves @p cpu and no other.
    [[nodiscard]] bool isLocalTo(unsigned cpu) const { return cpus() == CpuMask::of(cpu); }
    [[nodiscard]] const std::optional<unsigned>& irq() const { return m_description.irq; }
    [[nodiscard]] Module* owner() const { return m_description.owner; }
    [[nodiscard]] const ClockEventConfig& config() const { return m_description.config; }
    [[nodiscard]] const Description& description() const { return m_description; }
    [[nodiscard]] ClockEventState state() const { return m_state; }
    [[nodiscard]] MonotonicInstant nextEvent() const { return m_nextEvent; }
    [[nodiscard]] std::uint64_t retries() const { return m_retries; }
    [[nodiscard]] const EventHandler& handler() const { return *m_handler; }
    /// The CPU that its interrupt goes to.
    [[nodiscard]] unsigned boundOn() const { return m_boundOn; }

    /// The device is about to be installed as @p role on @p cpu: takes its owner's module. False
    /// when that is going. A device has one role at a time; one that was registered anew while it
    /// had one forgets that, and with it the reference, as the kernel does.
    [[nodiscard]] bool hold(HoldRole role, unsigned cpu);
    /// It is displaced: its owner's module is given back, if it was held.
    void release();
    /// Empty while nobody uses it.
    [[nodiscard]] std::optional<HoldRole> role() const { return m_role; }

    /// The driver's module was unloaded and left the device registered: whoever looks at it faults.
    void setDangling() { m_dangling = true; }
    [[nodiscard]] bool isDangling() const { return m_dangling; }

    /// Registration says so, whatever the device was doing; so does the death of its CPU. The
    /// driver is not asked.
    void markDetached() { m_state = ClockEventState::Detached; }
    void setHandler(EventHandler handler);
    /// Asks the driver for @p state. A refusal leaves the state as it was: NoSys when the device
    /// lacks the feature or the callback, Invalid, with a warning, for oneshot-stopped from
    /// anything but oneshot.
    Errno switchState(ClockEventState state);
    /// Shutdown, and nothing programmed.
    void shutdown();
    void setCpus(CpuMask cpus) { m_description.cpus = cpus; }
    /// Its interrupt goes to @p cpu from now on.
    void bindTo(unsigned cpu);

    /// Arms the device for @p expires, seen at @p now, within its limits.
    ///
    /// Errno::Time when @p expires has passed, unless @p force, which then asks for the shortest
    /// delta and, if the driver refuses that, for ever longer ones. Time too for a negative
    /// expiry, with a warning, which is not even stored. A device that is shut down only notes the
    /// time.
    Errno program(MonotonicInstant expires, MonotonicInstant now, bool force);
    /// The device has fired: nothing is programmed any more.
    void markFired() { m_nextEvent = never<MonotonicClock>; }
    /// Somebody else will see to it that @p expires is not missed.
    void setNextEvent(MonotonicInstant expires) { m_nextEvent = expires; }

    /// It runs at @p frequency Hz from now on (clockevents_update_freq): its limits are worked out
    /// anew, a oneshot device is programmed anew for its next event, a periodic one starts over.
    /// Errors (InvalidArgument): frequency 0 on a device with oneshot.
    [[nodiscard]] Result<Errno> updateFrequency(std::uint32_t frequency, MonotonicInstant now);

    /// The hardware's interrupt: calls the handler, if there is one.
    void fire();

private:
    [[nodiscard]] ModuleHold holdAs(HoldRole role) const;
    [[nodiscard]] Errno askDriver(ClockEventState state);
    [[nodiscard]] Errno stopOneshot();
    void warn(std::string_view text) const;
    Errno programMinDelta(MonotonicInstant now);
    Errno programRaisingMinimum(MonotonicInstant now);
    [[nodiscard]] bool raiseMinimum();
    Errno programAfter(Ns delta);
    Errno programTicks(Ns delta, std::uint8_t flags);

    Description m_description;
    ClockEventDriver* m_driver;
    Tracer m_tracer;
    TracedName m_tracedName;
    MinDeltaRules m_rules;
    std::unique_ptr<EventHandler> m_handler = std::make_unique<EventHandler>();
    std::vector<std::unique_ptr<EventHandler>> m_replaced; // by the next one while they ran
    unsigned m_calls = 0; // that run, one within the other
    MonotonicInstant m_nextEvent = never<MonotonicClock>;
    std::uint64_t m_retries = 0;
    std::optional<HoldRole> m_role;
    unsigned m_roleCpu = 0;
    unsigned m_boundOn = 0;
    bool m_dangling = false;
    ClockEventState m_state = ClockEventState::Detached;
};

} // namespace timerscope
