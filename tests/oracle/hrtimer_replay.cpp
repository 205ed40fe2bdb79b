// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/hrtimer_replay.h"

#include "engine/base/invariant.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"

#include <algorithm>
#include <deque>

namespace timerscope::oracle {
namespace {

constexpr Ns tick = std::chrono::milliseconds{4};
/// Any will do: what a recording holds is of CLOCK_MONOTONIC already.
constexpr Ns realtimeOffset = std::chrono::hours{500'000};
constexpr Ns leapSeconds = std::chrono::seconds{37};
constexpr Ns slept = std::chrono::minutes{7};

/// One CPU with nothing to do but its timers, and a device that keeps every appointment.
class RecordedCpu final : private HrtimerHost, private TraceTime
{
public:
    RecordedCpu(HrtimerPath path, MonotonicInstant begin)
        : m_path(path)
        , m_now(begin)
        , m_base(*this, Tracer(m_log, *this, 0))
    {
        if (path == HrtimerPath::Interrupt) {
            m_base.activateHres();
            m_base.reprogram();
        } else {
            m_base.runQueues(); // a tick, which takes over how far the clocks are apart
        }
    }

    void arm(const RecordedHrtimer& recorded)
    {
        Hrtimer& timer = m_timers.emplace_back(recorded.id, recorded.kind, "kscn_hr",
                                               [this](Hrtimer& fired) { return note(fired); });
        const Ns soft = recorded.softExpires.time_since_epoch() + clockOffset(timer.clock());
        m_base.start(timer, HrtimerInstant{soft}, recorded.slack, recorded.kind.mode);
    }
    std::vector<ModelFiring> runToTheEnd()
    {
        while (m_firings.size() < m_timers.size()) {
            if (m_path == HrtimerPath::Interrupt) {
                invariant(m_device != never<MonotonicClock>);
                m_now = std::max(m_now, m_device);
                m_base.interrupt();
            } else {
                m_now += tick;
                m_base.runQueues();
            }
            if (std::exchange(m_softirqRaised, false)) {
                m_inSoftirq = true;
                m_base.runSoftirq();
                m_inSoftirq = false;
            }
        }
        return m_firings;
    }

private:
    [[nodiscard]] MonotonicInstant monotonicNow() override { return m_now; }
    [[nodiscard]] Ns clockOffset(HrtimerClock clock) override
    {
        switch (clock) {
        case HrtimerClock::Realtime:
            return realtimeOffset;
        case HrtimerClock::Boottime:
            return slept;
        case HrtimerClock::Tai:
            return realtimeOffset + leapSeconds;
        case HrtimerClock::Monotonic:
            break;
        }
        return Ns::zero();
    }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        if (expires <= m_now && !force) {
            return Errno::Time;
        }
        m_device = expires;
        return Errno::Ok;
    }
    void tickDeviceFired() override { m_device = never<MonotonicClock>; }
    void raiseHrtimerSoftirq() override { m_softirqRaised = true; }
    void spendCallback() override { }
    [[nodiscard]] TraceInstant traceNow() const override
    {
        return TraceInstant{m_now.time_since_epoch()};
    }

    HrtimerRestart note(const Hrtimer& timer)
    {
        const Ns hard = timer.hardExpires().time_since_epoch() - clockOffset(timer.clock());
        m_firings.push_back({.id = timer.id(),
                             .base = timer.baseIndex(),
                             .cpu = 0,
                             .inSoftirq = m_inSoftirq,
                             .hardExpires = MonotonicInstant{hard},
                             .at = m_now});
        return HrtimerRestart::No;
    }

    HrtimerPath m_path;
    MonotonicInstant m_now;
    TraceLog m_log;
    HrtimerCpuBase m_base;
    std::deque<Hrtimer> m_timers;
    std::vector<ModelFiring> m_firings;
    MonotonicInstant m_device = never<MonotonicClock>;
    bool m_softirqRaised = false;
    bool m_inSoftirq = false;
};

} // namespace

std::vector<ModelFiring> replayHrtimers(const std::vector<RecordedHrtimer>& timers,
                                        HrtimerPath path)
{
    // Before the first of them may fire: how long the arming took is the recording machine's.
    const auto first = std::ranges::min_element(timers, {}, &RecordedHrtimer::softExpires);
    if (first == timers.end()) {
        return {};
    }
    RecordedCpu cpu(path, first->softExpires - tick);
    for (const RecordedHrtimer& timer : timers) {
        cpu.arm(timer);
    }
    return cpu.runToTheEnd();
}

} // namespace timerscope::oracle
