// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/sysfs_listing.h"

#include "engine/machine/machine.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope::oracle {
namespace {

constexpr std::string_view folder = "/sys/bus/clockevents/devices/";
constexpr std::size_t screenWidth = 78;
constexpr std::size_t columnGap = 2;

/// What the driver core gives every device, and what clockevents add.
std::vector<std::string> filesOf(std::string_view device)
{
    std::vector<std::string> files{"power", "subsystem", "uevent"};
    for (const std::string_view file : clockEventFiles(device == "broadcast")) {
        files.emplace_back(file);
    }
    std::ranges::sort(files);
    return files;
}

/// Down the columns, as many of them as the screen is wide for.
void addColumns(std::vector<std::string>& lines, const std::vector<std::string>& files)
{
    const std::size_t longest = std::ranges::max(files, {}, &std::string::size).size();
    const std::size_t width = longest + columnGap;
    const std::size_t columns = std::max<std::size_t>(1, screenWidth / width);
    const std::size_t rows = (files.size() + columns - 1) / columns;
    for (std::size_t row = 0; row < rows; ++row) {
        std::string line;
        for (std::size_t place = row; place < files.size(); place += rows) {
            line += fmt::format("{:<{}}", files[place], place + rows < files.size() ? width : 0);
        }
        lines.push_back(std::move(line));
    }
}

} // namespace

Result<CommandResult> listSysfs(const KernelCommand& command)
{
    std::vector<std::string> folders = command.words;
    std::ranges::sort(folders);
    CommandResult result;
    for (const std::string& name : folders) {
        const std::string_view device
            = name.starts_with(folder) ? std::string_view{name}.substr(folder.size()) : "";
        if (device.empty()) {
            return notModelled(fmt::format("ls {}", name));
        }
        if (!result.lines.empty()) {
            result.lines.emplace_back();
        }
        result.lines.push_back(name + ":");
        addColumns(result.lines, filesOf(device.substr(0, device.find('/'))));
    }
    return result;
}

} // namespace timerscope::oracle
