// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/oracle_set.h"

namespace timerscope::oracle {

/// The set wheel_seq (FORMAT.md, section 4): what happens to a CPU's two wheels, step by step.
[[nodiscard]] Result<QJsonObject> wheelSequence(const QJsonObject& in);

} // namespace timerscope::oracle
