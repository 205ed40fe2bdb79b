// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace timerscope {

/// Work that wants to run in an interrupt, but cannot make one wait for it (struct irq_work).
struct IrqWork
{
    std::string function; ///< the kernel's name
    std::function<void()> call;
    bool isLazy = false; ///< the next tick is soon enough, while ticks come
    bool isPending = false; ///< claimed: queueing it again does nothing
};

/// One CPU's irq_work. Urgent work runs by an interrupt that the CPU sends itself, or by the next
/// tick where it cannot; lazy work always waits for a tick. Rules: kernel/irq_work.c, Linux 6.1.
class IrqWorkQueue
{
public:
    /// False when it was pending already. @p work must stay until it has run.
    bool queue(IrqWork& work);
    /// Something waits for the CPU's interrupt to itself.
    [[nodiscard]] bool hasRaised() const { return !m_raised.empty(); }
    /// The tick must come: somebody waits for it (irq_work_needs_cpu).
    [[nodiscard]] bool needsTick() const { return !m_raised.empty() || !m_lazy.empty(); }
    /// That interrupt (irq_work_run).
    void run();
    /// irq_work_tick(): all of it; what is urgent only where no interrupt has come for it.
    void tick()
    {
        if (needsTick()) {
            run();
        }
    }

private:
    static void runAll(std::vector<IrqWork*>& list);

    std::vector<IrqWork*> m_raised;
    std::vector<IrqWork*> m_lazy;
};

} // namespace timerscope
