// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/timer_list_fields.h"

#include "backends/linux/scan.h"

#include <algorithm>
#include <array>
#include <string>
#include <type_traits>
#include <utility>

namespace timerscope {

namespace {

/// What reading one field's value says: true when it could be read.
LineOutcome asOutcome(bool readable)
{
    return readable ? LineOutcome::Understood : LineOutcome::Damaged;
}

template<auto Member, typename Row, typename Number>
bool keep(Row& row, std::optional<Number> value)
{
    if (value) {
        using Field = typename std::remove_reference_t<decltype(row.*Member)>::value_type;
        row.*Member = Field(*value);
    }
    return value.has_value();
}

template<auto Member>
struct Take
{
    template<typename T, typename Row>
    static bool number(Row& row, std::string_view text)
    {
        return keep<Member>(row, scan::number<T>(text));
    }
    template<typename Row>
    static bool span(Row& row, std::string_view text)
    {
        const auto ns = scan::nanoseconds(text);
        return keep<Member>(row, ns ? std::optional{Ns{*ns}} : std::nullopt);
    }
    template<typename Row>
    static bool flag(Row& row, std::string_view text)
    {
        const auto value = scan::number<unsigned>(text);
        return keep<Member>(row, value && *value <= 1 ? std::optional{*value == 1} : std::nullopt);
    }
    /// A bare number of an enumeration whose values are 0 to @p last.
    template<unsigned last, typename Row>
    static bool enumerator(Row& row, std::string_view text)
    {
        const auto value = scan::number<unsigned>(text);
        return keep<Member>(row, value && *value <= last ? value : std::nullopt);
    }
};

template<typename Row>
struct Field
{
    std::string_view name;
    bool (*take)(Row&, std::string_view);
};

template<typename Row, std::size_t count>
const Field<Row>* findField(const std::array<Field<Row>, count>& fields, std::string_view name)
{
    const auto found = std::ranges::find(fields, name, &Field<Row>::name);
    return found != fields.end() ? &*found : nullptr;
}

bool takeAddress(HrtimerBaseRow& row, std::string_view text)
{
    row.address = text;
    return isHiddenAddress(text) || addressNumber(text);
}
bool checkIndex(HrtimerBaseRow& row, std::string_view text)
{
    return scan::number<unsigned>(text) == row.index; // "clock N:" has said it already
}
bool takeResolution(HrtimerBaseRow& row, std::string_view text)
{
    const auto ns = scan::nanoseconds(text);
    row.resolution = Ns{ns.value_or(row.resolution.count())};
    return ns.has_value();
}
bool takeGetTime(HrtimerBaseRow& row, std::string_view text)
{
    row.getTime = text;
    return !text.empty();
}
bool takeOffset(HrtimerBaseRow& row, std::string_view text)
{
    const auto ns = scan::nanoseconds(text);
    row.offset = Ns{ns.value_or(0)};
    return ns.has_value();
}

constexpr std::array baseFields{
    Field<HrtimerBaseRow>{"base", takeAddress},
    Field<HrtimerBaseRow>{"index", checkIndex},
    Field<HrtimerBaseRow>{"resolution", takeResolution},
    Field<HrtimerBaseRow>{"get_time", takeGetTime},
    Field<HrtimerBaseRow>{"offset", takeOffset},
};

template<auto Take>
bool inRow(CpuDraft& draft, std::string_view text)
{
    return Take(draft.row, text);
}

constexpr std::array cpuFields{
    Field<CpuDraft>{"expires_next", inRow<Take<&CpuRow::expiresNext>::span<CpuRow>>},
    Field<CpuDraft>{"hres_active", inRow<Take<&CpuRow::hresActive>::flag<CpuRow>>},
    Field<CpuDraft>{"nr_events",
                    inRow<Take<&CpuRow::hrtimerEvents>::number<std::uint64_t, CpuRow>>},
    Field<CpuDraft>{"nr_retries",
                    inRow<Take<&CpuRow::hrtimerRetries>::number<std::uint64_t, CpuRow>>},
    Field<CpuDraft>{"nr_hangs", inRow<Take<&CpuRow::hrtimerHangs>::number<std::uint64_t, CpuRow>>},
    Field<CpuDraft>{"nohz_mode", inRow<Take<&CpuRow::nohzMode>::enumerator<2, CpuRow>>},
    Field<CpuDraft>{"tick_stopped", inRow<Take<&CpuRow::tickStopped>::flag<CpuRow>>},
    Field<CpuDraft>{"nohz", Take<&CpuDraft::nohz>::flag<CpuDraft>},
    Field<CpuDraft>{"highres", Take<&CpuDraft::highres>::flag<CpuDraft>},
};

/// v0.10's flags in place of nohz_mode. They are kept as printed, too: that the CPU had these says
/// how it is to be printed again.
constexpr std::array<std::string_view, 2> splitFlags{"nohz", "highres"};

/// Kept as printed: shown, not interpreted.
constexpr std::array<std::string_view, 16> statistics{
    "max_hang_time", "last_tick",      "idle_tick",        "idle_jiffies",
    "idle_calls",    "idle_sleeps",    "idle_entrytime",   "idle_waketime",
    "idle_exittime", "idle_sleeptime", "iowait_sleeptime", "last_jiffies",
    "next_timer",    "next_jiffies",   "idle_expires",     "sleep_length",
};

bool takeHandler(ClockEventRow& row, std::string_view text)
{
    // How %ps shows a null pointer: no handler was ever set.
    row.handler = text == "0x0" || text == "(null)" ? std::string_view{} : text;
    return true;
}

constexpr std::array deviceFields{
    Field<ClockEventRow>{"max_delta_ns", Take<&ClockEventRow::maxDelta>::span<ClockEventRow>},
    Field<ClockEventRow>{"min_delta_ns", Take<&ClockEventRow::minDelta>::span<ClockEventRow>},
    Field<ClockEventRow>{"mult", Take<&ClockEventRow::mult>::number<std::uint32_t, ClockEventRow>},
    Field<ClockEventRow>{"shift",
                         Take<&ClockEventRow::shift>::number<std::uint32_t, ClockEventRow>},
    Field<ClockEventRow>{"mode", Take<&ClockEventRow::state>::enumerator<4, ClockEventRow>},
    Field<ClockEventRow>{"next_event", Take<&ClockEventRow::nextEvent>::span<ClockEventRow>},
    Field<ClockEventRow>{"event_handler", takeHandler},
    Field<ClockEventRow>{"retries",
                         Take<&ClockEventRow::retries>::number<std::uint64_t, ClockEventRow>},
};

constexpr std::array<std::string_view, 7> callbacks{
    "set_next_event", "set_mode", "shutdown", "periodic", "oneshot", "oneshot stopped", "resume",
};

} // namespace

bool isHiddenAddress(std::string_view text)
{
    return text.starts_with('(') && text.ends_with(')');
}

std::optional<std::uint64_t> addressNumber(std::string_view text)
{
    static_cast<void>(scan::takePrefix(text, "0x"));
    return scan::number<std::uint64_t>(text, 16);
}

LineOutcome takeBaseField(HrtimerBaseRow& row, std::string_view name, std::string_view value)
{
    const auto* const field = findField(baseFields, name);
    return field != nullptr ? asOutcome(field->take(row, value)) : LineOutcome::Unknown;
}

LineOutcome takeCpuField(CpuDraft& draft, std::string_view name, std::string_view value)
{
    if (const auto* const field = findField(cpuFields, name); field != nullptr) {
        const bool readable = field->take(draft, value);
        if (readable && std::ranges::find(splitFlags, name) != splitFlags.end()) {
            draft.row.idleStatistics.push_back({std::string{name}, std::string{value}});
        }
        return asOutcome(readable);
    }
    if (std::ranges::find(statistics, name) == statistics.end()) {
        return LineOutcome::Unknown;
    }
    if (!scan::nanoseconds(value)) {
        return LineOutcome::Damaged;
    }
    draft.row.idleStatistics.push_back({std::string{name}, std::string{value}});
    return LineOutcome::Understood;
}

LineOutcome takeDeviceField(ClockEventRow& row, std::string_view name, std::string_view value)
{
    if (const auto* const field = findField(deviceFields, name); field != nullptr) {
        return asOutcome(field->take(row, value));
    }
    if (std::ranges::find(callbacks, name) == callbacks.end()) {
        return LineOutcome::Unknown;
    }
    row.callbacks.emplace_back(name, value);
    return LineOutcome::Understood;
}

std::optional<NohzMode> nohzModeOf(const CpuDraft& draft)
{
    if (draft.row.nohzMode || !draft.nohz) {
        return draft.row.nohzMode;
    }
    if (!*draft.nohz) {
        return NohzMode::Inactive;
    }
    const bool highres = draft.highres.value_or(draft.row.hresActive.value_or(false));
    return highres ? NohzMode::HighRes : NohzMode::LowRes;
}

} // namespace timerscope
