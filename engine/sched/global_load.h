// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"

#include <array>
#include <cstdint>
#include <string>

namespace timerscope {

/// What one CPU has told the global load.
struct CpuLoad
{
    std::int64_t told = 0; ///< tasks that run, or sleep and cannot be interrupted
    Jiffies next; ///< when it tells anew
};

/// The load averages of a machine: how many tasks ran or waited, over 1, 5 and 15 minutes.
///
/// Every 5 s and a jiffy each CPU tells its tick what it has to do, and ten jiffies later the CPU
/// that counts jiffies mixes the sum into the averages. A CPU that stops its tick tells before,
/// into one of two slots, so that what it says counts for the window that it belongs to; windows
/// in which nobody ticked are mixed in later, all at once. Rules: kernel/sched/loadavg.c, Linux
/// 6.1. Averages are fixed-point numbers of 11 bits. Threading: the engine's thread.
class GlobalLoad
{
public:
    static constexpr unsigned fractionBits = 11;
    using Averages = std::array<std::uint64_t, 3>;

    explicit GlobalLoad(TickRate rate);

    /// What a CPU begins with.
    [[nodiscard]] CpuLoad newCpu() const { return {.told = 0, .next = m_next}; }
    /// A CPU's tick has come while it has @p active tasks (calc_global_load_tick).
    void tellByTick(CpuLoad& cpu, std::int64_t active, Jiffies now)
    {
        if (!isBefore(now, cpu.next)) {
            m_active += fold(cpu, active);
            cpu.next.count += m_window;
        }
    }
    /// A CPU stops its tick (calc_load_nohz_start), …
    void tickStopped(CpuLoad& cpu, std::int64_t active, Jiffies now);
    /// … and goes on (calc_load_nohz_stop).
    void tickRestarted(CpuLoad& cpu, Jiffies now) const;
    /// Jiffies have gone on to @p now (calc_global_load).
    void jiffiesUpdated(Jiffies now)
    {
        if (!isBefore(now, later(m_next))) {
            calculate(now);
        }
    }
    /// A CPU has gone, and @p active of its tasks sleep on (calc_load_migrate).
    void cpuDied(CpuLoad& cpu, std::int64_t active) { m_active += fold(cpu, active); }
    /// One has come.
    void cpuCame(CpuLoad& cpu) const { cpu.next = m_next; }

    [[nodiscard]] const Averages& averages() const { return m_averages; }
    /// "0.20 0.18 0.12", as /proc/loadavg begins.
    [[nodiscard]] std::string text() const;

private:
    /// CPUs have so long to tell what they do before it is summed up, in jiffies.
    static constexpr std::uint64_t grace = 10;

    [[nodiscard]] static Jiffies later(Jiffies at) { return Jiffies{at.count + grace}; }
    [[nodiscard]] static std::int64_t fold(CpuLoad& cpu, std::int64_t active);
    void calculate(Jiffies now);
    void passWindowsWithoutTicks(Jiffies now);
    void mix(std::uint64_t windows);

    std::uint64_t m_window; // jiffies
    Jiffies m_next; // the end of the present window
    std::int64_t m_active = 0; // what all CPUs have told
    std::array<std::int64_t, 2> m_stopped{}; // what CPUs told as they stopped, by slot
    unsigned m_slot = 0; // which of them is read next
    Averages m_averages{};
};

} // namespace timerscope
