// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/backend_choice.h"

#include "app/session/attach_device.h"
#include "app/session/catalogue.h"
#include "backends/stm32/stm32_ports.h"
#include "engine/base/wording.h"

#include <algorithm>

namespace timerscope {

namespace {

constexpr std::string_view hostBackend = "host";

bool isDevice(std::string_view text)
{
    return text.starts_with("stm32:") || text.starts_with("mmio:");
}

/// The device that a source is, or that its scenario runs on; empty without.
std::string_view deviceOf(std::string_view uri)
{
    const std::string_view device = isDevice(uri) ? uri : splitPlace(uri).backend;
    return isDevice(device) ? device : std::string_view{};
}

} // namespace

bool isBackend(std::string_view text)
{
    return text == simulatedBackend || text == hostBackend || isDevice(text);
}

ScenarioPlace splitPlace(std::string_view text)
{
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || !isBackend(text.substr(at + 1))) {
        return {.scenario = text};
    }
    return {.scenario = text.substr(0, at), .backend = text.substr(at + 1)};
}

std::string onBackend(std::string_view uri, std::string_view backend)
{
    std::string result(splitPlace(uri).scenario);
    if (backend != simulatedBackend) {
        result += '@';
        result += backend;
    }
    return result;
}

bool sharesDevice(std::string_view uri, std::string_view other)
{
    constexpr std::string_view board = "stm32:";
    constexpr std::string_view any = "stm32:auto";
    const std::string_view one = deviceOf(uri);
    const std::string_view two = deviceOf(other);
    return one.starts_with(board) && two.starts_with(board)
        && (one == two || one == any || two == any);
}

std::vector<BackendOffer> offeredBackends(const Resources& resources)
{
    std::vector<BackendOffer> offers{
        {.backend = std::string(simulatedBackend), .title = "Simulated, deterministic"},
        {.backend = std::string(hostBackend), .title = "This computer's clock and timer"}};
    for (const Stm32Port& port : stm32Ports()) {
        const std::string kind = port.description.empty() ? "Board" : port.description;
        offers.push_back({.backend = "stm32:" + port.path, .title = kind + " on " + port.path});
    }
    for (const Resources::Entry& entry : resources.devices()) {
        const auto device = loadDevice(resources, entry.name);
        const auto isMapped
            = [](const CounterDescription& counter) { return counter.mmio.has_value(); };
        if (device && std::ranges::any_of(device->counters, isMapped)) {
            offers.push_back(
                {.backend = "mmio:" + entry.name, .title = "Mapped counter " + entry.name});
        }
    }
    return offers;
}

Result<Bench> openBench(Scenario scenario, std::string_view backend, const Resources& resources,
                        const OpenOptions& options)
{
    if (backend == simulatedBackend) {
        return simulatedBench(std::move(scenario));
    }
    if (backend == hostBackend) {
        return hostBench(std::move(scenario));
    }
    if (isDevice(backend)) {
        auto device = attachDevice(backend, resources, options);
        return device ? attachedBench(std::move(scenario), std::move(*device))
                      : Result<Bench>(tl::unexpected(device.error()));
    }
    return fail(ErrorCode::InvalidArgument,
                "backend " + inQuotes(backend)
                    + " is not known; known are sim, host, stm32:PORT and mmio:NAME");
}

} // namespace timerscope
