// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/adjtimex_step.h"

#include <array>

namespace timerscope {

namespace {

/// A field of adjtimex(2): its mode bit, and what it may be. Ranges that the kernel cuts to are
/// left to it.
struct TimexField
{
    std::string_view key;
    std::uint32_t mode;
    std::int64_t Timex::* member;
};
constexpr std::array<TimexField, 6> timexFields{{
    {"offset", timex_mode::offset, &Timex::offset},
    {"frequency", timex_mode::frequency, &Timex::frequency},
    {"max_error", timex_mode::maxError, &Timex::maxError},
    {"est_error", timex_mode::estError, &Timex::estError},
    {"constant", timex_mode::timeConstant, &Timex::constant},
    {"tick", timex_mode::tick, &Timex::tick},
}};
constexpr std::array<NamedBit, 7> timexStatus{{{"pll", ntp_status::pll},
                                               {"fll", ntp_status::fll},
                                               {"insert-leap", ntp_status::insertLeap},
                                               {"delete-leap", ntp_status::deleteLeap},
                                               {"unsynchronized", ntp_status::unsynchronized},
                                               {"hold-frequency", ntp_status::holdFrequency},
                                               {"nano", ntp_status::nano}}};

} // namespace

StepAction readAdjtimex(const Place& place)
{
    static constexpr std::array<std::string_view, 9> keys{"offset",    "frequency", "max_error",
                                                          "est_error", "constant",  "tick",
                                                          "status",    "tai",       "nano"};
    const ConfigValue table = tableOf(place, "adjtimex");
    TableReader reader(table, "\"adjtimex\"", keys, place.errors);
    Timex request;
    for (const TimexField& field : timexFields) {
        if (reader.has(field.key)) {
            request.modes |= field.mode;
            request.*field.member = reader.integer(field.key, {.least = INT64_MIN});
        }
    }
    if (reader.has("status")) {
        request.modes |= timex_mode::status;
        request.status = reader.bits("status", timexStatus);
    }
    if (reader.has("nano")) {
        request.modes |= reader.boolean("nano") ? timex_mode::nano : timex_mode::micro;
    }
    if (reader.has("tai")) {
        if (reader.has("constant")) {
            reader.report("tai",
                          "\"tai\" does not go with \"constant\": the call has one field for "
                          "both");
        }
        request.modes |= timex_mode::tai;
        request.constant = reader.integer("tai", {.least = INT32_MIN, .most = INT32_MAX});
    }
    return step::Adjtimex{request};
}

} // namespace timerscope
