// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/wording.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace timerscope {

namespace {

constexpr std::size_t longestQuote = 60;
// A name longer than this is no typing slip, and the distance table stays small.
constexpr std::size_t longestName = 64;

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Cuts in front of a character, never inside its UTF-8 bytes.
std::string_view cut(std::string_view text)
{
    std::size_t length = std::min(text.size(), longestQuote);
    while (length > 0 && length < text.size() && isContinuation(text[length])) {
        --length;
    }
    return text.substr(0, length);
}

/// Bytes of the control character that @p text starts with; 0 when it starts with another one.
/// U+0080 to U+009F steer a terminal as much as the ASCII ones do.
std::size_t controlLength(std::string_view text)
{
    const auto first = static_cast<unsigned char>(text[0]);
    const auto second = text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0xFFU;
    if (first == 0xC2 && second < 0xA0) {
        return 2;
    }
    return first < 0x20 || first == 0x7F ? 1 : 0;
}

using Row = std::vector<std::size_t>;

/// Edits (insert, drop, change, or swap of two neighbours) that turn @p a into @p b.
std::size_t distance(std::string_view a, std::string_view b)
{
    Row row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    Row above = row;
    for (std::size_t i = 0; i < a.size(); ++i) {
        Row next(row.size(), i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t change = row[j] + (lower(a[i]) == lower(b[j]) ? 0 : 1);
            next[j + 1] = std::min({change, next[j] + 1, row[j + 1] + 1});
            if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) {
                next[j + 1] = std::min(next[j + 1], above[j - 1] + 1);
            }
        }
        above = std::exchange(row, std::move(next));
    }
    return row.back();
}

} // namespace

std::string inQuotes(std::string_view text)
{
    const std::string_view kept = cut(text);
    std::string out = "\"";
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const std::size_t control = controlLength(kept.substr(i));
        out += control > 0 ? '?' : kept[i];
        i += control > 0 ? control - 1 : 0;
    }
    out += kept.size() < text.size() ? "…\"" : "\"";
    return out;
}

std::string quotedList(std::span<const std::string_view> names)
{
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) {
            out += i + 1 == names.size() ? " and " : ", ";
        }
        out += inQuotes(names[i]);
    }
    return out;
}

std::string_view nearestName(std::string_view met, std::span<const std::string_view> known)
{
    std::string_view nearest;
    std::size_t best = std::max<std::size_t>(1, met.size() / 3) + 1;
    if (met.empty() || met.size() > longestName) {
        return {};
    }
    for (const std::string_view name : known) {
        const std::size_t edits = name.size() > longestName ? best : distance(met, name);
        if (edits < best) {
            best = edits;
            nearest = name;
        }
    }
    return nearest;
}

std::string hintFor(std::string_view met, std::span<const std::string_view> known,
                    std::string_view knownAre)
{
    const std::string_view near = nearestName(met, known);
    if (!near.empty()) {
        return "; did you mean " + inQuotes(near) + "?";
    }
    return known.empty() ? std::string() : "; " + std::string(knownAre) + " " + quotedList(known);
}

} // namespace timerscope
