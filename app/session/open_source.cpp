// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/open_source.h"

#include "app/session/attach_device.h"
#include "app/session/backend_choice.h"
#include "app/session/catalogue.h"
#include "app/session/device_source.h"
#include "app/session/model_source.h"
#include "backends/linux/linux_source.h"
#include "engine/base/wording.h"

#include <algorithm>
#include <array>
#include <utility>

namespace timerscope {

namespace {

using Opened = Result<std::unique_ptr<Source>>;

Opened openSimulated(std::string_view rest, const Resources& resources, const OpenOptions& options)
{
    const auto [name, backend] = splitPlace(rest);
    if (name.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    R"("sim:" names no scenario; write sim:NAME or sim:FILE.toml)");
    }
    Result<Scenario> scenario = loadScenario(resources, name);
    if (!scenario) {
        return tl::unexpected(scenario.error());
    }
    Result<Bench> bench = openBench(std::move(*scenario), backend, resources, options);
    if (!bench) {
        return tl::unexpected(bench.error());
    }
    return openModel(std::move(*bench), "sim:" + std::string(rest), options.detail);
}

Opened openLiveKernel(std::string_view rest, const Resources& /*resources*/,
                      const OpenOptions& options)
{
    if (!rest.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    "source " + inQuotes("linux:" + std::string(rest))
                        + R"( has more than "linux:"; nothing goes behind it)");
    }
    std::error_code ignored;
    if (!std::filesystem::is_directory(options.root, ignored)) {
        return fail(ErrorCode::InvalidArgument,
                    "the root " + inQuotes(options.root.string())
                        + " is not a folder; it must hold sys/ and proc/");
    }
    return openLinux(options.root);
}

/// A device by itself. What stood before the ':' is @p scheme.
Opened openAttached(std::string_view scheme, std::string_view rest, const Resources& resources,
                    const OpenOptions& options)
{
    std::string uri = std::string(scheme) + std::string(rest);
    Result<AttachedDevice> device = attachDevice(uri, resources, options);
    return device ? openDevice(std::move(*device), std::move(uri))
                  : Opened(tl::unexpected(device.error()));
}

Opened openBoard(std::string_view rest, const Resources& resources, const OpenOptions& options)
{
    return openAttached("stm32:", rest, resources, options);
}

Opened openMapped(std::string_view rest, const Resources& resources, const OpenOptions& options)
{
    return openAttached("mmio:", rest, resources, options);
}

Opened refuse(std::string_view scheme)
{
    return fail(ErrorCode::NotSupported,
                "this version cannot open " + inQuotes(scheme)
                    + " sources yet; it opens sim:, linux:, stm32: and mmio:");
}

struct Scheme
{
    std::string_view name;
    Opened (*open)(std::string_view rest, const Resources&, const OpenOptions&);
};

constexpr std::array<Scheme, 5> schemes{{
    {"sim:", openSimulated},
    {"linux:", openLiveKernel},
    {"file:",
     [](std::string_view, const Resources&, const OpenOptions&) { return refuse("file:"); }},
    {"stm32:", openBoard},
    {"mmio:", openMapped},
}};

} // namespace

Result<std::unique_ptr<Source>> openSource(std::string_view uri, const Resources& resources,
                                           const OpenOptions& options)
{
    const auto scheme = std::ranges::find_if(
        schemes, [uri](const Scheme& known) { return uri.starts_with(known.name); });
    if (scheme != schemes.end()) {
        return scheme->open(uri.substr(scheme->name.size()), resources, options);
    }
    return fail(ErrorCode::InvalidArgument,
                "source " + inQuotes(uri)
                    + " is of no known kind; known are sim:NAME, linux:, file:PATH, stm32:PORT "
                      "and mmio:DEVICE");
}

} // namespace timerscope
