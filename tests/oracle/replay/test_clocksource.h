// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/clocksource.h"
#include "tests/oracle/replay/kernel_command.h"
#include "tests/oracle/replay/test_counter.h"

#include <memory>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// A clocksource of a test module: its counter, and callbacks that write to the module's log.
/// Threading: one thread.
class TestClocksource final : private ClocksourceCallbacks
{
public:
    /// From `cs_reg SLOT NAME HZ RATING BITS FLAGS OWNER [ENABLE_RESULT [BASE]]`.
    /// Errors (InvalidArgument): a word that is missing or no such number, a rate that a kernel
    /// cannot register. @p hardware, @p module and @p log must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<TestClocksource>>
    make(const KernelCommand& command, const Hardware& hardware, Module& module,
         std::vector<std::string>& log);

    TestClocksource(const TestClocksource&) = delete;
    TestClocksource& operator=(const TestClocksource&) = delete;

    [[nodiscard]] Clocksource& source() { return m_source; }
    [[nodiscard]] TestCounter& counter() { return m_counter; }

private:
    TestClocksource(Clocksource source, TestCounter counter, int enableResult,
                    std::vector<std::string>& log);

    Errno enable() override;
    void disable() override;
    void markedUnstable() override;
    void tickStable() override;
    void note(std::string_view what);

    Clocksource m_source;
    TestCounter m_counter;
    int m_enableResult;
    std::vector<std::string>* m_log;
};

} // namespace timerscope::oracle
