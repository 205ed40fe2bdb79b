// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/flag_words.h"

#include "engine/base/kernel_types.h"

#include <fmt/format.h>

#include <array>

namespace timerscope {

namespace {

using namespace clocksource_flag;

std::string_view continuousMeaning(std::uint32_t all)
{
    if ((all & validForHres) != 0) {
        return "counts without steps, as high resolution needs it";
    }
    return (all & mustVerify) != 0
        ? "valid for high resolution, but only once the watchdog has found it right"
        : "valid for high resolution and a dynamic tick, from its registration on";
}

std::string_view mustVerifyMeaning(std::uint32_t all)
{
    return (all & validForHres) != 0
        ? "the watchdog compares it with a reference, although its driver vouches for it already"
        : "the watchdog first: two readings half a second apart must agree with a reference (a "
          "kernel without CLOCKSOURCE_WATCHDOG trusts it at once)";
}

} // namespace

std::span<const NamedFlag> driverFlags()
{
    static constexpr std::array<NamedFlag, 6> flags{{
        {continuous, "continuous"},
        {mustVerify, "must-verify"},
        {validForHres, "valid-for-hres"},
        {unstable, "unstable"},
        {suspendNonstop, "suspend-nonstop"},
        {verifyPercpu, "verify-percpu"},
    }};
    return flags;
}

std::span<const NamedFlag> clocksourceFlags()
{
    static constexpr std::array<NamedFlag, 8> flags{{
        {continuous, "continuous"},
        {mustVerify, "must-verify"},
        {watchdog, "watchdog"},
        {validForHres, "valid-for-hres"},
        {unstable, "unstable"},
        {suspendNonstop, "suspend-nonstop"},
        {reselect, "reselect"},
        {verifyPercpu, "verify-percpu"},
    }};
    return flags;
}

std::span<const NamedFlag> clockEventFeatures()
{
    static constexpr std::array<NamedFlag, 8> features{{
        {clock_event_feature::periodic, "periodic"},
        {clock_event_feature::oneshot, "oneshot"},
        {clock_event_feature::ktime, "ktime"},
        {clock_event_feature::c3stop, "c3stop"},
        {clock_event_feature::dummy, "dummy"},
        {clock_event_feature::dynirq, "dynirq"},
        {clock_event_feature::percpu, "percpu"},
        {clock_event_feature::hrtimer, "hrtimer"},
    }};
    return features;
}

std::vector<std::string_view> namesOf(std::uint32_t bits, std::span<const NamedFlag> flags)
{
    std::vector<std::string_view> names;
    for (const NamedFlag& flag : flags) {
        if ((bits & flag.bit) != 0) {
            names.push_back(flag.name);
        }
    }
    return names;
}

std::string_view meaningOf(std::uint32_t flag, std::uint32_t all)
{
    switch (flag) {
    case continuous:
        return continuousMeaning(all);
    case mustVerify:
        return mustVerifyMeaning(all);
    case watchdog:
        return "the watchdog has taken its first reading; set by the kernel itself";
    case validForHres:
        return "its driver declares it valid for high resolution at once";
    case unstable:
        return "registered as unstable: it is chosen like any other, but asked for by name while "
               "it is not valid for high resolution, it is refused instead of deferred";
    case suspendNonstop:
        return "goes on counting while the machine is suspended: the best rated one of this kind "
               "measures the sleep";
    case reselect:
        return "it has just become valid for high resolution; set by the kernel itself";
    case verifyPercpu:
        return "each CPU has its own: marked unstable, it is compared between the CPUs";
    default:
        return "unknown";
    }
}

std::string ratingWords(int rating)
{
    const RatingBand band = bandOf(rating);
    return isOutsideBands(band)
        ? fmt::format("{} is outside the kernel's bands 1\u2013499, which nothing enforces", rating)
        : fmt::format("{} of the band \u201c{}\u201d", rating, nameOf(band));
}

} // namespace timerscope
