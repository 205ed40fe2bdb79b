// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/machine.h"

namespace timerscope {

/// Copies what a machine is into a Snapshot. Looks only: no modelled time passes.
class SnapshotBuilder
{
public:
    explicit SnapshotBuilder(const Machine& machine)
        : m_machine(machine)
    {
    }
    [[nodiscard]] Snapshot build() const;

private:
    [[nodiscard]] MachineRow machineRow() const;
    [[nodiscard]] ClocksourceRow clocksourceRow(const Clocksource& source) const;
    [[nodiscard]] ClockEventRow clockEventRow(const ClockEventDevice& device) const;
    void addRole(ClockEventRow& row, const ClockEventDevice& device) const;
    [[nodiscard]] CpuRow cpuRow(const Cpu& cpu) const;
    [[nodiscard]] static std::vector<NamedValue> idleStatistics(const Cpu& cpu);
    [[nodiscard]] std::vector<HrtimerBaseRow> hrtimerBases(const HrtimerCpuBase& hrtimers) const;
    [[nodiscard]] WheelBaseRow wheelRow(const TimerWheel& wheel) const;
    [[nodiscard]] std::optional<BroadcastRow> broadcastRow() const;
    void addWatching(Snapshot& snapshot) const;
    void addFault(Snapshot& snapshot) const;
    template<typename Row>
    void addModule(Row& row, const Module* module, const Module* owner, bool isDangling) const;
    [[nodiscard]] ModuleRow moduleRow(const Module& module) const;
    [[nodiscard]] TaskRow taskRow(const RoutineTask& task) const;
    [[nodiscard]] TimekeeperRow timekeeperRow(MonotonicInstant now) const;

    const Machine& m_machine;
};

} // namespace timerscope
