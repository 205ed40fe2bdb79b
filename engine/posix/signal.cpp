// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/signal.h"

#include <algorithm>

namespace timerscope {

SendResult PendingSignals::addTimerSignal(const std::shared_ptr<SignalEntry>& entry)
{
    if (entry->isQueued) {
        ++entry->info.overrun;
        return SendResult::AlreadyPending;
    }
    entry->info.overrun = 0;
    push(entry);
    return SendResult::Queued;
}

SendResult PendingSignals::add(const SignalInfo& info)
{
    if (info.number < signal_number::firstRealtime && has(info.number)) {
        return SendResult::AlreadyPending;
    }
    auto entry = std::make_shared<SignalEntry>();
    entry->info = info;
    push(std::move(entry));
    return SendResult::Queued;
}

void PendingSignals::push(std::shared_ptr<SignalEntry> entry)
{
    entry->isQueued = true;
    m_set.add(entry->info.number);
    m_queue.push_back(std::move(entry));
}

std::shared_ptr<SignalEntry> PendingSignals::take(const SignalSet& blocked)
{
    const auto isLess = [&](const auto& a, const auto& b) {
        // Blocked ones last; min_element keeps the oldest of equals.
        const bool aBlocked = blocked.has(a->info.number);
        const bool bBlocked = blocked.has(b->info.number);
        return aBlocked != bBlocked ? bBlocked : a->info.number < b->info.number;
    };
    const auto first = std::ranges::min_element(m_queue, isLess);
    if (first == m_queue.end() || blocked.has((*first)->info.number)) {
        return nullptr;
    }
    auto entry = *first;
    entry->isQueued = false;
    eraseUnqueued();
    return entry;
}

void PendingSignals::discard(int number)
{
    for (const auto& entry : m_queue) {
        entry->isQueued = entry->info.number != number;
    }
    eraseUnqueued();
}

void PendingSignals::discardTimerSignals()
{
    for (const auto& entry : m_queue) {
        entry->isQueued = entry->info.code != SignalCode::Timer;
    }
    eraseUnqueued();
}

void PendingSignals::eraseUnqueued()
{
    std::erase_if(m_queue, [](const auto& entry) { return !entry->isQueued; });
    m_set = {};
    for (const auto& entry : m_queue) {
        m_set.add(entry->info.number);
    }
}

bool isIgnoredByDefault(int number)
{
    return number == signal_number::cont || number == signal_number::child
        || number == signal_number::window || number == signal_number::urgent;
}

bool isStopSignal(int number)
{
    return number == signal_number::stop || number == signal_number::terminalStop
        || number == signal_number::terminalInput || number == signal_number::terminalOutput;
}

} // namespace timerscope
