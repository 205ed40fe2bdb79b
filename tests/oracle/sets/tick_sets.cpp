// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 3: which of several clock event devices drives the tick.
#include "engine/clockevents/config.h"
#include "engine/tick/ticks.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

#include <deque>

namespace timerscope::oracle {
namespace {

/// A driver that takes everything and notes the states it was asked for.
class NotingDriver final : public ClockEventDriver
{
public:
    Errno setState(ClockEventState state) override
    {
        m_calls.append(static_cast<int>(state));
        return Errno::Ok;
    }
    Errno setNextEvent(std::uint64_t /*ticks*/) override { return Errno::Ok; }
    QJsonArray takeCalls() { return std::exchange(m_calls, {}); }

private:
    QJsonArray m_calls;
};

/// One CPU that boots on jiffies and gets device after device.
class SelectionBench final : private HrtimerHost,
                             private TickHost,
                             private KernelLog,
                             private TraceTime,
                             private DeviceListFaults,
                             private BroadcastHost
{
public:
    explicit SelectionBench(TickRate rate)
        : m_jiffies(rate)
        , m_clocksource(makeJiffiesClocksource(m_jiffies, rate))
        , m_timekeeper(m_clocksource, rate)
        , m_shared(rate)
        , m_events(*this, *this, tracer())
        , m_broadcast(false, m_shared, m_events, m_timekeeper, *this, tracer())
        , m_ticks(m_events, m_broadcast, *this)
        , m_hrtimers(*this, tracer())
        , m_tick(0,
                 TickParts{.services = {.shared = m_shared,
                                        .clockEvents = m_events,
                                        .broadcast = m_broadcast,
                                        .timekeeper = m_timekeeper,
                                        .jiffies = m_jiffies,
                                        .kernelLog = *this},
                           .hrtimers = m_hrtimers,
                           .host = *this},
                 TickOptions{}, tracer(), 0)
    {
        m_events.attach(m_ticks);
        m_ticks.attach(m_tick);
    }

    Result<void> add(const QJsonArray& step)
    {
        const auto features = static_cast<std::uint32_t>(step.at(1).toInteger());
        const auto frequency = static_cast<std::uint32_t>(step.at(3).toInteger());
        const auto config = clockEventConfig(frequency, 1, 0xffff'ffff, features);
        if (!config) {
            return tl::unexpected<Error>(config.error());
        }
        m_devices.emplace_back(
            ClockEventDevice::Description{.name = "e" + std::to_string(step.at(0).toInteger()),
                                          .rating = step.at(2).toInt(),
                                          .features = features,
                                          .config = *config},
            m_drivers.emplace_back(), tracer());
        m_events.registerDevice(m_devices.back(), 0);
        return {};
    }

    [[nodiscard]] int warnings() const { return m_warnings; }

    QJsonObject state()
    {
        QJsonArray states;
        QJsonArray calls;
        for (const ClockEventDevice& device : m_devices) {
            states.append(static_cast<int>(device.state()));
        }
        for (NotingDriver& driver : m_drivers) {
            calls.append(driver.takeCalls());
        }
        const ClockEventDevice* const device = m_tick.device();
        return {{"tick_dev", device != nullptr ? QString::fromStdString(device->name()) : ""},
                {"td_mode", static_cast<int>(m_tick.mode())},
                {"states", states},
                {"state_calls", calls},
                {"handler", handlerCode(device)}};
    }

private:
    static int handlerCode(const ClockEventDevice* device)
    {
        const std::string name = device != nullptr ? device->handler().name : std::string{};
        if (name.empty()) {
            return 0;
        }
        return name == "tick_handle_periodic" ? 1 : 2;
    }
    Tracer tracer() { return {m_log, *this, 0}; }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }
    void print(std::string_view /*line*/) override { }
    void warn(std::string_view /*text*/) override { ++m_warnings; }
    void touchedGoneDevice(std::string_view /*device*/) override { }
    void walksForEver(std::string_view /*device*/) override { }
    [[nodiscard]] unsigned currentCpu() const override { return 0; }
    [[nodiscard]] CpuMask onlineCpus() const override { return CpuMask::of(0); }
    void sendTimerInterrupt(CpuMask /*cpus*/) override { }
    void raiseTimerSoftirqIfDue() override { }
    [[nodiscard]] MonotonicInstant monotonicNow() override { return m_timekeeper.monotonicNow(); }
    [[nodiscard]] Ns clockOffset(HrtimerClock /*clock*/) override { return {}; }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        return m_tick.tickDevice().program(expires, force);
    }
    void tickDeviceFired() override { }
    void raiseHrtimerSoftirq() override { }
    void spendCallback() override { }

    TraceLog m_log;
    JiffiesCounter m_jiffies;
    Clocksource m_clocksource;
    Timekeeper m_timekeeper;
    TickShared m_shared;
    ClockEvents m_events;
    TickBroadcast m_broadcast;
    Ticks m_ticks;
    HrtimerCpuBase m_hrtimers;
    TickCpu m_tick;
    int m_warnings = 0;
    std::deque<NotingDriver> m_drivers;
    std::deque<ClockEventDevice> m_devices;
};

Result<QJsonObject> clockEventSelection(const QJsonObject& in)
{
    RowReader row(in);
    SelectionBench bench(TickRate{row.u32("hz", 15, 10'000)});
    const QJsonArray list = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    QJsonArray steps;
    for (const QJsonValue step : list) {
        if (const auto added = bench.add(step.toArray()); !added) {
            return tl::unexpected<Error>(added.error());
        }
        steps.append(bench.state());
    }
    return QJsonObject{{"steps", steps}, {"warnings", number(bench.warnings())}};
}

constexpr OracleSet sets[] = {
    {"clockevent_select_seq", clockEventSelection},
};

} // namespace

std::span<const OracleSet> tickSets()
{
    return sets;
}

} // namespace timerscope::oracle
