// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/mmio/mmio_block.h"

#include "backends/mmio/halves.h"
#include "backends/mmio/mapped_file.h"
#include "backends/mmio/mmio_failure.h"
#include "backends/mmio/register_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

namespace timerscope {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr unsigned periodWidth = 32;
constexpr std::uint64_t topmost = INT64_MAX; // of a position in a file
constexpr std::uint64_t femtosecondsPerSecond = 1'000'000'000'000'000;
/// What a bus answers where nobody is.
constexpr std::uint64_t nobody = 0xffff'ffff;
/// Femtoseconds: a rate of 2^32 Hz and more is beyond clocksource_register_hz.
constexpr std::uint64_t shortestPeriod = 232'831;

/// Where a register is, for checks before anything is touched.
struct Place
{
    std::uint64_t position = 0;
    unsigned width = 0;
};

/// Every register that is used; the counter's own, or its lower half, first.
std::vector<Place> placesOf(const MappedCounter& where)
{
    std::vector<Place> all{{where.base + where.offset, where.width}};
    if (where.high) {
        all.push_back({where.base + *where.high, where.width});
    }
    if (where.latch) {
        all.push_back({where.base + where.latch->offset, where.width});
    }
    if (where.period) {
        all.push_back({where.base + where.period->offset, periodWidth});
    }
    return all;
}

/// Position behind the last register.
std::uint64_t endOf(const MappedCounter& where)
{
    std::uint64_t end = 0;
    for (const Place& place : placesOf(where)) {
        end = std::max(end, place.position + place.width / 8);
    }
    return end;
}

Result<void> checkPlaces(const MmioConfig& config)
{
    for (const Place& place : placesOf(config.where)) {
        const unsigned bytes = place.width / 8;
        if (place.position < config.where.base || place.position > topmost - bytes) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("the counter {} has a register at {:#x}; it must be below "
                                    "2^63",
                                    config.name, place.position));
        }
        if (place.position % bytes != 0) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("the counter {} has a register of {} bits at {:#x}; it must be "
                                    "at a multiple of {}",
                                    config.name, place.width, place.position, bytes));
        }
    }
    return {};
}

Result<void> checkConfig(const MmioConfig& config)
{
    constexpr std::array<unsigned, 4> widths{8, 16, 32, 64};
    const MappedCounter& where = config.where;
    if (std::ranges::find(widths, where.width) == widths.end()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the counter {} is read {} bits at once; it must be 8, 16, 32 or "
                                "64",
                                config.name, where.width));
    }
    const unsigned most = std::min(64U, where.width * (where.high ? 2 : 1));
    if (config.bits < 1 || config.bits > most) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the counter {} has {} bits; it must be 1 to {}, which is what is "
                                "read",
                                config.name, config.bits, most));
    }
    if (where.high && where.width == widths.back()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the counter {} is read in halves of 64 bits; halves must be 8, 16 "
                                "or 32 bits",
                                config.name));
    }
    return checkPlaces(config);
}

constexpr std::string_view hasNoChannel = "has no event device that could be set";

/// A device may want nanoseconds, which no sleep can give.
void spin(Ns span)
{
    const auto end = SteadyClock::now() + span;
    while (SteadyClock::now() < end) { }
}

class MmioBlock final : public AttachedBlock
{
public:
    explicit MmioBlock(MmioConfig config)
        : m_config(std::move(config))
        , m_end(endOf(m_config.where))
    {
    }

    /// Opens, maps, asks the device for its rate and measures a read.
    Result<void> open();

    [[nodiscard]] std::span<const CounterInfo> counters() const override { return {&m_info, 1}; }
    [[nodiscard]] std::span<const EventChannelInfo> channels() const override { return {}; }
    [[nodiscard]] Result<Cycles> read(CounterIndex counter) override;
    [[nodiscard]] Cycles observe(CounterIndex counter) const override;
    [[nodiscard]] Result<void> set(ChannelIndex /*channel*/, ClockEventState /*state*/,
                                   std::uint64_t /*periodTicks*/) override
    {
        return cannot(hasNoChannel);
    }
    [[nodiscard]] Result<void> program(ChannelIndex /*channel*/, std::uint64_t /*ticks*/) override
    {
        return cannot(hasNoChannel);
    }
    [[nodiscard]] std::string identity() const override;
    void listen(BlockListener* listener) override { m_listener = listener; }
    [[nodiscard]] Result<void> stream(CounterIndex counter, Ns period) override;
    [[nodiscard]] std::uint64_t losses() const override { return 0; }

private:
    using Window = std::unique_ptr<const RegisterWindow>;

    [[nodiscard]] MmioPlace placeAt(std::uint64_t offset) const;
    /// Opens the file, if it is one to be opened and long enough.
    [[nodiscard]] Result<void> openFile();
    [[nodiscard]] Result<void> map(Window& window, std::uint64_t offset, unsigned width,
                                   RegisterWindow::Access access) const;
    [[nodiscard]] Result<void> mapAll();
    [[nodiscard]] Result<Hertz> findRate() const;
    [[nodiscard]] Ns measureRead();
    /// False once a regular file is shorter than its registers.
    [[nodiscard]] bool isWhole() const;
    [[nodiscard]] Cycles value() const;
    [[nodiscard]] std::uint64_t valueOfHalves() const;
    [[nodiscard]] const Error& lose();
    /// DeviceLost once it is, else NotSupported.
    [[nodiscard]] tl::unexpected<Error> cannot(std::string_view what) const;

    MmioConfig m_config;
    CounterInfo m_info;
    std::uint64_t m_end; ///< position in the file, behind the last register
    MappedFile m_file; ///< stays open only where its length has to be watched
    Window m_low; ///< or all of the counter
    Window m_high; ///< null: one access reads it all
    Window m_latch; ///< null: there is none
    Cycles m_last; ///< what was read last
    std::optional<Error> m_loss;
    BlockListener* m_listener = nullptr;
};

MmioPlace MmioBlock::placeAt(std::uint64_t offset) const
{
    return {.name = m_config.name,
            .path = m_config.where.path,
            .position = m_config.where.base + offset,
            .isPhysicalMemory = m_file.kind() == FileKind::PhysicalMemory};
}

Result<void> MmioBlock::open()
{
    if (auto opened = openFile(); !opened) {
        return opened;
    }
    if (auto mapped = mapAll(); !mapped) {
        return mapped;
    }
    const Result<Hertz> rate = findRate();
    if (!rate) {
        return tl::unexpected(rate.error());
    }
    m_info
        = {.name = m_config.name, .rate = *rate, .bits = m_config.bits, .readCost = measureRead()};
    if (m_file.kind() != FileKind::Regular) {
        m_file.close(); // the mappings stay
    }
    return {};
}

Result<void> MmioBlock::openFile()
{
    const MappedCounter& where = m_config.where;
    if (const int error = m_file.find(where.path); error != 0) {
        return tl::unexpected(openingFailed(placeAt(where.offset), error, lookAround()));
    }
    if (m_file.kind() == FileKind::Other) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("the counter {} cannot be read: {} is neither a file nor a device "
                                "that can be mapped",
                                m_config.name, where.path));
    }
    if (m_file.kind() == FileKind::PhysicalMemory && !m_config.physicalMemory) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("the counter {} is in physical memory ({}), which the desktop "
                                "program does not touch; until a small helper with few rights "
                                "does it, \"tscope attach mmio:NAME\" can",
                                m_config.name, where.path));
    }
    const auto access = where.latch ? MappedFile::Access::Write : MappedFile::Access::Read;
    if (const int error = m_file.open(where.path, access); error != 0) {
        return tl::unexpected(openingFailed(placeAt(where.offset), error, lookAround()));
    }
    if (!isWhole()) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("the counter {} cannot be read: {} has {} bytes, and its registers "
                                "need {}",
                                m_config.name, where.path, m_file.size(), m_end));
    }
    return {};
}

Result<void> MmioBlock::map(Window& window, std::uint64_t offset, unsigned width,
                            RegisterWindow::Access access) const
{
    const MmioPlace place = placeAt(offset);
    window = std::make_unique<RegisterWindow>(m_file.descriptor(), place.position, width, access);
    if (window->error() != 0) {
        return tl::unexpected(mappingFailed(place, window->error(), lookAround()));
    }
    return {};
}

Result<void> MmioBlock::mapAll()
{
    using Access = RegisterWindow::Access;
    const MappedCounter& where = m_config.where;
    Result<void> mapped = map(m_low, where.offset, where.width, Access::Read);
    if (mapped && where.high) {
        mapped = map(m_high, *where.high, where.width, Access::Read);
    }
    if (mapped && where.latch) {
        mapped = map(m_latch, where.latch->offset, where.width, Access::Write);
    }
    return mapped;
}

Result<Hertz> MmioBlock::findRate() const
{
    const auto& place = m_config.where.period;
    if (!place) {
        return m_config.rate;
    }
    Window window;
    const auto mapped = map(window, place->offset, periodWidth, RegisterWindow::Access::Read);
    if (!mapped) {
        return tl::unexpected(mapped.error());
    }
    const std::uint64_t period = window->read();
    if (period < shortestPeriod || period == nobody) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("the counter {} cannot be read: it tells a period of {} fs; one of "
                                "{} to {} would be a counter's",
                                m_config.name, period, shortestPeriod, nobody - 1));
    }
    return Hertz{(femtosecondsPerSecond + period / 2) / period};
}

/// The median of a few, as others use the processor and the bus too. What the clock takes to be
/// read is part of it.
Ns MmioBlock::measureRead()
{
    constexpr std::size_t most = 33;
    constexpr Ns longest{1'000'000};
    std::vector<Ns> costs;
    costs.reserve(most);
    const auto begin = SteadyClock::now();
    auto last = begin;
    do {
        m_last = isWhole() ? value() : m_last;
        const auto now = SteadyClock::now();
        costs.push_back(now - last);
        last = now;
    } while (costs.size() < most && last - begin < longest);
    const auto middle = costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2);
    std::ranges::nth_element(costs, middle);
    return *middle;
}

bool MmioBlock::isWhole() const
{
    // A file that is cut between this look and the access still ends the program by SIGBUS: only
    // whoever owns the file can close that gap, by never making it shorter.
    return m_file.kind() != FileKind::Regular || m_file.size() >= m_end;
}

Cycles MmioBlock::value() const
{
    if (const auto& latch = m_config.where.latch) {
        m_latch->write(latch->value);
        spin(latch->wait);
    }
    const std::uint64_t all = m_high ? valueOfHalves() : m_low->read();
    return Cycles{all & counterMask(m_config.bits)};
}

std::uint64_t MmioBlock::valueOfHalves() const
{
    const unsigned width = m_config.where.width;
    if (m_latch) {
        const std::uint64_t low = m_low->read();
        return m_high->read() << width | low;
    }
    return readMovingHalves([this] { return m_low->read(); }, [this] { return m_high->read(); },
                            width);
}

Result<Cycles> MmioBlock::read(CounterIndex /*counter*/)
{
    if (m_loss || !isWhole()) {
        return tl::unexpected(lose());
    }
    m_last = value();
    return m_last;
}

Cycles MmioBlock::observe(CounterIndex /*counter*/) const
{
    return m_latch || m_loss || !isWhole() ? m_last : value();
}

const Error& MmioBlock::lose()
{
    if (!m_loss) {
        m_loss
            = Error{.code = ErrorCode::DeviceLost,
                    .what = fmt::format("the counter {} is lost: {} was cut to {} bytes, and "
                                        "its registers need {}",
                                        m_config.name, m_config.where.path, m_file.size(), m_end)};
        if (m_listener != nullptr) {
            m_listener->lost(*m_loss);
        }
    }
    return *m_loss;
}

tl::unexpected<Error> MmioBlock::cannot(std::string_view what) const
{
    return m_loss
        ? tl::unexpected(*m_loss)
        : fail(ErrorCode::NotSupported, fmt::format("the counter {} {}", m_config.name, what));
}

Result<void> MmioBlock::stream(CounterIndex /*counter*/, Ns period)
{
    if (period <= Ns::zero() && !m_loss) {
        return {};
    }
    return cannot("tells nothing by itself: it has to be read each time");
}

std::string MmioBlock::identity() const
{
    const MappedCounter& where = m_config.where;
    return fmt::format("{} at {:#x} of {}, {}, read in {} ns", m_config.name,
                       where.base + where.offset, where.path,
                       where.high ? fmt::format("{}-bit halves", where.width)
                                  : fmt::format("{} bits", where.width),
                       m_info.readCost.count());
}

} // namespace

Result<std::unique_ptr<AttachedBlock>> openMmio(const MmioConfig& config)
{
    if (const auto good = checkConfig(config); !good) {
        return tl::unexpected(good.error());
    }
    auto block = std::make_unique<MmioBlock>(config);
    return block->open().map([&]() -> std::unique_ptr<AttachedBlock> { return std::move(block); });
}

} // namespace timerscope
