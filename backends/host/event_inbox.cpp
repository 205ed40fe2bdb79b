// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/host/event_inbox.h"

#include <algorithm>

namespace timerscope {

void EventInbox::Line::fired(ChannelIndex channel, std::optional<Cycles> /*counter*/)
{
    {
        const std::scoped_lock guard(m_inbox->m_lock);
        auto& pending = m_inbox->m_pending;
        const ChannelIndex ours = m_firstChannel + channel;
        if (std::ranges::find(pending, ours) == pending.end()) {
            pending.push_back(ours);
        }
    }
    m_inbox->m_came.notify_one();
}

void EventInbox::Line::lost(const Error& error)
{
    {
        const std::scoped_lock guard(m_inbox->m_lock);
        if (!m_inbox->m_lost) {
            m_inbox->m_lost = error;
        }
    }
    m_inbox->m_came.notify_one();
}

Result<std::optional<ChannelIndex>> EventInbox::take()
{
    const std::scoped_lock guard(m_lock);
    if (m_lost) {
        return tl::unexpected(*m_lost);
    }
    if (m_pending.empty()) {
        return std::nullopt;
    }
    const ChannelIndex first = m_pending.front();
    m_pending.pop_front();
    return first;
}

void EventInbox::wait(Clock::time_point until)
{
    std::unique_lock guard(m_lock);
    m_came.wait_until(guard, until, [this] { return m_lost || !m_pending.empty(); });
}

void EventInbox::drop(ChannelIndex channel)
{
    const std::scoped_lock guard(m_lock);
    std::erase(m_pending, channel);
}

} // namespace timerscope
