// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trace/tracer.h"

namespace timerscope {

void Tracer::recordAsked(RecordKind kind, std::uint32_t subject, std::int64_t a, std::int64_t b,
                         std::uint8_t flags)
{
    m_log->append({.at = m_time->traceNow(),
                   .a = a,
                   .b = b,
                   .subject = subject,
                   .cpu = m_cpu == whoeverWorks ? m_time->traceCpu() : m_cpu,
                   .kind = kind,
                   .flags = flags});
}

} // namespace timerscope
