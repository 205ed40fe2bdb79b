// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/sysfs_text.h"

namespace timerscope {

namespace {

constexpr std::size_t nameMax = 31;

} // namespace

SysfsName sysfsName(std::string_view text)
{
    if (text.empty() || text.size() > nameMax) {
        return {.error = Errno::Invalid, .name = {}};
    }
    if (text.back() == '\n') {
        text.remove_suffix(1);
    }
    return {.error = Errno::Ok, .name = std::string{text}};
}

} // namespace timerscope
