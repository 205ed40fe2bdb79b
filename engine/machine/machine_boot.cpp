// SPDX-License-Identifier: GPL-3.0-or-later
//! The stages of a machine's boot, and what a trace tells of those that its construction has done.
#include "engine/machine/machine.h"

#include <string_view>
#include <utility>

namespace timerscope {

/// What the construction has done already.
void Machine::tellPowerOn()
{
    const CallSpan start(m_tracer, "start_kernel");
    {
        const CallSpan span(m_tracer, "init_timers");
        m_tracer.call("init_timer_cpus");
        m_tracer.call("open_softirq");
        m_tracer.install("run_timer_softirq");
    }
    {
        const CallSpan span(m_tracer, "hrtimers_init");
        m_tracer.call("hrtimers_prepare_cpu");
        m_tracer.call("open_softirq");
        m_tracer.install("hrtimer_run_softirq");
    }
    if (!m_config.boot.callsTimekeepingInit) {
        const CallSpan span(m_tracer, "timekeeping_init");
        tellTimekeepingInit();
    }
}

void Machine::tellTimekeepingInit()
{
    for (const std::string_view function :
         {"read_persistent_wall_and_boot_offset", "clocksource_default_clock", "tk_setup_internals",
          "timekeeping_update"}) {
        m_tracer.call(function);
    }
}

void Machine::initClocks()
{
    if (m_config.clocks.providers().empty()) {
        return;
    }
    const CallSpan span(m_tracer, "of_clk_init");
    const CallChain chain(m_tracer, m_config.clockDriver.init);
    for (const std::string& function : m_config.clockDriver.calls) {
        m_tracer.call(function);
    }
}

void Machine::timekeepingInit()
{
    tellTimekeepingInit();
    m_timekeeper = Timekeeper(m_jiffiesClocksource, m_config.tickRate, bootTime(true));
}

Result<Errno> Machine::probe(const DeviceDescription& device)
{
    const Cpus::Task task(m_cpus, 0);
    const ProbeAnswer answer = m_platform.probe(device, nullptr);
    if (answer.isBound) {
        if (auto probed = m_drivers.probe(device, nullptr, nullptr); !probed) {
            return tl::unexpected<Error>(std::move(probed.error()));
        }
        settle();
    }
    return answer.error;
}

Result<void> Machine::registerRefinedJiffies(Hertz timer)
{
    auto source = makeRefinedJiffiesClocksource(m_jiffies, m_config.tickRate, timer);
    if (!source) {
        return tl::unexpected<Error>(std::move(source.error()));
    }
    m_clocksources.registerSource(m_refinedJiffies.emplace(std::move(*source)));
    return {};
}

void Machine::setUpHrtimerBroadcast()
{
    if (!m_config.config.hrtimerBroadcast || m_hrtimerBroadcast) {
        return;
    }
    m_hrtimerBroadcast.emplace(
        HrtimerBroadcast::Parts{.currentCpu = [this] { return m_cpus.currentCpu(); },
                                .hrtimersOf = [this](unsigned cpu) -> HrtimerCpuBase& {
                                    return m_cpus.at(cpu).hrtimers();
                                },
                                .lockedUp = [this] { broadcastLockedUp(); },
                                .possibleCpus = m_cpus.count()},
        newTimerId(), m_tracer);
    m_clockEvents.registerDevice(m_hrtimerBroadcast->device(), m_cpus.currentCpu());
}

void Machine::schedClockInit()
{
    setUpHrtimerBroadcast();
    const CallSpan span(m_tracer, "generic_sched_clock_init");
    m_schedClock.genericInit();
    cpu().hrtimers().init(m_wrapTimer);
    startWrapTimer();
}

void Machine::startWrapTimer()
{
    const CallSpan span(m_tracer, "hrtimer_start");
    HrtimerCpuBase& hrtimers = cpu().hrtimers();
    hrtimers.start(m_wrapTimer, addSaturating(hrtimers.clockNow(m_wrapTimer), m_schedClock.wrap()),
                   Ns::zero(), hrtimer_mode::relative | hrtimer_mode::hard);
}

void Machine::calibrateDelay()
{
    m_delayLoop.calibrate();
}

void Machine::initJiffiesClocksource()
{
    if (!m_config.boot.callsSmpInit) {
        smpInit();
    }
    const CallSpan span(m_tracer, "__clocksource_register");
    m_clocksources.registerSource(m_jiffiesClocksource);
}

void Machine::clocksourceDoneBooting()
{
    m_clocksources.doneBooting();
    m_cpus.finishBoot();
    settle();
}

} // namespace timerscope
