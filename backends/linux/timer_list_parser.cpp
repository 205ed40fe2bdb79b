// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/timer_list_parser.h"

#include "backends/linux/scan.h"
#include "backends/linux/timer_list_fields.h"
#include "engine/trace/unknown_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace timerscope {

namespace {

constexpr unsigned cpuMax = 65535; // records hold CPU numbers in 16 bits
constexpr unsigned clockBasesMax = 64; // kernels have had 2 to 8

LineOutcome asOutcome(bool readable)
{
    return readable ? LineOutcome::Understood : LineOutcome::Damaged;
}

class TimerListParser
{
public:
    TimerListParse parse(std::string_view text);

private:
    struct Rule
    {
        std::string_view prefix;
        LineOutcome (TimerListParser::*take)(std::string_view rest);
    };
    static const std::array<Rule, 18> rules;

    LineOutcome takeLine(std::string_view line);
    LineOutcome takeVersion(std::string_view rest);
    LineOutcome takeBaseCount(std::string_view rest);
    LineOutcome takeNow(std::string_view rest);
    LineOutcome takeCpu(std::string_view rest);
    LineOutcome takeClock(std::string_view rest);
    LineOutcome takeActiveTimers(std::string_view rest);
    LineOutcome takeTimer(std::string_view rest);
    LineOutcome takeExpiry(std::string_view rest);
    LineOutcome takeDotted(std::string_view rest);
    LineOutcome takeJiffies(std::string_view rest);
    LineOutcome takeTickMode(std::string_view rest);
    LineOutcome takeBroadcast(std::string_view rest);
    LineOutcome takePerCpu(std::string_view rest);
    LineOutcome takeDevice(std::string_view rest);
    LineOutcome takeWakeup(std::string_view rest);
    LineOutcome takePeriodicMask(std::string_view rest);
    LineOutcome takeOneshotMask(std::string_view rest);
    LineOutcome takeMask(std::vector<unsigned> BroadcastRow::* mask, std::string_view rest);
    LineOutcome takeUnknownHeading(std::string_view rest);
    LineOutcome takeDeviceLine(std::string_view line);

    void count(LineOutcome outcome, std::string_view line);
    void closeTimer(std::string_view line);
    HrtimerBaseRow* base();
    CpuDraft& draft(unsigned cpu);
    BroadcastRow& broadcast();
    void finish();
    void finishCpus();
    void notice(Severity severity, std::string text);
    void noticeWhatIsMissing();
    [[nodiscard]] std::string cutShort() const;

    TimerListParse m_result;
    std::vector<CpuDraft> m_cpus;
    std::optional<unsigned> m_announcedBases;
    bool m_hasNow = false;
    bool m_endsInALine = false;
    std::size_t m_lineNumber = 0;
    std::string m_firstDamage;
    std::size_t m_unknown = 0; ///< half a line at the end is not among them
    std::string m_firstUnknown;

    // Where in the text we are.
    std::optional<std::size_t> m_cpu; // of m_cpus
    bool m_inBase = false; // of that CPU's last base
    std::optional<HrtimerRow> m_timer; // its expiry comes on the next line
    std::string m_timerLine;
    std::optional<TickMode> m_tickMode; // of the tick device that comes next
    enum class Part : std::uint8_t
    {
        Elsewhere,
        Broadcast,
        PerCpu,
        Unknown, ///< what we have printed ourselves behind the kernel's lines
    } m_part
        = Part::Elsewhere;
    bool m_inDevice = false; // of the last row of clockEvents
};

const std::array<TimerListParser::Rule, 18> TimerListParser::rules{{
    {"Timer List Version:", &TimerListParser::takeVersion},
    {"HRTIMER_MAX_CLOCK_BASES:", &TimerListParser::takeBaseCount},
    {"now at ", &TimerListParser::takeNow},
    {"cpu:", &TimerListParser::takeCpu},
    {"clock ", &TimerListParser::takeClock},
    {"active timers:", &TimerListParser::takeActiveTimers},
    {"# expires at ", &TimerListParser::takeExpiry},
    {"#", &TimerListParser::takeTimer},
    {".", &TimerListParser::takeDotted},
    {"jiffies:", &TimerListParser::takeJiffies},
    {"Tick Device: mode:", &TimerListParser::takeTickMode},
    {"Broadcast device", &TimerListParser::takeBroadcast},
    {"Per CPU device:", &TimerListParser::takePerCpu},
    {"Clock Event Device:", &TimerListParser::takeDevice},
    {"Wakeup Device:", &TimerListParser::takeWakeup},
    {"tick_broadcast_mask:", &TimerListParser::takePeriodicMask},
    {"tick_broadcast_oneshot_mask:", &TimerListParser::takeOneshotMask},
    {unknownLinesHeading, &TimerListParser::takeUnknownHeading},
}};

TimerListParse TimerListParser::parse(std::string_view text)
{
    for (std::string_view rest = text; !rest.empty();) {
        m_endsInALine = rest.find('\n') == std::string_view::npos;
        const std::string_view line = scan::takeUntil(rest, "\n");
        ++m_lineNumber;
        if (scan::trim(line).empty()) {
            continue;
        }
        if (m_endsInALine) { // half a number reads well, and is wrong
            m_result.snapshot.unknownLines.emplace_back(line);
        } else {
            count(takeLine(scan::trim(line)), line);
        }
    }
    finish();
    return std::move(m_result);
}

void TimerListParser::count(LineOutcome outcome, std::string_view line)
{
    if (outcome == LineOutcome::Unknown) {
        if (m_unknown++ == 0) {
            m_firstUnknown = fmt::format("line {}: {}", m_lineNumber, scan::quoted(line));
        }
        m_result.snapshot.unknownLines.emplace_back(line);
        return;
    }
    ++m_result.understoodLines;
    if (outcome == LineOutcome::Damaged && m_result.damagedNumbers++ == 0) {
        m_firstDamage = fmt::format("line {}: {}", m_lineNumber, scan::quoted(line));
    }
}

LineOutcome TimerListParser::takeLine(std::string_view line)
{
    if (m_part == Part::Unknown) {
        return LineOutcome::Unknown; // whatever it looks like: its place is not kept
    }
    const auto fits = [&](const Rule& rule) { return line.starts_with(rule.prefix); };
    const auto rule = std::ranges::find_if(rules, fits);
    if (m_timer && (rule == rules.end() || rule->take != &TimerListParser::takeExpiry)) {
        closeTimer(m_timerLine);
    }
    if (rule == rules.end()) {
        return takeDeviceLine(line);
    }
    return (this->*rule->take)(scan::trim(line.substr(rule->prefix.size())));
}

/// A timer without an expiry can be in no queue: it is counted instead.
void TimerListParser::closeTimer(std::string_view line)
{
    if (m_result.damagedNumbers++ == 0) {
        m_firstDamage = fmt::format("before line {}: {}", m_lineNumber, scan::quoted(line));
    }
    m_timer.reset();
}

HrtimerBaseRow* TimerListParser::base()
{
    if (!m_cpu || !m_inBase || m_cpus[*m_cpu].row.hrtimerBases.empty()) {
        return nullptr;
    }
    return &m_cpus[*m_cpu].row.hrtimerBases.back();
}

CpuDraft& TimerListParser::draft(unsigned cpu)
{
    auto found
        = std::ranges::find(m_cpus, cpu, [](const CpuDraft& each) { return each.row.index; });
    if (found == m_cpus.end()) {
        m_cpus.emplace_back().row.index = cpu;
        found = m_cpus.end() - 1;
    }
    return *found;
}

BroadcastRow& TimerListParser::broadcast()
{
    auto& row = m_result.snapshot.broadcast;
    return row ? *row : row.emplace();
}

LineOutcome TimerListParser::takeVersion(std::string_view rest)
{
    m_result.version = rest;
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takeBaseCount(std::string_view rest)
{
    m_announcedBases = scan::number<unsigned>(rest);
    return asOutcome(m_announcedBases.has_value());
}

LineOutcome TimerListParser::takeNow(std::string_view rest)
{
    const auto now = scan::nanoseconds(rest);
    m_hasNow = now.has_value();
    m_result.snapshot.monotonic = MonotonicInstant{Ns{now.value_or(0)}};
    return asOutcome(m_hasNow);
}

LineOutcome TimerListParser::takeCpu(std::string_view rest)
{
    m_part = Part::Elsewhere;
    m_inDevice = false;
    m_inBase = false;
    m_cpu.reset();
    const auto cpu = scan::number<unsigned>(rest);
    if (!cpu || *cpu > cpuMax) {
        return LineOutcome::Damaged; // what follows has no CPU, and becomes unknown lines
    }
    m_cpu = static_cast<std::size_t>(&draft(*cpu) - m_cpus.data());
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takeClock(std::string_view rest)
{
    if (!m_cpu) {
        return LineOutcome::Unknown;
    }
    m_inBase = false;
    const auto index = rest.ends_with(':') ? scan::number<unsigned>(rest.substr(0, rest.size() - 1))
                                           : std::nullopt;
    if (!index || *index >= clockBasesMax) {
        return LineOutcome::Damaged;
    }
    m_cpus[*m_cpu].row.hrtimerBases.emplace_back().index = *index;
    m_inBase = true;
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takeActiveTimers(std::string_view rest)
{
    return base() != nullptr && rest.empty() ? LineOutcome::Understood : LineOutcome::Unknown;
}

/// "0: <00000000c5938e0a>, hrtimer_wakeup, S:01[, start site, task/pid]"
LineOutcome TimerListParser::takeTimer(std::string_view rest)
{
    if (base() == nullptr) {
        return LineOutcome::Unknown;
    }
    m_timerLine = fmt::format("#{}", rest);
    const auto position = scan::number<unsigned>(scan::takeUntil(rest, ": "));
    std::string_view address = scan::takeUntil(rest, ", ");
    if (address.starts_with('<') && address.ends_with('>')) {
        address = address.substr(1, address.size() - 2);
    }
    const auto id = isHiddenAddress(address) ? 0 : addressNumber(address);
    HrtimerRow& row = m_timer.emplace();
    row.id = id.value_or(0);
    row.function = scan::takeUntil(rest, ", ");
    bool readable = position && id && !row.function.empty();
    if (scan::takePrefix(rest, "S:")) {
        row.state = scan::number<std::uint32_t>(scan::takeUntil(rest, ", "), 16);
        readable = readable && row.state;
    }
    static_cast<void>(scan::takeUntil(rest, ", ")); // who armed it: 4.x with TIMER_STATS
    row.task = rest;
    return asOutcome(readable);
}

/// "A-B nsecs [in C to D nsecs]"; C and D follow from the others and are only checked.
LineOutcome TimerListParser::takeExpiry(std::string_view rest)
{
    HrtimerBaseRow* const queue = base();
    if (queue == nullptr || !m_timer) {
        return LineOutcome::Unknown;
    }
    HrtimerRow row = *std::move(m_timer);
    m_timer.reset();
    const auto dash = rest.find('-', 1); // a soft expiry may be negative
    const auto soft = scan::nanoseconds(rest.substr(0, dash));
    rest = dash == std::string_view::npos ? std::string_view{} : rest.substr(dash + 1);
    const auto hard = scan::nanoseconds(scan::takeUntil(rest, " nsecs [in "));
    const auto softLeft = scan::nanoseconds(scan::takeUntil(rest, " to "));
    const auto hardLeft = scan::nanoseconds(scan::takeUntil(rest, "]"));
    if (!soft || !hard) {
        return LineOutcome::Damaged;
    }
    row.softExpires = HrtimerInstant{Ns{*soft}};
    row.hardExpires = HrtimerInstant{Ns{*hard}};
    queue->timers.push_back(std::move(row));
    return asOutcome(softLeft && hardLeft);
}

LineOutcome TimerListParser::takeDotted(std::string_view rest)
{
    if (!m_cpu || m_part != Part::Elsewhere) {
        return LineOutcome::Unknown;
    }
    const std::string_view name = scan::trim(scan::takeUntil(rest, ":"));
    const std::string_view value = scan::trim(rest);
    if (HrtimerBaseRow* const row = base(); row != nullptr) {
        if (const LineOutcome outcome = takeBaseField(*row, name, value);
            outcome != LineOutcome::Unknown) {
            return outcome;
        }
    }
    const LineOutcome outcome = takeCpuField(m_cpus[*m_cpu], name, value);
    m_inBase
        = m_inBase && outcome == LineOutcome::Unknown; // a CPU's own fields follow its last base
    return outcome;
}

LineOutcome TimerListParser::takeJiffies(std::string_view rest)
{
    if (!m_cpu) {
        return LineOutcome::Unknown;
    }
    m_inBase = false;
    const auto jiffies = scan::number<std::uint64_t>(rest);
    if (jiffies) {
        m_cpus[*m_cpu].row.jiffies = Jiffies{*jiffies};
        m_result.snapshot.jiffies = Jiffies{*jiffies};
    }
    return asOutcome(jiffies.has_value());
}

LineOutcome TimerListParser::takeTickMode(std::string_view rest)
{
    m_cpu.reset();
    m_inBase = false;
    m_inDevice = false;
    m_part = Part::Elsewhere;
    const auto mode = scan::number<unsigned>(rest);
    m_tickMode.reset();
    if (!mode || *mode > 1) {
        return LineOutcome::Damaged;
    }
    m_tickMode = static_cast<TickMode>(*mode);
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takeBroadcast(std::string_view rest)
{
    if (!rest.empty()) {
        return LineOutcome::Unknown;
    }
    m_part = Part::Broadcast;
    m_cpu.reset();
    m_inBase = false;
    m_inDevice = false;
    broadcast().mode = std::exchange(m_tickMode, std::nullopt);
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takePerCpu(std::string_view rest)
{
    m_part = Part::Elsewhere;
    m_cpu.reset();
    m_inBase = false;
    m_inDevice = false;
    const auto cpu = scan::number<unsigned>(rest);
    if (!cpu || *cpu > cpuMax) {
        return LineOutcome::Damaged;
    }
    CpuDraft& owner = draft(*cpu);
    owner.row.tickMode = std::exchange(m_tickMode, std::nullopt);
    m_cpu = static_cast<std::size_t>(&owner - m_cpus.data());
    m_part = Part::PerCpu;
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takeDevice(std::string_view rest)
{
    m_inDevice = false;
    if (m_part == Part::Elsewhere || (m_part == Part::PerCpu && !m_cpu)) {
        return LineOutcome::Unknown;
    }
    const std::string_view name = rest == "<NULL>" ? std::string_view{} : rest;
    ClockEventRow row;
    row.name = name;
    if (m_part == Part::Broadcast) {
        broadcast().device = name;
        row.role = DeviceRole::Broadcast;
    } else {
        CpuRow& cpu = m_cpus[*m_cpu].row;
        cpu.tickDevice = name;
        row.role = DeviceRole::Tick;
        row.cpu = cpu.index;
    }
    m_inDevice = !name.empty();
    if (m_inDevice) {
        m_result.snapshot.clockEvents.push_back(std::move(row));
    }
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takeWakeup(std::string_view rest)
{
    if (m_part != Part::PerCpu || !m_cpu) {
        return LineOutcome::Unknown;
    }
    m_cpus[*m_cpu].row.wakeupDevice = rest == "<NULL>" ? std::string_view{} : rest;
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takePeriodicMask(std::string_view rest)
{
    return takeMask(&BroadcastRow::periodicMask, rest);
}

LineOutcome TimerListParser::takeOneshotMask(std::string_view rest)
{
    return takeMask(&BroadcastRow::oneshotMask, rest);
}

LineOutcome TimerListParser::takeMask(std::vector<unsigned> BroadcastRow::* mask,
                                      std::string_view rest)
{
    auto cpus = scan::cpuMask(rest);
    if (!cpus) {
        return LineOutcome::Damaged;
    }
    broadcast().*mask = std::move(*cpus);
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takeUnknownHeading(std::string_view rest)
{
    if (!rest.empty()) {
        return LineOutcome::Unknown;
    }
    m_part = Part::Unknown;
    return LineOutcome::Understood;
}

LineOutcome TimerListParser::takeDeviceLine(std::string_view line)
{
    if (!m_inDevice) {
        return LineOutcome::Unknown;
    }
    const std::string_view name = scan::trim(scan::takeUntil(line, ":"));
    return takeDeviceField(m_result.snapshot.clockEvents.back(), name, scan::trim(line));
}

/// %p prints two digits for each byte of a pointer.
std::optional<unsigned> bitsOf(std::string_view address)
{
    if (!scan::number<std::uint64_t>(address, 16)) {
        return std::nullopt;
    }
    const auto bits = static_cast<unsigned>(address.size()) * 4;
    return bits == 64 || bits == 32 ? std::optional{bits} : std::nullopt;
}

void TimerListParser::finishCpus()
{
    std::ranges::sort(m_cpus, {}, [](const CpuDraft& each) { return each.row.index; });
    for (CpuDraft& each : m_cpus) {
        each.row.nohzMode = nohzModeOf(each);
        if (!each.row.hrtimerBases.empty()) {
            m_result.snapshot.machine.bits = bitsOf(each.row.hrtimerBases.front().address);
        }
        m_result.snapshot.cpus.push_back(std::move(each.row));
    }
}

void TimerListParser::finish()
{
    if (m_timer) {
        closeTimer(m_timerLine);
    }
    finishCpus();
    noticeWhatIsMissing();
}

void TimerListParser::notice(Severity severity, std::string text)
{
    m_result.snapshot.notices.push_back({severity, std::move(text)});
}

void TimerListParser::noticeWhatIsMissing()
{
    if (m_result.understoodLines == 0) {
        notice(Severity::DataLoss,
               "/proc/timer_list holds no line that a Linux kernel prints there; hrtimer queues "
               "and tick modes are not shown.");
        return;
    }
    if (const std::string reason = cutShort(); !reason.empty()) {
        notice(Severity::DataLoss, fmt::format("/proc/timer_list is cut short: {}.", reason));
    }
    if (m_result.damagedNumbers > 0) {
        notice(Severity::DataLoss,
               fmt::format("{} {} of /proc/timer_list cannot be read as numbers and {} left out "
                           "({}).",
                           m_result.damagedNumbers,
                           m_result.damagedNumbers == 1 ? "field" : "fields",
                           m_result.damagedNumbers == 1 ? "is" : "are", m_firstDamage));
    }
    if (m_unknown > 0) {
        notice(Severity::Warning,
               fmt::format("{} {} of /proc/timer_list {} not understood and kept as printed ({}).",
                           m_unknown, m_unknown == 1 ? "line" : "lines",
                           m_unknown == 1 ? "is" : "are", m_firstUnknown));
    }
}

/// Why the text cannot be all that the kernel printed; empty when nothing says so.
std::string TimerListParser::cutShort() const
{
    if (m_endsInALine) {
        return "it ends in the middle of a line";
    }
    if (m_result.damagedNumbers > 0) {
        return {}; // what seems to be missing may be what was damaged
    }
    if (!m_hasNow) {
        return "it has no line \"now at\", so times left are counted from zero";
    }
    if (m_result.snapshot.cpus.empty()) {
        return "it lists no CPU";
    }
    for (const CpuRow& cpu : m_result.snapshot.cpus) {
        if (m_announcedBases && cpu.hrtimerBases.size() != *m_announcedBases) {
            return fmt::format("CPU {} has {} of {} clock bases", cpu.index,
                               cpu.hrtimerBases.size(), *m_announcedBases);
        }
        if (!cpu.tickDevice) {
            return fmt::format("CPU {} has no tick device entry", cpu.index);
        }
    }
    for (const ClockEventRow& device : m_result.snapshot.clockEvents) {
        if (!device.state || !device.retries) {
            return fmt::format("device {} has no {}", device.name,
                               device.state ? "retries" : "mode");
        }
    }
    return {};
}

} // namespace

TimerListParse parseTimerList(std::string_view text)
{
    return TimerListParser{}.parse(text);
}

} // namespace timerscope
