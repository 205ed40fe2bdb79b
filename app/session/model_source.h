// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/bench.h"
#include "engine/port/source.h"

#include <memory>
#include <string>

namespace timerscope {

/// The engine on a bench's hardware: its machine is powered on and the scenario's steps wait for
/// their time.
///
/// Errors: NotSupported for a machine that this version cannot model.
[[nodiscard]] Result<std::unique_ptr<Source>> openModel(Bench bench, std::string uri,
                                                        TraceDetail detail = TraceDetail::Events);

} // namespace timerscope
