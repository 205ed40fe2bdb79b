// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/perfetto/interned_text.h"

#include <utility>

namespace timerscope {

namespace {

struct Range
{
    unsigned char first;
    unsigned char last;
};

/// Length of the well-formed sequence that @p lead starts and the range of its second byte
/// (Unicode 15, table 3-7); length 0 when no sequence starts so.
std::pair<std::size_t, Range> shapeOf(unsigned char lead)
{
    if (lead < 0x80) {
        return {1, {}};
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return {2, {.first = 0x80, .last = 0xbf}};
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const auto first = static_cast<unsigned char>(lead == 0xe0 ? 0xa0 : 0x80);
        const auto last = static_cast<unsigned char>(lead == 0xed ? 0x9f : 0xbf);
        return {3, {.first = first, .last = last}};
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const auto first = static_cast<unsigned char>(lead == 0xf0 ? 0x90 : 0x80);
        const auto last = static_cast<unsigned char>(lead == 0xf4 ? 0x8f : 0xbf);
        return {4, {.first = first, .last = last}};
    }
    return {0, {}};
}

/// Bytes of the character at the front of @p text, which is not empty; 0 when it is malformed.
std::size_t characterLength(std::string_view text)
{
    auto [length, range] = shapeOf(static_cast<unsigned char>(text.front()));
    if (length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < range.first || byte > range.last) {
            return 0;
        }
        range = {.first = 0x80, .last = 0xbf};
    }
    return length;
}

} // namespace

std::string asUtf8(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = characterLength(text);
        result += length == 0 ? std::string_view{"\xef\xbf\xbd"} : text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

InternedText::Entry InternedText::intern(std::string_view text)
{
    auto found = m_known.find(text);
    if (found == m_known.end()) {
        found = m_known.emplace(text, Known{.iid = m_known.size() + 1, .toldIn = 0}).first;
    }
    Known& known = found->second;
    const bool isNew = std::exchange(known.toldIn, m_generation) != m_generation;
    return {.iid = known.iid, .isNew = isNew};
}

} // namespace timerscope
