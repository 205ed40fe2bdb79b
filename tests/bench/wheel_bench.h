// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace timerscope::bench {

/// What one operation costs on the timer wheel and on std::priority_queue with lazy delete, both
/// driven by the same script in this process: medians of interleaved repetitions, in ns of CPU.
struct WheelFigure
{
    /// "wheel_hold": the next timer fires and is armed anew; "wheel_mix": nine times of ten a
    /// random timer is cancelled and armed anew, else as hold. The wheel is TimerBase, without the
    /// calls and records of TimerWheel around it, as the peer has none either.
    std::string workload;
    std::size_t timers = 0; ///< pending all the time; deltas are log-uniform in 1 to 2^18 jiffies
    double wheelNs = 0;
    double peerNs = 0;
    double ratioMost = 0; ///< wheelNs / peerNs must not exceed it; 0: no target

    [[nodiscard]] double ratio() const { return wheelNs / peerNs; }
    [[nodiscard]] bool isMet() const { return ratioMost == 0 || ratio() <= ratioMost; }
};

/// Measures all workloads. @p repetitions at least 5.
[[nodiscard]] std::vector<WheelFigure> measureWheel(int repetitions);

/// A line a figure for a person, and the same as JSON objects joined by commas.
[[nodiscard]] std::string tableOf(const std::vector<WheelFigure>& figures);
[[nodiscard]] std::string jsonOf(const std::vector<WheelFigure>& figures);

} // namespace timerscope::bench
