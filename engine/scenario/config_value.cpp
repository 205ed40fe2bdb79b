// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/config_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

// Debian's library is built with exceptions, so it is not linked: the headers hold all of it.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#define TOML_UNDEF_MACROS 1
// A scenario nests three deep; the library's 256 would cost a fuzzer's stack.
#define TOML_MAX_NESTED_VALUES 16
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
#include <toml++/toml.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace timerscope {

namespace {

constexpr std::size_t longestText = std::size_t{1} << 20U;
// Each dot of "a.b.c" opens a table inside a table, and the library bounds neither their number
// nor the stack that it needs to let go of them again.
constexpr std::size_t mostDotsALine = 64;

struct Complaint
{
    unsigned line = 1;
    std::string sentence;
};

/// What would hurt the library is refused before it sees the text.
std::optional<Complaint> complaintBefore(std::string_view text)
{
    if (text.size() > longestText) {
        return Complaint{.line = 1,
                         .sentence = fmt::format("the file has {} bytes; allowed are {}",
                                                 text.size(), longestText)};
    }
    unsigned line = 1;
    std::size_t dots = 0;
    for (const char c : text) {
        dots = c == '\n' ? 0 : dots + (c == '.' ? 1 : 0);
        line += c == '\n' ? 1 : 0;
        if (dots > mostDotsALine) {
            return Complaint{.line = line,
                             .sentence = fmt::format("the line has more than {} dots; keys must "
                                                     "not be nested that deep",
                                                     mostDotsALine)};
        }
    }
    return std::nullopt;
}

ConfigKind kindOf(toml::node_type type)
{
    switch (type) {
    case toml::node_type::string:
        return ConfigKind::Text;
    case toml::node_type::integer:
        return ConfigKind::Integer;
    case toml::node_type::floating_point:
        return ConfigKind::Real;
    case toml::node_type::boolean:
        return ConfigKind::Boolean;
    case toml::node_type::array:
        return ConfigKind::Array;
    case toml::node_type::table:
        return ConfigKind::Table;
    default:
        return ConfigKind::Moment;
    }
}

ConfigValue valueOf(const toml::node& node);

/// The library keeps entries by name; messages and steps want them as they were written.
std::vector<ConfigValue> entriesOf(const toml::table& table)
{
    using Place = std::tuple<toml::source_index, toml::source_index>;
    std::vector<std::pair<Place, ConfigValue>> placed;
    for (const auto& [key, node] : table) {
        const toml::source_position at = key.source().begin;
        ConfigValue value = valueOf(node);
        value.key = key.str();
        value.line = at.line > 0 ? at.line : value.line;
        placed.emplace_back(Place{at.line, at.column}, std::move(value));
    }
    std::ranges::stable_sort(placed, {}, [](const auto& entry) { return entry.first; });
    std::vector<ConfigValue> entries;
    entries.reserve(placed.size());
    for (auto& [place, value] : placed) {
        entries.push_back(std::move(value));
    }
    return entries;
}

ConfigValue valueOf(const toml::node& node)
{
    ConfigValue value;
    value.kind = kindOf(node.type());
    value.line = std::max(1U, static_cast<unsigned>(node.source().begin.line));
    value.text = node.value_or(std::string());
    if (const auto* integer = node.as_integer()) {
        value.integer = integer->get();
    }
    if (const auto* boolean = node.as_boolean()) {
        value.boolean = boolean->get();
    }
    if (const auto* table = node.as_table()) {
        value.items = entriesOf(*table);
    }
    if (const auto* array = node.as_array()) {
        for (const toml::node& item : *array) {
            value.items.push_back(valueOf(item));
        }
    }
    return value;
}

/// The library's sentence without the words that every one of them starts with.
std::string sentenceOf(const toml::parse_error& error)
{
    constexpr std::string_view prefix = "Error while ";
    std::string_view text = error.description();
    text.remove_prefix(text.starts_with(prefix) ? prefix.size() : 0);
    return fmt::format("not TOML: {}", text);
}

Error errorAt(std::string_view file, const Complaint& complaint)
{
    return Error{.code = ErrorCode::Corrupt,
                 .what = fmt::format("{}:{}: {}", file, complaint.line, complaint.sentence)};
}

} // namespace

std::string_view nameOf(ConfigKind kind)
{
    switch (kind) {
    case ConfigKind::Text:
        return "text";
    case ConfigKind::Integer:
        return "a whole number";
    case ConfigKind::Real:
        return "a number with decimals";
    case ConfigKind::Boolean:
        return "true or false";
    case ConfigKind::Moment:
        return "a date or time without quotes";
    case ConfigKind::Array:
        return "a list";
    case ConfigKind::Table:
        return "a table";
    }
    return "a value";
}

const ConfigValue* ConfigValue::find(std::string_view name) const
{
    const auto found = std::ranges::find(items, name, &ConfigValue::key);
    return kind == ConfigKind::Table && found != items.end() ? &*found : nullptr;
}

Result<ConfigValue> parseToml(std::string_view text, std::string_view file)
{
    if (const auto complaint = complaintBefore(text)) {
        return tl::unexpected(errorAt(file, *complaint));
    }
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        return tl::unexpected(
            errorAt(file,
                    {.line = std::max(1U, static_cast<unsigned>(error.source().begin.line)),
                     .sentence = sentenceOf(error)}));
    }
    return valueOf(parsed.table());
}

} // namespace timerscope
