// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/invariant.h"

#include <array>
#include <bitset>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

namespace timerscope {

/// Signals are their numbers, 1 to lastSignal; from firstRealtime on each sending is queued.
namespace signal_number {
inline constexpr int kill = 9;
inline constexpr int alarm = 14;
inline constexpr int child = 17;
inline constexpr int cont = 18;
inline constexpr int stop = 19;
inline constexpr int terminalStop = 20;
inline constexpr int terminalInput = 21;
inline constexpr int terminalOutput = 22;
inline constexpr int urgent = 23;
inline constexpr int cpuLimit = 24; ///< SIGXCPU
inline constexpr int virtualAlarm = 26; ///< SIGVTALRM
inline constexpr int profiling = 27; ///< SIGPROF
inline constexpr int window = 28;
inline constexpr int firstRealtime = 32;
inline constexpr int last = 64;
} // namespace signal_number

[[nodiscard]] constexpr bool isSignal(int number)
{
    return number >= 1 && number <= signal_number::last;
}

/// A set of signals (sigset_t).
class SignalSet
{
public:
    [[nodiscard]] bool has(int number) const { return m_bits.test(index(number)); }
    void add(int number) { m_bits.set(index(number)); }
    void remove(int number) { m_bits.reset(index(number)); }
    [[nodiscard]] static SignalSet all()
    {
        SignalSet set;
        set.m_bits.set();
        return set;
    }
    [[nodiscard]] bool isEmpty() const { return m_bits.none(); }
    [[nodiscard]] SignalSet without(const SignalSet& others) const
    {
        SignalSet rest;
        rest.m_bits = m_bits & ~others.m_bits;
        return rest;
    }
    friend bool operator==(const SignalSet&, const SignalSet&) = default;

private:
    static std::size_t index(int number)
    {
        invariant(isSignal(number));
        return static_cast<std::size_t>(number - 1);
    }
    std::bitset<signal_number::last> m_bits;
};

/// Where a signal came from (si_code).
enum class SignalCode : std::int16_t
{
    User = 0, ///< kill()
    Kernel = 128, ///< itimers, limits
    Timer = -2, ///< timer_create()
};

/// What a handler is told (siginfo).
struct SignalInfo
{
    int number = 0;
    SignalCode code = SignalCode::User;
    int timerId = 0; ///< of Timer
    int overrun = 0; ///< of Timer
    std::int64_t value = 0; ///< of Timer: what timer_create() was given
};

/// A signal on its way. That of a POSIX timer is made with the timer and sent again and again, so
/// it can be pending once only.
struct SignalEntry
{
    SignalInfo info;
    int requeue = 0; ///< the timer's count at sending; 0: nothing to re-arm (si_sys_private)
    bool hasTimer = false; ///< false too when the timer was deleted since
    bool isQueued = false;
};

/// What became of a signal that was sent, as the tracepoint signal_generate says.
enum class SendResult : std::uint8_t
{
    Queued = 0, ///< TRACE_SIGNAL_DELIVERED
    Ignored = 1,
    AlreadyPending = 2,
    NoTarget = 3, ///< the task is gone; no tracepoint
};

/// Signals sent to one task, or to a process as a whole, that nobody has taken yet.
class PendingSignals
{
public:
    [[nodiscard]] bool has(int number) const { return m_set.has(number); }
    [[nodiscard]] const SignalSet& set() const { return m_set; }
    /// One is pending that is not in @p blocked.
    [[nodiscard]] bool hasOutside(const SignalSet& blocked) const
    {
        return !m_set.without(blocked).isEmpty();
    }

    /// A signal with an entry of its own. Its overrun count starts again, or grows when it is
    /// already pending.
    SendResult addTimerSignal(const std::shared_ptr<SignalEntry>& entry);
    /// One of the others: classic signals are pending once, however often they are sent.
    SendResult add(const SignalInfo& info);
    /// The first pending signal outside of @p blocked: lowest number first, oldest first.
    [[nodiscard]] std::shared_ptr<SignalEntry> take(const SignalSet& blocked);
    /// Drops every pending signal of that number.
    void discard(int number);
    /// Drops those of POSIX timers.
    void discardTimerSignals();

private:
    void push(std::shared_ptr<SignalEntry> entry);
    void eraseUnqueued();

    std::list<std::shared_ptr<SignalEntry>> m_queue;
    SignalSet m_set;
};

/// What a process does on a signal.
enum class SignalAction : std::uint8_t
{
    Default,
    Ignore,
    Handle,
};

/// True when doing nothing is the default action.
[[nodiscard]] bool isIgnoredByDefault(int number);
/// True when stopping the process is the default action.
[[nodiscard]] bool isStopSignal(int number);

} // namespace timerscope
