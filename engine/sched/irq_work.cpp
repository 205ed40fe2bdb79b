// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sched/irq_work.h"

#include <utility>

namespace timerscope {

bool IrqWorkQueue::queue(IrqWork& work)
{
    if (std::exchange(work.isPending, true)) {
        return false;
    }
    (work.isLazy ? m_lazy : m_raised).push_back(&work);
    return true;
}

void IrqWorkQueue::run()
{
    runAll(m_raised);
    runAll(m_lazy);
}

/// Work may queue itself anew: it is no longer pending once it is called.
void IrqWorkQueue::runAll(std::vector<IrqWork*>& list)
{
    for (IrqWork* const work : std::exchange(list, {})) {
        work->isPending = false;
        work->call();
    }
}

} // namespace timerscope
