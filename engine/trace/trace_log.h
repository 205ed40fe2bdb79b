// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/chunked.h"
#include "engine/trace/string_table.h"
#include "engine/trace/trace_record.h"

#include <atomic>
#include <cstdint>

namespace timerscope {

/// How much a model tells.
enum class TraceDetail : std::uint8_t
{
    Events, ///< what happens
    Functions, ///< and which of the kernel's functions it happens in
};

/// Everything a source reported, in order, with the strings that the records name.
///
/// Threading: one writer (the source's thread), any number of readers, no locks. A reader takes
/// size() once and may use every record below it and every string that these records name.
class TraceLog
{
public:
    static constexpr std::size_t recordsPerChunk = 4096;
    static constexpr std::size_t chunksMax = 65536; ///< 268 million records, 8.6 GB: then full

    /// The records go to @p memory, which must outlive the log; null: to its own.
    explicit TraceLog(TraceDetail detail = TraceDetail::Events, ReusedMemory* memory = nullptr)
        : m_records(memory)
        , m_detail(detail)
    {
    }
    /// What its writers are asked to tell.
    [[nodiscard]] TraceDetail detail() const { return m_detail; }

    /// Writer thread only. A record that finds the log full is counted in lost() and dropped.
    void append(const TraceRecord& record)
    {
        if (!m_records.append(record)) {
            addLost(1);
        }
    }

    /// Writer thread only.
    std::uint32_t intern(std::string_view text) { return m_strings.intern(text); }

    /// Counts records that never reached the log: a full log, a kernel's ring buffer overrun.
    void addLost(std::uint64_t count) { m_lost.fetch_add(count, std::memory_order_relaxed); }

    [[nodiscard]] std::size_t size() const { return m_records.size(); }
    [[nodiscard]] const TraceRecord& operator[](std::size_t index) const
    {
        return m_records[index];
    }
    [[nodiscard]] std::string_view string(std::uint32_t number) const { return m_strings[number]; }
    [[nodiscard]] std::uint64_t lost() const { return m_lost.load(std::memory_order_relaxed); }

private:
    Chunked<TraceRecord, recordsPerChunk, chunksMax> m_records;
    StringTable m_strings;
    std::atomic<std::uint64_t> m_lost{0};
    TraceDetail m_detail;
};

/// A hash of the first @p count records and of every string they name, in order. Equal on every
/// compiler and machine for equal logs: the test of determinism, and what `--print fingerprint`
/// shows.
[[nodiscard]] std::uint64_t fingerprint(const TraceLog& log, std::size_t count);

} // namespace timerscope
