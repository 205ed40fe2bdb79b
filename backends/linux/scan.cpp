// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/scan.h"

#include <algorithm>

namespace timerscope::scan {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr unsigned cpusMax = 65536; // records hold CPU numbers in 16 bits

void appendBits(std::vector<unsigned>& cpus, std::uint32_t bits, unsigned first)
{
    for (unsigned bit = 0; bit < 32; ++bit) {
        if (((bits >> bit) & 1U) != 0) {
            cpus.push_back(first + bit);
        }
    }
}

bool appendRange(std::vector<unsigned>& cpus, std::string_view range)
{
    const auto first = number<unsigned>(takeUntil(range, "-"));
    const auto last = range.empty() ? first : number<unsigned>(range);
    if (!first || !last || *last < *first || *last >= cpusMax) {
        return false;
    }
    for (unsigned cpu = *first; cpu <= *last; ++cpu) {
        cpus.push_back(cpu);
    }
    return true;
}

} // namespace

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool takePrefix(std::string_view& text, std::string_view prefix)
{
    if (!text.starts_with(prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

std::string_view takeUntil(std::string_view& text, std::string_view separator)
{
    const auto found = text.find(separator);
    const std::string_view taken = text.substr(0, found);
    text = found == std::string_view::npos ? std::string_view{}
                                           : text.substr(found + separator.size());
    return taken;
}

std::optional<std::int64_t> nanoseconds(std::string_view text)
{
    text = text.substr(0, text.size() - (text.ends_with(" nsecs") ? 6 : 0));
    if (const auto value = number<std::int64_t>(text)) {
        return value;
    }
    const auto wrapped = number<std::uint64_t>(text);
    return wrapped ? std::optional{static_cast<std::int64_t>(*wrapped)} : std::nullopt;
}

std::optional<std::vector<unsigned>> cpuMask(std::string_view text)
{
    const auto groups = static_cast<std::size_t>(std::ranges::count(text, ',')) + 1;
    if (groups > cpusMax / 32) {
        return std::nullopt;
    }
    std::vector<unsigned> cpus;
    for (std::size_t group = 0; group < groups; ++group) {
        const auto comma = text.rfind(','); // from the right: the lowest CPUs are there
        const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
        const auto bits = number<std::uint32_t>(text.substr(begin), 16);
        if (!bits) {
            return std::nullopt;
        }
        appendBits(cpus, *bits, static_cast<unsigned>(group) * 32);
        text = text.substr(0, begin == 0 ? 0 : comma);
    }
    return cpus;
}

std::optional<std::vector<unsigned>> cpuList(std::string_view text)
{
    std::vector<unsigned> cpus;
    while (!text.empty()) {
        if (!appendRange(cpus, takeUntil(text, ","))) {
            return std::nullopt;
        }
    }
    return cpus;
}

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> found;
    for (text = trim(text); !text.empty(); text = trim(text)) {
        const std::string_view word = text.substr(0, text.find_first_of(blanks));
        text.remove_prefix(word.size());
        found.push_back(word);
    }
    return found;
}

std::string quoted(std::string_view text)
{
    constexpr std::size_t longest = 60;
    std::string out{"\""};
    for (const char c : text.substr(0, longest)) {
        out += c >= ' ' && c <= '~' ? c : '?';
    }
    out += text.size() > longest ? "…\"" : "\"";
    return out;
}

} // namespace timerscope::scan
