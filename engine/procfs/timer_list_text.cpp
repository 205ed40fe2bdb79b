// SPDX-License-Identifier: GPL-3.0-or-later
// The layout is that of Linux 6.1 (v0.9) and 6.18 (v0.10) as recorded from running machines, and
// v0.8's from what is documented of it (facts: timer_list 1 to 7).
#include "engine/procfs/procfs.h"
#include "engine/trace/unknown_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

class TimerListWriter
{
public:
    TimerListWriter(const Snapshot& snapshot, std::string_view version)
        : m_snapshot(snapshot)
        , m_version(version.empty() ? versionOf(snapshot) : version)
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

    [[nodiscard]] static std::string_view versionOf(const Snapshot& snapshot);
    [[nodiscard]] bool isOld() const { return m_version == "v0.8"; }
    void header();
    void cpu(const CpuRow& row);
    void base(const HrtimerBaseRow& row);
    void timer(const HrtimerBaseRow& base, std::size_t position);
    [[nodiscard]] std::string address(const HrtimerBaseRow& base, const HrtimerRow& row) const;
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
    void nohz(const CpuRow& row);
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
    void unknownLines();

    const Snapshot& m_snapshot;
    std::string_view m_version;
    int m_addressDigits;
    std::string m_out;
};

/// Statistics that the kernel prints among the typed ones; all others follow them.
constexpr std::array<std::string_view, 5> earlyStatistics{"max_hang_time", "last_tick", "idle_tick",
                                                          "nohz", "highres"};

bool has(const CpuRow& row, std::string_view statistic)
{
    return std::ranges::find(row.idleStatistics, statistic, &NamedValue::name)
        != row.idleStatistics.end();
}

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
    unknownLines();
    return std::move(m_out);
}

/// Only kernels that print v0.10 have the flag.
std::string_view TimerListWriter::versionOf(const Snapshot& snapshot)
{
    return std::ranges::any_of(snapshot.cpus, [](const CpuRow& row) { return has(row, "nohz"); })
        ? "v0.10"
        : "v0.9";
}

void TimerListWriter::header()
{
    line("Timer List Version: {}", m_version);
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
    // Who armed it stood before its task; that is not kept.
    const std::string task
        = isOld() && !row.task.empty() ? fmt::format(", ?, {}", row.task) : std::string{};
    line(" #{}: <{}>, {}{}{}", position, address(base, row), row.function, state, task);
    line(" # expires at {}-{} nsecs [in {} to {} nsecs]", nsOf(row.softExpires),
         nsOf(row.hardExpires), left(base, row.softExpires).count(),
         left(base, row.hardExpires).count());
}

/// A kernel that hides addresses hides them all.
std::string TimerListWriter::address(const HrtimerBaseRow& base, const HrtimerRow& row) const
{
    return row.id == 0 && base.address.starts_with('(')
        ? base.address
        : fmt::format("{:0{}x}", row.id, m_addressDigits);
}

Ns TimerListWriter::left(const HrtimerBaseRow& base, HrtimerInstant expiry) const
{
    const Ns monotonic = subtractSaturating(expiry.time_since_epoch(), base.offset);
    return subtractSaturating(monotonic, m_snapshot.monotonic.time_since_epoch());
}

/// v0.10 has two flags in place of the mode.
void TimerListWriter::nohz(const CpuRow& row)
{
    if (has(row, "nohz")) {
        namedStatistic(row, "nohz");
        namedStatistic(row, "highres");
    } else {
        statistic("nohz_mode", row.nohzMode);
    }
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
    nohz(row);
    namedStatistic(row, "last_tick");
    namedStatistic(row, "idle_tick"); // what v0.8 called it
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
        if (!isOld()) {
            line("");
        }
        deviceLine("retries", row.retries);
    }
}

void TimerListWriter::unknownLines()
{
    if (m_snapshot.unknownLines.empty()) {
        return;
    }
    line("{}", unknownLinesHeading);
    for (const std::string& each : m_snapshot.unknownLines) {
        line("{}", each);
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

std::string timerListText(const Snapshot& snapshot, std::string_view version)
{
    return TimerListWriter{snapshot, version}.write();
}

} // namespace timerscope
