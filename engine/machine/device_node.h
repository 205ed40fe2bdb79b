// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// Physical addresses of a device's registers.
struct MemoryRegion
{
    std::uint64_t base = 0;
    std::uint64_t size = 1; ///< bytes, 1 or more; base + size is at most 2^64 - 1
    [[nodiscard]] bool overlaps(const MemoryRegion& other) const
    {
        return base < other.base + other.size && other.base < base + size;
    }
    friend bool operator==(const MemoryRegion&, const MemoryRegion&) = default;
};

/// An entry of a node's clock-names and clocks.
struct NodeClock
{
    std::string input; ///< what the driver asks for: "PCLK"
    std::string clock; ///< of the machine's clock tree: "apb"
    friend bool operator==(const NodeClock&, const NodeClock&) = default;
};

/// A device tree node of a timer, or of something else that claims addresses.
struct DeviceNode
{
    std::string name; ///< "mfoc-clocksource@640000e4", or its path "/ahb/apb/timer@1e782000"
    std::vector<std::string> compatible; ///< the most special one first
    std::optional<MemoryRegion> reg;
    std::vector<NodeClock> clocks;
    std::string status = "okay";
    unsigned line = 0; ///< where it stands in its file; 0: in none

    /// of_device_is_available(): "okay" or "ok".
    [[nodiscard]] bool isAvailable() const { return status == "okay" || status == "ok"; }
    /// Whether a driver for @p names finds it.
    [[nodiscard]] bool isCompatibleWith(std::span<const std::string> names) const;
    /// Null when no clock goes into @p input.
    [[nodiscard]] const std::string* clockOf(std::string_view input) const;
    /// The address behind the name's @; empty when there is none.
    [[nodiscard]] std::string_view unitAddress() const;
    /// As the kernel prints it: "/ahb/apb/timer@1e782000".
    [[nodiscard]] std::string path() const;
    /// Of the platform device made of it (of_device_make_bus_id): "640000e4.mfoc-clocksource", or
    /// the node's own name when it has no reg.
    [[nodiscard]] std::string deviceName() const;

    friend bool operator==(const DeviceNode&, const DeviceNode&) = default;

private:
    [[nodiscard]] std::string_view lastPart() const;
};

} // namespace timerscope
