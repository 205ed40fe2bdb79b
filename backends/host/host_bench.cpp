// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/host/host_bench.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

Result<void> noSuchChannel(ChannelIndex channel, std::size_t count)
{
    return fail(ErrorCode::OutOfRange,
                fmt::format("event channel {} does not exist, there are {}", channel, count));
}

} // namespace

HostBench::HostBench(std::vector<CounterInfo> counters, std::vector<EventChannelInfo> channels,
                     std::vector<std::unique_ptr<AttachedBlock>> blocks)
    : m_host(std::move(counters), std::move(channels))
    , m_counters(m_host.counters().begin(), m_host.counters().end())
    , m_channels(m_host.channels().begin(), m_host.channels().end())
{
    for (std::unique_ptr<AttachedBlock>& block : blocks) {
        add(std::move(block));
    }
}

HostBench::~HostBench()
{
    for (const Place& place : m_places) {
        place.block->listen(nullptr);
    }
}

void HostBench::add(std::unique_ptr<AttachedBlock> block)
{
    Place& place = m_places.emplace_back(
        Place{.block = std::move(block),
              .firstCounter = m_counters.size(),
              .firstChannel = m_channels.size(),
              .line = std::make_unique<EventInbox::Line>(m_inbox, m_channels.size())});
    const auto counters = place.block->counters();
    const auto channels = place.block->channels();
    m_counters.insert(m_counters.end(), counters.begin(), counters.end());
    m_channels.insert(m_channels.end(), channels.begin(), channels.end());
    place.block->listen(place.line.get());
}

const HostBench::Place* HostBench::placeOfCounter(CounterIndex counter) const
{
    const auto found = std::ranges::find_if(m_places, [counter](const Place& place) {
        return counter >= place.firstCounter
            && counter < place.firstCounter + place.block->counters().size();
    });
    return found != m_places.end() ? &*found : nullptr;
}

const HostBench::Place* HostBench::placeOfChannel(ChannelIndex channel) const
{
    const auto found = std::ranges::find_if(m_places, [channel](const Place& place) {
        return channel >= place.firstChannel
            && channel < place.firstChannel + place.block->channels().size();
    });
    return found != m_places.end() ? &*found : nullptr;
}

Result<Cycles> HostBench::read(CounterIndex counter)
{
    if (const Place* const place = placeOfCounter(counter)) {
        return place->block->read(counter - place->firstCounter);
    }
    if (counter >= m_counters.size()) {
        return fail(
            ErrorCode::OutOfRange,
            fmt::format("counter {} does not exist, there are {}", counter, m_counters.size()));
    }
    return m_host.value(counter, now());
}

Cycles HostBench::observe(CounterIndex counter) const
{
    const Place* const place = placeOfCounter(counter);
    return place != nullptr ? place->block->observe(counter - place->firstCounter)
                            : m_host.value(counter, now());
}

Result<void> HostBench::set(ChannelIndex channel, ClockEventState state, std::uint64_t periodTicks)
{
    m_inbox.drop(channel);
    if (const Place* const place = placeOfChannel(channel)) {
        auto done = place->block->set(channel - place->firstChannel, state, periodTicks);
        if (state != ClockEventState::Periodic) {
            m_inbox.drop(channel); // what fired while it was being stopped
        }
        return done;
    }
    return channel < m_channels.size() ? m_host.set(channel, state, periodTicks, now())
                                       : noSuchChannel(channel, m_channels.size());
}

Result<void> HostBench::program(ChannelIndex channel, std::uint64_t ticks)
{
    m_inbox.drop(channel);
    if (const Place* const place = placeOfChannel(channel)) {
        return place->block->program(channel - place->firstChannel, ticks);
    }
    return channel < m_channels.size() ? m_host.program(channel, ticks, now())
                                       : noSuchChannel(channel, m_channels.size());
}

void HostBench::release()
{
    for (const Place& place : m_places) {
        place.block->release();
    }
}

TraceInstant HostBench::now() const
{
    return TraceInstant{std::chrono::duration_cast<Ns>(Clock::now() - m_start)};
}

/// Of the host's own channels. What is overdue is handed over also when the limit has passed.
std::optional<ChannelIndex> HostBench::takeDue(TraceInstant present, TraceInstant limit)
{
    const auto due = m_host.next();
    if (!due || due->at > present || due->at >= std::max(limit, present)) {
        return std::nullopt;
    }
    m_host.take(due->channel, present);
    return due->channel;
}

Result<std::optional<ChannelIndex>> HostBench::waitUntil(TraceInstant limit)
{
    for (;;) {
        auto attached = m_inbox.take();
        if (!attached || *attached) {
            return attached;
        }
        const TraceInstant present = now();
        if (const auto own = takeDue(present, limit)) {
            return own;
        }
        if (present >= limit) {
            return std::nullopt;
        }
        const auto due = m_host.next();
        const TraceInstant wake = due ? std::min(due->at, limit) : limit;
        // One wait is never longer than an hour: far limits must not overflow the host's clock.
        m_inbox.wait(m_start
                     + std::min(wake.time_since_epoch(),
                                addSaturating(present.time_since_epoch(), std::chrono::hours(1))));
    }
}

} // namespace timerscope
