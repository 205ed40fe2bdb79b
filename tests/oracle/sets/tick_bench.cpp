// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/sets/tick_bench.h"

#include "engine/clockevents/config.h"

namespace timerscope::oracle {

TickBench::TickBench(TickRate rate, const TickOptions& options)
    : m_jiffies(rate)
    , m_jiffiesClocksource(makeJiffiesClocksource(m_jiffies, rate))
    , m_timekeeper(m_jiffiesClocksource, rate)
    , m_registry(*this, *this, tracer())
    , m_shared(rate)
    , m_events(*this, *this, tracer())
    , m_broadcast(false, m_shared, m_events, m_timekeeper, *this, tracer())
    , m_ticks(m_events, m_broadcast, *this, tracer())
    , m_hrtimers(*this, tracer())
    , m_wheel(rate, m_jiffies.now(), *this, tracer())
    , m_tick(0, tickParts(), options, tracer(), 0)
{
    m_events.attach(m_ticks);
    m_ticks.attach(m_tick);
}

TickParts TickBench::tickParts()
{
    return {.services = {.shared = m_shared,
                         .clockEvents = m_events,
                         .broadcast = m_broadcast,
                         .timekeeper = m_timekeeper,
                         .jiffies = m_jiffies,
                         .kernelLog = *this},
            .hrtimers = m_hrtimers,
            .wheel = m_wheel,
            .host = *this};
}

NextTick TickBench::nextTick()
{
    return {0, tickParts(), tracer()};
}

void TickBench::print(std::string_view line)
{
    m_lines.append(QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())));
}

// --- clocksource -------------------------------------------------------------------------------

Result<void> TickBench::describeClocksource(const QJsonObject& description, Cycles count)
{
    RowReader row(description);
    const auto bits = row.u32("mask_bits", 1, 64);
    const auto scale = row.u32("scale", 1);
    const auto frequency = row.u32("freq", 1);
    const auto flags = row.has("flags") ? row.u32("flags") : clocksource_flag::continuous;
    if (!row.ok()) {
        return row.failure();
    }
    const auto rate
        = rateOf({.mask = counterMask(bits), .scale = scale, .frequency = frequency, .margin = {}});
    if (!rate) {
        return tl::unexpected<Error>(rate.error());
    }
    m_counter.count = count;
    m_clocksource.name = "cs1";
    m_clocksource.rating = 300;
    m_clocksource.flags = flags;
    m_clocksource.rate = *rate;
    m_clocksource.bits = bits;
    m_clocksource.counter = &m_counter;
    return {};
}

void TickBench::registerClocksource()
{
    m_registry.registerSource(m_clocksource);
    m_registry.doneBooting();
}

bool TickBench::changeClocksource(Clocksource& chosen)
{
    const bool changed = m_timekeeper.changeClocksource(chosen);
    m_ticks.clockChanged();
    return changed;
}

void TickBench::advanceJiffiesTo(Jiffies jiffies)
{
    m_jiffies.advance(jiffies.count - m_jiffies.now().count);
}

void TickBench::startJiffiesAt(Jiffies jiffies)
{
    advanceJiffiesTo(jiffies);
    m_wheel.prepare(jiffies);
}

// --- devices and interrupts --------------------------------------------------------------------

Result<void> TickBench::registerDevice(std::string name, int rating, std::uint32_t features,
                                       std::uint32_t frequency)
{
    const auto config = clockEventConfig(frequency, 1, 0xffff'ffff, features);
    if (!config) {
        return tl::unexpected<Error>(config.error());
    }
    m_devices.emplace_back(
        ClockEventDevice::Description{
            .name = std::move(name), .rating = rating, .features = features, .config = *config},
        m_drivers.emplace_back(), tracer());
    m_events.registerDevice(m_devices.back(), 0);
    return {};
}

void TickBench::interrupt(bool isTimer)
{
    if (m_isIdle) {
        m_tick.sched().interruptEntered();
    }
    if (isTimer && m_tick.device() != nullptr) {
        m_tick.device()->fire();
    }
    runSoftirqs();
    if (m_isIdle) {
        m_tick.sched().interruptLeft();
    }
}

void TickBench::raiseTimerSoftirqIfDue()
{
    if (m_wheel.isDue(m_jiffies.now())) {
        raiseTimerSoftirq();
    }
}

void TickBench::runSoftirqs()
{
    const std::uint32_t pending = std::exchange(m_softirqs, 0);
    if ((pending & timerSoftirqBit) != 0) {
        m_wheel.run(m_jiffies.now());
    }
    if ((pending & hrtimerSoftirqBit) != 0) {
        m_hrtimers.runSoftirq();
    }
}

int TickBench::handlerCode() const
{
    static const std::map<std::string, int> codes{{"tick_handle_periodic", 1},
                                                  {"hrtimer_interrupt", 2},
                                                  {"clockevents_handle_noop", 3},
                                                  {"tick_nohz_handler", 4}};
    const ClockEventDevice* const device = m_tick.device();
    const auto found = device != nullptr ? codes.find(device->handler().name) : codes.end();
    return found != codes.end() ? found->second : 0;
}

// --- idle and timers ---------------------------------------------------------------------------

void TickBench::enterIdle()
{
    m_isIdle = true;
    m_tick.sched().enterIdle();
    stopIdleTick();
}

void TickBench::exitIdle()
{
    m_tick.sched().exitIdle();
    m_isIdle = false;
}

Hrtimer& TickBench::hrtimer(std::uint32_t id)
{
    const auto made = m_hrtimerOf.try_emplace(
        id, id, HrtimerClock::Monotonic, false, "timer", [this](Hrtimer& fired) {
            m_firedHrtimers.append(
                QJsonArray{number(fired.id()), decimal(nsOf(m_timekeeper.monotonicNow()))});
            return HrtimerRestart::No;
        });
    return made.first->second;
}

void TickBench::startHrtimer(std::uint32_t id, Ns delay)
{
    Hrtimer& timer = hrtimer(id);
    const Ns now = m_hrtimers.clockNow(timer).time_since_epoch();
    m_hrtimers.start(timer, HrtimerInstant{ktimeAddSafe(now, delay)}, Ns::zero(),
                     hrtimer_mode::relative);
}

void TickBench::startHrtimerAt(std::uint32_t id, HrtimerInstant expires)
{
    m_hrtimers.start(hrtimer(id), expires, Ns::zero(), hrtimer_mode::absolute);
}

WheelTimer& TickBench::wheelTimer(std::uint32_t id, std::uint8_t flags)
{
    const auto made = m_wheelTimerOf.try_emplace(
        id, id, "timer",
        [this](WheelTimer& fired) {
            m_firedWheel.append(QJsonArray{number(fired.id()), decimal(m_jiffies.now().count)});
        },
        flags);
    return made.first->second;
}

void TickBench::modifyWheelTimer(std::uint32_t id, Jiffies expires)
{
    m_wheel.modify(wheelTimer(id, 0), expires, m_jiffies.now());
}

void TickBench::addWheelTimer(Jiffies expires, bool isDeferrable)
{
    const auto id = static_cast<std::uint32_t>(m_wheelTimerOf.size());
    m_wheel.add(wheelTimer(id, isDeferrable ? timer_flag::deferrable : std::uint8_t{0}), expires,
                m_jiffies.now());
}

} // namespace timerscope::oracle
