// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/cpu_mask.h"

#include <fmt/format.h>

namespace timerscope {

std::string listText(CpuMask mask)
{
    std::string text;
    for (auto next = mask.begin(); next != mask.end();) {
        const unsigned from = *next;
        unsigned to = from;
        while (++next != mask.end() && *next == to + 1) {
            ++to;
        }
        const char* const separator = text.empty() ? "" : ",";
        text += from == to ? fmt::format("{}{}", separator, from)
                           : fmt::format("{}{}-{}", separator, from, to);
    }
    return text;
}

} // namespace timerscope
