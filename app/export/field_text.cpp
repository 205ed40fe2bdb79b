// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/field_text.h"

#include "engine/base/kernel_types.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <optional>

namespace timerscope {

namespace {

template<typename Enum>
std::optional<std::string_view> nameUpTo(Enum last, std::int64_t value)
{
    if (value < 0 || value > static_cast<std::int64_t>(last)) {
        return std::nullopt;
    }
    return nameOf(static_cast<Enum>(value));
}

std::optional<std::string_view> wordUnlessUnknown(std::string_view word)
{
    return word == "unknown" ? std::nullopt : std::optional{word};
}

std::optional<std::string_view> wordOf(FieldType type, std::int64_t value)
{
    switch (type) {
    case FieldType::Softirq:
        return wordUnlessUnknown(softirqName(value));
    case FieldType::ClockEventState:
        return nameUpTo(ClockEventState::OneshotStopped, value);
    case FieldType::TickMode:
        return nameUpTo(TickMode::Oneshot, value);
    case FieldType::NohzMode:
        return nameUpTo(NohzMode::HighRes, value);
    case FieldType::SelectReason:
        return nameUpTo(SelectReason::Unknown, value);
    case FieldType::WatchdogVerdict:
        return nameUpTo(WatchdogVerdict::Busy, value);
    case FieldType::FaultKind:
        return nameUpTo(FaultKind::Lockup, value);
    case FieldType::HoldRole:
        return nameUpTo(HoldRole::Other, value);
    case FieldType::IdleState:
        return wordUnlessUnknown(idleStateName(value));
    default:
        return std::nullopt;
    }
}

/// "ABS", "REL|PINNED|HARD", as the kernel's tracepoint prints it; unknown bits follow as 0x….
void appendHrtimerMode(std::string& out, std::int64_t value)
{
    struct Bit
    {
        std::int64_t bit;
        std::string_view word;
    };
    static constexpr std::array bits{Bit{.bit = hrtimer_mode::pinned, .word = "|PINNED"},
                                     Bit{.bit = hrtimer_mode::soft, .word = "|SOFT"},
                                     Bit{.bit = hrtimer_mode::hard, .word = "|HARD"}};
    out += (value & hrtimer_mode::relative) != 0 ? "REL" : "ABS";
    std::int64_t rest = value & ~std::int64_t{hrtimer_mode::relative};
    for (const Bit& entry : bits) {
        out += (rest & entry.bit) != 0 ? entry.word : std::string_view{};
        rest &= ~entry.bit;
    }
    if (rest != 0) {
        fmt::format_to(std::back_inserter(out), "|{:#x}", static_cast<std::uint64_t>(rest));
    }
}

void appendNumber(std::string& out, std::int64_t value)
{
    const fmt::format_int text{value};
    out.append(text.data(), text.size());
}

} // namespace

std::string fieldLabel(const FieldSchema& field)
{
    std::string name{field.name};
    switch (field.type) {
    case FieldType::Nanoseconds:
        return name + "_ns";
    case FieldType::Jiffies:
        return field.name == "jiffies" ? name : name + "_jiffies";
    default:
        return name;
    }
}

bool isWord(FieldType type)
{
    switch (type) {
    case FieldType::Text:
    case FieldType::Softirq:
    case FieldType::ClockEventState:
    case FieldType::TickMode:
    case FieldType::NohzMode:
    case FieldType::SelectReason:
    case FieldType::WatchdogVerdict:
    case FieldType::FaultKind:
    case FieldType::HoldRole:
    case FieldType::IdleState:
    case FieldType::HrtimerMode:
        return true;
    default:
        return false;
    }
}

void appendField(std::string& out, const TraceLog& log, FieldType type, std::int64_t value)
{
    if (type == FieldType::Text) {
        out += log.string(static_cast<std::uint32_t>(value));
    } else if (type == FieldType::Hex) {
        fmt::format_to(std::back_inserter(out), "{:#x}", static_cast<std::uint64_t>(value));
    } else if (type == FieldType::HrtimerMode) {
        appendHrtimerMode(out, value);
    } else if (const auto word = wordOf(type, value)) {
        out += *word;
    } else {
        appendNumber(out, value);
    }
}

} // namespace timerscope
