// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/machine/config.h"
#include "engine/machine/device_description.h"
#include "engine/trace/tracer.h"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

class Module;

/// What goes wrong with a probe though the device is there.
enum class ProbeDenial : std::uint8_t
{
    NoMemory, ///< the driver's first allocation fails
    RegistrationRefused, ///< the core does not take the driver's clocksource
};

/// How a driver fared with its device.
struct ProbeAnswer
{
    bool isBound = false; ///< it has one, and goes on to register what that is
    Errno error = Errno::Ok; ///< of the first instance that was refused
};

/// Which driver has which device tree node, and what it took to get it.
///
/// Rules (drivers/base/dd.c and platform.c, drivers/of/device.c, lib/devres.c,
/// drivers/clocksource/timer-probe.c, Linux 6.1; seed 002): a driver finds every available node
/// that it is compatible with. For each it takes memory, its registers' addresses and its clock,
/// in this order, and then registers; what was taken is given back when a later one is refused. An
/// early timer maps its registers without claiming their addresses. A device that no node speaks
/// of is there all the same (a board file's, or a PC's). Threading: the engine's thread.
class PlatformBus
{
public:
    /// Both must outlive this. Nodes and clocks are the configuration's.
    PlatformBus(const MachineConfig& config, KernelLog& kernelLog)
        : m_config(config)
        , m_kernelLog(kernelLog)
    {
    }

    /// The next probe of @p device that comes so far is refused.
    void deny(std::string_view device, ProbeDenial denial);

    /// The driver of @p device looks for it; @p module is its code, null when built in. A refusal
    /// is told in the kernel's log as the driver and the driver core do. NoDevice: no node of it is
    /// available. Busy: the node is bound, its addresses are another's, or the driver keeps a
    /// single instance and has it. NoMemory and Invalid as denied; Invalid and NoAddress without
    /// reg; NoEntry: no clock of that name.
    ProbeAnswer probe(const DeviceDescription& device, const Module* module);
    /// The drivers of @p module are gone: what they held is free.
    void unbind(const Module& module);

    // --- looking --------------------------------------------------------------------------------

    /// How many instances are bound to a driver.
    [[nodiscard]] std::size_t bound() const { return m_bindings.size(); }
    /// The claimed addresses, in the order that they were claimed.
    [[nodiscard]] const std::vector<MemoryRegion>& regions() const { return m_regions; }
    /// How many drivers need @p clock, themselves or by a clock below it.
    [[nodiscard]] unsigned users(std::string_view clock) const;

private:
    struct Denied
    {
        std::string device;
        ProbeDenial denial;
    };
    /// An instance that a driver has, or is about to have.
    struct Binding
    {
        std::string device; ///< of the catalogue
        const DeviceNode* node = nullptr; ///< null: no node speaks of it
        const Module* module = nullptr;
        std::optional<MemoryRegion> region;
        std::string clock; ///< empty: none
    };

    [[nodiscard]] Errno bind(const DeviceDescription& device, Binding binding);
    [[nodiscard]] Errno take(const DeviceDescription& device, Binding& binding);
    [[nodiscard]] Errno claimRegion(const DriverDescription& driver, Binding& binding);
    [[nodiscard]] Errno enableClock(const DriverDescription& driver, Binding& binding) const;
    void release(const Binding& binding);
    [[nodiscard]] bool takeDenial(std::string_view device, ProbeDenial denial);
    [[nodiscard]] bool isBound(const DeviceNode& node) const;
    [[nodiscard]] bool hasInstance(std::string_view device) const;
    void tellFailure(const DriverDescription& driver, const DeviceNode* node, Errno error);
    void tell(const DriverDescription& driver, const DeviceNode* node, std::string_view text);

    const MachineConfig& m_config;
    KernelLog& m_kernelLog;
    std::vector<Denied> m_denied;
    std::vector<Binding> m_bindings;
    std::vector<MemoryRegion> m_regions;
};

} // namespace timerscope
