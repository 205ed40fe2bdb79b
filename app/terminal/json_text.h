// SPDX-License-Identifier: GPL-3.0-or-later
//! JSON as tscope writes it: members in the order they were added, numbers as they are given.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace timerscope::terminal {

/// Any value, with what it holds.
class JsonValue
{
public:
    [[nodiscard]] static JsonValue null() { return literal("null"); }
    [[nodiscard]] static JsonValue boolean(bool value) { return literal(value ? "true" : "false"); }
    template<std::integral Number>
    [[nodiscard]] static JsonValue number(Number value)
    {
        return literal(std::to_string(value));
    }
    /// Control characters, quotes and backslashes are escaped; other bytes stay as they are.
    [[nodiscard]] static JsonValue text(std::string_view value);
    /// @p token is already JSON: a number, true, null.
    [[nodiscard]] static JsonValue literal(std::string token);

    /// On several lines, two blanks a level; what holds no object stands on one line.
    [[nodiscard]] std::string indented(std::size_t level = 0) const;

private:
    friend class JsonObject;
    friend class JsonArray;
    enum class Kind : std::uint8_t
    {
        Token,
        Array,
        Object,
    };
    [[nodiscard]] bool holdsObject() const;
    void appendItem(std::string& out, std::size_t index, std::size_t level) const;

    Kind m_kind = Kind::Token;
    std::string m_token;
    std::vector<std::pair<std::string, JsonValue>> m_items; ///< an array's have no key
};

class JsonObject
{
public:
    JsonObject() { m_value.m_kind = JsonValue::Kind::Object; }
    JsonObject& add(std::string key, JsonValue value)
    {
        m_value.m_items.emplace_back(std::move(key), std::move(value));
        return *this;
    }
    [[nodiscard]] JsonValue value() const { return m_value; }

private:
    JsonValue m_value;
};

class JsonArray
{
public:
    JsonArray() { m_value.m_kind = JsonValue::Kind::Array; }
    void add(JsonValue value) { m_value.m_items.emplace_back(std::string(), std::move(value)); }
    [[nodiscard]] JsonValue value() const { return m_value; }

private:
    JsonValue m_value;
};

} // namespace timerscope::terminal
