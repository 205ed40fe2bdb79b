// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/device_source.h"

#include "app/session/device_inbox.h"
#include "app/session/rate_meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace timerscope {

namespace {

using Clock = DeviceInbox::Clock;
constexpr Ns samplePeriod = std::chrono::milliseconds(10);
constexpr Ns firePeriod = std::chrono::milliseconds(100);
constexpr Ns fireDelay = std::chrono::milliseconds(5);

std::uint64_t ticksFor(Ns span, const EventChannelInfo& channel)
{
    const auto exact = static_cast<std::uint64_t>(std::chrono::duration<double>(span).count()
                                                  * static_cast<double>(channel.rate.value));
    return std::clamp(exact, channel.minTicks, channel.maxTicks);
}

/// What a record says besides when and of whom.
struct Fact
{
    RecordKind kind{};
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint8_t flags = 0;
};

class DeviceSource final : public Source
{
public:
    DeviceSource(AttachedDevice device, std::string uri)
        : m_uri(std::move(uri))
        , m_description(std::move(device.description))
        , m_block(std::move(device.block))
    {
    }
    ~DeviceSource() override { m_block->listen(nullptr); }
    DeviceSource(const DeviceSource&) = delete;
    DeviceSource& operator=(const DeviceSource&) = delete;

    [[nodiscard]] Result<void> open();

    [[nodiscard]] SourceInfo info() const override
    {
        return {.uri = m_uri, .title = m_description.name, .kind = SourceKind::Attached, .end = {}};
    }
    [[nodiscard]] const TraceLog& log() const override { return m_log; }
    [[nodiscard]] Result<Progress> advance(TraceInstant limit) override;
    [[nodiscard]] Result<Progress> step() override
    {
        return advance(addSaturating(TraceInstant{since(Clock::now())}, samplePeriod));
    }
    [[nodiscard]] SnapshotPtr snapshot() override;
    void release() override { m_block->release(); }

private:
    [[nodiscard]] Ns since(Clock::time_point at) const
    {
        return std::chrono::duration_cast<Ns>(at - m_start);
    }
    [[nodiscard]] Result<void> serve();
    [[nodiscard]] Result<void> poll(Ns now);
    [[nodiscard]] Result<void> arm(Ns now);
    [[nodiscard]] Ns nextDeed() const;
    void log(const DeviceInbox::Event& event);
    void logSample(Ns at, std::size_t counter, Cycles value, std::uint64_t missed);
    void record(Ns at, std::string_view subject, const Fact& fact);
    [[nodiscard]] std::string rateText(const RateMeter::Rate& rate) const;
    [[nodiscard]] std::vector<Notice> notices() const;

    std::string m_uri;
    DeviceDescription m_description;
    const Clock::time_point m_start = Clock::now();
    TraceLog m_log;
    DeviceInbox m_inbox;
    std::unique_ptr<AttachedBlock> m_block; // after the inbox that it reports to
    bool m_isStreaming = false;
    Ns m_nextPoll{};
    Ns m_nextFire{};
    Ns m_lastRecord{};
    std::uint64_t m_armedTicks = 0;
    std::uint64_t m_dropped = 0; // here, not on the way
    std::optional<RateMeter> m_meter; // of the first counter, if there is one with a rate
};

Result<void> DeviceSource::open()
{
    m_block->listen(&m_inbox);
    if (m_block->counters().empty()) {
        return {};
    }
    const CounterInfo& counter = m_block->counters()[0];
    if (counter.rate.value > 0) {
        m_meter.emplace(counter.rate, counterMask(counter.bits));
    }
    auto streaming = m_block->stream(0, samplePeriod);
    if (!streaming && streaming.error().code != ErrorCode::NotSupported) {
        return streaming;
    }
    m_isStreaming = streaming.has_value();
    return serve();
}

void DeviceSource::record(Ns at, std::string_view subject, const Fact& fact)
{
    // Two threads stamp: what was read here may overtake what is still in the inbox.
    m_lastRecord = std::max(m_lastRecord, at);
    m_log.append({.at = TraceInstant{m_lastRecord},
                  .a = static_cast<std::int64_t>(fact.a),
                  .b = static_cast<std::int64_t>(fact.b),
                  .subject = m_log.intern(subject),
                  .cpu = 0,
                  .kind = fact.kind,
                  .flags = fact.flags});
}

void DeviceSource::logSample(Ns at, std::size_t counter, Cycles value, std::uint64_t missed)
{
    const CounterInfo& info = m_block->counters()[counter];
    if (missed > 0) {
        record(at, "samples of " + info.name, {.kind = RecordKind::DataLoss, .a = missed});
    }
    record(at, info.name, {.kind = RecordKind::CounterSample, .a = value.count, .b = missed});
    if (counter == 0 && m_meter) {
        m_meter->add(at, value);
    }
}

void DeviceSource::log(const DeviceInbox::Event& event)
{
    if (event.isSample) {
        logSample(since(event.at), event.index, event.counter.value_or(Cycles{}), event.missed);
        return;
    }
    const std::uint8_t flags = event.counter ? fired_flag::stamped : std::uint8_t{0};
    record(since(event.at), m_block->channels()[event.index].name,
           {.kind = RecordKind::ChannelFired,
            .a = m_armedTicks,
            .b = event.counter.value_or(Cycles{}).count,
            .flags = flags});
}

/// Logs what has come and does what is due.
Result<void> DeviceSource::serve()
{
    const DeviceInbox::Contents contents = m_inbox.take();
    for (const DeviceInbox::Event& event : contents.events) {
        log(event);
    }
    if (contents.dropped > 0) {
        m_dropped += contents.dropped;
        record(since(Clock::now()), "events of " + m_description.name,
               {.kind = RecordKind::DataLoss, .a = contents.dropped});
    }
    if (contents.lost) {
        return tl::unexpected(*contents.lost);
    }
    const Ns now = since(Clock::now());
    if (auto polled = poll(now); !polled) {
        return polled;
    }
    return arm(now);
}

Result<void> DeviceSource::poll(Ns now)
{
    if (m_isStreaming || m_block->counters().empty() || now < m_nextPoll) {
        return {};
    }
    const auto value = m_block->read(0);
    if (!value) {
        return tl::unexpected(value.error());
    }
    m_nextPoll = now + samplePeriod;
    logSample(since(Clock::now()), 0, *value, 0);
    return {};
}

Result<void> DeviceSource::arm(Ns now)
{
    const auto channels = m_block->channels();
    if (channels.empty() || (channels[0].features & clock_event_feature::oneshot) == 0
        || now < m_nextFire) {
        return {};
    }
    m_nextFire = now + firePeriod;
    m_armedTicks = ticksFor(fireDelay, channels[0]);
    if (auto state = m_block->set(0, ClockEventState::Oneshot, 0); !state) {
        return state;
    }
    return m_block->program(0, m_armedTicks);
}

Ns DeviceSource::nextDeed() const
{
    Ns next = Ns::max();
    if (!m_isStreaming && !m_block->counters().empty()) {
        next = m_nextPoll;
    }
    return m_block->channels().empty() ? next : std::min(next, m_nextFire);
}

Result<Progress> DeviceSource::advance(TraceInstant limit)
{
    const Ns end = limit.time_since_epoch();
    for (;;) {
        if (auto served = serve(); !served) {
            return tl::unexpected(served.error());
        }
        const Ns now = since(Clock::now());
        if (now >= end) {
            return Progress::MoreToCome;
        }
        // One wait is never longer than an hour: far limits must not overflow the host's clock.
        const Ns wake = std::min({end, nextDeed(), now + std::chrono::hours(1)});
        m_inbox.wait(m_start + wake);
    }
}

/// No rate is known better than one read's delay lets it be.
std::string DeviceSource::rateText(const RateMeter::Rate& rate) const
{
    const CounterInfo& counter = m_block->counters()[0];
    const auto nominal = static_cast<double>(counter.rate.value);
    const double doubt = std::ceil(static_cast<double>(counter.readCost.count())
                                   / static_cast<double>(rate.span.count()) * 1e6);
    return fmt::format("{} counts {:.0f} Hz by this computer's clock, {:+.0f} ppm from its rate of "
                       "{} Hz, give or take {:.0f} ppm",
                       counter.name, rate.hertz, (rate.hertz - nominal) / nominal * 1e6,
                       counter.rate.value, std::max(doubt, 1.0));
}

std::vector<Notice> DeviceSource::notices() const
{
    std::vector<Notice> notices{{.severity = Severity::Info, .text = m_block->identity()}};
    if (const auto rate = m_meter ? m_meter->rate() : std::nullopt) {
        notices.push_back({.severity = Severity::Info, .text = rateText(*rate)});
    }
    const std::uint64_t lost = m_dropped + m_block->losses();
    if (lost > 0) {
        notices.push_back(
            {.severity = Severity::DataLoss,
             .text = fmt::format("{} of {} lost",
                                 lost == 1 ? "1 message" : fmt::format("{} messages", lost),
                                 m_description.name + (lost == 1 ? " was" : " were"))});
    }
    return notices;
}

SnapshotPtr DeviceSource::snapshot()
{
    Snapshot now;
    now.at = TraceInstant{since(Clock::now())};
    now.records = m_log.size();
    now.monotonic = MonotonicInstant{now.at.time_since_epoch()};
    for (const CounterDescription& counter : m_description.counters) {
        ClocksourceRow& row = now.clocksources.emplace_back();
        row.name = counter.name;
        row.rating = counter.rating;
        row.flags = counter.flags;
        row.rate = counter.rate;
        row.bits = counter.bits;
        row.readCost = counter.readCost;
    }
    for (const EventDescription& event : m_description.events) {
        ClockEventRow& row = now.clockEvents.emplace_back();
        row.name = event.name;
        row.rating = event.rating;
        row.features = event.features;
    }
    now.notices = notices();
    return std::make_shared<const Snapshot>(std::move(now));
}

} // namespace

Result<std::unique_ptr<Source>> openDevice(AttachedDevice device, std::string uri)
{
    auto source = std::make_unique<DeviceSource>(std::move(device), std::move(uri));
    if (auto opened = source->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    return std::unique_ptr<Source>(std::move(source));
}

} // namespace timerscope
