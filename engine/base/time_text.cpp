// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/time_text.h"

#include "engine/base/decimal.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace timerscope {

namespace {

struct Unit
{
    std::string_view name;
    std::int64_t ns;
};

constexpr std::array units{
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"µs", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", nsPerSecond},
    Unit{"", nsPerSecond},
    Unit{"min", 60 * nsPerSecond},
    Unit{"h", 3600 * nsPerSecond},
};

Result<Ns> spanOf(std::string_view text, const Decimal& number, const Unit& unit)
{
    const auto ns = wholeOf(number, static_cast<std::uint64_t>(unit.ns));
    if (!ns && ns.error() == DecimalFault::NotWhole) {
        return fail(ErrorCode::InvalidArgument,
                    "time " + inQuotes(text) + " is finer than a whole nanosecond");
    }
    if (!ns || *ns > static_cast<WideUnsigned>(Ns::max().count())) {
        return fail(ErrorCode::OutOfRange, "time " + inQuotes(text) + " is over 292 years");
    }
    return Ns{static_cast<std::int64_t>(*ns)};
}

std::optional<unsigned> fixedDigits(std::string_view text, std::size_t from, std::size_t count)
{
    unsigned value = 0;
    const std::string_view digits = text.substr(std::min(from, text.size()), count);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = error == std::errc() && end == digits.data() + count;
    return whole && digits.size() == count ? std::optional(value) : std::nullopt;
}

/// "2023-07-05T03:02:00" at the start of @p text as seconds since 1970.
std::optional<std::int64_t> secondsOfMoment(std::string_view text)
{
    using namespace std::chrono;
    const auto y = fixedDigits(text, 0, 4);
    const auto mo = fixedDigits(text, 5, 2);
    const auto d = fixedDigits(text, 8, 2);
    const auto h = fixedDigits(text, 11, 2);
    const auto mi = fixedDigits(text, 14, 2);
    const auto s = fixedDigits(text, 17, 2);
    if (!y || !mo || !d || !h || !mi || !s || text[4] != '-' || text[7] != '-' || text[10] != 'T'
        || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const year_month_day date{year{static_cast<int>(*y)}, month{*mo}, day{*d}};
    // No leap second: a kernel's CLOCK_REALTIME has none in its count either.
    if (!date.ok() || *y < 1970 || *y > 2261 || *h > 23 || *mi > 59 || *s > 59) {
        return std::nullopt;
    }
    const sys_seconds at = sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s};
    return at.time_since_epoch().count();
}

/// ".25Z" or "Z" as nanoseconds.
std::optional<std::int64_t> fractionOfMoment(std::string_view text)
{
    if (text == "Z") {
        return 0;
    }
    const std::size_t digits = text.empty() ? 0 : digitsAt(text.substr(1));
    if (text.empty() || text[0] != '.' || digits == 0 || digits > 9
        || text.substr(1 + digits) != "Z") {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(digitsOf(text.substr(1, digits))) * powerOfTen(9 - digits);
}

} // namespace

Result<Ns> parseTime(std::string_view text)
{
    const Decimal number = readDecimal(text);
    std::string_view rest = text.substr(number.length);
    if (rest.size() > 1 && rest.front() == ' ') {
        rest.remove_prefix(1);
    }
    const auto* const unit = std::ranges::find(units, rest, &Unit::name);
    if (number.length == 0 || unit == units.end()) {
        return fail(ErrorCode::InvalidArgument,
                    "time " + inQuotes(text)
                        + " is not a number with ns, us, ms, s, min or h behind it, such as "
                          "\"250ms\" or \"1.5s\"");
    }
    return spanOf(text, number, *unit);
}

std::string timeText(Ns span)
{
    constexpr std::array shown{Unit{"s", nsPerSecond}, Unit{"ms", 1'000'000}, Unit{"us", 1'000},
                               Unit{"ns", 1}};
    const std::int64_t ns = span.count();
    const auto* unit = std::ranges::find_if(shown, [ns](const Unit& u) { return ns >= u.ns; });
    unit = unit == shown.end() ? shown.begin() : unit;
    std::string out = std::to_string(ns / unit->ns);
    if (ns % unit->ns != 0) {
        std::string fraction = std::to_string(unit->ns + ns % unit->ns);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        out += "." + fraction.substr(1);
    }
    return out + std::string(unit->name);
}

Result<RealtimeInstant> parseUtc(std::string_view text)
{
    constexpr std::size_t moment = std::string_view("2023-07-05T03:02:00").size();
    const auto seconds = secondsOfMoment(text);
    const auto fraction = fractionOfMoment(text.substr(std::min(moment, text.size())));
    if (!seconds || !fraction) {
        return fail(ErrorCode::InvalidArgument,
                    "moment " + inQuotes(text)
                        + " is not a date and time in UTC from 1970 to 2261, such as "
                          "\"2023-07-05T03:02:00Z\"");
    }
    return RealtimeInstant{Ns{*seconds * nsPerSecond + *fraction}};
}

std::string calendarText(std::int64_t seconds)
{
    const std::chrono::sys_seconds at{std::chrono::seconds{seconds}};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{at - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

} // namespace timerscope
