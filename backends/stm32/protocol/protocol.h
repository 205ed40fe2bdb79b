// SPDX-License-Identifier: GPL-3.0-or-later
//! What a Timerscope program and the firmware of an STM32 say to each other, written once for both:
//! C that a bare-metal compiler reads, and C++20 as well. resources/docs/stm32-protocol.md tells it
//! in words. All numbers are little-endian.
#pragma once

// NOLINTBEGIN(modernize-deprecated-headers,modernize-use-using): this is C, too.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum TsProtocol
{
    /// Changes with every change that one side must know of. Frames, TsIdentify and the first byte
    /// of its reply stay as they are for ever, so that any two versions can tell that they differ.
    TsProtocolVersion = 1,
    /// 16 MHz / 16: exact on the chip's own clock, and a rate that ST-LINKs and USB adapters know.
    TsBaud = 1000000,
};

/// What a message is. Requests are answered by TsReply + the same number, or by TsRefusal.
enum TsId
{
    TsIdentify = 0x01, ///< body: the host's protocol version, one byte
    TsRead = 0x02, ///< no body
    TsStream = 0x03, ///< body: period in ticks of the counter; 0 stops
    TsArm = 0x04, ///< body: ticks of the event timer
    TsDisarm = 0x05, ///< no body
    TsStatus = 0x06, ///< no body

    // Sent without being asked. The tag is that of the request that began it.
    TsSample = 0x40, ///< body: see TsSampleBody; tag of the TsStream
    TsFire = 0x41, ///< body: see TsSampleBody; tag of the TsArm
    TsStarted = 0x42, ///< no body, no tag: the firmware has just come out of reset

    TsReply = 0x80,
    TsRefusal = 0xff, ///< body: the request's id, then a TsReason
};

enum TsReason
{
    TsUnknownMessage = 1,
    TsBadBody = 2, ///< the body is shorter than this message's
    TsOutOfRange = 3,
};

/// Where the fields of a body are, and how long it is. A receiver reads past no end and ignores
/// what it finds behind the last field that it knows.
enum TsIdentifyReply
{
    TsIdentifyVersion = 0, ///< one byte: TsProtocolVersion of the firmware
    TsIdentifyMajor = 1, ///< one byte: the firmware's own version
    TsIdentifyMinor = 2, ///< one byte
    TsIdentifyCounterBits = 3, ///< one byte
    TsIdentifyCounterHz = 4,
    TsIdentifyEventHz = 8,
    TsIdentifyEventMinTicks = 12,
    TsIdentifyEventMaxTicks = 16,
    TsIdentifyChip = 20, ///< name in ASCII, filled up with zeros
    TsIdentifyChipSize = 24,
    TsIdentifySize = 44,
};

/// Replies to TsRead, and to TsArm: the counter just before the event timer was started.
enum TsCounterReply
{
    TsCounterValue = 0,
    TsCounterSize = 4,
};

/// TsSample and TsFire: a number that goes up by one with each of its kind, so that what is missing
/// can be counted; and the counter at that moment. Samples count from 0 with each TsStream, and
/// count the periods that the firmware had to leave out. Fires count from 0 since reset.
enum TsSampleBody
{
    TsSampleSequence = 0,
    TsSampleCounter = 4,
    TsSampleSize = 8,
};

/// Reply to TsStatus. It tells the last fire again, for a host that waited for its notice in vain.
enum TsStatusReply
{
    TsStatusDamaged = 0, ///< frames that could not be read
    TsStatusOverruns = 4, ///< bytes that came faster than they were taken
    TsStatusFireCounter = 8, ///< the counter at the last fire
    TsStatusFireTag = 12, ///< two bytes: tag of the last TsArm if it has fired, else 0
    TsStatusSize = 14,
};

#ifdef __cplusplus
} // extern "C"
#endif
// NOLINTEND(modernize-deprecated-headers,modernize-use-using)
