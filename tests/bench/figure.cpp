// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace timerscope::bench {
namespace {

std::string joined(const std::vector<double>& ratios)
{
    std::string text;
    for (const double ratio : ratios) {
        text += fmt::format("{}{:.2f}", text.empty() ? "" : " ", ratio);
    }
    return text;
}

std::string timingsJson(const std::vector<Timing>& timings)
{
    std::string text;
    for (const Timing& timing : timings) {
        text += fmt::format("{}\"{}\": {:.2f}", text.empty() ? "" : ", ", timing.name,
                            timing.nsPerOperation);
    }
    return "{" + text + "}";
}

std::string ratiosJson(const std::vector<double>& ratios)
{
    std::string text;
    for (const double ratio : ratios) {
        text += fmt::format("{}{:.3f}", text.empty() ? "" : ", ", ratio);
    }
    return "[" + text + "]";
}

} // namespace

double cpuNanoseconds()
{
    constexpr double nsPerSecond = 1e9;
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * nsPerSecond + static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::ranges::nth_element(values, middle);
    return *middle;
}

const Timing& Figure::bestPeer() const
{
    return *std::ranges::min_element(timings.begin() + 1, timings.end() - 1, {},
                                     &Timing::nsPerOperation);
}

bool Figure::isMet() const
{
    return !ratios.empty()
        && std::ranges::all_of(ratios, [this](double ratio) { return ratio >= target; });
}

void measure(Figure& figure, const std::vector<Contestant>& contestants, std::uint64_t operations,
             int rounds)
{
    std::vector<std::vector<double>> spent(contestants.size());
    for (int round = 0; round <= rounds; ++round) {
        for (std::size_t who = 0; who < contestants.size(); ++who) {
            const double begin = cpuNanoseconds();
            contestants[who].round();
            const double end = cpuNanoseconds();
            if (round > 0) {
                spent[who].push_back((end - begin) / static_cast<double>(operations));
            }
        }
    }
    figure.timings.clear();
    for (std::size_t who = 0; who < contestants.size(); ++who) {
        figure.timings.push_back(
            {.name = contestants[who].name, .nsPerOperation = median(spent[who])});
    }
    figure.ratios.push_back(figure.bestPeer().nsPerOperation / figure.ours().nsPerOperation);
}

std::string tableOf(const std::vector<Figure>& figures)
{
    std::string table;
    for (const Figure& figure : figures) {
        const Timing& peer = figure.bestPeer();
        table
            += fmt::format("{:<14} {:<5} {:>6}: {:6.1f} ns, best peer {:6.1f} ns ({}), {} times as "
                           "fast, target {:.2f}: {} ({:.1f} ns as used)\n",
                           figure.part, figure.work, figure.size, figure.ours().nsPerOperation,
                           peer.nsPerOperation, peer.name, joined(figure.ratios), figure.target,
                           figure.isMet() ? "met" : "NOT MET", figure.asUsed().nsPerOperation);
    }
    return table;
}

std::string jsonOf(const std::vector<Figure>& figures)
{
    std::string rows;
    for (const Figure& figure : figures) {
        rows += fmt::format("{}{{\"part\": \"{}\", \"work\": \"{}\", \"size\": {}, "
                            "\"ns_per_operation\": {}, \"best_peer\": \"{}\", \"ratios\": {}, "
                            "\"target\": {:.2f}, \"met\": {}}}",
                            rows.empty() ? "" : ",\n    ", figure.part, figure.work, figure.size,
                            timingsJson(figure.timings), figure.bestPeer().name,
                            ratiosJson(figure.ratios), figure.target, figure.isMet());
    }
    return rows;
}

} // namespace timerscope::bench
