// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clocksource/per_cpu_check.h"

#include "engine/clocksource/delta.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace timerscope {
namespace {

/// What the readings on the other CPUs have shown.
struct Sightings
{
    std::vector<unsigned> ahead;
    std::vector<unsigned> behind;
    Ns shortest = Ns::max();
    Ns longest = Ns::zero();
};

bool isNegative(Cycles earlier, Cycles later, std::uint64_t mask)
{
    return static_cast<std::int64_t>(elapsed(earlier, later, mask).count) < 0;
}

void look(const Clocksource& source, WatchdogHost& host, unsigned cpu, bool validates,
          Sightings& seen)
{
    const std::uint64_t mask = source.rate.mask;
    const Cycles before = source.counter->readCounter();
    const Cycles there = host.readOnCpu(source, cpu);
    const Cycles after = source.counter->readCounter();
    if (isNegative(before, there, mask)) {
        seen.behind.push_back(cpu);
    }
    if (isNegative(there, after, mask)) {
        seen.ahead.push_back(cpu);
    }
    const Cycles passed
        = validates ? elapsedValidated(before, after, mask) : elapsed(before, after, mask);
    const Ns took = cyclesToNs(passed, source.rate.factor());
    seen.shortest = std::min(seen.shortest, took);
    seen.longest = std::max(seen.longest, took);
}

void report(const Clocksource& source, unsigned here, const Sightings& seen, KernelLog& kernelLog)
{
    const auto line = [&](const std::vector<unsigned>& cpus, std::string_view where) {
        if (!cpus.empty()) {
            kernelLog.print(
                fmt::format("clocksource:         CPUs {} {} CPU {} for clocksource {}.",
                            cpuListText(cpus), where, here, source.name));
        }
    };
    line(seen.ahead, "ahead of");
    line(seen.behind, "behind");
    if (!seen.ahead.empty() || !seen.behind.empty()) {
        kernelLog.print(fmt::format(
            "clocksource:         CPU {} check durations {}ns - {}ns for clocksource {}.", here,
            seen.shortest.count(), seen.longest.count(), source.name));
    }
}

/// The online CPU that a drawn number stands for: itself, or the next one, round to the first.
unsigned onlineFrom(std::span<const unsigned> online, unsigned drawn)
{
    const auto found = std::ranges::lower_bound(online, drawn);
    return found != online.end() ? *found : online.front();
}

} // namespace

std::string cpuListText(std::span<const unsigned> cpus)
{
    std::string text;
    for (std::size_t first = 0; first < cpus.size();) {
        std::size_t last = first;
        while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) {
            ++last;
        }
        text += (text.empty() ? "" : ",") + std::to_string(cpus[first]);
        if (last != first) {
            text += "-" + std::to_string(cpus[last]);
        }
        first = last + 1;
    }
    return text;
}

std::vector<unsigned> chooseCpusToVerify(WatchdogHost& host, int verifyCpus)
{
    const std::span<const unsigned> online = host.onlineCpus();
    const unsigned here = host.currentCpu();
    std::set<unsigned> chosen;
    if (verifyCpus < 0) {
        chosen.insert(online.begin(), online.end());
    } else if (verifyCpus > 0 && online.size() > 1) {
        chosen.insert(online.front() == here ? online[1] : online.front());
        const auto most = std::min(static_cast<unsigned>(verifyCpus), host.possibleCpus());
        for (unsigned draws = 1; draws < most; ++draws) {
            chosen.insert(onlineFrom(online, host.randomBelow(host.possibleCpus())));
        }
    }
    chosen.erase(here);
    return {chosen.begin(), chosen.end()};
}

void verifyOnOtherCpus(const Clocksource& source, WatchdogHost& host, KernelLog& kernelLog,
                       const WatchdogConfig& config)
{
    if (config.verifyCpus == 0) {
        return;
    }
    const std::vector<unsigned> chosen = chooseCpusToVerify(host, config.verifyCpus);
    if (chosen.empty()) {
        kernelLog.print(
            fmt::format("clocksource: Not enough CPUs to check clocksource '{}'.", source.name));
        return;
    }
    const unsigned here = host.currentCpu();
    kernelLog.print(
        fmt::format("clocksource: Checking clocksource {} synchronization from CPU {} to CPUs {}.",
                    source.name, here, cpuListText(chosen)));
    Sightings seen;
    for (const unsigned cpu : chosen) {
        look(source, host, cpu, config.validatesSteps, seen);
    }
    report(source, here, seen, kernelLog);
}

} // namespace timerscope
