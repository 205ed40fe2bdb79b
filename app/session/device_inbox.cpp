// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/device_inbox.h"

#include <utility>

namespace timerscope {

void DeviceInbox::fired(ChannelIndex channel, std::optional<Cycles> counter)
{
    put({.at = Clock::now(), .isSample = false, .index = channel, .counter = counter, .missed = 0});
}

void DeviceInbox::sampled(CounterIndex counter, Cycles value, std::uint64_t missed)
{
    put({.at = Clock::now(),
         .isSample = true,
         .index = counter,
         .counter = value,
         .missed = missed});
}

void DeviceInbox::lost(const Error& error)
{
    {
        const std::scoped_lock guard(m_lock);
        m_contents.lost = error;
    }
    m_came.notify_one();
}

void DeviceInbox::put(const Event& event)
{
    {
        const std::scoped_lock guard(m_lock);
        if (m_contents.events.size() >= capacity) {
            ++m_contents.dropped;
            return;
        }
        m_contents.events.push_back(event);
    }
    m_came.notify_one();
}

DeviceInbox::Contents DeviceInbox::take()
{
    const std::scoped_lock guard(m_lock);
    Contents taken{
        .events = {}, .dropped = std::exchange(m_contents.dropped, 0), .lost = m_contents.lost};
    std::swap(taken.events, m_contents.events);
    return taken;
}

void DeviceInbox::wait(Clock::time_point until)
{
    std::unique_lock guard(m_lock);
    m_came.wait_until(guard, until,
                      [this] { return m_contents.lost || !m_contents.events.empty(); });
}

} // namespace timerscope
