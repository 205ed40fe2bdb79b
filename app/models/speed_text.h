// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/speed.h"

#include <QString>

#include <vector>

namespace timerscope {

/// A speed and its name: {1, 100} is "1/100×".
struct NamedSpeed
{
    Speed speed;
    QString name;
};
/// What the speed menus offer, slowest first.
[[nodiscard]] const std::vector<NamedSpeed>& offeredSpeeds();
[[nodiscard]] QString nameOf(Speed speed);

} // namespace timerscope
