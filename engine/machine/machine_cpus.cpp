// SPDX-License-Identifier: GPL-3.0-or-later
//! CPUs that come and go, and what sysfs shows of their clock event devices.
#include "engine/machine/machine.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace timerscope {

namespace {

/// Below /sys/devices/system.
constexpr std::string_view folder = "clockevents/";
constexpr std::string_view broadcastFolder = "broadcast/";
constexpr std::string_view cpuFolder = "clockevent";

/// A file of the clock event devices: whose, and which.
struct ClockEventFile
{
    std::optional<unsigned> cpu; ///< empty: the broadcast device's
    std::string_view file;
};

/// N in "cpu/cpuN/online".
std::optional<unsigned> cpuOfOnlineFile(std::string_view path)
{
    constexpr std::string_view begin = "cpu/cpu";
    if (!path.starts_with(begin)) {
        return std::nullopt;
    }
    path.remove_prefix(begin.size());
    unsigned cpu = 0;
    const auto [end, error] = std::from_chars(path.begin(), path.end(), cpu);
    const bool isNumber = error == std::errc{};
    return isNumber && std::string_view(end, path.end()) == "/online" ? std::optional(cpu)
                                                                      : std::nullopt;
}

std::optional<ClockEventFile> clockEventFile(std::string_view path, unsigned cpus)
{
    if (!path.starts_with(folder)) {
        return std::nullopt;
    }
    path.remove_prefix(folder.size());
    if (path.starts_with(broadcastFolder)) {
        return ClockEventFile{.cpu = {}, .file = path.substr(broadcastFolder.size())};
    }
    if (!path.starts_with(cpuFolder)) {
        return std::nullopt;
    }
    path.remove_prefix(cpuFolder.size());
    unsigned cpu = 0;
    const auto [end, error] = std::from_chars(path.begin(), path.end(), cpu);
    if (error != std::errc{} || end == path.end() || *end != '/' || cpu >= cpus) {
        return std::nullopt;
    }
    return ClockEventFile{.cpu = cpu,
                          .file = path.substr(static_cast<std::size_t>(end - path.begin()) + 1)};
}

} // namespace

std::span<const std::string_view> clockEventFiles(bool isBroadcast)
{
    static constexpr std::array<std::string_view, 2> files{"current_device", "unbind_device"};
    return std::span(files).first(isBroadcast ? 1 : files.size());
}

// --- CPUs --------------------------------------------------------------------------------------

void Machine::smpInit()
{
    const Cpus::Task task(m_cpus, 0);
    if (std::exchange(m_smpInitDone, true)) {
        return;
    }
    for (unsigned cpu = 1; cpu < m_cpus.count(); ++cpu) {
        bringUp(cpu);
    }
}

void Machine::bringUp(unsigned cpu)
{
    m_cpus.setOnline(cpu);
    m_tracer.record(RecordKind::CpuOnline, 0, cpu, 1);
    m_cpus.runOn(cpu, [&] { m_drivers.cpuCameOnline(cpu); });
    m_cpus.finishOnline(cpu);
    settle();
}

Errno Machine::setCpuOnline(unsigned cpu, bool online)
{
    const Cpus::Task task(m_cpus, 0);
    if (cpu == 0 || cpu >= m_cpus.count()) {
        return Errno::NoEntry;
    }
    if (m_cpus.onlineCpus().has(cpu) == online) {
        return Errno::Ok;
    }
    if (online) {
        bringUp(cpu);
        return Errno::Ok;
    }
    m_tasks.leaveCpu(cpu);
    m_cpus.takeDown(cpu);
    m_drivers.cpuDied(cpu, m_cpus.onlineCpus());
    m_tracer.record(RecordKind::CpuOnline, 0, cpu, 0);
    settle();
    return Errno::Ok;
}

Errno Machine::registerClockEvent(std::string_view name)
{
    const Cpus::Task task(m_cpus, 0);
    const Errno answer = m_drivers.registerEventAgain(name);
    settle();
    return answer;
}

// --- sysfs -------------------------------------------------------------------------------------

SysfsText Machine::readClockEventFile(std::string_view file) const
{
    const auto found = clockEventFile(file, m_cpus.count());
    if (!found || (!found->cpu && !m_config.config.broadcast)) {
        return {.error = Errno::NoEntry, .text = {}};
    }
    if (found->cpu && found->file == "unbind_device") {
        return {.error = Errno::Io, .text = {}};
    }
    if (found->file != "current_device") {
        return {.error = Errno::NoEntry, .text = {}};
    }
    const ClockEventDevice* const device
        = found->cpu ? m_cpus.at(*found->cpu).tick().device() : m_cpus.broadcast().device();
    return {.error = Errno::Ok, .text = device != nullptr ? device->name() + "\n" : std::string{}};
}

Errno Machine::writeCpuFile(std::string_view file, std::string_view text)
{
    const auto cpu = cpuOfOnlineFile(file);
    if (!cpu) {
        return Errno::NoEntry;
    }
    const bool isOn = text == "1" || text == "1\n";
    if (!isOn && text != "0" && text != "0\n") {
        return Errno::Invalid;
    }
    return setCpuOnline(*cpu, isOn);
}

Errno Machine::writeClockEventFile(std::string_view file, std::string_view text)
{
    const auto found = clockEventFile(file, m_cpus.count());
    if (!found || (!found->cpu && !m_config.config.broadcast)) {
        return Errno::NoEntry;
    }
    if (found->file == "current_device") {
        return Errno::Io;
    }
    if (!found->cpu || found->file != "unbind_device") {
        return Errno::NoEntry;
    }
    const unsigned cpu = *found->cpu;
    const unsigned worker = m_cpus.onlineCpus().has(cpu) ? cpu : m_cpus.currentCpu();
    const Errno answer
        = m_cpus.callOn(worker, [&] { return m_clockEvents.writeUnbind(text, cpu); });
    settle();
    return answer;
}

} // namespace timerscope
