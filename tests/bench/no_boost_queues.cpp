// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/queue_work.h"

namespace timerscope::bench {

std::vector<QueuePeer> boostQueues()
{
    return {};
}

} // namespace timerscope::bench
