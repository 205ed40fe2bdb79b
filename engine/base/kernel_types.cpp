// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/kernel_types.h"

#include <array>

namespace timerscope {

namespace {

template<typename Enum, std::size_t Count>
std::string_view lookUp(const std::array<std::string_view, Count>& names, Enum value)
{
    const auto index = static_cast<std::size_t>(value);
    return index < Count ? names[index] : std::string_view{"unknown"};
}

} // namespace

std::string_view nameOf(ClockEventState state)
{
    static constexpr std::array<std::string_view, 5> names{"detached", "shutdown", "periodic",
                                                           "oneshot", "oneshot-stopped"};
    return lookUp(names, state);
}

std::string_view nameOf(TickMode mode)
{
    static constexpr std::array<std::string_view, 2> names{"periodic", "oneshot"};
    return lookUp(names, mode);
}

std::string_view nameOf(NohzMode mode)
{
    static constexpr std::array<std::string_view, 3> names{"inactive", "lowres", "highres"};
    return lookUp(names, mode);
}

std::string_view nameOf(RatingBand band)
{
    static constexpr std::array<std::string_view, 7> names{
        "below the bands", "unfit", "base", "good", "desired", "perfect", "above the bands"};
    return lookUp(names, band);
}

RatingBand bandOf(int rating)
{
    if (rating < 1) {
        return RatingBand::Below;
    }
    if (rating >= 500) {
        return RatingBand::Above;
    }
    static constexpr std::array bands{RatingBand::Unfit, RatingBand::Base, RatingBand::Good,
                                      RatingBand::Desired, RatingBand::Perfect};
    return bands[static_cast<std::size_t>(rating / 100)];
}

} // namespace timerscope
