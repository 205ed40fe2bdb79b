// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/frequency_text.h"

#include "engine/base/decimal.h"
#include "engine/base/wording.h"

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

struct Unit
{
    std::string_view name;
    std::uint64_t hz;
};

// Shown from the first that fits; the last one is only read.
constexpr std::array units{
    Unit{"GHz", 1'000'000'000},
    Unit{"MHz", 1'000'000},
    Unit{"kHz", 1'000},
    Unit{"Hz", 1},
    Unit{"", 1},
};

Result<Hertz> refuse(std::string_view text, std::string_view why)
{
    return fail(ErrorCode::OutOfRange, "frequency " + inQuotes(text) + std::string(why));
}

} // namespace

Result<Hertz> parseFrequency(std::string_view text)
{
    const Decimal number = readDecimal(text);
    std::string_view rest = text.substr(number.length);
    if (rest.size() > 1 && rest.front() == ' ') {
        rest.remove_prefix(1);
    }
    const auto* const unit = std::ranges::find(units, rest, &Unit::name);
    if (number.length == 0 || unit == units.end()) {
        return fail(ErrorCode::InvalidArgument,
                    "frequency " + inQuotes(text)
                        + " is not a number with Hz, kHz, MHz or GHz behind it, such as "
                          "\"24.75MHz\" or \"32768\"");
    }
    const auto hertz = wholeOf(number, unit->hz);
    if (!hertz && hertz.error() == DecimalFault::NotWhole) {
        return refuse(text, " is finer than a whole hertz");
    }
    if (!hertz || *hertz > highestFrequency.value) {
        return refuse(text, " is above 4294967295 kHz, the most that can be registered");
    }
    if (*hertz == 0) {
        return refuse(text, " is 0; it must be at least 1 Hz");
    }
    return Hertz{static_cast<std::uint64_t>(*hertz)};
}

std::string frequencyText(Hertz rate)
{
    const auto* const unit = std::ranges::find_if(
        units, [rate](const Unit& candidate) { return rate.value >= candidate.hz; });
    if (unit == units.end()) {
        return "no rate";
    }
    std::string text = std::to_string(rate.value / unit->hz);
    if (rate.value % unit->hz != 0) {
        std::string fraction = std::to_string(unit->hz + rate.value % unit->hz);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        text += "." + fraction.substr(1);
    }
    return text + " " + std::string(unit->name);
}

} // namespace timerscope
