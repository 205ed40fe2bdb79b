// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/figure.h"

#include <string>
#include <vector>

namespace timerscope::bench {

/// A machine whose every CPU has 64 hrtimers and 256 wheel timers that re-arm themselves, each
/// record kept.
struct MachineFigure
{
    unsigned cpus = 0;
    bool isBusy = false; ///< a task runs on each CPU: none goes idle, and each ticks
    double nsPerExpiry = 0; ///< of CPU time, the median of all rounds
    double nsPerRecord = 0;
    double recordsPerExpiry = 0;
    double firstNsPerExpiry = 0; ///< of the first run, whose records go to untouched memory
};

struct MachineFigures
{
    std::vector<MachineFigure> machines; ///< of 4 CPUs, of 4 that are busy, and of 64
    /// What ns-3's best scheduler takes for an expiry of 4 CPUs, the median; 0: not measured.
    double ns3 = 0;
};

/// CPU time of rounds, which take turns; the machines are built and booted outside of it.
/// Throws std::runtime_error when the peer cannot be run.
[[nodiscard]] MachineFigures measureMachines(const Effort& effort);

[[nodiscard]] std::string tableOf(const MachineFigures& figures);
[[nodiscard]] std::string jsonOf(const MachineFigures& figures);

} // namespace timerscope::bench
