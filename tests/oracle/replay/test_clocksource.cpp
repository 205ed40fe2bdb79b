// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/test_clocksource.h"

#include "tests/oracle/replay/kernel_state_text.h"

#include <fmt/format.h>

#include <cstdlib>
#include <limits>
#include <utility>

namespace timerscope::oracle {
namespace {

enum Word : std::size_t
{
    Name = 1,
    Hz,
    Rating,
    Bits,
    Flags,
    Owner,
    EnableResult,
    Base,
};

constexpr std::int64_t mostBits = 64;
constexpr std::int64_t mostFrequency = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t mostHz = mostFrequency * 1000;

std::optional<std::int64_t> numberWithin(const KernelCommand& command, std::size_t place,
                                         std::int64_t least, std::int64_t most)
{
    const auto number = command.number(place);
    return number && *number >= least && *number <= most ? number : std::nullopt;
}

/// By kHz where the rate is a whole number of them, as the module's code does.
Result<ClocksourceRate> rateFrom(std::int64_t hz, unsigned bits)
{
    const std::uint32_t scale = hz % 1000 == 0 ? 1000 : 1;
    if (hz / scale > mostFrequency) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("HZ is {}; above {} it must be a whole number of kHz", hz, mostFrequency));
    }
    return rateOf(FrequencyRegistration{.mask = counterMask(bits),
                                        .scale = scale,
                                        .frequency = static_cast<std::uint32_t>(hz / scale)});
}

} // namespace

Result<std::unique_ptr<TestClocksource>> TestClocksource::make(const KernelCommand& command,
                                                               const Hardware& hardware,
                                                               Module& module,
                                                               std::vector<std::string>& log)
{
    const auto hz = numberWithin(command, Hz, 1, mostHz);
    const auto rating = numberWithin(command, Rating, std::numeric_limits<int>::min(),
                                     std::numeric_limits<int>::max());
    const auto bits = numberWithin(command, Bits, 1, mostBits);
    const auto flags = flagsOf(command.word(Flags));
    const auto owner = numberWithin(command, Owner, 0, 1);
    if (command.word(Name).empty() || !hz || !rating || !bits || !flags || !owner) {
        return fail(ErrorCode::InvalidArgument,
                    "cs_reg needs SLOT NAME HZ RATING BITS FLAGS OWNER, HZ above 0, BITS 1 to 64, "
                    "OWNER 0 or 1");
    }
    const auto width = static_cast<unsigned>(*bits);
    auto rate = rateFrom(*hz, width);
    if (!rate) {
        return tl::unexpected<Error>(std::move(rate.error()));
    }
    const Hertz frequency{static_cast<std::uint64_t>(*hz)};
    Clocksource source;
    source.name = command.word(Name);
    source.rating = static_cast<int>(*rating);
    source.flags = *flags;
    source.rate = *rate;
    source.frequency = frequency;
    source.bits = width;
    source.owner = *owner == 1 ? &module : nullptr;
    TestCounter counter(hardware, frequency, rate->mask,
                        static_cast<std::uint64_t>(command.number(Base).value_or(0)));
    const auto result = static_cast<int>(command.number(EnableResult).value_or(0));
    return std::unique_ptr<TestClocksource>(
        new TestClocksource(std::move(source), std::move(counter), result, log));
}

TestClocksource::TestClocksource(Clocksource source, TestCounter counter, int enableResult,
                                 std::vector<std::string>& log)
    : m_source(std::move(source))
    , m_counter(std::move(counter))
    , m_enableResult(enableResult)
    , m_log(&log)
{
    m_source.counter = &m_counter;
    m_source.callbacks = this;
}

void TestClocksource::note(std::string_view what)
{
    m_log->push_back(fmt::format("cb cs {} {}", m_source.name, what));
}

Errno TestClocksource::enable()
{
    note(fmt::format("enable -> {}", m_enableResult));
    return static_cast<Errno>(std::abs(m_enableResult));
}

void TestClocksource::disable()
{
    note("disable");
}

void TestClocksource::markedUnstable()
{
    note("mark_unstable");
}

void TestClocksource::tickStable()
{
    note("tick_stable");
}

} // namespace timerscope::oracle
