// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/kernel_command.h"

#include <fmt/format.h>

#include <charconv>

namespace timerscope::oracle {
namespace {

constexpr std::size_t fractionDigits = 9;

std::vector<std::string> wordsOf(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) {
            words.emplace_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

bool isModuleLetter(std::string_view word)
{
    return word.size() == 1 && word.front() >= 'a' && word.front() <= 'c';
}

template<typename Integer>
std::optional<Integer> wholeNumber(std::string_view text, int base)
{
    Integer value{};
    const auto [end, problem]
        = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (problem != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

Result<KernelCommand> parseModuleCommand(std::string_view text, std::vector<std::string> words)
{
    KernelCommand command;
    command.module = words.front().front();
    command.length = text.size() - 2;
    words.erase(words.begin());
    if (!words.empty() && words.front().starts_with('@')) {
        const auto cpu = wholeNumber<unsigned>(std::string_view{words.front()}.substr(1), 10);
        if (!cpu) {
            return fail(ErrorCode::Corrupt,
                        fmt::format("'{}' names no CPU; '@' and a number is needed", text));
        }
        command.cpu = *cpu;
        words.erase(words.begin());
    }
    if (words.empty()) {
        return fail(ErrorCode::Corrupt, fmt::format("'{}' holds no command for the module", text));
    }
    command.verb = words.front();
    command.words.assign(words.begin() + 1, words.end());
    return command;
}

} // namespace

std::string_view KernelCommand::word(std::size_t place) const
{
    return place < words.size() ? std::string_view{words[place]} : std::string_view{};
}

std::optional<std::int64_t> KernelCommand::number(std::size_t place) const
{
    return parseNumber(word(place));
}

Result<KernelCommand> parseCommand(std::string_view text)
{
    std::vector<std::string> words = wordsOf(text);
    if (words.empty()) {
        return fail(ErrorCode::Corrupt, "a command is empty");
    }
    if (isModuleLetter(words.front())) {
        return parseModuleCommand(text, std::move(words));
    }
    KernelCommand command;
    command.verb = words.front();
    command.words.assign(words.begin() + 1, words.end());
    return command;
}

std::optional<std::int64_t> parseNumber(std::string_view text)
{
    const bool isNegative = text.starts_with('-');
    std::string_view digits = text.substr(isNegative || text.starts_with('+') ? 1 : 0);
    const bool isHex = digits.starts_with("0x");
    const auto size = wholeNumber<std::uint64_t>(digits.substr(isHex ? 2 : 0), isHex ? 16 : 10);
    if (!size) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(isNegative ? 0 - *size : *size);
}

std::optional<Ns> parseSeconds(std::string_view text)
{
    const std::size_t point = std::min(text.find('.'), text.size());
    const auto seconds = wholeNumber<std::uint32_t>(text.substr(0, point), 10);
    std::string fraction{text.substr(std::min(point + 1, text.size()))};
    if (!seconds || fraction.size() > fractionDigits) {
        return std::nullopt;
    }
    fraction.resize(fractionDigits, '0');
    const auto ns = wholeNumber<std::uint32_t>(fraction, 10);
    return ns ? std::optional{Ns{*seconds * nsPerSecond + *ns}} : std::nullopt;
}

} // namespace timerscope::oracle
