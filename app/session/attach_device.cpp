// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/attach_device.h"

#include "app/session/catalogue.h"
#include "backends/mmio/mmio_block.h"
#include "backends/stm32/open_stm32.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

/// What the hardware says of itself holds.
void believe(DeviceDescription& description, const TimerBlock& block)
{
    for (CounterDescription& counter : description.counters) {
        const auto own = std::ranges::find(block.counters(), counter.name, &CounterInfo::name);
        if (own != block.counters().end()) {
            counter.rate = own->rate;
            counter.bits = own->bits;
            counter.readCost = own->readCost;
        }
    }
    for (EventDescription& event : description.events) {
        const auto own = std::ranges::find(block.channels(), event.name, &EventChannelInfo::name);
        if (own != block.channels().end()) {
            event.rate = own->rate;
            event.features = own->features;
            event.minTicks = own->minTicks;
            event.maxTicks = own->maxTicks;
        }
    }
}

Result<AttachedDevice> finish(DeviceDescription description,
                              Result<std::unique_ptr<AttachedBlock>> block)
{
    if (!block) {
        return tl::unexpected(block.error());
    }
    believe(description, **block);
    return AttachedDevice{.description = std::move(description), .block = std::move(*block)};
}

Result<AttachedDevice> attachMapped(std::string_view name, const Resources& resources,
                                    const OpenOptions& options)
{
    auto device = loadDevice(resources, name);
    if (!device) {
        return tl::unexpected(device.error());
    }
    const auto mapped
        = std::ranges::find_if(device->counters, [](const CounterDescription& counter) {
              return counter.mmio.has_value();
          });
    if (mapped == device->counters.end()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("device {} has no mapped counter: none of its counters has a "
                                "[counter.mmio] table that says where it is",
                                inQuotes(name)));
    }
    const MmioConfig config{.name = mapped->name,
                            .rate = mapped->rate,
                            .bits = mapped->bits,
                            .where = mapped->mmio.value_or(MappedCounter{}),
                            .physicalMemory = options.physicalMemory};
    return finish(std::move(*device), openMmio(config));
}

Result<AttachedDevice> attachBoard(std::string_view port, const Resources& resources)
{
    constexpr std::string_view description = "stm32f405";
    auto device = loadDevice(resources, description);
    return device ? finish(std::move(*device), openStm32(std::string(port)))
                  : Result<AttachedDevice>(tl::unexpected(device.error()));
}

} // namespace

Result<AttachedDevice> attachDevice(std::string_view uri, const Resources& resources,
                                    const OpenOptions& options)
{
    const std::string_view name = uri.substr(uri.find(':') + 1);
    if (name.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} names nothing to attach to; write mmio:NAME or stm32:PORT",
                                inQuotes(uri)));
    }
    return uri.starts_with("stm32:") ? attachBoard(name, resources)
                                     : attachMapped(name, resources, options);
}

} // namespace timerscope
