// SPDX-License-Identifier: GPL-3.0-or-later
//! What a CPU's tick has become, and what kept it from becoming more. Rules: kernel/time/tick-*.c,
//! Linux 6.1; the path of seed 003; scenarios bt_*.
#include "engine/why/number_text.h"
#include "engine/why/why.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

/// One CPU of a snapshot.
class TickCase
{
public:
    TickCase(const Snapshot& snapshot, const CpuRow& cpu, const TraceLog* log)
        : m_snapshot(snapshot)
        , m_cpu(cpu)
        , m_log(log)
        , m_device(cpu.tickDevice ? snapshot.clockEvent(*cpu.tickDevice, cpu.index) : nullptr)
    {
    }

    [[nodiscard]] Explanation explain() const
    {
        Explanation answer{.what = what(), .reasons = {}, .followed = {}, .wouldChange = {}};
        if (!m_cpu.online) {
            answer.reasons.push_back({.head = "Offline",
                                      .detail = "It has no tick device, and its timers are with "
                                                "another CPU.",
                                      .function = "tick_shutdown"});
            return answer;
        }
        addDevice(answer.reasons);
        if (isHighRes() || isDynamic()) {
            addSwitch(answer.reasons);
        } else {
            addObstacles(answer);
        }
        addDynamic(answer);
        addDuty(answer.reasons);
        return answer;
    }

private:
    [[nodiscard]] bool isHighRes() const { return m_cpu.hresActive == true; }
    [[nodiscard]] bool isDynamic() const
    {
        return m_cpu.nohzMode.value_or(NohzMode::Inactive) != NohzMode::Inactive;
    }
    [[nodiscard]] bool has(std::uint32_t feature) const
    {
        return m_device != nullptr && (m_device->features.value_or(0) & feature) != 0;
    }

    [[nodiscard]] std::string what() const
    {
        if (!m_cpu.online) {
            return fmt::format("CPU {} is offline.", m_cpu.index);
        }
        if (isHighRes()) {
            return fmt::format("CPU {} is in high resolution{}.", m_cpu.index,
                               isDynamic() ? ", and its tick may stop"
                                           : "; its tick goes on when it idles");
        }
        if (isDynamic()) {
            return fmt::format("CPU {} is not in high resolution: its tick is low-resolution nohz.",
                               m_cpu.index);
        }
        return fmt::format("CPU {} is not in high resolution: its tick is periodic.", m_cpu.index);
    }

    void addDevice(std::vector<Reason>& reasons) const
    {
        if (m_device == nullptr) {
            reasons.push_back({.head = "No tick device",
                               .detail = "No clock event device reaches this CPU yet.",
                               .function = "tick_check_new_device"});
            return;
        }
        std::string detail
            = fmt::format("{}, rated {}", m_device->name, m_device->rating.value_or(0));
        if (m_device->state) {
            detail += fmt::format(", in state \"{}\"", nameOf(*m_device->state));
        }
        reasons.push_back(
            {.head = "Tick device", .detail = detail + ".", .function = "tick_check_new_device"});
    }

    /// The conditions in the order in which the tick asks for them; the first that fails is why.
    void addObstacles(Explanation& answer) const
    {
        const ClocksourceRow* const clock = m_snapshot.currentClocksource();
        const bool isFit
            = clock != nullptr && (clock->flags.value_or(0) & clocksource_flag::validForHres) != 0;
        if (m_snapshot.machine.bootFinished == false) {
            add(answer, "The boot is not over",
                "No clocksource is chosen yet, so time is counted by "
                "jiffies, which the tick itself makes.",
                "clocksource_done_booting", "Wait until the boot has chosen a clocksource");
        } else if (!isFit) {
            add(answer, "The clocksource is not fit",
                fmt::format("{} is not valid for high resolution: time would stand between two "
                            "ticks.",
                            clock != nullptr ? clock->name : "The present one"),
                "timekeeping_valid_for_hres",
                "Choose or register a clocksource that is valid for high resolution");
        } else if (m_device != nullptr && !has(clock_event_feature::oneshot)) {
            add(answer, "The device cannot do oneshot",
                fmt::format("{} only ticks periodically.", m_device->name),
                "tick_is_oneshot_available", "Register a device for this CPU that can do oneshot");
        } else if (has(clock_event_feature::dummy)) {
            add(answer, "The device is a dummy",
                fmt::format("{} is not functional: the switch was tried, and failed. The broadcast "
                            "device{} ticks for this CPU.",
                            m_device->name, broadcastName()),
                "tick_switch_to_oneshot", "Register a real device for this CPU");
        } else if (has(clock_event_feature::c3stop) && !hasOneshotBroadcast()) {
            add(answer, "Nobody would wake it",
                fmt::format("{} stops in deep idle, and there is no broadcast device that can do "
                            "oneshot.",
                            m_device->name),
                "tick_is_oneshot_available", "Register a device that can broadcast in oneshot");
        } else if (m_snapshot.machine.highResAllowed == false
                   && m_snapshot.machine.noHzAllowed == false) {
            add(answer, "Neither is allowed",
                "High resolution and NO_HZ are both off, by configuration or by highres=off and "
                "nohz=off.",
                "tick_check_oneshot_change", "Boot without highres=off, or without nohz=off");
        } else if (m_device != nullptr) {
            add(answer, "The next tick will see",
                "Everything is there: each tick looks whether something has changed, and switches.",
                "hrtimer_run_queues", {});
        }
    }

    static void add(Explanation& answer, std::string head, std::string detail, std::string function,
                    std::string change)
    {
        answer.reasons.push_back({std::move(head), std::move(detail), std::move(function)});
        if (!change.empty()) {
            answer.wouldChange.push_back(std::move(change));
        }
    }

    [[nodiscard]] std::string broadcastName() const
    {
        return m_snapshot.broadcast && !m_snapshot.broadcast->device.empty()
            ? fmt::format(" {}", m_snapshot.broadcast->device)
            : std::string{};
    }

    [[nodiscard]] bool hasOneshotBroadcast() const
    {
        return std::ranges::any_of(m_snapshot.clockEvents, [](const ClockEventRow& row) {
            return row.serves(DeviceRole::Broadcast)
                && (row.features.value_or(0) & clock_event_feature::oneshot) != 0;
        });
    }

    void addSwitch(std::vector<Reason>& reasons) const
    {
        const ClocksourceRow* const clock = m_snapshot.currentClocksource();
        reasons.push_back(
            {.head = "Both conditions held",
             .detail = fmt::format(
                 "The clocksource{} is valid for high resolution, and the device "
                 "can do oneshot{}{}. There is no way back.",
                 clock != nullptr ? " " + clock->name : std::string{},
                 has(clock_event_feature::c3stop)
                     ? fmt::format(" with the help of the broadcast device{}", broadcastName())
                     : std::string{},
                 switchedAt()),
             .function = isHighRes() ? "hrtimer_switch_to_hres" : "tick_nohz_switch_to_nohz"});
    }

    /// ", since 1.2 s" where the log tells.
    [[nodiscard]] std::string switchedAt() const
    {
        const std::size_t end = m_log != nullptr ? std::min(m_snapshot.records, m_log->size()) : 0;
        for (std::size_t i = end; i-- > 0;) {
            const TraceRecord& record = (*m_log)[i];
            if (record.kind == RecordKind::TickMode && record.cpu == m_cpu.index) {
                return fmt::format(", since {}", spanText(record.at.time_since_epoch()));
            }
        }
        return {};
    }

    void addDynamic(Explanation& answer) const
    {
        if (isHighRes() && !isDynamic()) {
            add(answer, "The tick never stops", "NO_HZ is off, by configuration or by nohz=off.",
                "tick_nohz_activate", "Boot without nohz=off");
        } else if (!isHighRes() && isDynamic()) {
            add(answer, "High resolution is not allowed",
                "HIGH_RES_TIMERS is off, or highres=off was given: timers fire at ticks.",
                "hrtimer_is_hres_enabled", "Boot without highres=off");
        } else if (m_cpu.tickStopped == true) {
            add(answer, "The tick is stopped",
                "The CPU idles, and nothing needs it before its next "
                "timer.",
                "tick_nohz_stop_tick", {});
        }
    }

    void addDuty(std::vector<Reason>& reasons) const
    {
        if (m_snapshot.machine.doTimerCpu == m_cpu.index) {
            reasons.push_back({.head = "It counts jiffies",
                               .detail
                               = "The duty is this CPU's; another one takes it when its tick "
                                 "stops or it goes offline.",
                               .function = "tick_sched_do_timer"});
        }
    }

    const Snapshot& m_snapshot;
    const CpuRow& m_cpu;
    const TraceLog* m_log;
    const ClockEventRow* m_device;
};

} // namespace

Explanation whyTick(const Snapshot& snapshot, unsigned cpu, const TraceLog* log)
{
    const auto row = std::ranges::find(snapshot.cpus, cpu, &CpuRow::index);
    if (row == snapshot.cpus.end()) {
        return {.what = fmt::format("There is no CPU {}.", cpu),
                .reasons = {},
                .followed = {},
                .wouldChange = {}};
    }
    return TickCase(snapshot, *row, log).explain();
}

} // namespace timerscope
