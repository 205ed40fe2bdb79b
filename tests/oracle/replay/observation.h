// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/machine.h"

#include <QJsonObject>

namespace timerscope::oracle {

/// What a look at sysfs and /proc shows of @p machine: `available`, `current`, `current_device` and
/// `timer_list_lines`, made from its snapshot alone.
[[nodiscard]] QJsonObject machineObservation(const Machine& machine);

} // namespace timerscope::oracle
