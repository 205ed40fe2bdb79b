// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/gpio.h"

#include <utility>

namespace timerscope {

Result<EdgeWatch> watchGpioLine(std::string_view chip, std::string_view line, EdgeChoice choice)
{
    auto source = openEdgeSource(chip, line, choice);
    if (!source) {
        return tl::unexpected(std::move(source.error()));
    }
    return EdgeWatch(std::move(*source), choice);
}

} // namespace timerscope
