// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/attached_block.h"
#include "engine/port/mapped_counter.h"

#include <memory>
#include <string>

namespace timerscope {

/// A counter in mapped memory as its device file describes it.
struct MmioConfig
{
    std::string name; ///< the counter's: "mfoc"
    Hertz rate; ///< holds unless the device tells its own (MappedCounter::period)
    unsigned bits = 32; ///< 1 to what the accesses read; what lies above is cut off
    MappedCounter where;
    bool physicalMemory = true; ///< false: refuse /dev/mem, whatever name it goes by
};

/// Attaches to a counter in mapped memory: a block of one counter and no channel.
///
/// Maps the pages of the counter's registers and nothing else, read-only; only a latch's page is
/// mapped for writing, and only then is the file opened for it. Each read is one access of exactly
/// the width given, or two where there is a `high`: behind a latch when there is one, else until
/// the upper half stays the same. readCost is measured here. Nothing is streamed (NotSupported).
///
/// Before each read of a regular file its length is looked at, so that one that was cut short is
/// DeviceLost. A file that was only deleted stays readable.
///
/// Threading: as every TimerBlock; it has no thread of its own, so its listener hears of a loss
/// from within the read() that meets it. observe() answers the last value of a counter behind a
/// latch, since a look must not write.
///
/// Errors: Unavailable when it is not there, too short, closed to this user or by the kernel, or
/// when its period register tells nonsense. InvalidArgument when no machine could read what
/// @p config says: widths, alignment and bits.
[[nodiscard]] Result<std::unique_ptr<AttachedBlock>> openMmio(const MmioConfig& config);

} // namespace timerscope
