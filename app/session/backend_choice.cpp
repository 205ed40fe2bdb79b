// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/backend_choice.h"

#include "engine/base/wording.h"

namespace timerscope {

namespace {

constexpr std::string_view hostBackend = "host";

bool isDevice(std::string_view text)
{
    return text.starts_with("stm32:") || text.starts_with("mmio:");
}

} // namespace

bool isBackend(std::string_view text)
{
    return text == simulatedBackend || text == hostBackend || isDevice(text);
}

Result<Bench> openBench(Scenario scenario, std::string_view backend, const Resources& /*resources*/,
                        const OpenOptions& /*options*/)
{
    if (backend == simulatedBackend) {
        return simulatedBench(std::move(scenario));
    }
    if (backend == hostBackend) {
        return hostBench(std::move(scenario));
    }
    return fail(ErrorCode::InvalidArgument,
                "backend " + inQuotes(backend)
                    + " is not known; known are sim, host, stm32:PORT and mmio:NAME");
}

} // namespace timerscope
