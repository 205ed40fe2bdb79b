// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/kernel_look.h"

#include "backends/linux/scan.h"
#include "backends/linux/timer_list_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>

namespace timerscope {

namespace {

namespace fs = std::filesystem;

/// The trimmed content of a file of one value; empty when it cannot be read.
std::optional<std::string> readValue(const fs::path& path)
{
    const TextFile file = readTextFile(path);
    return file.isReadable() ? std::optional{std::string{scan::trim(file.text)}} : std::nullopt;
}

/// What sysfs knows of clock events: names of devices, by CPU.
struct DeviceNames
{
    bool found = false;
    fs::path folder; ///< the last that was tried
    std::map<unsigned, std::string> tick; ///< empty text: none
    std::optional<std::string> broadcast;
};

void addDeviceName(DeviceNames& names, const fs::path& folder)
{
    const std::string file = folder.filename().string();
    std::string_view name = file;
    if (name != "broadcast" && !scan::takePrefix(name, "clockevent")) {
        return;
    }
    const auto device = readValue(folder / "current_device");
    if (name == "broadcast") {
        names.broadcast = device;
    } else if (const auto cpu = scan::number<std::uint16_t>(name); cpu && device) {
        names.tick[*cpu] = *device;
    }
}

DeviceNames readDeviceNames(const fs::path& root)
{
    static constexpr std::array folders{"sys/bus/clockevents/devices",
                                        "sys/devices/system/clockevents"};
    DeviceNames names;
    for (const char* const folder : folders) {
        names.folder = root / folder;
        std::error_code error;
        fs::directory_iterator entry{names.folder, error};
        for (; !error && entry != fs::directory_iterator{}; entry.increment(error)) {
            addDeviceName(names, entry->path());
        }
        names.found = !names.tick.empty() || names.broadcast;
        if (names.found) {
            break;
        }
    }
    return names;
}

class Looker
{
public:
    explicit Looker(const fs::path& root)
        : m_root(root)
    {
    }
    KernelLook look();

private:
    void readTimerList();
    void readClocksources();
    void markCurrent(const std::string& name);
    void readClockEvents();
    void addTickDevice(unsigned cpu, const std::string& device);
    void addBroadcastDevice(const std::string& device);
    void addDevice(const std::string& name, DeviceRole role, std::optional<unsigned> cpu);
    void markOnline();
    void readMachine();
    void notice(Severity severity, std::string text);
    [[nodiscard]] std::string whyNoTimerList() const;
    [[nodiscard]] Snapshot& snapshot() { return m_look.snapshot; }

    const fs::path& m_root;
    KernelLook m_look;
};

KernelLook Looker::look()
{
    readTimerList();
    readClocksources();
    readClockEvents();
    markOnline();
    readMachine();
    return std::move(m_look);
}

void Looker::notice(Severity severity, std::string text)
{
    snapshot().notices.push_back({severity, std::move(text)});
}

/// What to do about it is part of the sentence: it is all that the user gets to see.
std::string Looker::whyNoTimerList() const
{
    const TextFile& file = m_look.timerList;
    const std::string path = file.path.string();
    switch (file.error) {
    case ENODATA:
        return fmt::format("{} is empty, as containers make it; run this program outside of the "
                           "container, as root",
                           path);
    case EACCES:
    case EPERM:
        return fmt::format("{} is readable by root only (permission denied); run this program as "
                           "root, for instance with sudo",
                           path);
    case ENOENT:
    case ENOTDIR:
        return fmt::format("{} does not exist; it takes a kernel with CONFIG_PROC_FS and /proc "
                           "mounted",
                           path);
    default:
        return fmt::format("{} {}", path, file.reason());
    }
}

void Looker::readTimerList()
{
    TextFile& file = m_look.timerList;
    file = readTextFile(m_root / "proc/timer_list");
    if (file.isReadable() && file.text.empty()) {
        file.error = ENODATA; // containers hide it behind /dev/null
    }
    if (!file.isReadable()) {
        notice(Severity::Warning,
               fmt::format("Hrtimer queues and tick modes are not shown: {}.", whyNoTimerList()));
        return;
    }
    TimerListParse parse = parseTimerList(file.text);
    snapshot() = std::move(parse.snapshot);
    m_look.hasTime = snapshot().monotonic != MonotonicInstant{};
    file.text.clear();
}

void Looker::readClocksources()
{
    const fs::path folder = m_root / "sys/devices/system/clocksource/clocksource0";
    TextFile& file = m_look.clocksources;
    file = readTextFile(folder / "available_clocksource");
    if (!file.isReadable()) {
        notice(Severity::Warning,
               fmt::format("Clocksources are not shown: {} {}; it takes a kernel with CONFIG_SYSFS "
                           "and /sys mounted.",
                           file.path.string(), file.reason()));
        return;
    }
    for (const std::string_view name : scan::words(file.text)) {
        snapshot().clocksources.emplace_back().name = name;
    }
    file.text.clear();
    if (const auto current = readValue(folder / "current_clocksource")) {
        markCurrent(*current);
    } else {
        notice(Severity::Warning,
               fmt::format("Which clocksource is current is not shown: {} cannot be read.",
                           (folder / "current_clocksource").string()));
    }
}

void Looker::markCurrent(const std::string& name)
{
    auto& rows = snapshot().clocksources;
    const auto found = std::ranges::find(rows, name, &ClocksourceRow::name);
    if (found == rows.end()) {
        ClocksourceRow& hidden = rows.emplace_back();
        hidden.name = name;
        hidden.available = false;
        hidden.current = true;
        return;
    }
    found->current = true;
    if (found != rows.begin()) {
        // The list is in order of selection, so only an override makes it skip the first.
        snapshot().overrideName = name;
    }
}

void Looker::addDevice(const std::string& name, DeviceRole role, std::optional<unsigned> cpu)
{
    if (!name.empty()) {
        ClockEventRow& row = snapshot().clockEvents.emplace_back();
        row.name = name;
        row.role = role;
        row.cpu = cpu;
    }
}

void Looker::addTickDevice(unsigned cpu, const std::string& device)
{
    auto& rows = snapshot().cpus;
    const auto place = std::ranges::lower_bound(rows, cpu, {}, &CpuRow::index);
    if (place != rows.end() && place->index == cpu && place->tickDevice) {
        return; // timer_list knows more
    }
    const bool known = place != rows.end() && place->index == cpu;
    CpuRow& row = known ? *place : *rows.emplace(place);
    row.index = cpu;
    row.tickDevice = device;
    // Every possible CPU has its file; those that are off have no device.
    row.online = known || !device.empty();
    addDevice(device, DeviceRole::Tick, cpu);
}

void Looker::addBroadcastDevice(const std::string& device)
{
    if (!snapshot().broadcast) {
        snapshot().broadcast.emplace().device = device;
        addDevice(device, DeviceRole::Broadcast, {});
    }
}

void Looker::readClockEvents()
{
    const DeviceNames names = readDeviceNames(m_root);
    if (names.broadcast) {
        addBroadcastDevice(*names.broadcast);
    }
    for (const auto& [cpu, device] : names.tick) {
        addTickDevice(cpu, device);
    }
    if (!names.found && !m_look.timerList.isReadable()) {
        notice(Severity::Warning,
               fmt::format("Tick devices are not shown: {} has no clock event devices.",
                           names.folder.string()));
    }
}

void Looker::markOnline()
{
    const auto list = readValue(m_root / "sys/devices/system/cpu/online");
    const auto online = list ? scan::cpuList(*list) : std::nullopt;
    if (!online) {
        return;
    }
    for (CpuRow& row : snapshot().cpus) {
        row.online = std::ranges::find(*online, row.index) != online->end();
    }
}

void Looker::readMachine()
{
    snapshot().machine.kernel = readValue(m_root / "proc/sys/kernel/osrelease").value_or("");
    snapshot().machine.bootFinished = true; // no program runs before it is
}

} // namespace

KernelLook lookAtKernel(const fs::path& root)
{
    return Looker{root}.look();
}

} // namespace timerscope
