// SPDX-License-Identifier: GPL-3.0-or-later
//! What a clock event device is used for, and what unbinding it would come to. Rules:
//! kernel/time/clockevents.c and tick-common.c, Linux 6.1; seed 004; scenarios ce*.
#include "engine/why/why.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

bool has(const ClockEventRow& row, std::uint32_t feature)
{
    return (row.features.value_or(0) & feature) != 0;
}

bool isLocalTo(const ClockEventRow& row, unsigned cpu)
{
    return row.cpus == CpuMask::of(cpu);
}

/// The device that a question is about, and the machine around it.
class DeviceCase
{
public:
    DeviceCase(const Snapshot& snapshot, const ClockEventRow& row)
        : m_snapshot(snapshot)
        , m_row(row)
    {
    }

    [[nodiscard]] Explanation explain() const
    {
        Explanation answer{.what = what(), .reasons = {role()}, .followed = {}, .wouldChange = {}};
        if (m_row.isDangling == true) {
            answer.reasons.push_back({.head = "Gone, but still registered",
                                      .detail
                                      = "Its module was unloaded. Whoever walks the list of "
                                        "devices, to unbind one or to find a replacement, "
                                        "faults when coming to it.",
                                      .function = "delete_module"});
        }
        if (m_row.alsoBroadcasts) {
            answer.reasons.push_back({.head = "Registered again while it broadcast",
                                      .detail = "Its CPU came back and registered its timer anew, "
                                                "which had become the broadcast device "
                                                "meanwhile: two roles share one handler.",
                                      .function = "clockevents_register_device"});
        }
        answer.reasons.push_back(unbinding());
        addRivals(answer.reasons);
        addChanges(answer.wouldChange);
        return answer;
    }

private:
    [[nodiscard]] std::string what() const
    {
        switch (m_row.role) {
        case DeviceRole::Tick:
            return fmt::format("{} makes the tick of CPU {}{}.", m_row.name, m_row.cpu.value_or(0),
                               m_row.alsoBroadcasts ? ", and is the broadcast device" : "");
        case DeviceRole::Broadcast:
            return fmt::format("{} is the broadcast device.", m_row.name);
        case DeviceRole::Wakeup:
            return fmt::format("{} wakes CPU {} from deep idle.", m_row.name,
                               m_row.cpu.value_or(0));
        case DeviceRole::Unused:
            break;
        }
        return fmt::format("{} is registered, and nobody uses it.", m_row.name);
    }

    [[nodiscard]] Reason role() const
    {
        switch (m_row.role) {
        case DeviceRole::Tick:
            return {.head = "Installed as the tick device",
                    .detail = "It can do oneshot where the one before could not, or serves this "
                              "CPU alone where that did not, or is rated higher.",
                    .function = "tick_check_preferred"};
        case DeviceRole::Broadcast:
            return {.head = "Installed for broadcasting",
                    .detail
                    = "It was no use for the tick of the CPU that registered it, it goes on "
                      "in deep idle and is no CPU's own, and nothing rated as high was "
                      "there.",
                    .function = "tick_check_broadcast_device"};
        case DeviceRole::Wakeup:
            return {.head = "Installed for waking",
                    .detail = "It is this CPU's own, can do oneshot and goes on in deep idle.",
                    .function = "tick_set_oneshot_wakeup_device"};
        case DeviceRole::Unused:
            break;
        }
        return {.head = "Detached",
                .detail
                = "Registering takes no device into use: each CPU's tick, the wakeup of that "
                  "CPU and broadcasting were offered it in this order, and had better ones "
                  "or no use for it.",
                .function = "tick_check_new_device"};
    }

    [[nodiscard]] Reason unbinding() const
    {
        if (m_row.role == DeviceRole::Unused) {
            return {.head = "Unbinding succeeds at once",
                    .detail
                    = "A detached device only leaves the list, through the file of any CPU.",
                    .function = "__clockevents_try_unbind"};
        }
        if (m_row.role != DeviceRole::Tick) {
            return {.head = "Unbinding is refused: EBUSY",
                    .detail = "Only a tick device is ever replaced. One that broadcasts or wakes "
                              "stays until a better rated one comes.",
                    .function = "__clockevents_try_unbind"};
        }
        const ClockEventRow* const next = replacement();
        if (next == nullptr) {
            return {.head = "Unbinding is refused: EBUSY",
                    .detail = fmt::format("CPU {} would be left without a tick: no detached device "
                                          "can reach it.",
                                          m_row.cpu.value_or(0)),
                    .function = "clockevents_replace"};
        }
        return {.head = "Unbinding succeeds in two steps",
                .detail = fmt::format("The fast way is answered EAGAIN, because the device is in "
                                      "use; then {}, rated {}, takes the tick over.",
                                      next->name, next->rating.value_or(0)),
                .function = "clockevents_replace"};
    }

    /// The best of the detached devices that reach the CPU (clockevents_replace).
    [[nodiscard]] const ClockEventRow* replacement() const
    {
        const ClockEventRow* best = nullptr;
        for (const ClockEventRow& candidate : m_snapshot.clockEvents) {
            if (isFree(candidate) && isPreferred(best, candidate)) {
                best = &candidate;
            }
        }
        return best;
    }

    [[nodiscard]] bool isFree(const ClockEventRow& candidate) const
    {
        const unsigned cpu = m_row.cpu.value_or(0);
        return &candidate != &m_row && candidate.role == DeviceRole::Unused
            && candidate.state == ClockEventState::Detached
            && candidate.cpus.value_or(CpuMask::of(cpu)).has(cpu);
    }

    [[nodiscard]] bool isPreferred(const ClockEventRow* best, const ClockEventRow& candidate) const
    {
        const unsigned cpu = m_row.cpu.value_or(0);
        if (!has(candidate, clock_event_feature::oneshot)
            && (tickMode() == TickMode::Oneshot
                || (best != nullptr && has(*best, clock_event_feature::oneshot)))) {
            return false;
        }
        if (best == nullptr) {
            return true;
        }
        if (isLocalTo(*best, cpu) && !isLocalTo(candidate, cpu)) {
            return false;
        }
        return candidate.rating > best->rating || candidate.cpus != best->cpus;
    }

    [[nodiscard]] TickMode tickMode() const
    {
        const auto cpu = std::ranges::find(m_snapshot.cpus, m_row.cpu.value_or(0), &CpuRow::index);
        return cpu != m_snapshot.cpus.end() ? cpu->tickMode.value_or(TickMode::Periodic)
                                            : TickMode::Periodic;
    }

    /// Against whom it lost, or won, on the CPU that it could serve.
    void addRivals(std::vector<Reason>& reasons) const
    {
        for (const ClockEventRow& rival : m_snapshot.clockEvents) {
            const bool isForSameCpu = rival.role == DeviceRole::Tick && &rival != &m_row
                && m_row.cpus.value_or(CpuMask{}).has(rival.cpu.value_or(0));
            if (isForSameCpu && m_row.role != DeviceRole::Tick) {
                reasons.push_back(lossTo(rival));
                return;
            }
        }
    }

    [[nodiscard]] Reason lossTo(const ClockEventRow& rival) const
    {
        const std::string head
            = fmt::format("{} makes the tick of CPU {}", rival.name, rival.cpu.value_or(0));
        constexpr const char* function = "tick_check_replacement";
        if (has(rival, clock_event_feature::oneshot) && !has(m_row, clock_event_feature::oneshot)) {
            return {head, "It can do oneshot, and this one cannot.", function};
        }
        if (isLocalTo(rival, rival.cpu.value_or(0)) && !isLocalTo(m_row, rival.cpu.value_or(0))) {
            return {head,
                    "It is that CPU's own, which counts for more than any rating: this one serves "
                    "several.",
                    function};
        }
        return {
            head,
            fmt::format("It is rated {}, this one {}{}.", rival.rating.value_or(0),
                        m_row.rating.value_or(0),
                        rival.rating == m_row.rating ? "; an equal rating changes nothing" : ""),
            function};
    }

    void addChanges(std::vector<std::string>& changes) const
    {
        if (m_row.role == DeviceRole::Tick && replacement() == nullptr) {
            changes.push_back(fmt::format(
                "Register another device that can reach CPU {}: it could take the tick over",
                m_row.cpu.value_or(0)));
        } else if (m_row.role == DeviceRole::Broadcast) {
            changes.emplace_back("Register a better rated device for broadcasting: this one is "
                                 "detached then, and can be unbound");
        } else if (m_row.role == DeviceRole::Wakeup) {
            changes.push_back(fmt::format("Register a better rated wakeup device on CPU {}",
                                          m_row.cpu.value_or(0)));
        }
    }

    const Snapshot& m_snapshot;
    const ClockEventRow& m_row;
};

/// The one that makes a tick, if several have the name: a CPU's own timers are all called the same.
const ClockEventRow* findDevice(const Snapshot& snapshot, std::string_view name)
{
    const ClockEventRow* found = nullptr;
    for (const ClockEventRow& row : snapshot.clockEvents) {
        const bool isBetter = found == nullptr
            || (row.role == DeviceRole::Tick
                && (found->role != DeviceRole::Tick || row.cpu < found->cpu));
        if (row.name == name && isBetter) {
            found = &row;
        }
    }
    return found;
}

} // namespace

Explanation whyDevice(const Snapshot& snapshot, std::string_view name)
{
    const ClockEventRow* const row = findDevice(snapshot, name);
    if (row == nullptr) {
        return {.what = fmt::format("No clock event device called {} is registered.", name),
                .reasons = {},
                .followed = {},
                .wouldChange = {}};
    }
    return DeviceCase(snapshot, *row).explain();
}

} // namespace timerscope
