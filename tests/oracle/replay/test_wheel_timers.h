// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/replay/kernel_command.h"
#include "tests/oracle/replay/pc_machine.h"
#include "tests/oracle/wheel_replay.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// A test module's timers of the wheel: the `tw` commands, and those that it arms at random. All
/// jiffies are as the recorded machine shows them. Threading: one thread.
class TestWheelTimers
{
public:
    /// Both must outlive this.
    TestWheelTimers(PcMachine& pc, std::vector<std::string>& log)
        : m_pc(&pc)
        , m_log(&log)
    {
    }
    TestWheelTimers(const TestWheelTimers&) = delete;
    TestWheelTimers& operator=(const TestWheelTimers&) = delete;
    ~TestWheelTimers();

    /// `tw mod|modp|reduce|del|trydel|pend ID [DELTA]`, on the present CPU. Errors: NotSupported
    /// for another, InvalidArgument without an id, or a delta where one is needed.
    [[nodiscard]] Result<void> carryOut(const KernelCommand& command);
    /// One more timer of a random run is armed now, on the present CPU.
    void arm(const WheelArming& asked);
    /// What has become of those, in order of arming.
    [[nodiscard]] const std::vector<WheelOutcome>& outcomes() const { return m_outcomes; }

private:
    struct TestTimer
    {
        std::unique_ptr<WheelTimer> timer;
        std::uint64_t fired = 0; ///< jiffies of the last time
        std::int64_t fires = 0;
    };

    [[nodiscard]] TestTimer& timerOf(std::int64_t id);
    [[nodiscard]] int change(std::string_view what, WheelTimer& timer, std::int64_t delta);
    void tell(const KernelCommand& command, std::int64_t id, int answer);
    void noteFired(std::size_t place);
    [[nodiscard]] TimerWheel& wheel() const { return m_pc->machine().cpus().current().wheel(); }
    [[nodiscard]] Jiffies now() const { return m_pc->machine().jiffies().now(); }

    PcMachine* m_pc;
    std::vector<std::string>* m_log;
    std::map<std::int64_t, TestTimer> m_timers; ///< of the `tw` commands, by id
    std::vector<std::unique_ptr<WheelTimer>> m_random;
    std::vector<WheelOutcome> m_outcomes;
    std::int64_t m_standardFirings = 0;
    std::uint32_t m_nextId = 200'000; // far from the machine's own
};

} // namespace timerscope::oracle
