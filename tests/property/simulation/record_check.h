// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"
#include "tests/property/simulation/disturbances.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace timerscope::test {

struct Violation
{
    TraceInstant at;
    std::string what;
};

/// What the records of a machine must tell, whatever happens to it: see tests/property/simulation/
/// README.md. Only the first violation is kept.
class RecordCheck
{
public:
    RecordCheck(const TraceLog& log, Disturbances& disturbances, TickRate rate);

    /// Reads what has come to the log since the last time.
    void read();
    /// The timers that wait are those that @p now shows, and none is overdue.
    void compare(const Snapshot& now);
    [[nodiscard]] const std::optional<Violation>& violation() const { return m_violation; }
    void violate(TraceInstant at, std::string what);
    /// The wall clock was set.
    void clockWasSet(TraceInstant at) { m_clockSetAt = at; }

    /// When the wheel timer @p id was armed.
    [[nodiscard]] TraceInstant wheelTimerArmedAt(std::uint32_t id) const
    {
        const auto found = m_wheelTimers.find(id);
        return found == m_wheelTimers.end() ? TraceInstant{} : found->second.at;
    }
    /// When @p cpu last stopped its tick, or anybody took or gave up counting jiffies.
    [[nodiscard]] TraceInstant dutyMovedAt(unsigned cpu) const
    {
        return std::max(m_dutyMovedAt, m_tickStoppedAt.at(cpu));
    }

    [[nodiscard]] std::uint64_t expiries() const { return m_expiries; }

private:
    struct Armed
    {
        bool isArmed = false;
        bool isDeferrable = false; ///< of wheel timers
        bool isSoft = false; ///< of hrtimers
        unsigned cpu = 0; ///< who armed it
        std::int64_t clock = 0; ///< of hrtimers
        std::int64_t first = 0; ///< soft expiry; jiffy that was asked for
        std::int64_t last = 0; ///< hard expiry; jiffy of its bucket
        TraceInstant at;
        TraceInstant deviceSetAt; ///< when the device of its CPU was last set before that
        std::size_t cancelledBy = 0; ///< index of the record
    };
    struct JiffiesAt
    {
        std::uint64_t count = 0;
        TraceInstant at;
    };

    void read(const TraceRecord& record, std::size_t index);
    void readHrtimer(const TraceRecord& record, std::size_t index);
    void readWheel(const TraceRecord& record, std::size_t index);
    void readMachine(const TraceRecord& record);
    void arm(Armed& timer, const TraceRecord& record, const char* what);
    void cancel(Armed& timer, const TraceRecord& record, std::size_t index, const char* what);
    void fireHrtimer(const Armed& timer, const TraceRecord& record, std::size_t index);
    void fireWheel(const Armed& timer, const TraceRecord& record, std::size_t index);
    void checkBucket(const Armed& timer, const TraceRecord& record, std::int64_t before);
    [[nodiscard]] std::int64_t wheelClock(std::int64_t now, std::int64_t before) const;
    [[nodiscard]] std::int64_t latestJiffies() const
    {
        return static_cast<std::int64_t>(m_jiffies.back().count);
    }
    void checkHrtimerLate(const Armed& timer, unsigned cpu, std::int64_t now, TraceInstant at,
                          std::uint32_t id);
    void checkWheelLate(const Armed& timer, unsigned cpu, TraceInstant at, std::uint32_t id);
    [[nodiscard]] std::string nameOf(const TraceRecord& record) const;
    void modeChanged(const TraceRecord& record);
    [[nodiscard]] Ns ticksPutOff(unsigned cpu, TraceInstant from, TraceInstant until) const;
    void jiffiesCounted(const TraceRecord& record);
    void checkWaiting(const Snapshot& now, const CpuRow& cpu, std::string_view kind,
                      std::uint32_t id, bool isAsArmed);
    void compareHrtimers(const Snapshot& now, const CpuRow& cpu, std::size_t& waiting);
    void compareWheels(const Snapshot& now, const CpuRow& cpu, std::size_t& waiting);
    [[nodiscard]] TraceInstant whenJiffies(std::int64_t jiffies) const;

    const TraceLog* m_log;
    Disturbances* m_disturbances;
    TickRate m_rate;
    std::size_t m_next = 0;
    std::map<std::uint32_t, Armed> m_hrtimers;
    std::map<std::uint32_t, Armed> m_wheelTimers;
    std::vector<JiffiesAt> m_jiffies;
    std::vector<TraceInstant> m_hresSince; ///< by CPU; never: not now
    std::map<std::int64_t, std::int64_t> m_clocks; ///< latest time seen of each that is never set
    std::map<std::uint32_t, std::int64_t> m_references;
    /// What put a CPU's tick off by one, by time: its CPU, or all.
    std::vector<std::pair<TraceInstant, CpuMask>> m_putOff;
    CpuMask m_lowResNohz; ///< whose tick is dynamic in low resolution
    /// How far the ticks, counted one by one while time went by jiffies, are ahead of the clock.
    Ns m_tickAhead{};
    bool m_isClockCoarse = true; ///< time goes by jiffies
    TraceInstant m_coarseUntil;
    TraceInstant m_clockSetAt;
    TraceInstant m_lastAt;
    TraceInstant m_dutyMovedAt;
    std::vector<TraceInstant> m_tickStoppedAt; ///< by CPU
    std::vector<TraceInstant> m_deviceSetAt; ///< by CPU: programmed, or its interrupt came
    /// By CPU: how far ahead its device was programmed, the last time but one and the last time.
    std::vector<std::pair<Ns, Ns>> m_deviceSetFor;
    std::vector<std::optional<std::int64_t>> m_wheelClock; ///< by CPU, while its wheel runs
    std::uint64_t m_expiries = 0;
    std::optional<Violation> m_violation;
};

} // namespace timerscope::test
