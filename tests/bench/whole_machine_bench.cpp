// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/whole_machine_bench.h"

#include "backends/simulated/simulated_hardware.h"
#include "engine/machine/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <random>
#include <stdexcept>

namespace timerscope::bench {

namespace {

constexpr unsigned hrtimersPerCpu = 64;
constexpr unsigned wheelTimersPerCpu = 256;
constexpr std::uint64_t expiriesPerRound = 300'000;
constexpr std::uint32_t firstTimerId = 1'000'000; // the machine's own are below

DeviceDescription timers()
{
    DeviceDescription device;
    device.name = "timers";
    device.counters.push_back({.name = "counter",
                               .rate = Hertz{24'000'000},
                               .bits = 56,
                               .rating = 300,
                               .flags = clocksource_flag::continuous,
                               .schedClock = true});
    device.events.push_back(
        {.name = "timer",
         .rate = Hertz{24'000'000},
         .rating = 300,
         .features = clock_event_feature::periodic | clock_event_feature::oneshot,
         .irq = std::nullopt,
         .perCpu = true});
    return device;
}

SimulatedHardware hardwareOf(const DeviceDescription& device, unsigned cpus)
{
    std::vector<EventChannelInfo> channels;
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        channels.push_back({.name = device.events[0].name,
                            .rate = device.events[0].rate,
                            .minTicks = device.events[0].minTicks,
                            .maxTicks = device.events[0].maxTicks,
                            .features = device.events[0].features,
                            .cpu = cpu});
    }
    const CounterDescription& counter = device.counters[0];
    return {{{.name = counter.name, .rate = counter.rate, .bits = counter.bits, .readCost = {}}},
            std::move(channels)};
}

struct Kind
{
    unsigned cpus = 0;
    bool isBusy = false;
};

/// A booted machine in high resolution, all of whose timers are armed.
class LoadedMachine
{
public:
    LoadedMachine(Kind kind, ReusedMemory& memory)
        : m_device(timers())
        , m_log(TraceDetail::Events, &memory)
        , m_hardware(hardwareOf(m_device, kind.cpus))
    {
        const unsigned cpus = kind.cpus;
        MachineConfig config;
        config.cpus = cpus;
        config.config.smp = true;
        config.tickRate = TickRate{250};
        m_machine = std::move(Machine::powerOn(std::move(config), m_hardware, m_log).value());
        boot();
        for (unsigned cpu = 0; cpu < cpus; ++cpu) {
            m_machine->cpus().runOn(cpu, [&] { arm(cpu); });
            if (kind.isBusy) {
                m_tasks.emplace_back(m_machine->cpus(), cpu);
            }
        }
        m_machine->settle();
    }

    /// CPU time of the next @p count expiries, in ns.
    double run(std::uint64_t count)
    {
        const std::uint64_t end = m_expiries + count;
        const double start = cpuNanoseconds();
        while (m_expiries < end) {
            step();
        }
        return cpuNanoseconds() - start;
    }
    [[nodiscard]] std::uint64_t expiries() const { return m_expiries; }
    [[nodiscard]] std::size_t records() const { return m_log.size(); }

private:
    void boot()
    {
        if (!m_machine->probe(m_device)) {
            throw std::runtime_error("the bench's own timers cannot be probed");
        }
        m_machine->schedClockInit();
        m_machine->initJiffiesClocksource();
        m_machine->clocksourceDoneBooting();
        const TraceInstant ready = m_machine->now() + std::chrono::milliseconds{100};
        while (m_machine->now() < ready) {
            step();
        }
    }
    void step()
    {
        if (!m_machine->runOnce(m_machine->now() + std::chrono::seconds{1})) {
            throw std::runtime_error("the simulated hardware was lost");
        }
    }
    void arm(unsigned cpu)
    {
        for (unsigned i = 0; i < hrtimersPerCpu; ++i) {
            armHrtimer(m_machine->cpu(cpu).hrtimers());
        }
        for (unsigned i = 0; i < wheelTimersPerCpu; ++i) {
            armWheelTimer(m_machine->cpu(cpu).wheel());
        }
    }
    /// Periods between 200 µs and 2 ms, no two alike.
    void armHrtimer(HrtimerCpuBase& base)
    {
        const Ns period{200'000 + static_cast<std::int64_t>(m_random() % 1'800'000)};
        Hrtimer& timer = m_hrtimers.emplace_back(
            firstTimerId + static_cast<std::uint32_t>(m_hrtimers.size()), HrtimerClock::Monotonic,
            false, "bench_hrtimer", [this, &base, period](Hrtimer& fired) {
                ++m_expiries;
                static_cast<void>(base.forwardNow(fired, period));
                return HrtimerRestart::Yes;
            });
        base.startRelative(timer, period, Ns::zero(), hrtimer_mode::pinned);
    }
    /// Delays of 1 to 64 jiffies.
    void armWheelTimer(TimerWheel& wheel)
    {
        WheelTimer& timer = m_wheelTimers.emplace_back(
            2 * firstTimerId + static_cast<std::uint32_t>(m_wheelTimers.size()), "bench_timer",
            [this, &wheel](WheelTimer& fired) {
                ++m_expiries;
                rearm(wheel, fired);
            });
        rearm(wheel, timer);
    }
    void rearm(TimerWheel& wheel, WheelTimer& timer)
    {
        const Jiffies now = m_machine->jiffies().now();
        static_cast<void>(wheel.modify(timer, Jiffies{now.count + 1 + m_random() % 64}, now));
    }

    DeviceDescription m_device;
    TraceLog m_log;
    SimulatedHardware m_hardware;
    std::unique_ptr<Machine> m_machine;
    std::deque<Cpus::Task> m_tasks;
    std::deque<Hrtimer> m_hrtimers; // deques: both are known by address
    std::deque<WheelTimer> m_wheelTimers;
    std::minstd_rand m_random{1};
    std::uint64_t m_expiries = 0;
};

/// Runs of machines of one size, one after the other. The first meets memory that nobody has
/// touched, which is the computer's speed and not ours; the others get that of the run before.
struct Rounds
{
    ReusedMemory memory;
    std::vector<double> perExpiry;
    std::vector<double> perRecord;
    double recordsPerExpiry = 0;
    double firstPerExpiry = 0;
};

void addRound(Rounds& rounds, Kind kind, const Effort& effort)
{
    LoadedMachine machine(kind, rounds.memory);
    const auto count = static_cast<std::uint64_t>(effort.scale * expiriesPerRound);
    static_cast<void>(machine.run(count / 10)); // warms up
    const std::size_t records = machine.records();
    const std::uint64_t expiries = machine.expiries();
    const double ns = machine.run(count);
    const auto done = static_cast<double>(machine.expiries() - expiries);
    const auto kept = static_cast<double>(machine.records() - records);
    if (rounds.firstPerExpiry == 0) {
        rounds.firstPerExpiry = ns / done;
        return;
    }
    rounds.perExpiry.push_back(ns / done);
    rounds.perRecord.push_back(ns / kept);
    rounds.recordsPerExpiry = kept / done;
}

/// What the peer's best scheduler takes, in ns an expiry.
double peerRound(const Effort& effort)
{
    const std::string command = fmt::format(
        "'{}' {}", effort.ns3, static_cast<std::uint64_t>(effort.scale * expiriesPerRound));
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    double best = 0;
    char scheduler[64];
    double ns = 0;
    while (pipe && std::fscanf(pipe.get(), "%63s %lf", scheduler, &ns) == 2) {
        best = best == 0 ? ns : std::min(best, ns);
    }
    if (best == 0) {
        throw std::runtime_error("the peer " + effort.ns3 + " measured nothing");
    }
    return best;
}

} // namespace

MachineFigures measureMachines(const Effort& effort)
{
    constexpr Kind kinds[] = {{.cpus = 4}, {.cpus = 4, .isBusy = true}, {.cpus = 64}};
    Rounds measured[std::size(kinds)];
    std::vector<double> peer;
    for (int round = 0; round <= effort.rounds; ++round) {
        for (std::size_t i = 0; i < std::size(kinds); ++i) {
            addRound(measured[i], kinds[i], effort);
        }
        if (!effort.ns3.empty() && round > 0) {
            peer.push_back(peerRound(effort));
        }
    }
    MachineFigures figures;
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
        figures.machines.push_back({.cpus = kinds[i].cpus,
                                    .isBusy = kinds[i].isBusy,
                                    .nsPerExpiry = median(measured[i].perExpiry),
                                    .nsPerRecord = median(measured[i].perRecord),
                                    .recordsPerExpiry = measured[i].recordsPerExpiry,
                                    .firstNsPerExpiry = measured[i].firstPerExpiry});
    }
    figures.ns3 = peer.empty() ? 0 : median(std::move(peer));
    return figures;
}

std::string tableOf(const MachineFigures& figures)
{
    std::string text;
    for (const MachineFigure& figure : figures.machines) {
        text += fmt::format("whole machine, {:2} {}CPUs: {:6.1f} ns an expiry ({:.2f} million/s), "
                            "{:5.1f} ns a record ({:.1f} million/s), {:.2f} records an expiry; "
                            "{:.1f} ns an expiry in untouched memory\n",
                            figure.cpus, figure.isBusy ? "busy " : "", figure.nsPerExpiry,
                            1e3 / figure.nsPerExpiry, figure.nsPerRecord, 1e3 / figure.nsPerRecord,
                            figure.recordsPerExpiry, figure.firstNsPerExpiry);
    }
    const MachineFigure& small = figures.machines.front();
    text += fmt::format("whole machine: an expiry at 64 CPUs costs {:.2f} times that at 4 (target: "
                        "at most 2)\n",
                        figures.machines.back().nsPerExpiry / small.nsPerExpiry);
    if (figures.ns3 > 0) {
        text += fmt::format("whole machine: ns-3's best scheduler takes {:.1f} ns, {:.2f} times "
                            "ours (target: at least 2), {:.2f} times ours with busy CPUs\n",
                            figures.ns3, figures.ns3 / small.nsPerExpiry,
                            figures.ns3 / figures.machines[1].nsPerExpiry);
    }
    return text;
}

std::string jsonOf(const MachineFigures& figures)
{
    std::string text;
    for (const MachineFigure& figure : figures.machines) {
        text += fmt::format(
            R"({}{{"part": "whole machine", "cpus": {}, "busy": {}, "ns_per_expiry": {:.2f}, )"
            R"("ns_per_record": {:.2f}, "records_per_expiry": {:.3f}, )"
            R"("first_ns_per_expiry": {:.2f}, "ns3_ns": {:.2f}}})",
            text.empty() ? "" : ",\n    ", figure.cpus, figure.isBusy, figure.nsPerExpiry,
            figure.nsPerRecord, figure.recordsPerExpiry, figure.firstNsPerExpiry, figures.ns3);
    }
    return text;
}

} // namespace timerscope::bench
