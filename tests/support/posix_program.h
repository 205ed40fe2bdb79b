// SPDX-License-Identifier: GPL-3.0-or-later
//! A program that uses POSIX timers, as the recordings of a real kernel do. A system call took up
//! to 7 us there, so spans are compared that closely and counts exactly.
#pragma once

#include "engine/posix/posix_timers.h"
#include "tests/support/posix_machine.h"

namespace timerscope::test {

inline constexpr int rt34 = 34;
inline constexpr std::int64_t callNs = 7'000;

inline SecondsAndNs split(Ns span)
{
    return {.seconds = span.count() / nsPerSecond, .ns = span.count() % nsPerSecond};
}

/// One process with one thread, and its timers as a program would use them.
class Program
{
public:
    explicit Program(std::int64_t firstTick = 0, bool highRes = true, std::int64_t start = 0)
        : machine(start, firstTick, TickRate{250}, highRes)
        , process(machine.addProcess(100))
        , task(process.leader())
        , timers(process.timers())
    {
        process.setAction(rt34, SignalAction::Handle);
    }

    int create(ClockId clock = ClockId::Monotonic, SignalEvent event = {.number = rt34})
    {
        const auto id = timers.create(task, clock, &event);
        return id ? *id : returnValue(id.error());
    }
    int createSilent() { return create(ClockId::Monotonic, {.notify = SignalEvent::none}); }
    /// What was set before; its value is the negative errno of a failure.
    TimerSetting set(int id, Ns value, Ns interval = {}, std::uint32_t flags = 0)
    {
        TimerSetting old;
        const Errno error = timers.settime(id, flags, {split(value), split(interval)}, &old);
        if (error != Errno::Ok) {
            old.value = Ns{returnValue(error)};
        }
        return old;
    }
    TimerSetting setAbsolute(int id, Ns value, Ns interval = {})
    {
        return set(id, value, interval, timerAbstime);
    }
    Errno raw(int id, SecondsAndNs value, SecondsAndNs interval = {})
    {
        return timers.settime(id, 0, {value, interval}, nullptr);
    }
    TimerSetting get(int id) { return timers.gettime(id).value_or(TimerSetting{Ns{-1}, Ns{-1}}); }
    int overrun(int id) { return timers.getoverrun(id).value_or(-1); }
    void at(std::int64_t ns) { machine.runTo(ns); }
    void block() { task.block(rt34); }
    void unblock()
    {
        task.unblock(rt34);
        machine.deliverSignals();
    }
    /// sigtimedwait() for a signal that is pending already.
    std::optional<SignalInfo> takeSignal()
    {
        return process.dequeue(task, SignalSet::all().without(only(rt34)));
    }
    std::vector<HandlerRun> runs() { return machine.takeRuns(); }
    static SignalSet only(int number)
    {
        SignalSet set;
        set.add(number);
        return set;
    }

    PosixMachine machine;
    Process& process;
    Task& task;
    PosixTimers& timers;
};

/// As far apart as system calls are long.
inline bool isClose(Ns told, std::int64_t recorded, std::int64_t within = 2 * callNs)
{
    const std::int64_t off = told.count() - recorded;
    return off <= within && -off <= within;
}

inline bool isClose(std::int64_t at, std::int64_t recorded, std::int64_t within)
{
    return isClose(Ns{at}, recorded, within);
}

/// The errno of a call that must fail; Ok when it did not.
template<typename T>
Errno errnoOf(const KernelAnswer<T>& answer)
{
    return answer ? Errno::Ok : answer.error();
}

} // namespace timerscope::test
