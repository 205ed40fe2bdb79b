// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/config_value.h"

#include "engine/scenario/toml_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

// Debian's library is built with exceptions, so it is not linked: the headers hold all of it.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#define TOML_UNDEF_MACROS 1
// It asserts, in front of the check that rejects it, that a table's header starts with a key: "[$]"
// would end the program, and with NDEBUG let the compiler drop the check.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
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
    // The last member tells apart what stands at one place: tables that dotted keys imply.
    using Place = std::tuple<toml::source_index, toml::source_index, std::size_t>;
    std::vector<std::pair<Place, ConfigValue>> placed;
    for (const auto& [key, node] : table) {
        const toml::source_position at = key.source().begin;
        ConfigValue value = valueOf(node);
        value.key = key.str();
        value.line = at.line > 0 ? at.line : value.line;
        placed.emplace_back(Place{at.line, at.column, placed.size()}, std::move(value));
    }
    std::ranges::sort(placed, {}, [](const auto& entry) { return entry.first; });
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

/// The library's sentence without the words that every one of them starts with, on one line: it
/// quotes some of the text as it is.
std::string sentenceOf(const toml::parse_error& error)
{
    constexpr std::string_view prefix = "Error while ";
    std::string_view text = error.description();
    text.remove_prefix(text.starts_with(prefix) ? prefix.size() : 0);
    std::string sentence = fmt::format("not TOML: {}", text);
    std::ranges::replace_if(sentence, [](char c) { return c >= 0 && c < ' '; }, ' ');
    return sentence;
}

Error errorAt(std::string_view file, const TextComplaint& complaint)
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
    if (const auto complaint = complaintAbout(text)) {
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
