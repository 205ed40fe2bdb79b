// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/decimal.h"

#include <algorithm>

namespace timerscope {

namespace {

// 1 h is 2^13 * 5^11 * 9 * 10 ns: a fraction of it with more digits than this cannot be whole.
constexpr std::size_t longestFraction = 13;
// More digits than any allowed number of nanoseconds has.
constexpr std::size_t longestWhole = 19;

} // namespace

std::size_t digitsAt(std::string_view text)
{
    const auto end = std::ranges::find_if(text, [](char c) { return c < '0' || c > '9'; });
    return static_cast<std::size_t>(end - text.begin());
}

std::int64_t powerOfTen(std::size_t exponent)
{
    std::int64_t power = 1;
    for (; exponent > 0; --exponent) {
        power *= 10;
    }
    return power;
}

WideUnsigned digitsOf(std::string_view digits)
{
    WideUnsigned value = 0;
    for (const char digit : digits) {
        value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    return value;
}

Decimal readDecimal(std::string_view text)
{
    const std::size_t whole = digitsAt(text);
    Decimal number{.whole = text.substr(0, whole), .fraction = {}, .length = whole};
    if (whole > 0 && whole < text.size() && text[whole] == '.') {
        const std::size_t digits = digitsAt(text.substr(whole + 1));
        number.fraction = text.substr(whole + 1, digits);
        number.length = digits > 0 ? whole + 1 + digits : 0;
    }
    const std::size_t zeros = std::min(number.whole.find_first_not_of('0'), number.whole.size());
    number.whole.remove_prefix(zeros);
    const std::size_t last = number.fraction.find_last_not_of('0');
    number.fraction = number.fraction.substr(0, last == std::string_view::npos ? 0 : last + 1);
    return number;
}

tl::expected<WideUnsigned, DecimalFault> wholeOf(const Decimal& number, std::uint64_t scale)
{
    if (number.whole.size() > longestWhole) {
        return tl::unexpected(DecimalFault::TooLarge);
    }
    const auto divisor
        = static_cast<WideUnsigned>(powerOfTen(std::min(number.fraction.size(), longestFraction)));
    const WideUnsigned part = digitsOf(number.fraction.substr(0, longestFraction)) * scale;
    if (number.fraction.size() > longestFraction || part % divisor != 0) {
        return tl::unexpected(DecimalFault::NotWhole);
    }
    return digitsOf(number.whole) * scale + part / divisor;
}

} // namespace timerscope
