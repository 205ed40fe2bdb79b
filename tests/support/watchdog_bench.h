// SPDX-License-Identifier: GPL-3.0-or-later
//! A machine small enough to watch a watchdog: clocks that drift, jump, stop and read slowly on one
//! true time, a timer that is called when it is due, and a kernel thread that runs afterwards.
#pragma once

#include "engine/base/wide.h"
#include "engine/clocksource/registry.h"
#include "tests/support/engine_bench.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

namespace timerscope::test {

/// A counter on the bench's true time.
class FaultyCounter final : public CounterReader
{
public:
    FaultyCounter(std::int64_t& trueNs, std::uint32_t hz, unsigned bits)
        : m_trueNs(&trueNs)
        , m_hz(hz)
        , m_mask(counterMask(bits))
    {
    }
    [[nodiscard]] Cycles readCounter() override
    {
        *m_trueNs += slowReads > 0 ? 200'000 : cost;
        slowReads -= slowReads > 0 ? 1 : 0;
        return observeCounter();
    }
    [[nodiscard]] Cycles observeCounter() const override
    {
        const std::int64_t passed = stoppedAt.value_or(*m_trueNs) - m_from;
        const WideSigned since = WideSigned{passed} * (1'000'000 + m_ppm);
        const auto ticks = static_cast<std::int64_t>(since * m_hz / 1'000'000 / nsPerSecond);
        return Cycles{(m_base + static_cast<std::uint64_t>(ticks)) & m_mask};
    }
    /// Counts @p ppm too fast from now on.
    void drift(std::int64_t ppm)
    {
        m_base = observeCounter().count;
        m_from = *m_trueNs;
        m_ppm = ppm;
    }
    void jump(std::int64_t ticks) { m_base += static_cast<std::uint64_t>(ticks); }

    std::int64_t cost = 0; ///< ns that a read takes
    int slowReads = 0; ///< so many reads take 200 us
    std::optional<std::int64_t> stoppedAt;

private:
    std::int64_t* m_trueNs;
    std::uint32_t m_hz;
    std::uint64_t m_mask;
    std::uint64_t m_base = 0;
    std::int64_t m_from = 0;
    std::int64_t m_ppm = 0;
};

struct WatchedClock final : ClocksourceCallbacks
{
    WatchedClock(std::int64_t& trueNs, std::string name, std::uint32_t hz, unsigned bits,
                 int rating, std::uint32_t flags, Ns margin)
        : counter(trueNs, hz, bits)
    {
        source.rate = rateOf(FrequencyRegistration{
                                 .mask = counterMask(bits), .frequency = hz, .margin = margin})
                          .value();
        source.name = std::move(name);
        source.rating = rating;
        source.flags = flags;
        source.counter = &counter;
        source.callbacks = this;
    }
    void markedUnstable() override { calls += "unstable "; }
    void tickStable() override { calls += "stable "; }

    FaultyCounter counter;
    Clocksource source;
    QString calls;
};

class WatchdogBench final : private ClocksourceHost, private WatchdogHost
{
public:
    static constexpr std::uint32_t hz = 250;
    static constexpr std::uint64_t interval = hz / 2;

    explicit WatchdogBench(WatchdogConfig config = {})
        : bootClock(clocksourceOn(bootCounter, "jiffies", 100, 32, 1, 0))
        , registry(*this, lines, trace.tracer())
    {
        config.rate = TickRate{hz};
        registry.enableWatchdog(*this, config);
        registry.registerSource(bootClock);
    }

    /// Registers a clock of 100 MHz.
    WatchedClock& add(std::string name, int rating, std::uint32_t flags, unsigned bits = 64,
                      Ns margin = {})
    {
        WatchedClock& clock = clocks.emplace_back(trueNs, std::move(name), 100'000'000, bits,
                                                  rating, flags, margin);
        registry.registerSource(clock.source);
        static_cast<void>(lines.take());
        return clock;
    }
    /// hpet as reference, tsc to be verified, and boot is done.
    void boot()
    {
        hpet = &add("hpet", 250, clocksource_flag::continuous);
        tsc = &add("tsc", 300, clocksource_flag::continuous | clocksource_flag::mustVerify);
        registry.doneBooting();
        static_cast<void>(lines.take());
    }
    /// Lets true time pass in whole jiffies, the timer run if it is due, and then the work.
    void pass(std::uint64_t ticks = interval + 3)
    {
        trueNs += static_cast<std::int64_t>(ticks) * nsPerSecond / hz;
        now.count += ticks;
        if (armed && armed->first.count <= now.count) {
            cpu = armed->second;
            armed.reset();
            registry.watchdogTimer();
        }
        runWork();
    }
    void runWork()
    {
        if (std::exchange(workScheduled, false)) {
            ++workRuns;
            registry.watchdogWork();
        }
    }
    [[nodiscard]] QString current() const
    {
        return registry.current() != nullptr ? QString::fromStdString(registry.current()->name)
                                             : QString();
    }
    [[nodiscard]] QString reference() const
    {
        return QString::fromStdString(registry.watchdog()->reference()->name);
    }
    [[nodiscard]] WatchdogHost& host() { return *this; }

    std::int64_t trueNs = 0;
    Jiffies now{1000};
    TraceBench trace;
    KernelLogBench lines;
    CounterBench bootCounter;
    Clocksource bootClock;
    std::deque<WatchedClock> clocks;
    ClocksourceRegistry registry;
    WatchedClock* hpet = nullptr;
    WatchedClock* tsc = nullptr;

    std::optional<std::pair<Jiffies, unsigned>> armed; ///< expiry and CPU of the timer
    std::vector<unsigned> online{0};
    std::map<unsigned, std::int64_t> aheadOf; ///< ticks that a CPU's own counter is ahead
    std::deque<unsigned> draws; ///< random numbers to come; then 0
    unsigned cpu = 0;
    unsigned possible = 8;
    int workRuns = 0;
    int validNotices = 0;
    bool workScheduled = false;
    bool oneshot = false;
    bool systemUp = true;

private:
    [[nodiscard]] bool isTickOneshot() const override { return oneshot; }
    [[nodiscard]] Clocksource& defaultClock() override { return bootClock; }
    bool changeClocksource(Clocksource& /*chosen*/) override { return true; }
    void touchedDangling(const Clocksource& /*source*/) override { }

    [[nodiscard]] Jiffies jiffies() const override { return now; }
    void armWatchdogTimer(Jiffies expires, unsigned onCpu) override { armed = {expires, onCpu}; }
    void cancelWatchdogTimer() override { armed.reset(); }
    void scheduleWatchdogWork() override { workScheduled = true; }
    [[nodiscard]] unsigned currentCpu() const override { return cpu; }
    [[nodiscard]] std::span<const unsigned> onlineCpus() const override { return online; }
    [[nodiscard]] unsigned possibleCpus() const override { return possible; }
    [[nodiscard]] Cycles readOnCpu(const Clocksource& source, unsigned otherCpu) override
    {
        const Cycles here = source.counter->readCounter();
        return Cycles{(here.count + static_cast<std::uint64_t>(aheadOf[otherCpu]))
                      & source.rate.mask};
    }
    [[nodiscard]] unsigned randomBelow(unsigned /*bound*/) override
    {
        const unsigned drawn = draws.empty() ? 0 : draws.front();
        if (!draws.empty()) {
            draws.pop_front();
        }
        return drawn;
    }
    void currentBecameValidForHres() override { ++validNotices; }
    [[nodiscard]] bool isSystemUp() const override { return systemUp; }
};

} // namespace timerscope::test
