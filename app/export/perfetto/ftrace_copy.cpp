// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/perfetto/ftrace_copy.h"

#include "app/export/perfetto/interned_text.h"

namespace timerscope {

namespace {

using perfetto::FtraceEvent;

/// Fields of Perfetto's events are unsigned where the kernel prints them so.
constexpr std::uint64_t asUnsigned(std::int64_t value)
{
    return static_cast<std::uint64_t>(value);
}

void fillIrq(FtraceEvent& event, const TraceRecord& record, std::string_view name)
{
    const auto irq = static_cast<std::int32_t>(record.a);
    if (record.kind == RecordKind::IrqHandlerEntry) {
        event.mutable_irq_handler_entry()->set_irq(irq);
        event.mutable_irq_handler_entry()->set_name(asUtf8(name));
    } else {
        event.mutable_irq_handler_exit()->set_irq(irq);
    }
}

void fillSoftirq(FtraceEvent& event, const TraceRecord& record)
{
    if (record.kind == RecordKind::SoftirqRaise) {
        event.mutable_softirq_raise()->set_vec(record.subject);
    } else if (record.kind == RecordKind::SoftirqEntry) {
        event.mutable_softirq_entry()->set_vec(record.subject);
    } else {
        event.mutable_softirq_exit()->set_vec(record.subject);
    }
}

void fillHrtimerStart(perfetto::HrtimerStartFtraceEvent& event, const TraceRecord& record,
                      std::uint64_t function)
{
    event.set_hrtimer(record.subject);
    event.set_function(function);
    event.set_expires(record.a);
    event.set_softexpires(record.b);
    event.set_mode(record.flags);
}

void fillHrtimer(FtraceEvent& event, const TraceRecord& record, std::uint64_t function)
{
    if (record.kind == RecordKind::HrtimerStart) {
        fillHrtimerStart(*event.mutable_hrtimer_start(), record, function);
    } else if (record.kind == RecordKind::HrtimerCancel) {
        event.mutable_hrtimer_cancel()->set_hrtimer(record.subject);
    } else if (record.kind == RecordKind::HrtimerExpireEntry) {
        perfetto::HrtimerExpireEntryFtraceEvent& entry = *event.mutable_hrtimer_expire_entry();
        entry.set_hrtimer(record.subject);
        entry.set_now(record.a);
        entry.set_function(function);
    } else {
        event.mutable_hrtimer_expire_exit()->set_hrtimer(record.subject);
    }
}

void fillTimerStart(perfetto::TimerStartFtraceEvent& event, const TraceRecord& record,
                    std::uint64_t function)
{
    event.set_timer(record.subject);
    event.set_function(function);
    event.set_expires(asUnsigned(record.a));
    event.set_bucket_expiry(asUnsigned(record.b));
    event.set_flags(record.flags);
}

void fillTimer(FtraceEvent& event, const TraceRecord& record, std::uint64_t function)
{
    if (record.kind == RecordKind::TimerStart) {
        fillTimerStart(*event.mutable_timer_start(), record, function);
    } else if (record.kind == RecordKind::TimerCancel) {
        event.mutable_timer_cancel()->set_timer(record.subject);
    } else if (record.kind == RecordKind::TimerExpireEntry) {
        perfetto::TimerExpireEntryFtraceEvent& entry = *event.mutable_timer_expire_entry();
        entry.set_timer(record.subject);
        entry.set_now(asUnsigned(record.a));
        entry.set_function(function);
        entry.set_baseclk(asUnsigned(record.b));
    } else {
        event.mutable_timer_expire_exit()->set_timer(record.subject);
    }
}

/// The two init tracepoints are the kernel's, but Perfetto has no message for them.
bool hasFtraceShape(RecordKind kind)
{
    const bool isInit = kind == RecordKind::HrtimerInit || kind == RecordKind::TimerInit;
    const bool isIrq = kind >= RecordKind::IrqHandlerEntry && kind <= RecordKind::SoftirqExit;
    return isIrq || (!isInit && (isHrtimerRecord(kind) || isWheelTimerRecord(kind)));
}

} // namespace

FtraceCopy::FtraceCopy(const TraceLog& log, const TimerNames& names, PacketStream& stream)
    : m_log(log)
    , m_names(names)
    , m_stream(stream)
{
}

void FtraceCopy::add(const TraceRecord& record)
{
    if (!hasFtraceShape(record.kind)) {
        return;
    }
    constexpr int eventsPerBundle = 512;
    perfetto::TracePacket& packet = bundleOf(record.cpu);
    FtraceEvent& event = *packet.mutable_ftrace_events()->add_event();
    event.set_timestamp(timestampOf(record.at));
    event.set_pid(0); // whom the interrupt hit is not recorded
    if (isHrtimerRecord(record.kind)) {
        fillHrtimer(event, record, m_names.functionOf(record).number);
    } else if (isWheelTimerRecord(record.kind)) {
        fillTimer(event, record, m_names.functionOf(record).number);
    } else if (record.kind <= RecordKind::IrqHandlerExit) {
        fillIrq(event, record, m_log.string(record.subject));
    } else {
        fillSoftirq(event, record);
    }
    if (packet.ftrace_events().event_size() == eventsPerBundle) {
        flush(packet);
    }
}

void FtraceCopy::markLoss(std::uint16_t cpu)
{
    perfetto::TracePacket& packet = bundleOf(cpu);
    if (packet.ftrace_events().event_size() > 0) {
        flush(packet);
    }
    packet.mutable_ftrace_events()->set_lost_events(true);
}

void FtraceCopy::finish()
{
    for (auto& [cpu, packet] : m_bundles) {
        const perfetto::FtraceEventBundle& bundle = packet.ftrace_events();
        if (bundle.event_size() > 0 || bundle.lost_events()) {
            flush(packet);
        }
    }
}

perfetto::TracePacket& FtraceCopy::bundleOf(std::uint16_t cpu)
{
    perfetto::TracePacket& packet = m_bundles[cpu];
    packet.mutable_ftrace_events()->set_cpu(cpu);
    return packet;
}

void FtraceCopy::flush(perfetto::TracePacket& packet)
{
    packet.set_trusted_packet_sequence_id(static_cast<std::uint32_t>(Sequence::Ftrace));
    if (m_isFirst) {
        packet.set_first_packet_on_sequence(true);
        m_isFirst = false;
    }
    m_stream.write(packet);
    const std::uint32_t cpu = packet.ftrace_events().cpu();
    packet.Clear();
    packet.mutable_ftrace_events()->set_cpu(cpu);
}

} // namespace timerscope
