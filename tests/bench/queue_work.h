// SPDX-License-Identifier: GPL-3.0-or-later
//! The work that timer queues are compared by, and what a queue has to offer to take part.
#pragma once

#include "tests/bench/figure.h"

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace timerscope::bench {

/// One operation: a timer is taken, and armed again so much later than the last one that fired.
struct QueueStep
{
    std::uint32_t timer = 0; ///< cancelled first; `earliest`: the first one fires
    std::uint32_t delay = 0; ///< ns
    static constexpr std::uint32_t earliest = 0xffff'ffff;
};
using QueueSteps = std::vector<QueueStep>;

/// A queue that takes part in the comparison. Called once a round, so that it costs nothing.
class QueueUnderTest
{
public:
    virtual ~QueueUnderTest() = default;
    virtual void run(const QueueSteps& steps) = 0;
    /// Of which timers have fired when: equal for all that did the same work.
    [[nodiscard]] virtual std::uint64_t checksum() const = 0;

protected:
    QueueUnderTest() = default;
    QueueUnderTest(const QueueUnderTest&) = default;
    QueueUnderTest& operator=(const QueueUnderTest&) = default;
};

/// Drives a Queue with
///     explicit Queue(std::uint32_t timers);
///     void insert(std::uint32_t timer, std::int64_t expires);
///     std::pair<std::uint32_t, std::int64_t> popFirst();   equal expiries: first in, first out
///     void cancel(std::uint32_t timer);
template<typename Queue>
class QueueDriver final : public QueueUnderTest
{
public:
    QueueDriver(std::uint32_t timers, const QueueSteps& steps)
        : m_queue(timers)
    {
        for (std::uint32_t timer = 0; timer < timers; ++timer) {
            m_queue.insert(timer, steps[timer % steps.size()].delay);
        }
    }
    void run(const QueueSteps& steps) override
    {
        for (const QueueStep& step : steps) {
            std::uint32_t timer = step.timer;
            if (timer == QueueStep::earliest) {
                std::tie(timer, m_now) = m_queue.popFirst();
                m_checksum = m_checksum * 31 + timer;
            } else {
                m_queue.cancel(timer);
            }
            m_queue.insert(timer, m_now + step.delay);
        }
        keep(m_checksum);
    }
    [[nodiscard]] std::uint64_t checksum() const override { return m_checksum; }

private:
    Queue m_queue;
    std::int64_t m_now = 0;
    std::uint64_t m_checksum = 0;
};

/// A queue of that many timers, filled by the steps' first delays.
using QueueMaker
    = std::unique_ptr<QueueUnderTest> (*)(std::uint32_t timers, const QueueSteps& steps);
template<typename Queue>
std::unique_ptr<QueueUnderTest> makeQueue(std::uint32_t timers, const QueueSteps& steps)
{
    return std::make_unique<QueueDriver<Queue>>(timers, steps);
}

struct QueuePeer
{
    std::string name;
    QueueMaker make = nullptr;
};

/// Trees and heaps of the standard library.
[[nodiscard]] std::vector<QueuePeer> standardQueues();
/// Those of Boost; none where its headers were missing when this was built.
[[nodiscard]] std::vector<QueuePeer> boostQueues();

} // namespace timerscope::bench
