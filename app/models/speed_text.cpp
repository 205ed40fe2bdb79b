// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/speed_text.h"

#include <algorithm>

namespace timerscope {

const std::vector<NamedSpeed>& offeredSpeeds()
{
    static const std::vector<NamedSpeed> speeds{
        {{1, 1000}, QString::fromUtf8("1/1000×")}, {{1, 100}, QString::fromUtf8("1/100×")},
        {{1, 10}, QString::fromUtf8("1/10×")},     {{1, 1}, QString::fromUtf8("1×")},
        {{10, 1}, QString::fromUtf8("10×")},       {{100, 1}, QString::fromUtf8("100×")},
        {{0, 0}, "as fast as possible"},
    };
    return speeds;
}

QString nameOf(Speed speed)
{
    const auto found = std::ranges::find(offeredSpeeds(), speed, &NamedSpeed::speed);
    return found != offeredSpeeds().end()
        ? found->name
        : QString::fromUtf8("%1/%2×").arg(speed.model).arg(speed.world);
}

} // namespace timerscope
