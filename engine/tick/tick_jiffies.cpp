// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/tick_jiffies.h"

namespace timerscope {

void addJiffies(const TickServices& services, Tracer& tracer, std::uint64_t ticks)
{
    services.jiffies.advance(ticks);
    tracer.record(RecordKind::JiffiesUpdate, 0,
                  static_cast<std::int64_t>(services.jiffies.now().count),
                  static_cast<std::int64_t>(ticks));
    if (services.load != nullptr) {
        tracer.call("calc_global_load");
        services.load->jiffiesUpdated(services.jiffies.now());
    }
}

void updateWallTime(const TickServices& services, Tracer& tracer)
{
    tracer.call("update_wall_time");
    services.timekeeper.accumulate();
}

void takeDoTimerDuty(const TickServices& services, Tracer& tracer, unsigned cpu)
{
    services.shared.doTimer.take(cpu);
    tracer.record(RecordKind::DoTimerCpu, 0, cpu);
}

void dropDoTimerDuty(const TickServices& services, Tracer& tracer)
{
    services.shared.doTimer.drop();
    tracer.record(RecordKind::DoTimerCpu, 0, -1);
}

void updateJiffies(const TickServices& services, Tracer& tracer, MonotonicInstant now)
{
    const CallSpan span(tracer, "tick_do_update_jiffies64");
    if (const std::uint64_t ticks = services.shared.periods.takeDue(now); ticks > 0) {
        addJiffies(services, tracer, ticks);
        updateWallTime(services, tracer);
    }
}

} // namespace timerscope
