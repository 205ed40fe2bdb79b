// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/hrtimer/hrtimer.h"
#include "engine/posix/posix_host.h"

#include <cstdint>
#include <memory>
#include <string>

namespace timerscope {

/// The hrtimer inside a POSIX object: initialised anew, perhaps on another clock, each time that
/// the object is set, and queued on the CPU that sets it. Cancels itself when it goes away.
class ArmedHrtimer
{
public:
    /// @p function is the kernel's name for what @p call does.
    ArmedHrtimer(PosixHost& host, std::string function, Hrtimer::Function call);
    ~ArmedHrtimer() { static_cast<void>(cancel()); }
    ArmedHrtimer(const ArmedHrtimer&) = delete;
    ArmedHrtimer& operator=(const ArmedHrtimer&) = delete;

    /// hrtimer_init(): never while queued, nor from its own function.
    void init(HrtimerClock clock, std::string_view function = "hrtimer_init");
    [[nodiscard]] bool isQueued() const { return m_timer != nullptr && m_timer->isQueued(); }
    [[nodiscard]] std::uint32_t id() const { return m_id; }
    /// The task that it wakes, for people.
    void setTask(std::string task) { m_task = std::move(task); }

    // All that follows: after init() only.

    [[nodiscard]] HrtimerClock clock() const { return timer().clock(); }
    /// The time on its clock.
    [[nodiscard]] HrtimerInstant now();
    /// @p span from now on its clock, or "never" when that is too far.
    [[nodiscard]] HrtimerInstant after(Ns span);
    /// The hard expiry: the one that is reported.
    [[nodiscard]] HrtimerInstant expires() const { return timer().hardExpires(); }
    [[nodiscard]] Ns remaining(HrtimerInstant at) const { return expires() - at; }
    /// Says when it would expire, without queueing it.
    void setExpires(HrtimerInstant at);
    void start(HrtimerInstant at, Ns slack = Ns::zero(),
               std::uint8_t mode = hrtimer_mode::absolute);
    /// Queues it again for the expiry that it has (hrtimer_restart()).
    void restart();
    /// True when it was queued.
    bool cancel();
    /// Hrtimer::forward() at the machine's resolution.
    std::uint64_t forward(HrtimerInstant at, Ns interval);
    /// Hrtimer::forward() to the nanosecond, as alarms have it.
    std::uint64_t forwardExactly(HrtimerInstant at, Ns interval);

private:
    [[nodiscard]] Hrtimer& timer();
    [[nodiscard]] const Hrtimer& timer() const;

    PosixHost* m_host;
    std::string m_function;
    std::string m_task;
    Hrtimer::Function m_call;
    std::unique_ptr<Hrtimer> m_timer;
    HrtimerCpuBase* m_base = nullptr; // where it was queued last
    std::uint32_t m_id;
};

} // namespace timerscope
