// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/simulated/simulated_hardware.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

/// Where the target of a fault is looked for.
bool isOfCounter(FaultEffect effect)
{
    return effect <= FaultEffect::TornRead;
}

template<typename Info>
Result<std::size_t> indexOf(std::span<const Info> infos, std::string_view name,
                            std::string_view kind)
{
    const auto found = std::ranges::find(infos, name, &Info::name);
    if (found == infos.end()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the fault is for {} \"{}\", but the hardware has no such {}", kind,
                                name, kind));
    }
    return static_cast<std::size_t>(found - infos.begin());
}

} // namespace

SimulatedHardware::SimulatedHardware(std::vector<CounterInfo> counters,
                                     std::vector<EventChannelInfo> channels)
    : m_timers(std::move(counters), std::move(channels))
    , m_lost(m_timers.channels().size())
{
    for (const CounterInfo& info : m_timers.counters()) {
        m_counters.push_back(
            {.counting = Counting(info.rate, info.bits), .readCost = info.readCost, .kept = {}});
    }
}

// --- time --------------------------------------------------------------------------------------

/// Faults that end on the way do so at their own time.
void SimulatedHardware::passEndings(TraceInstant until)
{
    for (;;) {
        const auto first = std::ranges::min_element(m_endings, {}, &Ending::at);
        if (first == m_endings.end() || first->at > until) {
            break;
        }
        const Ending ending = *first;
        m_endings.erase(first);
        m_now = ending.at;
        end(ending);
    }
}

/// When the next fault ends by itself; never when none will.
TraceInstant SimulatedHardware::nextEnding() const
{
    const auto first = std::ranges::min_element(m_endings, {}, &Ending::at);
    return first != m_endings.end() ? first->at : never<TraceClock>;
}

bool SimulatedHardware::swallow(ChannelIndex channel)
{
    std::int64_t& lost = m_lost[channel];
    if (lost <= 0) {
        return false;
    }
    --lost;
    return true;
}

Result<std::optional<ChannelIndex>> SimulatedHardware::waitUntil(TraceInstant limit)
{
    const TraceInstant end = std::max(limit, m_now);
    for (;;) {
        const auto due = m_timers.next();
        // A fault that ends before then may have kept the interrupt back: it is asked for anew.
        const TraceInstant change = std::min(end, nextEnding());
        if (!due || due->at >= change) {
            moveTo(change);
            if (change == end) {
                return std::nullopt;
            }
            continue;
        }
        moveTo(std::max(m_now, due->at));
        m_timers.take(due->channel, m_now);
        if (!swallow(due->channel)) {
            return due->channel;
        }
    }
}

Result<void> SimulatedHardware::sleep(Ns span)
{
    const auto forSleepers = [this](auto act) {
        for (std::size_t i = 0; i < m_counters.size(); ++i) {
            if (counters()[i].standsInSuspend) {
                act(m_counters[i].counting);
            }
        }
    };
    forSleepers([this](Counting& counting) { counting.stop(m_now); });
    spend(span);
    forSleepers([this](Counting& counting) { counting.run(m_now); });
    return {};
}

// --- counters and channels ---------------------------------------------------------------------

Result<Cycles> SimulatedHardware::read(CounterIndex counter)
{
    if (counter >= m_counters.size()) {
        return noSuchCounter(counter);
    }
    CounterState& state = m_counters[counter];
    spend(state.readCost);
    if (state.tornBy > Ns::zero()) {
        return tornValue(counter, state.tornBy);
    }
    const Cycles value = state.counting.value(m_now);
    if (state.readCost == Ns::zero()) {
        state.kept = {.at = m_now, .value = value};
    }
    return value;
}

Result<Cycles> SimulatedHardware::noSuchCounter(CounterIndex counter) const
{
    return fail(ErrorCode::OutOfRange,
                fmt::format("counter {} does not exist, there are {}", counter, counters().size()));
}

Cycles SimulatedHardware::observe(CounterIndex counter) const
{
    return m_counters[counter].counting.value(m_now);
}

/// The low part of this CPU's latch, the rest of the other's.
Cycles SimulatedHardware::tornValue(CounterIndex counter, Ns by) const
{
    const unsigned bits = counters()[counter].partBits;
    const std::uint64_t low = bits == 0 ? ~std::uint64_t{0} : counterMask(bits);
    const Cycles late = m_counters[counter].counting.value(addSaturating(m_now, by));
    return Cycles{(observe(counter).count & low) | (late.count & ~low)};
}

Result<void> SimulatedHardware::set(ChannelIndex channel, ClockEventState state,
                                    std::uint64_t periodTicks)
{
    return m_timers.set(channel, state, periodTicks, m_now);
}

Result<void> SimulatedHardware::program(ChannelIndex channel, std::uint64_t ticks)
{
    return m_timers.program(channel, ticks, m_now);
}

// --- faults ------------------------------------------------------------------------------------

Result<std::size_t> SimulatedHardware::targetOf(const InjectedFault& fault) const
{
    if (fault.effect == FaultEffect::Pause) {
        return std::size_t{0};
    }
    return isOfCounter(fault.effect) ? indexOf(counters(), fault.target, "counter")
                                     : indexOf(channels(), fault.target, "event channel");
}

Result<void> SimulatedHardware::inject(const InjectedFault& fault)
{
    const auto target = targetOf(fault);
    if (!target) {
        return tl::unexpected<Error>(target.error());
    }
    if (fault.effect == FaultEffect::Drift && fault.amount <= -driftMost) {
        return fail(ErrorCode::OutOfRange,
                    fmt::format("{} cannot drift by {} ppm; it must be more than {} ppm",
                                fault.target, fault.amount, -driftMost));
    }
    if (fault.effect == FaultEffect::TornRead && counters()[*target].partBits == 0) {
        return fail(ErrorCode::NotSupported,
                    fmt::format("{} is read at once, so no read of it can be torn", fault.target));
    }
    begin(fault.effect, *target, fault.amount);
    if (fault.duration > Ns::zero()) {
        m_endings.push_back(
            {.at = addSaturating(m_now, fault.duration), .effect = fault.effect, .index = *target});
    }
    return {};
}

void SimulatedHardware::begin(FaultEffect effect, std::size_t index, std::int64_t amount)
{
    if (isOfCounter(effect)) {
        m_counters[index].kept = {};
    }
    switch (effect) {
    case FaultEffect::Drift:
        m_counters[index].counting.drift(m_now, amount);
        break;
    case FaultEffect::Jump:
        m_counters[index].counting.jump(m_now, Ns{amount});
        break;
    case FaultEffect::Stop:
        m_counters[index].counting.stop(m_now);
        break;
    case FaultEffect::SlowRead:
        m_counters[index].readCost = counters()[index].readCost + Ns{amount};
        break;
    case FaultEffect::TornRead:
        m_counters[index].tornBy = Ns{amount};
        break;
    case FaultEffect::LostInterrupt:
        m_lost[index] = amount;
        break;
    case FaultEffect::LateInterrupt:
        m_timers.delay(index, Ns{amount});
        break;
    case FaultEffect::Pause:
        spend(Ns{amount});
        break;
    }
}

void SimulatedHardware::end(const Ending& ending)
{
    if (ending.effect == FaultEffect::Stop) {
        m_counters[ending.index].counting.run(m_now);
    } else if (ending.effect != FaultEffect::Jump && ending.effect != FaultEffect::Pause) {
        begin(ending.effect, ending.index, 0);
    }
}

} // namespace timerscope
