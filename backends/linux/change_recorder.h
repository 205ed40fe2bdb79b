// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <map>
#include <string>
#include <tuple>

namespace timerscope {

/// Turns looks at a kernel into records: at the first look everything that is so, later what has
/// become different. A record of the first look has the same state in `a` and `b`, or no previous
/// name: nothing is known to have changed. Owned by the source's thread.
class ChangeRecorder
{
public:
    /// Appends to @p log, with the time @p now.at, what @p now shows and no look before it did.
    void record(const Snapshot& now, TraceLog& log);

private:
    /// The kind, the CPU, and the device where a CPU can have several.
    using Key = std::tuple<RecordKind, std::uint16_t, std::string>;
    struct Fact
    {
        std::string subject;
        std::string text; ///< for kinds whose `a` is a text
        std::int64_t number = 0;
        friend bool operator==(const Fact&, const Fact&) = default;
    };
    using Facts = std::map<Key, Fact>;

    static Facts factsOf(const Snapshot& now);
    static void addCpu(Facts& facts, const CpuRow& row);
    static void addDevice(Facts& facts, const ClockEventRow& row);
    static void append(TraceLog& log, const Snapshot& now, const Key& key, const Fact& fact,
                       const Fact* before);
    static void appendTimers(TraceLog& log, const Snapshot& now);

    Facts m_facts;
    bool m_hasLooked = false;
};

} // namespace timerscope
