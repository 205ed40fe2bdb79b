// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/table_reader.h"

#include "engine/base/invariant.h"
#include "engine/base/time_text.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

namespace timerscope {

namespace {

std::string rangeText(IntegerRange range)
{
    if (range.least == INT64_MIN && range.most == INT64_MAX) {
        return "a whole number";
    }
    return range.most == INT64_MAX
        ? fmt::format("a whole number from {}", range.least)
        : fmt::format("a whole number from {} to {}", range.least, range.most);
}

/// "0xffffffffffffffff": all of the text, or nothing.
std::optional<std::uint64_t> hexadecimal(std::string_view text)
{
    constexpr std::string_view prefix = "0x";
    if (!text.starts_with(prefix)) {
        return std::nullopt;
    }
    text.remove_prefix(prefix.size());
    std::uint64_t value = 0;
    const char* const end = std::to_address(text.end());
    const auto [rest, error] = std::from_chars(std::to_address(text.begin()), end, value, 16);
    return error == std::errc{} && rest == end ? std::optional(value) : std::nullopt;
}

} // namespace

void FileErrors::report(unsigned line, std::string_view sentence, ErrorCode code)
{
    report(Error{.code = code, .what = fmt::format("{}:{}: {}", m_file, line, sentence)});
}

void FileErrors::report(Error error)
{
    if (!m_first) {
        m_first = std::move(error);
    }
}

const Error& FileErrors::first() const
{
    invariant(m_first.has_value());
    return *m_first; // NOLINT(bugprone-unchecked-optional-access): just made sure of
}

TableReader::TableReader(const ConfigValue& table, std::string what,
                         std::span<const std::string_view> keys, FileErrors& errors)
    : m_table(table)
    , m_what(std::move(what))
    , m_errors(errors)
{
    for (const ConfigValue& item : table.items) {
        if (std::ranges::find(keys, item.key) == keys.end()) {
            m_errors.report(item.line,
                            fmt::format("unknown key {} in {}{}", inQuotes(item.key), m_what,
                                        hintFor(item.key, keys)));
        }
    }
}

unsigned TableReader::lineOf(std::string_view key) const
{
    const ConfigValue* const found = m_table.find(key);
    return found != nullptr ? found->line : m_table.line;
}

void TableReader::report(std::string_view key, std::string_view sentence)
{
    m_errors.report(lineOf(key), sentence);
}

const ConfigValue* TableReader::entry(std::string_view key, ConfigKind kind,
                                      std::string_view allowed, bool required)
{
    const ConfigValue* const found = m_table.find(key);
    if (found == nullptr && required) {
        report(key, fmt::format("{} has no {}; it must be {}", m_what, inQuotes(key), allowed));
    }
    if (found != nullptr && found->kind != kind) {
        report(key,
               fmt::format("{} in {} is {}; it must be {}", inQuotes(key), m_what,
                           nameOf(found->kind), allowed));
        return nullptr;
    }
    return found;
}

std::string TableReader::text(std::string_view key, std::optional<std::string> fallback)
{
    const ConfigValue* const found = entry(key, ConfigKind::Text, "text in quotes", !fallback);
    return found != nullptr ? found->text : std::move(fallback).value_or("");
}

std::string TableReader::name(std::string_view key)
{
    std::string value = text(key);
    if (has(key) && value.empty()) {
        report(key,
               fmt::format("{} in {} is empty; it must name something", inQuotes(key), m_what));
    }
    return value;
}

std::int64_t TableReader::integer(std::string_view key, IntegerRange range,
                                  std::optional<std::int64_t> fallback)
{
    const auto allowed = rangeText(range);
    const ConfigValue* const found = entry(key, ConfigKind::Integer, allowed, !fallback);
    if (found == nullptr) {
        return fallback.value_or(range.least);
    }
    if (found->integer < range.least || found->integer > range.most) {
        report(key,
               fmt::format("{} in {} is {}; it must be {}", inQuotes(key), m_what, found->integer,
                           allowed));
        return range.least;
    }
    return found->integer;
}

std::uint64_t TableReader::wideInteger(std::string_view key, std::uint64_t least,
                                       std::uint64_t fallback)
{
    const ConfigValue* const found = m_table.find(key);
    if (found == nullptr) {
        return fallback;
    }
    if (found->kind != ConfigKind::Text) {
        return static_cast<std::uint64_t>(
            integer(key, {.least = static_cast<std::int64_t>(least)}));
    }
    const auto value = hexadecimal(found->text);
    if (!value || *value < least) {
        report(key,
               fmt::format("{} in {} is {}; it must be a whole number from {}, in quotes and "
                           "hexadecimal when it is over 63 bits long, such as \"{:#x}\"",
                           inQuotes(key), m_what, inQuotes(found->text), least, UINT64_MAX));
        return least;
    }
    return *value;
}

unsigned TableReader::oneOf(std::string_view key, std::span<const unsigned> numbers,
                            unsigned fallback)
{
    const std::string last = fmt::format("{}", numbers.back());
    const auto others = numbers.first(numbers.size() - 1);
    const std::string allowed = fmt::format("{} or {}", fmt::join(others, ", "), last);
    const ConfigValue* const found = entry(key, ConfigKind::Integer, allowed, false);
    if (found == nullptr) {
        return fallback;
    }
    const auto same = [found](unsigned number) { return found->integer == number; };
    const auto number = std::ranges::find_if(numbers, same);
    if (number == numbers.end()) {
        report(key,
               fmt::format("{} in {} is {}; it must be {}", inQuotes(key), m_what, found->integer,
                           allowed));
        return fallback;
    }
    return *number;
}

bool TableReader::boolean(std::string_view key, std::optional<bool> fallback)
{
    const auto* const found
        = entry(key, ConfigKind::Boolean, nameOf(ConfigKind::Boolean), !fallback);
    return found != nullptr ? found->boolean : fallback.value_or(false);
}

Ns TableReader::time(std::string_view key, Ns least, std::optional<Ns> fallback)
{
    constexpr std::string_view allowed = R"(a time in quotes, such as "250ms" or "1.5s")";
    const ConfigValue* const found = entry(key, ConfigKind::Text, allowed, !fallback);
    if (found == nullptr) {
        return fallback.value_or(least);
    }
    const Result<Ns> span = parseTime(found->text);
    if (!span) {
        report(key, fmt::format("{} in {}: {}", inQuotes(key), m_what, span.error().what));
        return least;
    }
    if (*span < least) {
        report(key,
               fmt::format("{} in {} is {}; it must be longer than nothing", inQuotes(key), m_what,
                           inQuotes(found->text)));
        return least;
    }
    return *span;
}

std::size_t TableReader::choice(std::string_view key, std::span<const std::string_view> names,
                                std::optional<std::size_t> fallback)
{
    const std::string allowed = "one of " + quotedList(names);
    const ConfigValue* const found = entry(key, ConfigKind::Text, allowed, !fallback);
    if (found == nullptr) {
        return fallback.value_or(0);
    }
    const auto at = std::ranges::find(names, found->text);
    if (at == names.end()) {
        report(key,
               fmt::format("unknown {} {} in {}{}", key, inQuotes(found->text), m_what,
                           hintFor(found->text, names)));
        return 0;
    }
    return static_cast<std::size_t>(at - names.begin());
}

std::vector<ConfigValue> TableReader::names(std::string_view key)
{
    constexpr std::string_view allowed = R"(a list of names, such as ["one", "two"])";
    const ConfigValue* const found = entry(key, ConfigKind::Array, allowed, false);
    std::vector<ConfigValue> names;
    for (const ConfigValue& item : found != nullptr ? found->items : std::vector<ConfigValue>{}) {
        if (item.kind != ConfigKind::Text || item.text.empty()) {
            m_errors.report(
                item.line,
                fmt::format("{} in {} holds {}; it must be {}", inQuotes(key), m_what,
                            item.kind == ConfigKind::Text ? "an empty text" : nameOf(item.kind),
                            allowed));
            return {};
        }
        if (std::ranges::find(names, item.text, &ConfigValue::text) != names.end()) {
            m_errors.report(
                item.line,
                fmt::format("{} in {} names {} twice", inQuotes(key), m_what, inQuotes(item.text)));
        }
        names.push_back(item);
    }
    return names;
}

std::uint32_t TableReader::bits(std::string_view key, std::span<const NamedBit> bits)
{
    std::uint32_t sum = 0;
    for (const ConfigValue& item : names(key)) {
        const auto found = std::ranges::find(bits, item.text, &NamedBit::name);
        if (found == bits.end()) {
            std::vector<std::string_view> known(bits.size());
            std::ranges::transform(bits, known.begin(), &NamedBit::name);
            m_errors.report(item.line,
                            fmt::format("unknown name {} in {} of {}{}", inQuotes(item.text),
                                        inQuotes(key), m_what, hintFor(item.text, known)));
            return 0;
        }
        sum |= found->bit;
    }
    return sum;
}

ConfigValue TableReader::table(std::string_view key)
{
    const ConfigValue* const found = entry(key, ConfigKind::Table, "a table", false);
    return found != nullptr ? *found : ConfigValue{};
}

std::vector<ConfigValue> TableReader::tables(std::string_view key)
{
    const std::string allowed = fmt::format("tables, each under a line [[{}]]", key);
    const ConfigValue* const found = entry(key, ConfigKind::Array, allowed, false);
    if (found == nullptr) {
        return {};
    }
    const auto other = std::ranges::find_if(
        found->items, [](const ConfigValue& item) { return item.kind != ConfigKind::Table; });
    if (other != found->items.end()) {
        m_errors.report(other->line,
                        fmt::format("{} in {} holds {}; it must be {}", inQuotes(key), m_what,
                                    nameOf(other->kind), allowed));
        return {};
    }
    return found->items;
}

} // namespace timerscope
