// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/trace_log.h"

#include <cstdint>
#include <string_view>

namespace timerscope {

/// Tells the true time that records are stamped with.
class TraceTime
{
public:
    virtual ~TraceTime() = default;
    [[nodiscard]] virtual TraceInstant traceNow() const = 0;
    /// The CPU that works now.
    [[nodiscard]] virtual std::uint16_t traceCpu() const { return 0; }

protected:
    TraceTime() = default;
    TraceTime(const TraceTime&) = default;
    TraceTime& operator=(const TraceTime&) = default;
};

/// Writes one CPU's records: adds the time and the CPU to what the caller knows.
/// Threading: the log's writer thread only. The log and the time must outlive it.
class Tracer
{
public:
    Tracer(TraceLog& log, const TraceTime& time, std::uint16_t cpu)
        : m_log(&log)
        , m_time(&time)
        , m_cpu(cpu)
    {
    }
    /// Of what the CPUs share: each record is of the CPU that works when it is made.
    Tracer(TraceLog& log, const TraceTime& time)
        : Tracer(log, time, whoeverWorks)
    {
    }

    /// Records @p kind; see record_schema.h for what the numbers mean.
    void record(RecordKind kind, std::uint32_t subject, std::int64_t a = 0, std::int64_t b = 0,
                std::uint8_t flags = 0)
    {
        m_log->append({.at = m_time->traceNow(),
                       .a = a,
                       .b = b,
                       .subject = subject,
                       .cpu = m_cpu == whoeverWorks ? m_time->traceCpu() : m_cpu,
                       .kind = kind,
                       .flags = flags});
    }
    [[nodiscard]] std::uint16_t cpu() const { return m_cpu; }
    [[nodiscard]] std::uint32_t name(std::string_view text) { return m_log->intern(text); }

private:
    static constexpr std::uint16_t whoeverWorks = 0xffff;

    TraceLog* m_log;
    const TraceTime* m_time;
    std::uint16_t m_cpu;
};

/// Where kernel components print: the machine stamps and keeps the line.
class KernelLog
{
public:
    virtual ~KernelLog() = default;
    /// One line of the boot log, without stamp and newline.
    virtual void print(std::string_view line) = 0;
    /// The kernel has met what should not be (WARN): @p text is the line below "WARNING:", empty
    /// texts do not happen. A model that keeps warnings overrides this.
    virtual void warn(std::string_view text) { print(text); }

protected:
    KernelLog() = default;
    KernelLog(const KernelLog&) = default;
    KernelLog& operator=(const KernelLog&) = default;
};

} // namespace timerscope
