// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/mmio/mmio_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <unistd.h>

namespace timerscope {

namespace {

std::string textOf(const char* file)
{
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

struct Region
{
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    [[nodiscard]] bool contains(std::uint64_t address) const
    {
        return first <= address && address <= last;
    }
};

/// "09030000-09030fff : pl061@9030000"; empty for anything else, and for the zeros that the kernel
/// shows to others than root.
std::optional<Region> regionOf(std::string_view line)
{
    Region region;
    const char* const begin = line.data();
    const char* const end = begin + line.size();
    const auto first = std::from_chars(begin, end, region.first, 16);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') {
        return std::nullopt;
    }
    const auto last = std::from_chars(first.ptr + 1, end, region.last, 16);
    const bool isGood = last.ec == std::errc{} && region.first <= region.last && region.last != 0;
    return isGood ? std::optional(region) : std::nullopt;
}

std::string_view trimmed(std::string_view line)
{
    const auto first = line.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view{} : line.substr(first);
}

Error unavailable(const MmioPlace& place, std::string_view why)
{
    return {.code = ErrorCode::Unavailable,
            .what = fmt::format("the counter {} cannot be read: {}", place.name, why)};
}

bool isLockedDown(const MmioSurroundings& surroundings)
{
    return surroundings.lockdown.find("[integrity]") != std::string::npos
        || surroundings.lockdown.find("[confidentiality]") != std::string::npos;
}

std::string missing(const MmioPlace& place)
{
    std::string why = place.path + " does not exist";
    if (place.path == "/dev/hpet") {
        why += " (the machine has no HPET, or its kernel does not offer it to programs)";
    } else if (place.path == "/dev/mem") {
        why += " (the kernel was built without it, or this is a container)";
    }
    return why;
}

std::string closed(const MmioPlace& place, const MmioSurroundings& surroundings)
{
    if (!place.isPhysicalMemory) {
        return fmt::format("this user may not open {}; a udev rule or root can allow it",
                           place.path);
    }
    if (isLockedDown(surroundings)) {
        return fmt::format("the kernel is locked down, as Secure Boot makes it, and closes {} to "
                           "everyone, root included",
                           place.path);
    }
    return surroundings.isRoot
        ? fmt::format("{} is closed even to root here, as in a container without CAP_SYS_RAWIO",
                      place.path)
        : fmt::format("{} needs root, or CAP_SYS_RAWIO together with the right to read the file",
                      place.path);
}

std::string claimed(const MmioPlace& place, const MmioSurroundings& surroundings)
{
    const std::string_view claim = claimOf(surroundings.iomem, place.position);
    const std::string by = claim.empty()
        ? std::string("RAM and whatever a driver has claimed are closed (STRICT_DEVMEM)")
        : fmt::format("/proc/iomem has it as \"{}\", and what is RAM or a driver's is closed "
                      "(STRICT_DEVMEM)",
                      claim);
    return fmt::format("the kernel does not let {:#x} of {} be mapped: {}", place.position,
                       place.path, by);
}

} // namespace

MmioSurroundings lookAround()
{
    return {.isRoot = ::geteuid() == 0,
            .lockdown = textOf("/sys/kernel/security/lockdown"),
            .iomem = textOf("/proc/iomem")};
}

std::string_view claimOf(std::string_view iomem, std::uint64_t address)
{
    std::string_view found;
    while (!iomem.empty()) {
        const auto end = std::min(iomem.find('\n'), iomem.size());
        const std::string_view line = trimmed(iomem.substr(0, end));
        iomem.remove_prefix(std::min(end + 1, iomem.size()));
        const auto region = regionOf(line);
        // A region's parts come after it, so the last one around the address is the narrowest.
        if (region && region->contains(address)) {
            found = line;
        }
    }
    return found;
}

Error openingFailed(const MmioPlace& place, int error, const MmioSurroundings& surroundings)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return unavailable(place, missing(place));
    case EACCES:
    case EPERM:
        return unavailable(place, closed(place, surroundings));
    case ENXIO:
    case ENODEV:
        return unavailable(place, fmt::format("no driver is behind {}", place.path));
    default:
        return unavailable(place,
                           fmt::format("opening {} failed ({})", place.path,
                                       std::generic_category().message(error)));
    }
}

Error mappingFailed(const MmioPlace& place, int error, const MmioSurroundings& surroundings)
{
    if (error == EPERM && place.isPhysicalMemory) {
        return unavailable(place, claimed(place, surroundings));
    }
    if (error == ENODEV) {
        return unavailable(place, fmt::format("{} is no file that can be mapped", place.path));
    }
    return unavailable(place,
                       fmt::format("mapping {:#x} of {} failed ({})", place.position, place.path,
                                   std::generic_category().message(error)));
}

} // namespace timerscope
