// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "perfetto/trace.pb.h"

#include "app/export/output_file.h"
#include "engine/base/time.h"

namespace timerscope {

/// The packet sequences of a file. Readers keep what is interned apart by them.
enum class Sequence : std::uint8_t
{
    Records = 1, ///< lanes, and one track event for each record of the log
    Ftrace = 2, ///< copies of records in the kernel's own shape
    Derived = 3, ///< what follows from the records, but is none
};

/// Writes packets one after the other, as the packets of one Trace message would lie in a file:
/// so the trace is never in memory as a whole.
class PacketStream
{
public:
    explicit PacketStream(OutputFile& out)
        : m_out(out)
    {
    }

    void write(const perfetto::TracePacket& packet);

private:
    OutputFile& m_out;
};

/// A record's time as Perfetto has it: unsigned. The axis begins at zero, so nothing is below.
[[nodiscard]] constexpr std::uint64_t timestampOf(TraceInstant at)
{
    return at < TraceInstant{} ? 0 : static_cast<std::uint64_t>(nsOf(at));
}

} // namespace timerscope
