// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/base/sysfs_text.h"
#include "engine/clocksource/clocksource.h"
#include "engine/clocksource/watchdog.h"
#include "engine/trace/tracer.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// What the clocksource list needs from the rest of the machine.
class ClocksourceHost
{
public:
    virtual ~ClocksourceHost() = default;
    /// True once any CPU's tick runs in oneshot mode: then only sources valid for it qualify.
    [[nodiscard]] virtual bool isTickOneshot() const = 0;
    /// What the timekeeper counts until a choice is made: jiffies.
    [[nodiscard]] virtual Clocksource& defaultClock() = 0;
    /// The timekeeper takes @p chosen over at once. False when it went on with the present one: the
    /// module of @p chosen is going, or its driver refused to enable it.
    [[nodiscard]] virtual bool changeClocksource(Clocksource& chosen) = 0;
    /// A walk of the list has come to @p source, whose memory is gone: the task that walked dies
    /// there, and what it was about to do is left undone.
    virtual void touchedDangling(const Clocksource& source) = 0;

protected:
    ClocksourceHost() = default;
    ClocksourceHost(const ClocksourceHost&) = default;
    ClocksourceHost& operator=(const ClocksourceHost&) = default;
};

/// The registered clocksources, best first, and which of them is chosen.
///
/// Rules (kernel/time/clocksource.c, Linux 6.1; observed in scenarios cs01 to cs36): the list is
/// by rating, equal ratings keep the order of registration; nothing is chosen before boot has
/// finished; while the tick is oneshot a source without valid-for-hres is passed over; a name
/// asked for by the user wins over rating when it may, and is otherwise deferred or, if unstable,
/// refused. Threading: the engine's thread.
class ClocksourceRegistry
{
public:
    ClocksourceRegistry(ClocksourceHost& host, KernelLog& kernelLog, Tracer tracer)
        : m_host(&host)
        , m_kernelLog(&kernelLog)
        , m_tracer(tracer)
    {
    }

    /// Builds CLOCKSOURCE_WATCHDOG in: before the first registration (an invariant), or never. A
    /// kernel without it trusts every continuous source, and marks none unstable.
    void enableWatchdog(WatchdogHost& host, const WatchdogConfig& config);

    /// Lists @p source, prints its line and chooses anew. @p source.rate must be computed.
    void registerSource(Clocksource& source);
    /// Takes the source off the list. Busy when it is the last one that can be chosen, or the
    /// watchdog's reference and no other can be; Ok also when it was not registered.
    Errno unregisterSource(Clocksource& source);
    /// Moves the source to the place of its new rating and chooses anew. Nothing for a source that
    /// is not listed.
    void changeRating(Clocksource& source, int rating);

    /// A driver says that its clock is wrong: flags change at once, rating and choice when the
    /// watchdog's work runs. Without a watchdog nothing happens.
    void markUnstable(Clocksource& source);
    /// The function of the watchdog's timer, and of its work (WatchdogHost).
    void watchdogTimer();
    void watchdogWork();
    /// The machine wakes from suspend: the watchdog's next pass compares nothing.
    void resumeWatchdog();
    /// Null in a kernel without CLOCKSOURCE_WATCHDOG.
    [[nodiscard]] const ClocksourceWatchdog* watchdog() const
    {
        return m_watchdog ? &*m_watchdog : nullptr;
    }

    /// Boot has finished: from now on the best source is chosen (clocksource_done_booting). When
    /// that is the default clock itself, there is no switch and nothing is printed.
    void doneBooting();

    /// Asks for a source by name, as the command line and sysfs do; empty clears the wish. A name
    /// that nothing has yet is kept and counts when it appears.
    void setOverride(std::string name);
    /// The text written to current_clocksource: one trailing newline is cut. Invalid when empty or
    /// longer than 31 characters, else Ok.
    Errno writeCurrent(std::string_view text);
    /// What available_clocksource shows: a blank behind each name, and a newline. A walk of the
    /// list: it may come to a dangling source.
    [[nodiscard]] SysfsText readAvailable() const;
    /// What current_clocksource shows.
    [[nodiscard]] SysfsText readCurrent() const;
    /// The text written to unbind_clocksource. NoDevice for an unknown name, Busy when the source
    /// is in use and nothing can replace it.
    Errno writeUnbind(std::string_view text);

    [[nodiscard]] Clocksource* find(std::string_view name) const;
    [[nodiscard]] std::span<Clocksource* const> list() const { return m_list; }
    /// The best of the sources that count on while the machine sleeps, whatever else they are fit
    /// for; null when there is none.
    [[nodiscard]] Clocksource* suspendClocksource() const { return m_suspend; }
    /// Null until boot has finished.
    [[nodiscard]] const Clocksource* current() const { return m_current; }
    [[nodiscard]] bool hasFinishedBooting() const { return m_finishedBooting; }
    [[nodiscard]] const std::string& overrideName() const { return m_override; }
    /// Listed in available_clocksource: everything, but in oneshot mode only what is valid for it.
    [[nodiscard]] bool isAvailable(const Clocksource& source) const;

private:
    struct Choice
    {
        Clocksource* source = nullptr; ///< null: the walk for it came to a dangling source
        SelectReason reason = SelectReason::Best;
    };
    /// The first source of the list that a walk stopped at; null at its end, or where it died.
    struct Walk
    {
        Clocksource* found = nullptr;
        bool died = false;
    };
    template<typename Predicate>
    [[nodiscard]] Walk walk(Predicate stopsAt) const;
    [[nodiscard]] bool touchesDangling(const Clocksource& source) const;
    [[nodiscard]] bool enqueue(Clocksource& source);
    [[nodiscard]] bool moveTo(Clocksource& source, int rating);
    void improveReference();
    void considerForSuspend(Clocksource& source);
    void chooseForSuspend(const Clocksource* without);
    [[nodiscard]] bool reviewUnstable();
    [[nodiscard]] ClocksourceStanding standing() const;
    void tellRate();
    void select(const Clocksource* skip);
    [[nodiscard]] Clocksource* findBest(const Clocksource* skip) const; // null: none
    [[nodiscard]] Choice applyOverride(Clocksource& best, const Clocksource* skip);
    void refuseOverride(const Clocksource& wanted);
    void makeCurrent(const Choice& choice);

    ClocksourceHost* m_host;
    KernelLog* m_kernelLog;
    Tracer m_tracer;
    std::optional<ClocksourceWatchdog> m_watchdog;
    std::vector<Clocksource*> m_list;
    Clocksource* m_current = nullptr;
    Clocksource* m_suspend = nullptr;
    std::string m_override;
    bool m_finishedBooting = false;
};

} // namespace timerscope
