// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/wheel_bench.h"

#include "engine/timer/timer_base.h"
#include "tests/bench/figure.h"

#include <queue>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <random>

namespace timerscope::bench {
namespace {

constexpr std::size_t operations = 1'000'000; // a repetition
constexpr std::size_t warmUp = 200'000;
constexpr std::size_t scriptLength = std::size_t{1} << 16;
constexpr double longestDelta = 18; // as a power of two
constexpr std::uint64_t start = 4'294'892'296; // jiffies at boot, 250 Hz
constexpr TickRate rate{250};
constexpr double mostOfPeer = 0.6;

/// What is done, worked out beforehand: the same for all who run.
struct Script
{
    struct Step
    {
        std::uint32_t delta; ///< of the timer that is armed
        std::uint32_t timer; ///< which is cancelled, or `fires`
    };
    static constexpr std::uint32_t fires = UINT32_MAX;
    std::vector<std::uint32_t> first; ///< deltas at the start, one a timer
    std::vector<Step> steps; ///< scriptLength of them, again and again
};

Script makeScript(std::size_t timers, bool isMix)
{
    std::mt19937_64 random(timers);
    std::uniform_real_distribution<double> power(0, longestDelta);
    std::uniform_int_distribution<std::uint32_t> which(0, static_cast<std::uint32_t>(timers - 1));
    std::uniform_int_distribution<int> ten(0, 9);
    const auto delta = [&] { return static_cast<std::uint32_t>(std::exp2(power(random))); };
    Script script;
    std::generate_n(std::back_inserter(script.first), timers, delta);
    std::generate_n(std::back_inserter(script.steps), scriptLength, [&] {
        const bool cancels = isMix && ten(random) != 0;
        return Script::Step{.delta = delta(), .timer = cancels ? which(random) : Script::fires};
    });
    return script;
}

/// Somebody who runs scripts.
class Runner
{
public:
    virtual ~Runner() = default;
    virtual void run(const Script& script, std::size_t count) = 0;

protected:
    Runner() = default;
    Runner(const Runner&) = default;
    Runner& operator=(const Runner&) = default;
};

template<typename Queue>
void runSteps(Queue& queue, const Script& script, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        const Script::Step step = script.steps[i % scriptLength];
        if (step.timer == Script::fires) {
            queue.fireAndArm(step.delta);
        } else {
            queue.cancelAndArm(step.timer, step.delta);
        }
    }
}

/// The peer: what was cancelled stays in the heap until it comes up.
class HeapRunner final : public Runner
{
public:
    explicit HeapRunner(const Script& script)
        : m_generations(script.first.size())
    {
        for (std::uint32_t id = 0; id < script.first.size(); ++id) {
            m_heap.push({start + script.first[id], id, 0});
        }
    }
    void run(const Script& script, std::size_t count) override { runSteps(*this, script, count); }

    void fireAndArm(std::uint32_t delta)
    {
        Entry entry = take();
        while (m_generations[entry.id] != entry.generation) {
            entry = take();
        }
        m_now = entry.expires;
        m_heap.push({m_now + delta, entry.id, entry.generation});
    }
    void cancelAndArm(std::uint32_t id, std::uint32_t delta)
    {
        m_heap.push({m_now + delta, id, ++m_generations[id]});
    }

private:
    struct Entry
    {
        std::uint64_t expires;
        std::uint32_t id;
        std::uint32_t generation;
        bool operator>(const Entry& other) const { return expires > other.expires; }
    };
    Entry take()
    {
        const Entry entry = m_heap.top();
        m_heap.pop();
        return entry;
    }

    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> m_heap;
    std::vector<std::uint32_t> m_generations;
    std::uint64_t m_now = start;
};

/// The engine's wheel alone, as TimerWheel uses it.
class WheelRunner final : public Runner
{
public:
    explicit WheelRunner(const Script& script)
        : m_base(0, rate, Jiffies{start})
    {
        for (std::uint32_t id = 0; id < script.first.size(); ++id) {
            arm(m_timers.emplace_back(id, "", [](WheelTimer&) { }), script.first[id]);
        }
    }
    void run(const Script& script, std::size_t count) override { runSteps(*this, script, count); }

    void fireAndArm(std::uint32_t delta)
    {
        WheelTimer* timer = m_base.takeExpired();
        while (timer == nullptr) {
            m_base.beginPass();
            m_now = Jiffies{m_base.clk().count - 1};
            timer = m_base.takeExpired();
        }
        m_base.endExpired();
        arm(*timer, delta);
    }
    void cancelAndArm(std::uint32_t id, std::uint32_t delta)
    {
        WheelTimer& timer = m_timers[id];
        m_base.detach(timer);
        arm(timer, delta);
    }

private:
    void arm(WheelTimer& timer, std::uint32_t delta)
    {
        const Jiffies expires{m_now.count + delta};
        m_base.forward(m_now);
        m_base.enqueue(timer, expires, m_base.positionFor(expires));
    }

    TimerBase m_base;
    std::deque<WheelTimer> m_timers;
    Jiffies m_now{start};
};

/// CPU time of this thread: load of others does not count.
double nsPerOperation(Runner& runner, const Script& script)
{
    const double before = cpuNanoseconds();
    runner.run(script, operations);
    return (cpuNanoseconds() - before) / static_cast<double>(operations);
}

WheelFigure measure(std::string workload, std::size_t timers, bool isMix, int repetitions)
{
    const Script script = makeScript(timers, isMix);
    std::vector<double> wheelNs;
    std::vector<double> peerNs;
    for (int i = 0; i < repetitions; ++i) {
        WheelRunner wheel(script);
        HeapRunner peer(script);
        wheel.run(script, warmUp);
        peer.run(script, warmUp);
        wheelNs.push_back(nsPerOperation(wheel, script));
        peerNs.push_back(nsPerOperation(peer, script));
    }
    return {.workload = std::move(workload),
            .timers = timers,
            .wheelNs = median(wheelNs),
            .peerNs = median(peerNs)};
}

} // namespace

std::vector<WheelFigure> measureWheel(int repetitions)
{
    std::vector<WheelFigure> figures;
    for (const bool isMix : {false, true}) {
        const std::string name = isMix ? "wheel_mix" : "wheel_hold";
        for (const std::size_t timers : {100U, 1'000U, 10'000U}) {
            figures.push_back(measure(name, timers, isMix, repetitions));
            figures.back().ratioMost = timers >= 1'000 ? mostOfPeer : 0;
        }
    }
    return figures;
}

std::string tableOf(const std::vector<WheelFigure>& figures)
{
    std::string text;
    for (const WheelFigure& figure : figures) {
        text += fmt::format(
            "{:18} {:6} timers: {:6.1f} ns, heap {:6.1f} ns, ratio {:.2f}{}\n", figure.workload,
            figure.timers, figure.wheelNs, figure.peerNs, figure.ratio(),
            figure.ratioMost == 0 ? std::string()
                                  : fmt::format(" (at most {:.1f}: {})", figure.ratioMost,
                                                figure.isMet() ? "met" : "missed"));
    }
    return text;
}

std::string jsonOf(const std::vector<WheelFigure>& figures)
{
    std::string text;
    for (const WheelFigure& figure : figures) {
        text += fmt::format(
            R"({}{{"workload":"{}","n":{},"ns":{:.2f},"peer":"std::priority_queue",)"
            R"("peer_ns":{:.2f},)"
            R"("ratio":{:.3f},"at_most":{},"met":{}}})",
            text.empty() ? "" : ",", figure.workload, figure.timers, figure.wheelNs, figure.peerNs,
            figure.ratio(), figure.ratioMost == 0 ? "null" : fmt::format("{}", figure.ratioMost),
            figure.isMet());
    }
    return text;
}

} // namespace timerscope::bench
