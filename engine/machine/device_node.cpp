// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/device_node.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

bool DeviceNode::isCompatibleWith(std::span<const std::string> names) const
{
    return std::ranges::any_of(compatible, [names](const std::string& own) {
        return std::ranges::find(names, own) != names.end();
    });
}

const std::string* DeviceNode::clockOf(std::string_view input) const
{
    const auto found = std::ranges::find(clocks, input, &NodeClock::input);
    return found != clocks.end() ? &found->clock : nullptr;
}

std::string_view DeviceNode::lastPart() const
{
    const std::string_view whole = name;
    return whole.substr(whole.find_last_of('/') + 1);
}

std::string_view DeviceNode::unitAddress() const
{
    const std::string_view part = lastPart();
    const std::size_t at = part.find('@');
    return at != std::string_view::npos ? part.substr(at + 1) : std::string_view{};
}

std::string DeviceNode::path() const
{
    return name.starts_with('/') ? name : '/' + name;
}

std::string DeviceNode::deviceName() const
{
    const std::string_view part = lastPart();
    return reg ? fmt::format("{:x}.{}", reg->base, part.substr(0, part.find('@')))
               : std::string(part);
}

} // namespace timerscope
