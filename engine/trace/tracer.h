// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/trace_log.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace timerscope {

/// Tells the true time that records are stamped with.
class TraceTime
{
public:
    virtual ~TraceTime() = default;
    [[nodiscard]] virtual TraceInstant traceNow() const = 0;
    /// The CPU that works now.
    [[nodiscard]] virtual std::uint16_t traceCpu() const { return 0; }
    /// Where what traceNow() answers is kept, for those who ask often; null: nowhere.
    [[nodiscard]] const TraceInstant* kept() const { return m_kept; }

protected:
    /// @p kept, which must outlive this, always holds what traceNow() answers; null: nothing does.
    explicit TraceTime(const TraceInstant* kept = nullptr)
        : m_kept(kept)
    {
    }
    TraceTime(const TraceTime&) = default;
    TraceTime& operator=(const TraceTime&) = default;

private:
    const TraceInstant* m_kept;
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
        , m_tellsCalls(log.detail() == TraceDetail::Functions)
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
        const TraceInstant* const kept = m_time->kept();
        if (kept != nullptr && m_cpu != whoeverWorks) [[likely]] {
            m_log->append({.at = *kept,
                           .a = a,
                           .b = b,
                           .subject = subject,
                           .cpu = m_cpu,
                           .kind = kind,
                           .flags = flags});
        } else {
            recordAsked(kind, subject, a, b, flags);
        }
    }
    /// The kernel's @p function is called here, and nothing is told of what it does. In this and
    /// the next the name is that of Linux 6.1 unless the profile has another.
    void call(std::string_view function)
    {
        if (m_tellsCalls) [[unlikely]] {
            const std::uint32_t called = name(function);
            record(RecordKind::FunctionEntry, called);
            record(RecordKind::FunctionExit, called);
        }
    }
    /// A pointer to the kernel's @p function is stored here, or its softirq raised: it will be
    /// called later, by somebody else.
    void install(std::string_view function)
    {
        if (m_tellsCalls) [[unlikely]] {
            record(RecordKind::FunctionInstall, name(function));
        }
    }
    [[nodiscard]] std::uint16_t cpu() const { return m_cpu; }
    [[nodiscard]] std::uint32_t name(std::string_view text) { return m_log->intern(text); }

private:
    friend class CallSpan;
    friend class CallChain;
    static constexpr std::uint16_t whoeverWorks = 0xffff;

    /// As record(), with a time or a CPU that has to be asked for.
    void recordAsked(RecordKind kind, std::uint32_t subject, std::int64_t a, std::int64_t b,
                     std::uint8_t flags);

    TraceLog* m_log;
    const TraceTime* m_time;
    std::uint16_t m_cpu;
    bool m_tellsCalls;
};

/// A name that the same object puts into many records: the log is asked for its number once.
class TracedName
{
public:
    /// The number of @p text, which must be the same each time, in the one log of @p tracer.
    [[nodiscard]] std::uint32_t in(Tracer& tracer, std::string_view text)
    {
        if (!m_number) [[unlikely]] {
            m_number = tracer.name(text);
        }
        return *m_number;
    }

private:
    std::optional<std::uint32_t> m_number;
};

/// The kernel's function that the model is in until the end of the scope. Costs one branch when
/// nobody asked for functions.
class CallSpan
{
public:
    CallSpan(Tracer& tracer, std::string_view function)
        : m_tracer(&tracer)
    {
        if (tracer.m_tellsCalls) [[unlikely]] {
            m_function = tracer.name(function);
            tracer.record(RecordKind::FunctionEntry, m_function);
        }
    }
    ~CallSpan()
    {
        if (m_tracer->m_tellsCalls) [[unlikely]] {
            m_tracer->record(RecordKind::FunctionExit, m_function);
        }
    }
    CallSpan(const CallSpan&) = delete;
    CallSpan& operator=(const CallSpan&) = delete;

private:
    Tracer* m_tracer;
    std::uint32_t m_function = 0;
};

/// Functions that call each other, outermost first, until the end of the scope.
class CallChain
{
public:
    template<typename Names>
    CallChain(Tracer& tracer, const Names& functions)
        : m_tracer(&tracer)
    {
        for (std::size_t i = 0; tracer.m_tellsCalls && i < functions.size(); ++i) {
            m_functions.push_back(tracer.name(functions[i]));
            tracer.record(RecordKind::FunctionEntry, m_functions.back());
        }
    }
    ~CallChain()
    {
        for (; !m_functions.empty(); m_functions.pop_back()) {
            m_tracer->record(RecordKind::FunctionExit, m_functions.back());
        }
    }
    CallChain(const CallChain&) = delete;
    CallChain& operator=(const CallChain&) = delete;

private:
    Tracer* m_tracer;
    std::vector<std::uint32_t> m_functions;
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
