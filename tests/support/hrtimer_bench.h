// SPDX-License-Identifier: GPL-3.0-or-later
//! CPUs with nothing but hrtimers, on a clock that a test moves.
#pragma once

#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "tests/support/engine_bench.h"

#include <QString>

#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace timerscope::test {

constexpr MonotonicInstant at(std::int64_t ns)
{
    return MonotonicInstant{Ns{ns}};
}

/// A machine that does nothing by itself: time moves when a test or a timer's cost moves it.
class ScriptedHost final : public HrtimerHost
{
public:
    [[nodiscard]] MonotonicInstant monotonicNow() override { return now; }
    [[nodiscard]] Ns clockOffset(HrtimerClock clock) override { return offsets[clock]; }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        programmed.push_back(expires);
        forced.push_back(force);
        return expires > now || force ? Errno::Ok : Errno::Time;
    }
    void tickDeviceFired() override { ++fired; }
    void raiseHrtimerSoftirq() override { ++softirqsRaised; }
    void spendCallback() override { now += callbackCost; }
    [[nodiscard]] HrtimerCpuBase* timerTarget() override { return target; }
    void kick(HrtimerCpuBase& other) override
    {
        ++kicks;
        other.reprogram();
    }

    [[nodiscard]] std::vector<MonotonicInstant> takeProgrammed()
    {
        return std::exchange(programmed, {});
    }

    MonotonicInstant now;
    Ns callbackCost{};
    std::map<HrtimerClock, Ns> offsets;
    std::vector<MonotonicInstant> programmed;
    std::vector<bool> forced;
    HrtimerCpuBase* target = nullptr; ///< where timers that are not pinned should go
    int fired = 0;
    int softirqsRaised = 0;
    int kicks = 0;
};

/// One CPU, in high resolution unless told otherwise. Each timer writes its name when it fires.
class HrtimerBench
{
public:
    explicit HrtimerBench(bool hres = true)
        : base(host, trace.tracer(), shared)
    {
        if (hres) {
            base.activateHres();
        }
    }
    ~HrtimerBench()
    {
        for (Hrtimer& timer : timers) {
            base.cancel(timer);
        }
    }
    HrtimerBench(const HrtimerBench&) = delete;
    HrtimerBench& operator=(const HrtimerBench&) = delete;

    Hrtimer& add(char name, HrtimerKind kind, Hrtimer::Function also)
    {
        const auto id = static_cast<std::uint32_t>(timers.size() + 1);
        return timers.emplace_back(id, kind, std::string(1, name),
                                   [this, name, also](Hrtimer& timer) {
                                       fires += QLatin1Char(name);
                                       return also ? also(timer) : HrtimerRestart::No;
                                   });
    }
    Hrtimer& add(char name, Hrtimer::Function also = {}, bool soft = false,
                 HrtimerClock clock = HrtimerClock::Monotonic)
    {
        const std::uint8_t mode = soft ? hrtimer_mode::soft : hrtimer_mode::hard;
        return add(name, {.clock = clock, .mode = mode}, std::move(also));
    }
    void start(Hrtimer& timer, std::int64_t soft, std::int64_t slack = 0)
    {
        base.start(timer, HrtimerInstant{Ns{soft}}, Ns{slack}, hrtimer_mode::absolute);
    }
    void interruptAt(std::int64_t ns)
    {
        host.now = at(ns);
        base.interrupt();
    }
    [[nodiscard]] QString takeFires() { return std::exchange(fires, {}); }

    TraceBench trace;
    HrtimerShared shared;
    ScriptedHost host;
    HrtimerCpuBase base;
    std::deque<Hrtimer> timers;
    QString fires;
};

} // namespace timerscope::test
