// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/gpio/gpio_chips.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <gpiod.hpp>
#include <string_view>
#include <system_error>

namespace timerscope {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "gpiochip";

/// 3 for "gpiochip3"; chips are listed by it, as "gpiochip10" comes after "gpiochip9".
unsigned numberOf(const fs::path& file)
{
    const std::string digits = file.filename().string().substr(prefix.size());
    unsigned number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

std::vector<fs::path> chipFiles(const fs::path& devices)
{
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(devices, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().filename().string().starts_with(prefix)) {
            files.push_back(entry->path());
        }
    }
    std::ranges::sort(files, {}, [](const fs::path& file) { return numberOf(file); });
    return files;
}

GpioLine describe(const gpiod::line& line)
{
    return {.number = line.offset(),
            .name = line.name(),
            .consumer = line.consumer(),
            .isUsed = line.is_used(),
            .isOutput = line.direction() == gpiod::line::DIRECTION_OUTPUT,
            .isActiveLow = line.active_state() == gpiod::line::ACTIVE_LOW};
}

std::string problemOf(const std::error_code& error)
{
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) {
        return "this user may not open it; membership in its group (often gpio) or root allows it";
    }
    if (error == std::errc::no_such_device || error == std::errc::inappropriate_io_control_operation
        || error == std::errc::no_such_file_or_directory) {
        return "no GPIO chip is behind this file";
    }
    return fmt::format("it cannot be opened ({})", error.message());
}

GpioChip describe(const fs::path& file)
{
    GpioChip description{.name = file.filename().string(), .label = {}, .lines = {}, .problem = {}};
    try {
        const gpiod::chip chip(file.string(), gpiod::chip::OPEN_BY_PATH);
        description.label = chip.label();
        for (unsigned i = 0; i < chip.num_lines(); ++i) {
            description.lines.push_back(describe(chip.get_line(i)));
        }
    } catch (const std::system_error& error) {
        description.problem = problemOf(error.code());
    }
    return description;
}

} // namespace

Result<std::vector<GpioChip>> gpioChips(const fs::path& devices)
{
    const std::vector<fs::path> files = chipFiles(devices);
    if (files.empty()) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("there is no GPIO chip here: {}/{}* does not exist (no driver for "
                                "one is loaded, or the machine has none)",
                                devices.string(), prefix));
    }
    std::vector<GpioChip> chips(files.size());
    std::ranges::transform(files, chips.begin(),
                           [](const fs::path& file) { return describe(file); });
    if (std::ranges::none_of(chips, &std::string::empty, &GpioChip::problem)) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("the GPIO chip {} cannot be used: {}", files.front().string(),
                                chips.front().problem));
    }
    return chips;
}

} // namespace timerscope
