// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/port/hardware.h"

namespace timerscope {

Result<void> Hardware::sleep(Ns /*span*/)
{
    return fail(ErrorCode::NotSupported,
                "real hardware cannot be put to sleep by a scenario; run it on the simulated "
                "backend");
}

Result<void> Hardware::inject(const InjectedFault& /*fault*/)
{
    return fail(ErrorCode::NotSupported,
                "faults can be injected on simulated hardware only; run the scenario on the "
                "simulated backend");
}

} // namespace timerscope
