// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/number_text.h"

#include <fmt/format.h>

#include <array>

namespace timerscope {

namespace {

constexpr std::string_view separator = "\u202f";
constexpr std::string_view minus = "\u2212";

struct Unit
{
    std::int64_t ns;
    int decimals; ///< down to one nanosecond
    std::string_view name;
};
constexpr std::array units{Unit{nsPerSecond, 9, "s"}, Unit{1'000'000, 6, "ms"},
                           Unit{1'000, 3, "µs"}, Unit{1, 0, "ns"}};

std::uint64_t magnitude(std::int64_t value)
{
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

std::string withSign(std::int64_t value, std::string text)
{
    return value < 0 ? std::string{minus} + text : text;
}

std::string groupWhole(std::uint64_t number)
{
    const std::string digits = fmt::format("{}", number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) {
            text += separator;
        }
        text += digits[i];
    }
    return text;
}

/// ".238 478 000" for the fraction @p digits, whose length is a multiple of three.
std::string groupFraction(std::string_view digits)
{
    std::string text;
    for (std::size_t i = 0; i < digits.size(); i += 3) {
        text += i == 0 ? std::string_view{"."} : separator;
        text += digits.substr(i, 3);
    }
    return text;
}

const Unit& unitFor(std::uint64_t ns)
{
    for (const Unit& unit : units) {
        if (ns >= static_cast<std::uint64_t>(unit.ns)) {
            return unit;
        }
    }
    return units.back();
}

std::string fractionDigits(std::uint64_t ns, const Unit& unit)
{
    const std::uint64_t rest = ns % static_cast<std::uint64_t>(unit.ns);
    return unit.decimals == 0 ? std::string{} : fmt::format("{:0{}}", rest, unit.decimals);
}

std::string unitText(std::uint64_t ns, const Unit& unit, std::string_view fraction)
{
    return fmt::format("{}{} {}", groupWhole(ns / static_cast<std::uint64_t>(unit.ns)),
                       groupFraction(fraction), unit.name);
}

} // namespace

std::string groupedText(std::int64_t number)
{
    return withSign(number, groupWhole(magnitude(number)));
}

std::string instantText(std::int64_t ns)
{
    const std::uint64_t size = magnitude(ns);
    return withSign(ns, unitText(size, units.front(), fractionDigits(size, units.front())));
}

std::string spanText(Ns span)
{
    const std::uint64_t size = magnitude(span.count());
    const Unit& unit = unitFor(size);
    std::string fraction = fractionDigits(size, unit);
    while (fraction.ends_with("000")) {
        fraction.resize(fraction.size() - 3);
    }
    return withSign(span.count(), unitText(size, unit, fraction));
}

std::string roundedSpanText(Ns span)
{
    std::uint64_t size = magnitude(span.count());
    const std::uint64_t step = static_cast<std::uint64_t>(unitFor(size).ns) / 1000;
    if (step > 0) {
        size = (size + step / 2) / step * step; // may carry into the next unit
    }
    const Unit& unit = unitFor(size);
    const std::string fraction = fractionDigits(size, unit).substr(0, 3);
    return withSign(span.count(), unitText(size, unit, fraction));
}

std::string plainText(std::string_view text)
{
    std::string plain;
    while (!text.empty()) {
        const bool isMinus = text.starts_with(minus);
        if (isMinus || text.starts_with(separator)) {
            plain += isMinus ? "-" : "";
            text.remove_prefix(isMinus ? minus.size() : separator.size());
        } else {
            plain += text.front();
            text.remove_prefix(1);
        }
    }
    return plain;
}

std::string longSpanText(WideUnsigned ns)
{
    constexpr std::uint64_t secondsPerDay = 86'400;
    constexpr std::uint64_t secondsPerYear = 31'557'600; // of 365.25 days
    const WideUnsigned seconds = ns / static_cast<std::uint64_t>(nsPerSecond);
    // 2^96 s are beyond every counter: what is shown fits 63 bits.
    if (seconds >= 2 * secondsPerYear) {
        return groupedText(static_cast<std::int64_t>(seconds / secondsPerYear)) + " years";
    }
    if (seconds >= 2 * secondsPerDay) {
        return groupedText(static_cast<std::int64_t>(seconds / secondsPerDay)) + " days";
    }
    return roundedSpanText(Ns{static_cast<std::int64_t>(ns)});
}

} // namespace timerscope
