// SPDX-License-Identifier: GPL-3.0-or-later
//! The clocksource watchdog: twice a second it compares clocks that may go wrong with one that is
//! trusted.
#pragma once

#include "engine/clocksource/watchdog_host.h"
#include "engine/trace/tracer.h"

#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <vector>

namespace timerscope {

/// What the registry lets the watchdog see of itself.
struct ClocksourceStanding
{
    std::span<Clocksource* const> list; ///< registered, best first
    const Clocksource* current = nullptr; ///< null until boot has finished
    bool finishedBooting = false;
};

/// Watches clocksources that must be verified, against a reference.
///
/// Rules (kernel/time/clocksource.c, Linux 6.1; oracle sets watchdog_seq and rating_seq, scenarios
/// cs06, cs11 to cs15):
/// - The reference is the best rated source that need not be verified itself. It is replaced by a
///   strictly better one only, and by the next best when it is unregistered. A source that was
///   marked unstable stays the reference: nothing looks for another.
/// - The timer runs while there is something to watch, every half second, each time on the next
///   online CPU. It is a wheel timer, so a pass comes a little late (511 to 512 ms at HZ 250).
/// - A pass visits the watched sources, the one registered last first. It reads reference, source,
///   reference, reference. When that took too long it tries again; when reading the reference
///   alone takes too long the system is too busy to judge, and checks pause for 5 minutes; when
///   the tries are used up the source is marked unstable.
/// - The first reading of a source is only kept (it gains the WATCHDOG flag). From then on the ns
///   that both counters advanced are compared: a difference of more than the sum of both margins
///   marks the source unstable. After more than two intervals on either clock nothing is
///   compared, and the next interval counts from then.
/// - A source that passes, is continuous, and was compared with a continuous one, becomes valid
///   for high resolution.
///
/// A source that is marked unstable loses flags at once; its rating and the choice of the current
/// one change when the work runs, which waits for the end of boot. Threading: the engine's thread.
class ClocksourceWatchdog
{
public:
    ClocksourceWatchdog(WatchdogHost& host, KernelLog& kernelLog, const WatchdogConfig& config,
                        Tracer tracer)
        : m_host(&host)
        , m_kernelLog(&kernelLog)
        , m_config(config)
        , m_tracer(tracer)
    {
    }

    /// A source is registered: it is watched, or else trusted to be valid for high resolution.
    void add(Clocksource& source);
    /// A source is unregistered. One that need not be verified, yet was marked unstable, stays on
    /// the watch list until the work has run, as in the kernel: it must live until then.
    void remove(const Clocksource& source);
    /// Looks for a better reference than the present one, and starts or keeps the timer.
    void improveReference(const ClocksourceStanding& standing);
    /// Replaces @p leaving as the reference; false when there is no other.
    [[nodiscard]] bool replaceReference(const Clocksource& leaving,
                                        const ClocksourceStanding& standing);

    /// A driver says that its clock is wrong (clocksource_mark_unstable). Nothing happens the
    /// second time.
    void markUnstable(Clocksource& source, const ClocksourceStanding& standing);
    /// The timer's function.
    void pass(const ClocksourceStanding& standing);
    /// The machine has slept: the next pass compares nothing, it only reads (clocksource_resume).
    void resume() { ++m_resumes; }

    /// What the work finds to do.
    struct Findings
    {
        std::vector<Clocksource*> unstable; ///< to be rated 0; no longer watched
        bool reselect = false; ///< a source has become fit for the present tick mode
    };
    [[nodiscard]] Findings takeFindings();
    /// Compares a per-CPU clock between CPUs and prints what is found; decides nothing.
    void verifyPerCpu(const Clocksource& source);
    /// Stops the timer when there is nothing left to watch.
    void stopIfIdle();

    [[nodiscard]] const Clocksource* reference() const { return m_reference; }
    /// True while the timer runs.
    [[nodiscard]] bool isRunning() const { return m_running; }
    /// Watched sources, in the order of a pass.
    [[nodiscard]] std::vector<const Clocksource*> watched() const;
    /// The time between two passes, in jiffies.
    [[nodiscard]] std::uint64_t interval() const { return m_config.rate.hz / 2; }

private:
    struct Watched
    {
        Clocksource* source = nullptr;
        Cycles referenceLast;
        Cycles sourceLast;
    };
    struct Readout
    {
        Cycles reference;
        Cycles source;
    };
    enum class ReadResult : std::uint8_t
    {
        Good,
        Unreliable, ///< the clock's own fault: it is marked
        Busy, ///< the machine's fault: nothing can be said
    };
    struct Attempt
    {
        Readout readout;
        Ns around{}; ///< reference to reference, with the source read in between
        Ns back{}; ///< reference to reference at once
    };

    void start();
    void forgetReadings();
    [[nodiscard]] bool isWatched(const Clocksource& source) const;
    void condemn(Clocksource& source, const ClocksourceStanding& standing);

    [[nodiscard]] bool check(Watched& entry, const ClocksourceStanding& standing);
    void compare(Watched& entry, const Readout& readout, const ClocksourceStanding& standing);
    void record(WatchdogVerdict verdict, const Clocksource& source, Ns ofSource = {},
                Ns ofReference = {});
    void accept(Clocksource& source, const ClocksourceStanding& standing);
    void skipLongInterval(Ns ofSource, Ns ofReference);
    void reportSkew(const Watched& before, const Readout& readout, Ns ofSource, Ns ofReference,
                    const ClocksourceStanding& standing);
    void armNext(std::uint64_t extraWait);

    [[nodiscard]] ReadResult read(const Clocksource& source, Readout& readout);
    [[nodiscard]] Attempt attempt(const Clocksource& source);
    void reportBusy(const Clocksource& source, const Attempt& last);
    void reportUnreliable(const Clocksource& source, const Attempt& last, int tries);
    [[nodiscard]] int readRetries() const;
    [[nodiscard]] Ns readoutLimit(const Clocksource& source) const;
    [[nodiscard]] Ns readBackLimit() const;
    [[nodiscard]] Ns span(const Clocksource& source, Cycles earlier, Cycles later) const;
    [[nodiscard]] Ns longestInterval() const;

    WatchdogHost* m_host;
    KernelLog* m_kernelLog;
    WatchdogConfig m_config;
    Tracer m_tracer;
    std::list<Watched> m_watched; // first: registered last
    Clocksource* m_reference = nullptr;
    Jiffies m_expires; // of the timer
    Ns m_longestSkipped{}; // only intervals twice as long are worth another line
    unsigned m_resumes = 0; // passes that only read
    bool m_running = false;
};

} // namespace timerscope
