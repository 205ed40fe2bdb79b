// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/hrtimer_replay.h"
#include "tests/oracle/replay/command_result.h"
#include "tests/oracle/replay/kernel_command.h"
#include "tests/oracle/replay/pc_machine.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// A test module's hrtimers: the `hr` commands, and those that it arms at random. Threading: one
/// thread.
class TestTimers
{
public:
    /// Both must outlive this.
    TestTimers(PcMachine& pc, std::vector<std::string>& log)
        : m_pc(&pc)
        , m_log(&log)
    {
    }
    TestTimers(const TestTimers&) = delete;
    TestTimers& operator=(const TestTimers&) = delete;
    ~TestTimers();

    /// `hr arm|cancel|try|active|rem|fwd ...`. Errors: NotSupported for another.
    [[nodiscard]] Result<void> carryOut(const KernelCommand& command);

    /// One more timer of a random run is armed now, on the present CPU.
    void arm(const RecordedHrtimer& asked);
    [[nodiscard]] std::size_t armedAtRandom() const { return m_random.size(); }
    /// Which of those have fired, in that order; all times as the recorded machine shows them.
    [[nodiscard]] const std::vector<ModelFiring>& firings() const { return m_firings; }

private:
    struct TestTimer
    {
        std::unique_ptr<Hrtimer> timer;
        std::string base; ///< as it was asked for
        Ns period{};
        std::int64_t count = 1; ///< fires, after which it is not started again
        std::int64_t fires = 0;
        std::uint64_t overruns = 0;
        bool hard = false;
    };

    [[nodiscard]] Result<void> arm(std::int64_t id, const KernelCommand& command);
    void start(TestTimer& entry, Ns expires, Ns slack, bool isRelative);
    [[nodiscard]] HrtimerRestart fired(std::int64_t id);
    void noteFiring(std::uint32_t id, const Hrtimer& timer);
    void cancel(std::int64_t id, std::string_view word);
    void tellActive(std::int64_t id);
    void tellRemaining(std::int64_t id);
    [[nodiscard]] Result<void> forward(std::int64_t id, const KernelCommand& command);

    [[nodiscard]] HrtimerCpuBase& hrtimers() const { return m_pc->machine().cpu().hrtimers(); }
    [[nodiscard]] Ns resolution() const;
    [[nodiscard]] Ns monotonic() const;
    [[nodiscard]] std::int64_t shown(const Hrtimer& timer, HrtimerInstant at) const;
    [[nodiscard]] TestTimer* find(std::int64_t id);

    PcMachine* m_pc;
    std::vector<std::string>* m_log;
    std::map<std::int64_t, TestTimer> m_timers;
    std::deque<Hrtimer> m_random; // a deque: they are known by address
    std::vector<ModelFiring> m_firings;
    std::uint32_t m_nextId = 100'000; // far from the machine's own
};

} // namespace timerscope::oracle
