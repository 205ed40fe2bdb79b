// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace timerscope::bench {

/// One who does the work: us, or somebody to be measured against.
struct Contestant
{
    std::string name;
    /// Does one round of the work and goes on from there at the next call.
    std::function<void()> round;
};

/// CPU nanoseconds per operation, the median of all rounds.
struct Timing
{
    std::string name;
    double nsPerOperation = 0;
};

/// One target and what was measured for it.
struct Figure
{
    std::string part; ///< "hrtimer queue"
    std::string work; ///< "hold"
    std::uint64_t size = 0; ///< timers that wait
    double target = 0; ///< how many times faster than the best of the others we have to be
    std::vector<double> ratios; ///< of each run
    std::vector<Timing> timings; ///< of the last run: ours, the peers', and ours as it is used

    [[nodiscard]] const Timing& ours() const { return timings.front(); }
    [[nodiscard]] const Timing& bestPeer() const;
    [[nodiscard]] const Timing& asUsed() const { return timings.back(); }
    /// Every run reached it.
    [[nodiscard]] bool isMet() const;
};

/// How to measure.
struct Effort
{
    int runs = 3; ///< a target counts as met when all of them meet it
    int rounds = 7; ///< of each run; contestants take turns in each
    double scale = 1; ///< of the operations of a round
    std::string ns3; ///< the program bench_peer_ns3; empty: no such peer
};

/// Lets @p contestants, in the order of Figure::timings, take turns and adds a run to @p figure. @p
/// operations of a round. The first round warms up and is not counted.
void measure(Figure& figure, const std::vector<Contestant>& contestants, std::uint64_t operations,
             int rounds);

/// A line each: the work, ours, the best peer, the ratios, the target and whether it is met.
[[nodiscard]] std::string tableOf(const std::vector<Figure>& figures);
/// The same with every peer's timing, as JSON objects joined by commas.
[[nodiscard]] std::string jsonOf(const std::vector<Figure>& figures);

/// CPU time of this process.
[[nodiscard]] double cpuNanoseconds();
/// @p values must not be empty.
[[nodiscard]] double median(std::vector<double> values);

/// Keeps @p value from being optimized away.
inline void keep(std::uint64_t value)
{
    asm volatile("" : : "r"(value) : "memory");
}

} // namespace timerscope::bench
