// SPDX-License-Identifier: GPL-3.0-or-later
//! A source for tests of what stands right of the log: it does what it is told, nothing more.
#pragma once

#include "engine/port/source.h"

#include <atomic>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace timerscope::test {

/// One event each `period`, each a Printk record, until `end`. Scripted where a test needs it.
class FakeSource final : public Source
{
public:
    struct Script
    {
        SourceKind kind = SourceKind::Model;
        Ns period{1'000'000};
        TraceInstant end = never<TraceClock>;
        TraceInstant failsAt = never<TraceClock>;
        Snapshot base{}; ///< what every snapshot looks like, but for its times and record count
        /// Called on the source's thread for each event; may append records and change the state.
        std::function<void(TraceLog&, Snapshot&, TraceInstant)> onEvent{};
    };

    explicit FakeSource(Script script)
        : m_script(std::move(script))
        , m_state(m_script.base)
    {
    }

    [[nodiscard]] SourceInfo info() const override
    {
        SourceInfo result{.uri = "fake:", .title = "fake", .kind = m_script.kind, .end = {}};
        if (m_script.end != never<TraceClock>) {
            result.end = m_script.end;
        }
        return result;
    }
    [[nodiscard]] const TraceLog& log() const override { return m_log; }

    [[nodiscard]] Result<Progress> advance(TraceInstant limit) override
    {
        ++m_advances;
        if (m_script.kind == SourceKind::LiveKernel) {
            return step();
        }
        while (m_next <= limit && m_next < m_script.end) {
            if (auto progress = step(); !progress) {
                return progress;
            }
        }
        m_now = std::max(m_now, std::min(limit, m_script.end));
        return m_now >= m_script.end ? Progress::Ended : Progress::MoreToCome;
    }

    [[nodiscard]] Result<Progress> step() override
    {
        if (m_next >= m_script.failsAt) {
            return fail(ErrorCode::DeviceLost, "The fake device was unplugged.");
        }
        if (m_next >= m_script.end) {
            m_now = m_script.end;
            return Progress::Ended;
        }
        m_now = m_next;
        m_next = addSaturating(m_next, m_script.period);
        happen();
        return Progress::MoreToCome;
    }

    [[nodiscard]] SnapshotPtr snapshot() override
    {
        m_state.at = m_now;
        m_state.monotonic = MonotonicInstant{m_now.time_since_epoch()};
        m_state.records = m_log.size();
        return std::make_shared<const Snapshot>(m_state);
    }

    /// How often advance() was called: any thread may ask.
    [[nodiscard]] const std::atomic<int>& advances() const { return m_advances; }

private:
    void happen()
    {
        if (m_script.onEvent) {
            m_script.onEvent(m_log, m_state, m_now);
            return;
        }
        m_log.append({.at = m_now,
                      .a = nsOf(m_now),
                      .subject = m_log.intern("event"),
                      .kind = RecordKind::Printk});
    }

    Script m_script;
    Snapshot m_state;
    TraceLog m_log;
    TraceInstant m_now;
    TraceInstant m_next = TraceInstant{m_script.period};
    std::atomic<int> m_advances{0};
};

} // namespace timerscope::test
