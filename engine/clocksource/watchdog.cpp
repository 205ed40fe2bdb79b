// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clocksource/watchdog.h"

#include "engine/clocksource/delta.h"
#include "engine/clocksource/per_cpu_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

using namespace clocksource_flag;

constexpr std::uint64_t secondsOfPause = 300;

/// The first of the list with the highest rating, if that is above the rating of @p atLeast.
Clocksource* bestReference(std::span<Clocksource* const> list, Clocksource* atLeast,
                           const Clocksource* skip)
{
    Clocksource* best = atLeast;
    for (Clocksource* const source : list) {
        const bool mayJudge = source != skip && !source->has(mustVerify);
        if (mayJudge && (best == nullptr || source->rating > best->rating)) {
            best = source;
        }
    }
    return best;
}

} // namespace

void ClocksourceWatchdog::add(Clocksource& source)
{
    if (source.has(mustVerify)) {
        m_watched.push_front({.source = &source, .referenceLast = {}, .sourceLast = {}});
        source.flags &= ~clocksource_flag::watchdog;
    } else if (source.has(continuous)) {
        source.flags |= validForHres;
    }
}

void ClocksourceWatchdog::remove(const Clocksource& source)
{
    if (&source != m_reference && source.has(mustVerify)) {
        m_watched.remove_if([&](const Watched& entry) { return entry.source == &source; });
        stopIfIdle();
    }
}

void ClocksourceWatchdog::improveReference(const ClocksourceStanding& standing)
{
    Clocksource* const best = bestReference(standing.list, m_reference, nullptr);
    if (best != m_reference) {
        m_reference = best;
        forgetReadings();
    }
    start();
}

bool ClocksourceWatchdog::replaceReference(const Clocksource& leaving,
                                           const ClocksourceStanding& standing)
{
    Clocksource* const other = bestReference(standing.list, nullptr, &leaving);
    if (other == nullptr) {
        return false;
    }
    m_reference = other;
    forgetReadings();
    start();
    return true;
}

void ClocksourceWatchdog::forgetReadings()
{
    for (const Watched& entry : m_watched) {
        entry.source->flags &= ~clocksource_flag::watchdog;
    }
}

void ClocksourceWatchdog::start()
{
    if (m_running || m_reference == nullptr || m_watched.empty()) {
        return;
    }
    m_running = true;
    m_expires.count = m_host->jiffies().count + interval();
    m_host->armWatchdogTimer(m_expires, m_host->onlineCpus().front());
}

void ClocksourceWatchdog::stopIfIdle()
{
    if (m_running && (m_reference == nullptr || m_watched.empty())) {
        m_running = false;
        m_host->cancelWatchdogTimer();
    }
}

bool ClocksourceWatchdog::isWatched(const Clocksource& source) const
{
    return std::ranges::any_of(m_watched,
                               [&](const Watched& entry) { return entry.source == &source; });
}

std::vector<const Clocksource*> ClocksourceWatchdog::watched() const
{
    std::vector<const Clocksource*> sources;
    for (const Watched& entry : m_watched) {
        sources.push_back(entry.source);
    }
    return sources;
}

void ClocksourceWatchdog::markUnstable(Clocksource& source, const ClocksourceStanding& standing)
{
    if (source.has(unstable)) {
        return;
    }
    const bool listed = std::ranges::find(standing.list, &source) != standing.list.end();
    if (listed && !isWatched(source)) {
        // The work finds what it has to do on the watch list.
        m_watched.push_front({.source = &source, .referenceLast = {}, .sourceLast = {}});
    }
    condemn(source, standing);
}

void ClocksourceWatchdog::condemn(Clocksource& source, const ClocksourceStanding& standing)
{
    source.flags &= ~(validForHres | clocksource_flag::watchdog);
    source.flags |= unstable;
    if (std::ranges::find(standing.list, &source) == standing.list.end()) {
        source.rating = 0;
        return;
    }
    if (source.callbacks != nullptr) {
        source.callbacks->markedUnstable();
    }
    if (standing.finishedBooting) {
        m_host->scheduleWatchdogWork();
    }
}

void ClocksourceWatchdog::pass(const ClocksourceStanding& standing)
{
    if (!m_running) {
        return;
    }
    const bool onlyReads = m_resumes > 0;
    std::uint64_t extraWait = 0;
    for (Watched& entry : m_watched) {
        if (!check(entry, standing)) {
            // What is read now would be 5 minutes old at the next comparison.
            forgetReadings();
            extraWait = secondsOfPause * m_config.rate.hz;
            break;
        }
    }
    m_resumes -= onlyReads ? 1 : 0;
    armNext(extraWait);
}

/// The timer moves on to the CPU after this one, so that all of them are judged in time.
void ClocksourceWatchdog::armNext(std::uint64_t extraWait)
{
    const std::span<const unsigned> online = m_host->onlineCpus();
    const auto next = std::ranges::upper_bound(online, m_host->currentCpu());
    m_expires.count += interval() + extraWait;
    m_host->armWatchdogTimer(m_expires, next != online.end() ? *next : online.front());
}

/// Reads and judges one source. False when the machine is too busy to judge any.
bool ClocksourceWatchdog::check(Watched& entry, const ClocksourceStanding& standing)
{
    Clocksource& source = *entry.source;
    if (source.has(unstable)) {
        if (standing.finishedBooting) {
            m_host->scheduleWatchdogWork();
        }
        return true;
    }
    Readout readout;
    const ReadResult result = read(source, readout);
    if (result == ReadResult::Good) {
        compare(entry, readout, standing);
    } else if (result == ReadResult::Unreliable) {
        record(WatchdogVerdict::Unreliable, source);
        condemn(source, standing);
    } else {
        record(WatchdogVerdict::Busy, source);
    }
    return result != ReadResult::Busy;
}

void ClocksourceWatchdog::compare(Watched& entry, const Readout& readout,
                                  const ClocksourceStanding& standing)
{
    Clocksource& source = *entry.source;
    const Watched before = entry;
    const bool first = !source.has(clocksource_flag::watchdog) || m_resumes > 0;
    entry.referenceLast = readout.reference;
    entry.sourceLast = readout.source;
    if (first) {
        source.flags |= clocksource_flag::watchdog;
        record(WatchdogVerdict::FirstReading, source);
        return;
    }
    const Ns ofReference = span(*m_reference, before.referenceLast, readout.reference);
    const Ns ofSource = span(source, before.sourceLast, readout.source);
    if (std::max(ofSource, ofReference) > longestInterval()) {
        record(WatchdogVerdict::LongInterval, source, ofSource, ofReference);
        skipLongInterval(ofSource, ofReference);
        return;
    }
    const Ns allowed = source.rate.uncertaintyMargin + m_reference->rate.uncertaintyMargin;
    if (std::chrono::abs(ofSource - ofReference) > allowed) {
        record(WatchdogVerdict::Skewed, source, ofSource, ofReference);
        reportSkew(before, readout, ofSource, ofReference, standing);
        condemn(source, standing);
        return;
    }
    record(WatchdogVerdict::Good, source, ofSource, ofReference);
    accept(source, standing);
}

void ClocksourceWatchdog::record(WatchdogVerdict verdict, const Clocksource& source, Ns ofSource,
                                 Ns ofReference)
{
    m_tracer.record(RecordKind::WatchdogVerdict, m_tracer.name(source.name), ofSource.count(),
                    ofReference.count(), static_cast<std::uint8_t>(verdict));
}

/// A pass that comes far too late says more about the machine than about its clocks; fixed margins
/// mean nothing over so long a time.
void ClocksourceWatchdog::skipLongInterval(Ns ofSource, Ns ofReference)
{
    const Ns longer = std::max(ofSource, ofReference);
    if (m_host->isSystemUp() && longer > 2 * m_longestSkipped) {
        m_longestSkipped = longer;
        m_kernelLog->print(
            fmt::format("clocksource: Long readout interval, skipping watchdog check: cs_nsec: {} "
                        "wd_nsec: {}",
                        ofSource.count(), ofReference.count()));
    }
    m_expires = m_host->jiffies();
}

void ClocksourceWatchdog::accept(Clocksource& source, const ClocksourceStanding& standing)
{
    const bool isCurrent = &source == standing.current;
    if (isCurrent && source.callbacks != nullptr) {
        source.callbacks->tickStable();
    }
    const bool isNews = source.has(continuous) && !source.has(validForHres);
    if (!isNews || !m_reference->has(continuous)) {
        return;
    }
    source.flags |= validForHres;
    if (!standing.finishedBooting) {
        return; // the end of boot chooses anyway
    }
    if (isCurrent) {
        m_host->currentBecameValidForHres();
    } else {
        source.flags |= reselect;
        m_host->scheduleWatchdogWork();
    }
}

void ClocksourceWatchdog::reportSkew(const Watched& before, const Readout& readout, Ns ofSource,
                                     Ns ofReference, const ClocksourceStanding& standing)
{
    const Clocksource& source = *before.source;
    constexpr std::string_view indent = "clocksource:                       ";
    m_kernelLog->print(
        fmt::format("clocksource: timekeeping watchdog on CPU{}: Marking clocksource "
                    "'{}' as unstable because the skew is too large:",
                    m_host->currentCpu(), source.name));
    m_kernelLog->print(fmt::format("{}'{}' wd_nsec: {} wd_now: {:x} wd_last: {:x} mask: {:x}",
                                   indent, m_reference->name, ofReference.count(),
                                   readout.reference.count, before.referenceLast.count,
                                   m_reference->rate.mask));
    m_kernelLog->print(fmt::format("{}'{}' cs_nsec: {} cs_now: {:x} cs_last: {:x} mask: {:x}",
                                   indent, source.name, ofSource.count(), readout.source.count,
                                   before.sourceLast.count, source.rate.mask));
    if (m_config.printsSkew) {
        const Ns skew = ofSource - ofReference;
        m_kernelLog->print(fmt::format(
            "{}Clocksource '{}' skewed {} ns ({} ms) over watchdog '{}' interval of {} ns ({} ms)",
            indent, source.name, skew.count(), skew.count() / 1'000'000, m_reference->name,
            ofReference.count(), ofReference.count() / 1'000'000));
    }
    if (&source == standing.current) {
        m_kernelLog->print(fmt::format("{}'{}' is current clocksource.", indent, source.name));
    } else if (standing.current != nullptr) {
        m_kernelLog->print(fmt::format("{}'{}' (not '{}') is current clocksource.", indent,
                                       standing.current->name, source.name));
    } else {
        m_kernelLog->print(fmt::format("{}No current clocksource.", indent));
    }
}

ClocksourceWatchdog::Findings ClocksourceWatchdog::takeFindings()
{
    Findings findings;
    for (const Watched& entry : m_watched) {
        if (entry.source->has(unstable)) {
            findings.unstable.push_back(entry.source);
        }
        if (entry.source->has(reselect)) {
            entry.source->flags &= ~reselect;
            findings.reselect = true;
        }
    }
    m_watched.remove_if([](const Watched& entry) { return entry.source->has(unstable); });
    return findings;
}

void ClocksourceWatchdog::verifyPerCpu(const Clocksource& source)
{
    verifyOnOtherCpus(source, *m_host, *m_kernelLog, m_config);
}

} // namespace timerscope
