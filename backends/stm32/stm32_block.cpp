// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/stm32/stm32_block.h"

#include "engine/base/wide.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace timerscope {

namespace {

using Clock = std::chrono::steady_clock;

// QEMU looks only once a second whether somebody opened its end of the line.
constexpr Patience forIdentifying{.attempts = 12, .each = std::chrono::milliseconds{250}};
// After the moment that a fire was due, how long to wait before asking whether it came.
constexpr std::chrono::milliseconds fireGrace{500};

TsMessage requestOf(TsId id, std::uint16_t tag)
{
    TsMessage request{};
    request.id = id;
    request.tag = tag;
    return request;
}

TsMessage requestOf(TsId id, std::uint16_t tag, std::uint32_t number)
{
    TsMessage request = requestOf(id, tag);
    tsPut32(request.body, number);
    request.size = sizeof number;
    return request;
}

std::string chipName(const TsMessage& identity)
{
    std::string name;
    for (const std::uint8_t c : std::span{identity.body}.subspan(TsIdentifyChip)) {
        if (c == 0) {
            break;
        }
        name += c >= ' ' && c <= '~' ? static_cast<char>(c) : '?';
    }
    return name.substr(0, TsIdentifyChipSize);
}

Result<void> checkIndex(std::size_t index, std::string_view what)
{
    if (index == 0) {
        return {};
    }
    return fail(ErrorCode::OutOfRange,
                fmt::format("{} {} does not exist, an STM32 has one: 0", what, index));
}

/// @p ticks are at most 32 bits.
Ns durationOf(std::uint64_t ticks, Hertz rate)
{
    return Ns{
        static_cast<std::int64_t>(static_cast<WideUnsigned>(ticks) * nsPerSecond / rate.value)};
}

/// @p period in ticks of a clock of @p rate, rounded up: no tick too early. Any that is not zero
/// gives at least one.
Result<std::uint32_t> ticksOf(Ns period, Hertz rate)
{
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    const auto ticks
        = (static_cast<WideUnsigned>(std::max<std::int64_t>(period.count(), 0)) * rate.value
           + nsPerSecond - 1)
        / nsPerSecond;
    if (period < Ns::zero() || ticks > most) {
        return fail(ErrorCode::OutOfRange,
                    fmt::format("the board cannot stream every {} ns; allowed are 0 to {}",
                                period.count(), most / rate.value * nsPerSecond));
    }
    return static_cast<std::uint32_t>(ticks);
}

} // namespace

Stm32Block::Stm32Block(std::string port)
    : m_port(std::move(port))
    , m_link(*this)
{
}

Stm32Block::~Stm32Block()
{
    leaveQuiet();
}

void Stm32Block::leaveQuiet()
{
    const std::scoped_lock lock{m_mutex};
    if (m_isAttached) {
        m_link.post(requestOf(TsStream, m_link.newTag(), 0));
        m_link.post(requestOf(TsDisarm, m_link.newTag()));
    }
}

void Stm32Block::release()
{
    listen(nullptr);
    leaveQuiet();
    const Error given{ErrorCode::DeviceLost, fmt::format("{} was given back", m_port)};
    m_link.close(given);
    const std::scoped_lock lock{m_mutex};
    m_lost = given;
    m_isLossTold = true;
}

Result<void> Stm32Block::attach()
{
    for (const auto step : {&Stm32Block::openLink, &Stm32Block::identify, &Stm32Block::makeQuiet,
                            &Stm32Block::measureReadCost}) {
        if (const auto done = (this->*step)(); !done) {
            return done;
        }
    }
    const std::scoped_lock lock{m_mutex};
    m_isAttached = true;
    return {};
}

Result<void> Stm32Block::openLink()
{
    return m_link.open(m_port);
}

Result<void> Stm32Block::identify()
{
    TsMessage request = requestOf(TsIdentify, m_link.newTag());
    request.body[0] = TsProtocolVersion;
    request.size = 1;
    const auto reply = m_link.request(request, forIdentifying);
    if (!reply && reply.error().code == ErrorCode::Unavailable) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("nothing on {} answers as Timerscope's firmware does: is it on the "
                                "board, and is this the board's port?",
                                m_port));
    }
    return reply ? describe(*reply) : tl::unexpected{reply.error()};
}

Result<void> Stm32Block::describe(const TsMessage& reply)
{
    const std::span body{reply.body};
    const unsigned version = reply.id == (TsIdentify | TsReply) ? body[TsIdentifyVersion] : 0;
    if (version != TsProtocolVersion) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("the board on {} speaks protocol version {}, this program speaks "
                                "version {}: put the firmware on it that came with this program",
                                m_port, version, int{TsProtocolVersion}));
    }
    const std::uint32_t counterHz = tsGet32(&body[TsIdentifyCounterHz]);
    const std::uint32_t eventHz = tsGet32(&body[TsIdentifyEventHz]);
    const unsigned bits = body[TsIdentifyCounterBits];
    if (reply.size < TsIdentifySize || counterHz == 0 || eventHz == 0 || bits == 0 || bits > 32) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("the board on {} describes itself as no board can be: {} bytes, "
                                "counter of {} bits at {} Hz, event timer at {} Hz",
                                m_port, reply.size, bits, counterHz, eventHz));
    }
    m_counters = {{.name = "stm32-tim2", .rate = Hertz{counterHz}, .bits = bits}};
    m_channels = {{.name = "stm32-systick",
                   .rate = Hertz{eventHz},
                   .minTicks = tsGet32(&body[TsIdentifyEventMinTicks]),
                   .maxTicks = tsGet32(&body[TsIdentifyEventMaxTicks]),
                   .features = clock_event_feature::oneshot}};
    m_identity = fmt::format("{}, firmware {}.{}, on {}", chipName(reply), body[TsIdentifyMajor],
                             body[TsIdentifyMinor], m_port);
    return {};
}

/// Whoever had the board before may have left it streaming or armed.
Result<void> Stm32Block::makeQuiet()
{
    const auto silent = order(requestOf(TsStream, m_link.newTag(), 0));
    return silent ? order(requestOf(TsDisarm, m_link.newTag())) : silent;
}

/// The fastest of a few reads: the others say more about this computer's load.
Result<void> Stm32Block::measureReadCost()
{
    Ns least = Ns::max();
    for (int i = 0; i < 5; ++i) {
        const auto start = std::chrono::steady_clock::now();
        if (const auto value = read(0); !value) {
            return tl::unexpected{value.error()};
        }
        least = std::min<Ns>(least, std::chrono::steady_clock::now() - start);
    }
    m_counters.front().readCost = least;
    return {};
}

Result<Cycles> Stm32Block::read(CounterIndex counter)
{
    if (const auto exists = checkIndex(counter, "counter"); !exists) {
        return tl::unexpected{exists.error()};
    }
    const auto reply = ask(requestOf(TsRead, m_link.newTag()), TsCounterSize);
    if (!reply) {
        return tl::unexpected{reply.error()};
    }
    const Cycles value{tsGet32(reply->body + TsCounterValue)};
    m_lastSeen = value.count;
    return value;
}

Cycles Stm32Block::observe(CounterIndex counter) const
{
    return Cycles{counter == 0 ? m_lastSeen.load() : 0};
}

Result<void> Stm32Block::set(ChannelIndex channel, ClockEventState state, std::uint64_t periodTicks)
{
    if (const auto exists = checkIndex(channel, "event channel"); !exists) {
        return exists;
    }
    Result<void> stopped = disarm();
    if (stopped && state == ClockEventState::Periodic) {
        return fail(ErrorCode::NotSupported,
                    fmt::format("{} cannot be periodic with {} ticks: it is oneshot only",
                                m_channels.front().name, periodTicks));
    }
    return stopped;
}

Result<void> Stm32Block::disarm()
{
    {
        const std::scoped_lock lock{m_mutex};
        if (m_lost) {
            return tl::unexpected{*m_lost};
        }
        // From here on no fire is told, even if it is on its way.
        if (std::exchange(m_armedTag, std::uint16_t{0}) == 0) {
            return {};
        }
    }
    return order(requestOf(TsDisarm, m_link.newTag()));
}

Result<void> Stm32Block::program(ChannelIndex channel, std::uint64_t ticks)
{
    if (const auto exists = checkIndex(channel, "event channel"); !exists) {
        return exists;
    }
    const EventChannelInfo& info = m_channels.front();
    if (ticks < info.minTicks || ticks > info.maxTicks) {
        return fail(ErrorCode::OutOfRange,
                    fmt::format("{} cannot fire after {} ticks; allowed are {} to {}", info.name,
                                ticks, info.minTicks, info.maxTicks));
    }
    const std::uint16_t tag = m_link.newTag();
    {
        const std::scoped_lock lock{m_mutex};
        m_armedTag = tag; // before it is sent: the fire may be here before ask() returns
        m_fireOverdue = Clock::now() + durationOf(ticks, info.rate) + fireGrace;
    }
    return ask(requestOf(TsArm, tag, static_cast<std::uint32_t>(ticks)), TsCounterSize)
        .map([](const TsMessage&) { });
}

Result<void> Stm32Block::stream(CounterIndex counter, Ns period)
{
    if (const auto exists = checkIndex(counter, "counter"); !exists) {
        return exists;
    }
    const auto ticks = ticksOf(period, m_counters.front().rate);
    if (!ticks) {
        return tl::unexpected{ticks.error()};
    }
    const std::uint16_t tag = m_link.newTag();
    {
        const std::scoped_lock lock{m_mutex};
        m_streamTag = *ticks == 0 ? std::uint16_t{0} : tag;
        m_nextSample = 0;
        m_unexplained = 0;
    }
    return order(requestOf(TsStream, tag, *ticks));
}

void Stm32Block::listen(BlockListener* listener)
{
    const std::scoped_lock lock{m_mutex};
    m_listener = listener;
    // It went while nobody listened.
    if (m_listener != nullptr && m_lost && !m_isLossTold) {
        m_isLossTold = true;
        m_listener->lost(*m_lost);
    }
}

/// A reply that fits the request. A board that leaves a request unanswered is given up: what it
/// still sends later could belong to anything.
Result<TsMessage> Stm32Block::ask(const TsMessage& request, std::size_t replySize)
{
    auto reply = m_link.request(request);
    if (!reply && reply.error().code == ErrorCode::Unavailable) {
        const Error error{ErrorCode::DeviceLost,
                          fmt::format("the board on {} does not answer any more", m_port)};
        m_link.giveUp(error);
        return tl::unexpected{error};
    }
    if (reply && (reply->id != (request.id | TsReply) || reply->size < replySize)) {
        const int reason = reply->id == TsRefusal && reply->size >= 2 ? reply->body[1] : 0;
        return fail(ErrorCode::NotSupported,
                    fmt::format("the board on {} refuses request {} (reason {})", m_port,
                                request.id, reason));
    }
    return reply;
}

/// A request whose reply says no more than that it was done.
Result<void> Stm32Block::order(const TsMessage& request)
{
    return ask(request).map([](const TsMessage&) { });
}

void Stm32Block::notified(const TsMessage& message)
{
    const std::scoped_lock lock{m_mutex};
    if (message.id == TsSample && message.size >= TsSampleSize) {
        sampled(message);
    } else if (message.id == TsFire && message.size >= TsSampleSize) {
        fired(message);
    } else if (message.id == (TsStatus | TsReply) && message.size >= TsStatusSize) {
        fireIsKnown(tsGet16(message.body + TsStatusFireTag),
                    tsGet32(message.body + TsStatusFireCounter));
    } else if (message.id == TsStarted && m_isAttached) {
        m_link.giveUp({ErrorCode::DeviceLost,
                       fmt::format("the board on {} was reset: its counter and what was armed are "
                                   "gone",
                                   m_port)});
    }
}

void Stm32Block::sampled(const TsMessage& message)
{
    if (m_streamTag == 0 || message.tag != m_streamTag) {
        return; // left over from a stream that was stopped
    }
    const std::uint32_t sequence = tsGet32(message.body + TsSampleSequence);
    // Lower than expected: the request was repeated, and the board began anew.
    const std::uint32_t missing = sequence < m_nextSample ? sequence : sequence - m_nextSample;
    m_nextSample = sequence + 1;
    countMissing(missing);
    m_lastSeen = tsGet32(message.body + TsSampleCounter);
    if (m_listener != nullptr) {
        m_listener->sampled(0, Cycles{m_lastSeen}, missing);
    }
}

void Stm32Block::fired(const TsMessage& message)
{
    const std::uint32_t sequence = tsGet32(message.body + TsSampleSequence);
    countMissing(sequence - m_nextFire.value_or(sequence));
    m_nextFire = sequence + 1;
    fireIsKnown(message.tag, tsGet32(message.body + TsSampleCounter));
}

void Stm32Block::fireIsKnown(std::uint16_t tag, std::uint32_t counter)
{
    if (m_armedTag == 0 || tag != m_armedTag) {
        return; // disarmed, or armed anew, while it was on its way
    }
    m_armedTag = 0;
    if (m_listener != nullptr) {
        m_listener->fired(0, Cycles{counter});
    }
}

std::optional<Clock::time_point> Stm32Block::lookAt()
{
    const std::scoped_lock lock{m_mutex};
    return m_armedTag != 0 ? std::optional{m_fireOverdue} : std::nullopt;
}

/// The notice of a fire may have been damaged on the way, and a machine would wait for it for ever.
void Stm32Block::look()
{
    const std::scoped_lock lock{m_mutex};
    m_fireOverdue = Clock::now() + fireGrace;
    m_link.post(requestOf(TsStatus, m_link.newTag()));
}

void Stm32Block::damaged()
{
    const std::scoped_lock lock{m_mutex};
    if (m_isAttached) {
        ++m_losses;
        ++m_unexplained;
    }
}

/// A damaged sample is noticed twice, when it comes and by the gap that it leaves: counted once.
void Stm32Block::countMissing(std::uint64_t missing)
{
    const std::uint64_t explained = std::min(missing, m_unexplained);
    m_unexplained -= explained;
    m_losses += missing - explained;
}

void Stm32Block::lost(const Error& error)
{
    const std::scoped_lock lock{m_mutex};
    m_lost = error;
    if (m_listener != nullptr && !m_isLossTold) {
        m_isLossTold = true;
        m_listener->lost(error);
    }
}

} // namespace timerscope
