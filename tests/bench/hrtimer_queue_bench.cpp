// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/hrtimer_queue_bench.h"

#include "engine/base/invariant.h"
#include "engine/hrtimer/hrtimer_queue.h"
#include "tests/bench/queue_work.h"

#include <cmath>
#include <iostream>
#include <random>

namespace timerscope::bench {
namespace {

constexpr std::uint32_t sizes[] = {100, 1'000, 10'000};
constexpr std::uint64_t stepsPerRound = 300'000;
constexpr double meanDelay = 20'000'000;
constexpr std::uint32_t popsOneIn = 10;

/// The engine's heap. Timers are known by a handle, as those of the others by an iterator or node.
class EngineHeap
{
public:
    explicit EngineHeap(std::uint32_t timers)
        : m_handles(timers)
        , m_timers(timers)
    {
    }
    void insert(std::uint32_t timer, std::int64_t expires)
    {
        const ExpiryHeap::Handle handle = m_heap.add(expires);
        m_handles[timer] = handle;
        m_timers[handle] = timer;
    }
    std::pair<std::uint32_t, std::int64_t> popFirst()
    {
        const ExpiryHeap::Handle first = m_heap.first();
        const std::int64_t expires = m_heap.firstExpires();
        m_heap.remove(first);
        return {m_timers[first], expires};
    }
    void cancel(std::uint32_t timer) { m_heap.remove(m_handles[timer]); }

private:
    ExpiryHeap m_heap;
    std::vector<ExpiryHeap::Handle> m_handles;
    std::vector<std::uint32_t> m_timers; // by handle
};

/// The same as it is used: with whole hrtimers, of three cache lines each, which the others are
/// spared. For information, not for the comparison.
class EngineQueue
{
public:
    explicit EngineQueue(std::uint32_t timers)
    {
        m_timers.reserve(timers);
        for (std::uint32_t id = 0; id < timers; ++id) {
            m_timers.push_back(std::make_unique<Hrtimer>(
                id, HrtimerKind{}, "bench", [](Hrtimer&) { return HrtimerRestart::No; }));
        }
    }
    void insert(std::uint32_t timer, std::int64_t expires)
    {
        m_timers[timer]->setExpires(HrtimerInstant{Ns{expires}});
        m_queue.add(*m_timers[timer]);
    }
    std::pair<std::uint32_t, std::int64_t> popFirst()
    {
        Hrtimer& first = *m_queue.first();
        m_queue.remove(first);
        return {first.id(), nsOf(first.hardExpires())};
    }
    void cancel(std::uint32_t timer) { m_queue.remove(*m_timers[timer]); }

private:
    HrtimerQueue m_queue;
    std::vector<std::unique_ptr<Hrtimer>> m_timers;
};

/// Delays are exponential, as waiting times are: many short, few long.
std::uint32_t delayOf(std::uint64_t random)
{
    constexpr int bits = 53;
    const double share = std::ldexp(static_cast<double>(random >> (64 - bits)), -bits);
    return static_cast<std::uint32_t>(1 - meanDelay * std::log1p(-share));
}

/// What every contestant does, round after round.
QueueSteps stepsOf(bool isMix, std::uint32_t timers, std::uint64_t count)
{
    std::mt19937_64 random(timers); // NOLINT(bugprone-random-generator-seed): the same every time
    QueueSteps steps(count);
    for (QueueStep& step : steps) {
        const bool pops = !isMix || random() % popsOneIn == 0;
        step.timer = pops ? QueueStep::earliest : static_cast<std::uint32_t>(random() % timers);
        step.delay = delayOf(random());
    }
    return steps;
}

void measureRun(Figure& figure, const Effort& effort)
{
    const auto count
        = static_cast<std::uint64_t>(static_cast<double>(stepsPerRound) * effort.scale);
    const QueueSteps steps
        = stepsOf(figure.work == "mix", static_cast<std::uint32_t>(figure.size), count + 1);
    std::vector<QueuePeer> queues{{"timerscope", makeQueue<EngineHeap>}};
    for (const auto& peers : {standardQueues(), boostQueues()}) {
        queues.insert(queues.end(), peers.begin(), peers.end());
    }
    queues.push_back({"timerscope with whole hrtimers", makeQueue<EngineQueue>});
    std::vector<std::unique_ptr<QueueUnderTest>> running;
    std::vector<Contestant> contestants;
    for (const QueuePeer& queue : queues) {
        running.push_back(queue.make(static_cast<std::uint32_t>(figure.size), steps));
        contestants.push_back({.name = queue.name, .round = [queue = running.back().get(), &steps] {
                                   queue->run(steps);
                               }});
    }
    measure(figure, contestants, steps.size(), effort.rounds);
    for (const auto& queue : running) {
        invariant(queue->checksum() == running.front()->checksum());
    }
}

} // namespace

std::vector<Figure> hrtimerQueueFigures(const Effort& effort)
{
    if (boostQueues().empty()) {
        std::cout << "hrtimer queue: built without Boost, so two peers are missing\n";
    }
    std::vector<Figure> figures;
    for (const std::uint32_t size : sizes) {
        const bool isSmall = size == sizes[0];
        figures.push_back({.part = "hrtimer queue",
                           .work = "hold",
                           .size = size,
                           .target = isSmall ? 1.25 : 1.4,
                           .ratios = {},
                           .timings = {}});
        figures.push_back({.part = "hrtimer queue",
                           .work = "mix",
                           .size = size,
                           .target = isSmall ? 1.4 : 1.6,
                           .ratios = {},
                           .timings = {}});
    }
    for (int run = 0; run < effort.runs; ++run) {
        for (Figure& figure : figures) {
            measureRun(figure, effort);
        }
    }
    return figures;
}

} // namespace timerscope::bench
