// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/cpu_mask.h"

#include <fmt/format.h>

#include <charconv>

namespace timerscope {

namespace {

/// Takes a CPU's number off the front of @p text.
std::optional<unsigned> takeCpu(std::string_view& text)
{
    unsigned cpu = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
    if (error != std::errc{} || cpu >= CpuMask::capacity) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return cpu;
}

bool takeMark(std::string_view& text, char mark)
{
    const bool isThere = text.starts_with(mark);
    text.remove_prefix(isThere ? 1 : 0);
    return isThere;
}

} // namespace

std::string listText(CpuMask mask)
{
    std::string text;
    for (auto next = mask.begin(); next != mask.end();) {
        const unsigned from = *next;
        unsigned to = from;
        while (++next != mask.end() && *next == to + 1) {
            ++to;
        }
        const char* const separator = text.empty() ? "" : ",";
        text += from == to ? fmt::format("{}{}", separator, from)
                           : fmt::format("{}{}-{}", separator, from, to);
    }
    return text;
}

std::optional<CpuMask> parseCpuList(std::string_view text)
{
    CpuMask mask;
    do {
        const auto from = takeCpu(text);
        const auto to = takeMark(text, '-') ? takeCpu(text) : from;
        if (!from || !to || *to < *from) {
            return std::nullopt;
        }
        mask = mask | (CpuMask::firstOf(*to + 1) - CpuMask::firstOf(*from));
    } while (takeMark(text, ','));
    return text.empty() ? std::optional(mask) : std::nullopt;
}

} // namespace timerscope
