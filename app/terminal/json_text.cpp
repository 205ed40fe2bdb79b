// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/json_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope::terminal {

namespace {

std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + '"';
}

} // namespace

JsonValue JsonValue::text(std::string_view value)
{
    return literal(quoted(value));
}

JsonValue JsonValue::literal(std::string token)
{
    JsonValue value;
    value.m_token = std::move(token);
    return value;
}

bool JsonValue::holdsObject() const
{
    return m_kind == Kind::Object
        || std::ranges::any_of(m_items, [](const auto& item) { return item.second.holdsObject(); });
}

void JsonValue::appendItem(std::string& out, std::size_t index, std::size_t level) const
{
    const auto& [key, value] = m_items[index];
    if (m_kind == Kind::Object) {
        out += quoted(key) + ": ";
    }
    out += value.indented(level);
}

std::string JsonValue::indented(std::size_t level) const
{
    if (m_kind == Kind::Token) {
        return m_token;
    }
    const bool isObject = m_kind == Kind::Object;
    const bool isLong = holdsObject() && !m_items.empty();
    std::string out = isObject ? "{" : "[";
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        out += i > 0 ? "," : "";
        out += isLong ? "\n" + std::string(2 * (level + 1), ' ') : (i > 0 ? " " : "");
        appendItem(out, i, level + 1);
    }
    out += isLong ? "\n" + std::string(2 * level, ' ') : "";
    return out + (isObject ? "}" : "]");
}

} // namespace timerscope::terminal
