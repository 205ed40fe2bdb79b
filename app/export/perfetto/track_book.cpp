// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/perfetto/track_book.h"

#include "app/export/perfetto/interned_text.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace timerscope {

namespace {

using Counter = perfetto::CounterDescriptor;

struct LaneInfo
{
    Lane lane;
    std::string_view name;
    std::string_view category;
    Counter::Unit unit = Counter::UNIT_UNSPECIFIED; ///< of a counter
};

// A table: the columns are named by the struct.
// NOLINTBEGIN(modernize-use-designated-initializers)
constexpr std::array lanes{
    LaneInfo{Lane::GlobalGroup, "Timekeeping", ""},
    LaneInfo{Lane::CpuGroup, "CPU", ""},
    LaneInfo{Lane::TickMode, "tick mode", "tick"},
    LaneInfo{Lane::NohzMode, "nohz mode", "tick"},
    LaneInfo{Lane::Tick, "tick", "tick"},
    LaneInfo{Lane::Device, "device", "clockevents"},
    LaneInfo{Lane::Irq, "irq", "irq"},
    LaneInfo{Lane::Softirq, "softirq", "softirq"},
    LaneInfo{Lane::Hrtimer, "hrtimer", "hrtimer"},
    LaneInfo{Lane::HrtimerLateness, "hrtimer lateness", "hrtimer", Counter::UNIT_TIME_NS},
    LaneInfo{Lane::Wheel, "timer wheel", "timer"},
    LaneInfo{Lane::Clocksource, "current clocksource", "clocksource"},
    LaneInfo{Lane::ClocksourceList, "clocksources", "clocksource"},
    LaneInfo{Lane::Jiffies, "jiffies", "tick", Counter::UNIT_COUNT},
    LaneInfo{Lane::KernelLog, "kernel log", "printk"},
    LaneInfo{Lane::Scenario, "scenario", "scenario"},
    LaneInfo{Lane::Notices, "notices", "notice"},
    LaneInfo{Lane::DataLoss, "data loss", "data_loss"},
    LaneInfo{Lane::HardwareCounter, "counter", "hardware", Counter::UNIT_COUNT},
    LaneInfo{Lane::Other, "other records", "other"},
    LaneInfo{Lane::Modules, "modules", "module"},
    LaneInfo{Lane::Watchdog, "clocksource watchdog", "clocksource"},
    LaneInfo{Lane::Idle, "idle", "power"},
    LaneInfo{Lane::Functions, "functions", "function"},
};
// NOLINTEND(modernize-use-designated-initializers)

const LaneInfo& infoOf(Lane lane)
{
    const LaneInfo& info = lanes[static_cast<std::size_t>(lane)];
    return info;
}

constexpr bool lanesAreInOrder()
{
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        if (lanes[i].lane != static_cast<Lane>(i)) {
            return false;
        }
    }
    return true;
}
static_assert(lanesAreInOrder(), "infoOf() finds a lane by its number");

constexpr bool isPerCpu(Lane lane)
{
    return (lane >= Lane::CpuGroup && lane <= Lane::Wheel) || lane >= Lane::Idle;
}

constexpr bool isPerDevice(Lane lane)
{
    return lane == Lane::Device || lane == Lane::HardwareCounter;
}

/// Made from what the track is, so that the same track has the same uuid in every file. Lane 0 is
/// a track as well, and a uuid is never 0: hence the 1 on top.
constexpr std::uint64_t uuidOf(Lane lane, std::uint16_t cpu, std::uint32_t device)
{
    const std::uint64_t laneBits = static_cast<std::uint64_t>(lane) << 48;
    const std::uint64_t cpuBits = isPerCpu(lane) ? std::uint64_t{cpu} << 32 : 0;
    const std::uint64_t deviceBits = isPerDevice(lane) ? device : 0;
    return (std::uint64_t{1} << 56) | laneBits | cpuBits | deviceBits;
}

constexpr bool isGroup(Lane lane)
{
    return lane == Lane::GlobalGroup || lane == Lane::CpuGroup;
}

std::string nameOf(Lane lane, std::uint16_t cpu, std::string_view device)
{
    if (lane == Lane::CpuGroup) {
        return fmt::format("CPU {}", cpu);
    }
    if (isPerDevice(lane)) {
        return fmt::format("{} {}", infoOf(lane).name, asUtf8(device));
    }
    return std::string{infoOf(lane).name};
}

} // namespace

std::string_view categoryOf(Lane lane)
{
    return infoOf(lane).category;
}

TrackBook::TrackBook(const TraceLog& log, PacketStream& stream, std::string origin)
    : m_log(log)
    , m_stream(stream)
    , m_origin(std::move(origin))
{
}

Track& TrackBook::track(Lane lane, std::uint16_t cpu, std::uint32_t device)
{
    const std::uint64_t uuid = uuidOf(lane, cpu, device);
    const auto [found, isNew] = m_tracks.try_emplace(uuid, Track{.uuid = uuid, .open = {}});
    Track& result = found->second;
    if (isNew) {
        describe(lane, cpu, device);
    }
    return result;
}

void TrackBook::describe(Lane lane, std::uint16_t cpu, std::uint32_t device)
{
    perfetto::TracePacket packet;
    packet.set_trusted_packet_sequence_id(static_cast<std::uint32_t>(Sequence::Records));
    perfetto::TrackDescriptor& descriptor = *packet.mutable_track_descriptor();
    descriptor.set_uuid(uuidOf(lane, cpu, device));
    descriptor.set_name(nameOf(lane, cpu, m_log.string(device)));
    if (isGroup(lane)) {
        descriptor.set_description(m_origin);
        descriptor.set_child_ordering(perfetto::TrackDescriptor::EXPLICIT);
        descriptor.set_sibling_order_rank(lane == Lane::GlobalGroup ? 0 : cpu + 1);
    } else {
        const Lane group = isPerCpu(lane) ? Lane::CpuGroup : Lane::GlobalGroup;
        descriptor.set_parent_uuid(track(group, cpu, 0).uuid);
        descriptor.set_sibling_order_rank(static_cast<int>(lane));
    }
    if (infoOf(lane).unit != Counter::UNIT_UNSPECIFIED) {
        descriptor.mutable_counter()->set_unit(infoOf(lane).unit);
    }
    m_stream.write(packet);
}

} // namespace timerscope
