// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/machine.h"

#include <QJsonObject>

namespace timerscope::oracle {

/// What a look at sysfs and /proc shows of @p machine: `available`, `current`, `current_device` and
/// `timer_list_lines`. A task reads `available`, and dies if the list leads to what is gone.
[[nodiscard]] QJsonObject machineObservation(Machine& machine);

} // namespace timerscope::oracle
