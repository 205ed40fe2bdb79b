// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/gpio/edge_source.h"
#include "backends/gpio/gpio_chips.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <gpiod.hpp>
#include <optional>
#include <system_error>
#include <utility>

namespace timerscope {

namespace {

/// `line 3 "button" of gpiochip0 (pl061)`
std::string identityOf(const gpiod::chip& chip, const gpiod::line& line)
{
    const std::string name = line.name().empty() ? "" : " " + inQuotes(line.name());
    return fmt::format("line {}{} of {} ({})", line.offset(), name, chip.name(), chip.label());
}

class GpiodEdgeSource final : public EdgeSource
{
public:
    GpiodEdgeSource(const gpiod::chip& chip, gpiod::line line)
        : m_line(std::move(line))
        , m_identity(identityOf(chip, m_line))
    {
    }

    [[nodiscard]] std::string identity() const override { return m_identity; }
    // Linux's queue for a line's events in the first uAPI, and what libgpiod 1.6 reads at once.
    [[nodiscard]] std::size_t queueLength() const override { return 16; }
    [[nodiscard]] Result<bool> wait(Ns limit) override;
    [[nodiscard]] Result<std::vector<KernelEdge>> read() override;

private:
    [[nodiscard]] tl::unexpected<Error> lost(const std::error_code& error) const;

    gpiod::line m_line; ///< released with the last reference to its chip
    std::string m_identity;
};

tl::unexpected<Error> GpiodEdgeSource::lost(const std::error_code& error) const
{
    return fail(ErrorCode::DeviceLost,
                fmt::format("the GPIO {} is lost ({})", m_identity, error.message()));
}

Result<bool> GpiodEdgeSource::wait(Ns limit)
{
    try {
        return m_line.event_wait(limit);
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::interrupted) {
            return false;
        }
        return lost(error.code());
    }
}

Result<std::vector<KernelEdge>> GpiodEdgeSource::read()
{
    try {
        std::vector<KernelEdge> edges;
        for (const gpiod::line_event& event : m_line.event_read_multiple()) {
            const bool isRising = event.event_type == gpiod::line_event::RISING_EDGE;
            edges.push_back({.kind = isRising ? EdgeKind::Rising : EdgeKind::Falling,
                             .stamp = event.timestamp});
        }
        return edges;
    } catch (const std::system_error& error) {
        return lost(error.code());
    }
}

int requestOf(EdgeChoice choice)
{
    switch (choice) {
    case EdgeChoice::Rising:
        return gpiod::line_request::EVENT_RISING_EDGE;
    case EdgeChoice::Falling:
        return gpiod::line_request::EVENT_FALLING_EDGE;
    default:
        return gpiod::line_request::EVENT_BOTH_EDGES;
    }
}

/// Why a chip was not opened: there is none, it is closed, or it is called something else.
Error chipNotOpened(std::string_view name)
{
    const auto chips = gpioChips();
    if (!chips) {
        return chips.error();
    }
    std::vector<std::string_view> known;
    for (const GpioChip& chip : *chips) {
        if (chip.problem.empty()) {
            known.emplace_back(chip.name);
        } else if (chip.name == name) {
            return {.code = ErrorCode::Unavailable,
                    .what = fmt::format("the GPIO chip {} cannot be used: {}", name, chip.problem)};
        }
    }
    return {.code = ErrorCode::NotFound,
            .what
            = fmt::format("there is no GPIO chip {}{}", inQuotes(name), hintFor(name, known))};
}

std::optional<unsigned> numberIn(std::string_view text)
{
    unsigned number = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto read = std::from_chars(begin, end, number);
    return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

/// Empty when the chip has no such line.
gpiod::line findLine(const gpiod::chip& chip, std::string_view name)
{
    if (const auto number = numberIn(name)) {
        return *number < chip.num_lines() ? chip.get_line(*number) : gpiod::line{};
    }
    for (unsigned i = 0; i < chip.num_lines(); ++i) {
        if (gpiod::line line = chip.get_line(i); line.name() == name) {
            return line;
        }
    }
    return {};
}

Error requestFailed(const std::string& identity, const gpiod::line& line,
                    const std::error_code& error)
{
    std::string why = error.message();
    if (error == std::errc::device_or_resource_busy) {
        why = line.consumer().empty() ? std::string("it is in use")
                                      : inQuotes(line.consumer()) + " uses it";
    } else if (error == std::errc::no_such_device || error == std::errc::no_such_device_or_address
               || error == std::errc::invalid_argument) {
        why = fmt::format("its chip raises no interrupts for it ({})", error.message());
    }
    return {.code = ErrorCode::Unavailable,
            .what = fmt::format("the GPIO {} cannot be watched: {}", identity, why)};
}

Result<std::unique_ptr<EdgeSource>> request(const gpiod::chip& chip, const gpiod::line& line,
                                            EdgeChoice choice)
{
    const std::string identity = identityOf(chip, line);
    if (line.direction() == gpiod::line::DIRECTION_OUTPUT) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the GPIO {} is an output, which watching would turn into an "
                                "input; it must be an input",
                                identity));
    }
    try {
        line.request({.consumer = "timerscope", .request_type = requestOf(choice), .flags = {}});
    } catch (const std::system_error& error) {
        return tl::unexpected(requestFailed(identity, line, error.code()));
    }
    return std::make_unique<GpiodEdgeSource>(chip, line);
}

} // namespace

Result<std::unique_ptr<EdgeSource>> openEdgeSource(std::string_view chip, std::string_view line,
                                                   EdgeChoice choice)
{
    try {
        const gpiod::chip itsChip{std::string(chip)};
        const gpiod::line itsLine = findLine(itsChip, line);
        if (!itsLine) {
            return fail(ErrorCode::NotFound,
                        fmt::format("the GPIO chip {} has no line {}; it has {}, from 0 on",
                                    itsChip.name(), inQuotes(line), itsChip.num_lines()));
        }
        return request(itsChip, itsLine, choice);
    } catch (const std::system_error&) {
        return tl::unexpected(chipNotOpened(chip));
    }
}

} // namespace timerscope
