// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/watchdog_host.h"
#include "engine/trace/tracer.h"

#include <string>
#include <vector>

namespace timerscope {

/// CPUs as the kernel lists them: "0-2,5"; empty for none. @param cpus in ascending order.
[[nodiscard]] std::string cpuListText(std::span<const unsigned> cpus);

/// The CPUs on which a clock is compared with the present one: the first other online CPU, and up
/// to verifyCpus - 1 more drawn at random, so rather fewer as draws may repeat or hit this CPU.
[[nodiscard]] std::vector<unsigned> chooseCpusToVerify(WatchdogHost& host, int verifyCpus);

/// Reads @p source here, on another CPU, and here again, for each chosen CPU, and prints which of
/// them are behind or ahead of this one.
///
/// Only a 64-bit counter can be seen to be behind or ahead: a difference is masked before its sign
/// is looked at. Nothing is done when verifyCpus is 0.
/// Source: behaviour of clocksource_verify_percpu, Linux 6.1.
void verifyOnOtherCpus(const Clocksource& source, WatchdogHost& host, KernelLog& kernelLog,
                       const WatchdogConfig& config);

} // namespace timerscope
