// SPDX-License-Identifier: GPL-3.0-or-later
//! bench_peer_ns3: the expiries of whole_machine_bench.cpp as events of the ns-3 simulator.
//!
//! A program of its own, because ns-3 is GPL-2.0-only: it links nothing of ours, is never
//! installed, and says what it measured as lines "SCHEDULER NANOSECONDS" on standard output.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <ns3/core-module.h>
#include <random>
#include <vector>

namespace {

constexpr unsigned cpus = 4;
constexpr unsigned hrtimersPerCpu = 64;
constexpr unsigned wheelTimersPerCpu = 256;
constexpr std::int64_t jiffyNs = 4'000'000;

double cpuNs()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

class Load
{
public:
    void arm()
    {
        for (unsigned i = 0; i < cpus * hrtimersPerCpu; ++i) {
            m_periods.push_back(200'000 + static_cast<std::int64_t>(m_random() % 1'800'000));
            ns3::Simulator::Schedule(ns3::NanoSeconds(m_periods[i]), &Load::hrtimerFires, this, i);
        }
        for (unsigned i = 0; i < cpus * wheelTimersPerCpu; ++i) {
            ns3::Simulator::Schedule(delay(), &Load::wheelTimerFires, this);
        }
    }
    /// CPU ns of each of the next @p count expiries.
    double run(std::uint64_t count)
    {
        m_left = count;
        const double start = cpuNs();
        ns3::Simulator::Run();
        return (cpuNs() - start) / static_cast<double>(count);
    }

private:
    ns3::Time delay()
    {
        return ns3::NanoSeconds(jiffyNs * static_cast<std::int64_t>(1 + m_random() % 64));
    }
    void count()
    {
        if (--m_left == 0) {
            ns3::Simulator::Stop();
        }
    }
    void hrtimerFires(unsigned timer)
    {
        count();
        ns3::Simulator::Schedule(ns3::NanoSeconds(m_periods[timer]), &Load::hrtimerFires, this,
                                 timer);
    }
    void wheelTimerFires()
    {
        count();
        ns3::Simulator::Schedule(delay(), &Load::wheelTimerFires, this);
    }

    std::vector<std::int64_t> m_periods;
    std::minstd_rand m_random{1};
    std::uint64_t m_left = 0;
};

void measure(const char* scheduler, std::uint64_t count)
{
    ns3::ObjectFactory factory;
    factory.SetTypeId(scheduler);
    ns3::Simulator::SetScheduler(factory);
    Load load;
    load.arm();
    static_cast<void>(load.run(count / 10)); // warms up
    std::printf("%s %.2f\n", scheduler, load.run(count));
    ns3::Simulator::Destroy();
}

} // namespace

int main(int argc, char** argv)
{
    const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300'000;
    if (count < 10) {
        std::fprintf(stderr, "bench_peer_ns3: the number of events must be at least 10\n");
        return 2;
    }
    for (const char* scheduler : {"ns3::PriorityQueueScheduler", "ns3::MapScheduler",
                                  "ns3::HeapScheduler", "ns3::CalendarScheduler"}) {
        measure(scheduler, count);
    }
    return 0;
}
