// SPDX-License-Identifier: GPL-3.0-or-later
// The layout is that of Linux 6.1 as recorded from running machines (v0.9).
#include "engine/procfs/procfs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

class TimerListWriter
{
public:
    explicit TimerListWriter(const Snapshot& snapshot)
        : m_snapshot(snapshot)
        , m_addressDigits(snapshot.machine.bits == 32U ? 8 : 16)
    {
    }

    std::string write();

private:
    template<typename... Args>
    void line(fmt::format_string<Args...> format, Args&&... args)
    {
        fmt::format_to(std::back_inserter(m_out), format, std::forward<Args>(args)...);
        m_out += '\n';
    }

    void header();
    void cpu(const CpuRow& row);
    void base(const HrtimerBaseRow& row);
    void timer(const HrtimerBaseRow& base, std::size_t position);
    [[nodiscard]] Ns left(const HrtimerBaseRow& base, HrtimerInstant expiry) const;
    void statistics(const CpuRow& row);
    void statistic(std::string_view name, std::string_view value)
    {
        line("  .{:<15}: {}", name, value);
    }
    template<typename T>
    void statistic(std::string_view name, const std::optional<T>& value)
    {
        if (value) {
            statistic(name, fmt::format("{}", static_cast<std::uint64_t>(*value)));
        }
    }
    void namedStatistic(const CpuRow& row, std::string_view name);
    void laterStatistics(const CpuRow& row);
    void broadcastDevice(const BroadcastRow& row);
    void tickDevice(const CpuRow& row, TickMode mode);
    bool device(std::string_view name, const ClockEventRow* row);
    void deviceFields(const ClockEventRow& row);
    void deviceLine(std::string_view label, std::string_view value)
    {
        line(" {:<15} {}", fmt::format("{}:", label), value);
    }
    template<typename T>
    void deviceLine(std::string_view label, const std::optional<T>& value)
    {
        if (value) {
            deviceLine(label, fmt::format("{}", *value));
        }
    }
    [[nodiscard]] const ClockEventRow* find(DeviceRole role, std::optional<unsigned> cpu) const;
    [[nodiscard]] std::string mask(const std::vector<unsigned>& cpus) const;

    const Snapshot& m_snapshot;
    int m_addressDigits;
    std::string m_out;
};

/// Statistics that the kernel prints among the typed ones; all others follow them.
constexpr std::array<std::string_view, 2> earlyStatistics{"max_hang_time", "last_tick"};

std::optional<std::int64_t> count(const std::optional<Ns>& span)
{
    return span ? std::optional{span->count()} : std::nullopt;
}

std::string TimerListWriter::write()
{
    header();
    for (const CpuRow& row : m_snapshot.cpus) {
        if (row.online) {
            cpu(row);
        }
    }
    if (m_snapshot.broadcast) {
        broadcastDevice(*m_snapshot.broadcast);
    }
    for (const CpuRow& row : m_snapshot.cpus) {
        if (row.online && row.tickMode) {
            tickDevice(row, *row.tickMode);
        }
    }
    return std::move(m_out);
}

void TimerListWriter::header()
{
    line("Timer List Version: v0.9");
    const auto seen = std::ranges::find_if(
        m_snapshot.cpus, [](const CpuRow& row) { return !row.hrtimerBases.empty(); });
    if (seen != m_snapshot.cpus.end()) {
        line("HRTIMER_MAX_CLOCK_BASES: {}", seen->hrtimerBases.size());
    }
    line("now at {} nsecs", nsOf(m_snapshot.monotonic));
    line("");
}

void TimerListWriter::cpu(const CpuRow& row)
{
    line("cpu: {}", row.index);
    for (const HrtimerBaseRow& each : row.hrtimerBases) {
        base(each);
    }
    statistics(row);
    if (const auto jiffies = row.jiffies ? row.jiffies : m_snapshot.jiffies) {
        line("jiffies: {}", jiffies->count);
    }
    line("");
}

void TimerListWriter::base(const HrtimerBaseRow& row)
{
    line(" clock {}:", row.index);
    if (!row.address.empty()) {
        line("  .base:       {}", row.address);
    }
    line("  .index:      {}", row.index);
    line("  .resolution: {} nsecs", row.resolution.count());
    if (!row.getTime.empty()) {
        line("  .get_time:   {}", row.getTime);
    }
    // 6.1 prints negative offsets as huge numbers.
    line("  .offset:     {} nsecs", static_cast<std::uint64_t>(row.offset.count()));
    line("active timers:");
    for (std::size_t i = 0; i < row.timers.size(); ++i) {
        timer(row, i);
    }
}

void TimerListWriter::timer(const HrtimerBaseRow& base, std::size_t position)
{
    const HrtimerRow& row = base.timers[position];
    const std::string state = row.state ? fmt::format(", S:{:02x}", *row.state) : std::string{};
    line(" #{}: <{:0{}x}>, {}{}", position, row.id, m_addressDigits, row.function, state);
    line(" # expires at {}-{} nsecs [in {} to {} nsecs]", nsOf(row.softExpires),
         nsOf(row.hardExpires), left(base, row.softExpires).count(),
         left(base, row.hardExpires).count());
}

Ns TimerListWriter::left(const HrtimerBaseRow& base, HrtimerInstant expiry) const
{
    const Ns monotonic = subtractSaturating(expiry.time_since_epoch(), base.offset);
    return subtractSaturating(monotonic, m_snapshot.monotonic.time_since_epoch());
}

void TimerListWriter::namedStatistic(const CpuRow& row, std::string_view name)
{
    const auto found = std::ranges::find(row.idleStatistics, name, &NamedValue::name);
    if (found != row.idleStatistics.end()) {
        statistic(name, std::string_view{found->value});
    }
}

void TimerListWriter::statistics(const CpuRow& row)
{
    if (row.expiresNext) {
        statistic("expires_next", fmt::format("{} nsecs", nsOf(*row.expiresNext)));
    }
    statistic("hres_active", row.hresActive);
    statistic("nr_events", row.hrtimerEvents);
    statistic("nr_retries", row.hrtimerRetries);
    statistic("nr_hangs", row.hrtimerHangs);
    namedStatistic(row, "max_hang_time");
    statistic("nohz_mode", row.nohzMode);
    namedStatistic(row, "last_tick");
    statistic("tick_stopped", row.tickStopped);
    laterStatistics(row);
}

void TimerListWriter::laterStatistics(const CpuRow& row)
{
    for (const NamedValue& value : row.idleStatistics) {
        if (std::ranges::find(earlyStatistics, value.name) == earlyStatistics.end()) {
            statistic(value.name, std::string_view{value.value});
        }
    }
}

const ClockEventRow* TimerListWriter::find(DeviceRole role, std::optional<unsigned> cpu) const
{
    const auto found = std::ranges::find_if(m_snapshot.clockEvents, [&](const ClockEventRow& row) {
        return row.serves(role) && (!cpu || row.cpu == cpu);
    });
    return found != m_snapshot.clockEvents.end() ? &*found : nullptr;
}

void TimerListWriter::broadcastDevice(const BroadcastRow& row)
{
    if (row.mode) {
        line("Tick Device: mode:     {}", static_cast<int>(*row.mode));
    }
    line("Broadcast device");
    if (device(row.device, find(DeviceRole::Broadcast, {}))) {
        line("");
    }
    line("tick_broadcast_mask: {}", mask(row.periodicMask));
    line("tick_broadcast_oneshot_mask: {}", mask(row.oneshotMask));
    line("");
}

void TimerListWriter::tickDevice(const CpuRow& row, TickMode mode)
{
    line("Tick Device: mode:     {}", static_cast<int>(mode));
    line("Per CPU device: {}", row.index);
    if (!device(row.tickDevice.value_or(""), find(DeviceRole::Tick, row.index))) {
        return;
    }
    if (row.wakeupDevice) {
        line("Wakeup Device: {}", row.wakeupDevice->empty() ? "<NULL>" : *row.wakeupDevice);
    }
    line("");
}

/// False when there is no device: then neither fields nor a blank line follow.
bool TimerListWriter::device(std::string_view name, const ClockEventRow* row)
{
    line("Clock Event Device: {}", name.empty() ? "<NULL>" : name);
    if (!name.empty() && row != nullptr) {
        deviceFields(*row);
    }
    return !name.empty();
}

void TimerListWriter::deviceFields(const ClockEventRow& row)
{
    deviceLine("max_delta_ns", count(row.maxDelta));
    deviceLine("min_delta_ns", count(row.minDelta));
    deviceLine("mult", row.mult);
    deviceLine("shift", row.shift);
    if (row.state) {
        deviceLine("mode", fmt::format("{}", static_cast<int>(*row.state)));
    }
    if (row.nextEvent) {
        deviceLine("next_event", fmt::format("{} nsecs", nsOf(*row.nextEvent)));
    }
    for (const auto& [name, function] : row.callbacks) {
        deviceLine(name, std::string_view{function});
    }
    if (!row.handler.empty()) {
        deviceLine("event_handler", std::string_view{row.handler});
    }
    if (row.retries) {
        line("");
        deviceLine("retries", row.retries);
    }
}

/// Groups of 32 bits in hexadecimal, as many digits as the machine's CPUs need.
std::string TimerListWriter::mask(const std::vector<unsigned>& cpus) const
{
    unsigned bits = std::max<unsigned>(1, static_cast<unsigned>(m_snapshot.cpus.size()));
    for (const unsigned cpu : cpus) {
        bits = std::max(bits, cpu + 1);
    }
    std::vector<std::uint32_t> words((bits + 31) / 32);
    for (const unsigned cpu : cpus) {
        words[cpu / 32] |= std::uint32_t{1} << (cpu % 32);
    }
    std::string text = fmt::format("{:0{}x}", words.back(), ((bits - 1) % 32) / 4 + 1);
    for (std::size_t i = words.size() - 1; i-- > 0;) {
        text += fmt::format(",{:08x}", words[i]);
    }
    return text;
}

} // namespace

bool hasTimerList(const Snapshot& snapshot)
{
    return std::ranges::any_of(snapshot.cpus, [](const CpuRow& row) {
        return row.tickMode.has_value() || !row.hrtimerBases.empty();
    });
}

std::string timerListText(const Snapshot& snapshot)
{
    return TimerListWriter{snapshot}.write();
}

} // namespace timerscope
