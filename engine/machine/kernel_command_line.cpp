// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/kernel_command_line.h"

#include <algorithm>

namespace timerscope {

namespace {

bool isOn(std::string_view value)
{
    return value != "off" && value != "0" && value != "n" && value != "N";
}

void apply(KernelCommandLine& line, std::string_view parameter)
{
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) {
        return;
    }
    const std::string_view key = parameter.substr(0, equals);
    const std::string_view value = parameter.substr(equals + 1);
    if (key == "clocksource") {
        line.clocksource = std::string{value};
    } else if (key == "highres") {
        line.highRes = isOn(value);
    } else if (key == "nohz") {
        line.noHz = isOn(value);
    } else if (key == "skew_tick") {
        line.skewTick = value != "0";
    } else if (key == "nohz_full") {
        line.fullNohz = parseCpuList(value).value_or(CpuMask{});
    }
}

} // namespace

KernelCommandLine parseKernelCommandLine(std::string_view text)
{
    KernelCommandLine line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        apply(line, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return line;
}

} // namespace timerscope
