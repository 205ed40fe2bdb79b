// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clocksource/registry.h"

#include "engine/base/invariant.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

Clocksource* ClocksourceRegistry::find(std::string_view name) const
{
    const auto found = std::ranges::find_if(
        m_list, [&](const Clocksource* source) { return source->name == name; });
    return found != m_list.end() ? *found : nullptr;
}

bool ClocksourceRegistry::isAvailable(const Clocksource& source) const
{
    return !m_host->isTickOneshot() || source.has(clocksource_flag::validForHres);
}

/// Every walk touches each source up to the one that it stops at: a dangling one ends it for good.
template<typename Predicate>
ClocksourceRegistry::Walk ClocksourceRegistry::walk(Predicate stopsAt) const
{
    for (Clocksource* const source : m_list) {
        if (source->isDangling) {
            m_host->touchedDangling(*source);
            return {.died = true};
        }
        if (stopsAt(*source)) {
            return {.found = source};
        }
    }
    return {};
}

/// Taking @p source off the list writes to its neighbours.
bool ClocksourceRegistry::touchesDangling(const Clocksource& source) const
{
    const auto place = std::ranges::find(m_list, &source);
    const auto isGone = [&](auto neighbour) {
        if ((*neighbour)->isDangling) {
            m_host->touchedDangling(**neighbour);
            return true;
        }
        return false;
    };
    return (place != m_list.begin() && isGone(place - 1))
        || (place + 1 != m_list.end() && isGone(place + 1));
}

/// False when the walk to its place died.
bool ClocksourceRegistry::enqueue(Clocksource& source)
{
    const Walk place
        = walk([&](const Clocksource& listed) { return listed.rating < source.rating; });
    if (!place.died) {
        m_list.insert(std::ranges::find(m_list, place.found), &source);
    }
    return !place.died;
}

void ClocksourceRegistry::improveReference()
{
    if (m_watchdog && !walk([](const Clocksource&) { return false; }).died) {
        m_watchdog->improveReference(standing());
    }
}

void ClocksourceRegistry::considerForSuspend(Clocksource& source)
{
    if (source.has(clocksource_flag::suspendNonstop)
        && (m_suspend == nullptr || source.rating > m_suspend->rating)) {
        m_suspend = &source;
    }
}

/// @p without: look for another one instead of it; null: keep the present one unless one is better.
void ClocksourceRegistry::chooseForSuspend(const Clocksource* without)
{
    if (without != nullptr) {
        m_suspend = nullptr;
    }
    for (Clocksource* const source : m_list) {
        if (source != without) {
            considerForSuspend(*source);
        }
    }
}

/// The factor was worked out where the source was made.
void ClocksourceRegistry::tellRate()
{
    const CallSpan span(m_tracer, "__clocksource_update_freq_scale");
    m_tracer.call("clocks_calc_mult_shift");
}

void ClocksourceRegistry::registerSource(Clocksource& source)
{
    const CallSpan span(m_tracer, "__clocksource_register_scale");
    tellRate();
    m_kernelLog->print(registrationLine(source.name, source.rate));
    m_tracer.call("clocksource_enqueue");
    if (!enqueue(source)) {
        return;
    }
    m_tracer.call("clocksource_enqueue_watchdog");
    if (m_watchdog) {
        m_watchdog->add(source);
    } else if (source.has(clocksource_flag::continuous)) {
        source.flags |= clocksource_flag::validForHres; // there is nothing to wait for
    }
    m_tracer.record(RecordKind::ClocksourceRegister, m_tracer.name(source.name), source.rating,
                    source.flags);
    select(nullptr);
    improveReference();
    m_tracer.call("__clocksource_suspend_select");
    considerForSuspend(source);
}

Errno ClocksourceRegistry::unregisterSource(Clocksource& source)
{
    const auto place = std::ranges::find(m_list, &source);
    if (place == m_list.end()) {
        return Errno::Ok;
    }
    if (m_watchdog && &source == m_watchdog->reference()
        && !m_watchdog->replaceReference(source, standing())) {
        return Errno::Busy;
    }
    if (&source == m_current) {
        select(&source);
        if (&source == m_current) {
            return Errno::Busy;
        }
    }
    if (&source == m_suspend) {
        chooseForSuspend(&source); // it may go without a replacement
    }
    if (m_watchdog) {
        m_watchdog->remove(source);
    }
    if (touchesDangling(source)) {
        return Errno::Ok;
    }
    m_list.erase(std::ranges::find(m_list, &source));
    m_tracer.record(RecordKind::ClocksourceUnregister, m_tracer.name(source.name));
    return Errno::Ok;
}

void ClocksourceRegistry::changeRating(Clocksource& source, int rating)
{
    if (std::ranges::find(m_list, &source) == m_list.end()) {
        return;
    }
    if (!moveTo(source, rating)) {
        return;
    }
    select(nullptr);
    improveReference();
    chooseForSuspend(nullptr);
}

/// A source that is not listed, but on the watch list still, comes back: so it does in the kernel.
/// False when the way to its place died.
bool ClocksourceRegistry::moveTo(Clocksource& source, int rating)
{
    const bool listed = std::ranges::find(m_list, &source) != m_list.end();
    if (listed && touchesDangling(source)) {
        return false;
    }
    std::erase(m_list, &source);
    m_tracer.record(RecordKind::ClocksourceRating, m_tracer.name(source.name), rating,
                    source.rating);
    source.rating = rating;
    return enqueue(source);
}

void ClocksourceRegistry::enableWatchdog(WatchdogHost& host, const WatchdogConfig& config)
{
    invariant(m_list.empty() && !m_watchdog);
    m_watchdog.emplace(host, *m_kernelLog, config, m_tracer);
}

ClocksourceStanding ClocksourceRegistry::standing() const
{
    return {.list = m_list, .current = m_current, .finishedBooting = m_finishedBooting};
}

void ClocksourceRegistry::markUnstable(Clocksource& source)
{
    if (m_watchdog) {
        m_watchdog->markUnstable(source, standing());
    }
}

void ClocksourceRegistry::watchdogTimer()
{
    if (m_watchdog) {
        m_watchdog->pass(standing());
    }
}

void ClocksourceRegistry::watchdogWork()
{
    if (reviewUnstable()) {
        select(nullptr);
    }
}

void ClocksourceRegistry::resumeWatchdog()
{
    if (m_watchdog) {
        m_watchdog->resume();
    }
}

/// Re-rates what was marked unstable. True when the choice must be made anew.
bool ClocksourceRegistry::reviewUnstable()
{
    if (!m_watchdog) {
        return false;
    }
    if (m_current != nullptr && m_current->has(clocksource_flag::unstable)
        && m_current->has(clocksource_flag::verifyPercpu)) {
        m_watchdog->verifyPerCpu(*m_current);
    }
    const ClocksourceWatchdog::Findings findings = m_watchdog->takeFindings();
    for (Clocksource* const source : findings.unstable) {
        if (!moveTo(*source, 0)) {
            return false;
        }
    }
    m_watchdog->stopIfIdle();
    return !findings.unstable.empty() || findings.reselect;
}

void ClocksourceRegistry::doneBooting()
{
    if (!m_finishedBooting) {
        m_current = &m_host->defaultClock();
    }
    m_finishedBooting = true;
    static_cast<void>(reviewUnstable());
    select(nullptr);
}

void ClocksourceRegistry::setOverride(std::string name)
{
    m_override = std::move(name);
    select(nullptr);
}

Errno ClocksourceRegistry::writeCurrent(std::string_view text)
{
    SysfsName wanted = sysfsName(text);
    if (wanted.error == Errno::Ok) {
        setOverride(std::move(wanted.name));
    }
    return wanted.error;
}

SysfsText ClocksourceRegistry::readAvailable() const
{
    SysfsText shown;
    const Walk whole = walk([&](const Clocksource& source) {
        if (isAvailable(source)) {
            shown.text += source.name + ' ';
        }
        return false;
    });
    if (whole.died) {
        return {.error = Errno::Io, .text = {}};
    }
    shown.text += '\n';
    return shown;
}

SysfsText ClocksourceRegistry::readCurrent() const
{
    const Clocksource& shown = m_current != nullptr ? *m_current : m_host->defaultClock();
    return {.error = Errno::Ok, .text = shown.name + '\n'};
}

Errno ClocksourceRegistry::writeUnbind(std::string_view text)
{
    const SysfsName wanted = sysfsName(text);
    if (wanted.error != Errno::Ok) {
        return wanted.error;
    }
    const Walk place = walk([&](const Clocksource& source) { return source.name == wanted.name; });
    return place.found != nullptr ? unregisterSource(*place.found) : Errno::NoDevice;
}

Clocksource* ClocksourceRegistry::findBest(const Clocksource* skip) const
{
    return walk([&](const Clocksource& source) { return &source != skip && isAvailable(source); })
        .found;
}

void ClocksourceRegistry::select(const Clocksource* skip)
{
    const CallSpan outer(m_tracer, "clocksource_select");
    const CallSpan span(m_tracer, "__clocksource_select");
    if (!m_finishedBooting) {
        return;
    }
    m_tracer.call("clocksource_find_best");
    Clocksource* const best = findBest(skip);
    if (best == nullptr) {
        return;
    }
    const Choice choice = applyOverride(*best, skip);
    if (choice.source != nullptr && choice.source != m_current) {
        makeCurrent(choice);
    }
}

ClocksourceRegistry::Choice ClocksourceRegistry::applyOverride(Clocksource& best,
                                                               const Clocksource* skip)
{
    const Choice byRating{
        .source = &best, .reason = m_list.size() == 1 ? SelectReason::OnlyOne : SelectReason::Best};
    if (m_override.empty()) {
        return byRating;
    }
    // Names may repeat: the first that may be chosen counts.
    const Walk wanted = walk(
        [&](const Clocksource& source) { return &source != skip && source.name == m_override; });
    if (wanted.died) {
        return {};
    }
    if (wanted.found == nullptr) {
        return byRating;
    }
    if (!isAvailable(*wanted.found)) {
        refuseOverride(*wanted.found);
        return byRating;
    }
    return {.source = wanted.found, .reason = SelectReason::Override};
}

/// The wish cannot be granted while the tick is oneshot: an unstable source never will be, any
/// other one may become valid, so its name is kept.
void ClocksourceRegistry::refuseOverride(const Clocksource& wanted)
{
    if (wanted.has(clocksource_flag::unstable)) {
        m_kernelLog->print(fmt::format("clocksource: Override clocksource {} is unstable and not "
                                       "HRT compatible - cannot switch while in HRT/NOHZ mode",
                                       wanted.name));
        m_override.clear();
        return;
    }
    m_kernelLog->print(fmt::format(
        "clocksource: Override clocksource {} is not currently HRT compatible - deferring",
        wanted.name));
}

void ClocksourceRegistry::makeCurrent(const Choice& choice)
{
    const std::uint32_t previous = m_tracer.name(m_current->name);
    if (!m_host->changeClocksource(*choice.source)) {
        return; // nothing is said: the next choice tries again
    }
    m_current = choice.source;
    m_tracer.record(RecordKind::ClocksourceSelect, m_tracer.name(choice.source->name), previous,
                    static_cast<std::int64_t>(choice.reason));
    m_kernelLog->print(fmt::format("clocksource: Switched to clocksource {}", choice.source->name));
}

} // namespace timerscope
