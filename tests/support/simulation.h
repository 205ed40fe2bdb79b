// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/model_source.h"

#include <string>

namespace timerscope::test {

/// @p scenario on simulated hardware.
inline Result<std::unique_ptr<Source>> simulate(Scenario scenario, std::string uri = "sim:test")
{
    auto bench = simulatedBench(std::move(scenario));
    if (!bench) {
        return tl::unexpected(bench.error());
    }
    return openModel(std::move(*bench), std::move(uri));
}

} // namespace timerscope::test
