// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"
#include "engine/scenario/config_value.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// Takes the first complaint about a file and drops those that follow from it: a person mends one
/// thing at a time.
class FileErrors
{
public:
    explicit FileErrors(std::string_view file)
        : m_file(file)
    {
    }

    /// @p sentence says what was met and what is allowed.
    void report(unsigned line, std::string_view sentence, ErrorCode code = ErrorCode::Corrupt);
    /// An error that already says its own place.
    void report(Error error);

    [[nodiscard]] bool any() const { return m_first.has_value(); }
    /// The first complaint. Only after any().
    [[nodiscard]] const Error& first() const;

private:
    std::string m_file;
    std::optional<Error> m_first;
};

/// The whole numbers that a key allows.
struct IntegerRange
{
    std::int64_t least = 0;
    std::int64_t most = INT64_MAX;
};

/// Names and what a file's list of them adds up to.
struct NamedBit
{
    std::string_view name;
    std::uint32_t bit;
};

/// Reads one table's entries by name and kind. Whatever does not fit is reported, and the caller
/// gets the fallback (or nothing) and may go on: FileErrors keeps the first complaint.
class TableReader
{
public:
    /// Reports the first key that is not in @p keys. @p what names the table in sentences:
    /// "the scenario", "[machine]".
    TableReader(const ConfigValue& table, std::string what, std::span<const std::string_view> keys,
                FileErrors& errors);

    [[nodiscard]] bool has(std::string_view key) const { return m_table.find(key) != nullptr; }
    [[nodiscard]] unsigned lineOf(std::string_view key) const;

    /// Without a fallback, a missing key is reported.
    [[nodiscard]] std::string text(std::string_view key,
                                   std::optional<std::string> fallback = std::nullopt);
    /// Text that must not be empty.
    [[nodiscard]] std::string name(std::string_view key);
    [[nodiscard]] std::int64_t integer(std::string_view key, IntegerRange range,
                                       std::optional<std::int64_t> fallback = std::nullopt);
    /// A whole number of 64 bits without a sign. TOML's own end at 2^63 - 1: larger ones stand in
    /// quotes, in hexadecimal.
    [[nodiscard]] std::uint64_t wideInteger(std::string_view key, std::uint64_t least,
                                            std::uint64_t fallback);
    /// One of at least two numbers.
    [[nodiscard]] unsigned oneOf(std::string_view key, std::span<const unsigned> numbers,
                                 unsigned fallback);
    [[nodiscard]] bool boolean(std::string_view key, std::optional<bool> fallback = std::nullopt);
    /// At least @p least: zero, or one nanosecond for what may not be zero.
    [[nodiscard]] Ns time(std::string_view key, Ns least,
                          std::optional<Ns> fallback = std::nullopt);
    /// The place in @p names of the key's text.
    [[nodiscard]] std::size_t choice(std::string_view key, std::span<const std::string_view> names,
                                     std::optional<std::size_t> fallback = std::nullopt);
    /// A list of non-empty texts, no one twice. Empty when the key is missing.
    [[nodiscard]] std::vector<ConfigValue> names(std::string_view key);
    /// A list of @p bits' names, or'ed. Zero when the key is missing.
    [[nodiscard]] std::uint32_t bits(std::string_view key, std::span<const NamedBit> bits);
    /// A table; an empty one when the key is missing.
    [[nodiscard]] ConfigValue table(std::string_view key);
    /// The tables of every [[key]]; none when the key is missing.
    [[nodiscard]] std::vector<ConfigValue> tables(std::string_view key);

    /// Reports at the line of @p key (of the table when the key is missing).
    void report(std::string_view key, std::string_view sentence);

private:
    /// The entry when it is there and of this kind; else null, and reported unless it is missing
    /// and may be.
    [[nodiscard]] const ConfigValue* entry(std::string_view key, ConfigKind kind,
                                           std::string_view allowed, bool required);

    const ConfigValue& m_table;
    std::string m_what;
    FileErrors& m_errors;
};

} // namespace timerscope
