// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <optional>
#include <string>

namespace timerscope {

/// Where a memory-mapped counter is and how it is read. `[counter.mmio]` of a device file.
struct MappedCounter
{
    /// A write that freezes the counter's value for the reads after it.
    struct Latch
    {
        std::uint64_t offset = 0;
        std::uint64_t value = 0; ///< written with the counter's access width
        Ns wait{}; ///< from the write until the value may be read
        friend bool operator==(const Latch&, const Latch&) = default;
    };
    /// The register that tells the counter's period in femtoseconds (an HPET's upper half of its
    /// capabilities); 32 bits.
    struct PeriodRegister
    {
        std::uint64_t offset = 0;
        friend bool operator==(const PeriodRegister&, const PeriodRegister&) = default;
    };

    std::string path; ///< "/dev/mem", "/dev/hpet", or a file
    std::uint64_t base = 0; ///< physical address or position in the file; any
    std::uint64_t offset = 0; ///< of the counter from base; the low half when there are two
    unsigned width = 32; ///< bits of one access: 8, 16, 32 or 64
    std::optional<std::uint64_t> high; ///< offset of the upper half, when two reads make a value
    std::optional<Latch> latch;
    std::optional<PeriodRegister> period; ///< where the device tells its own rate
    friend bool operator==(const MappedCounter&, const MappedCounter&) = default;
};

} // namespace timerscope
