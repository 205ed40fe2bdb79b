// SPDX-License-Identifier: GPL-3.0-or-later
//! How a message travels: id, tag, body and CRC, stuffed by COBS, ended by a zero byte. Compiled
//! into the program and into the firmware; no memory but the caller's, no state but TsReceiver.
#pragma once

// NOLINTBEGIN(modernize-deprecated-headers,modernize-use-using): this is C, too.
#include "backends/stm32/protocol/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

enum TsSize
{
    TsMaxBody = 48,
    TsHead = 3, ///< id, tag
    TsCrc = 2,
    TsMaxPacked = TsHead + TsMaxBody + TsCrc,
    /// COBS adds one byte to anything shorter than 254, and then comes the zero.
    TsMaxFrame = TsMaxPacked + 2,
};

typedef struct TsMessage
{
    uint16_t tag; ///< a request's, repeated by its reply; 0 belongs to none
    uint8_t id; ///< a TsId
    uint8_t size; ///< of the body, up to TsMaxBody
    uint8_t body[TsMaxBody];
} TsMessage;

/// CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xffff, not reflected. "123456789" gives 0x29b1.
uint16_t tsCrc16(const uint8_t* data, size_t size);

/// Stuffs @p size bytes so that no zero is among them; @p out has to hold size + size / 254 + 1
/// bytes. Returns how many it wrote.
size_t tsCobsEncode(const uint8_t* data, size_t size, uint8_t* out);

/// Undoes it; @p out may be @p data itself, else it has to hold size - 1 bytes. False, with @p out
/// spoilt, when the bytes were not made by COBS: one is zero, or a block runs past the end.
bool tsCobsDecode(const uint8_t* data, size_t size, uint8_t* out, size_t* outSize);

/// Writes @p message with its closing zero; returns the length of the frame.
/// @p message->size is at most TsMaxBody.
size_t tsEncodeFrame(const TsMessage* message, uint8_t frame[TsMaxFrame]);

/// Reads a frame, without its zero. False when it is damaged.
bool tsDecodeFrame(const uint8_t* frame, size_t size, TsMessage* message);

/// Finds frames in a stream of bytes. Start with all zero; begins anywhere and finds its way at
/// the next zero byte.
typedef struct TsReceiver
{
    uint8_t bytes[TsMaxFrame];
    size_t size; ///< of the frame so far; past its limit the frame is only waited out
} TsReceiver;

enum TsReceived
{
    TsNothingYet,
    TsMessageCame,
    TsDamaged, ///< a frame ended that was too long, not COBS, too short, or of another CRC
};

/// Takes the next byte; fills @p message when it completes one.
enum TsReceived tsReceive(TsReceiver* receiver, uint8_t byte, TsMessage* message);

void tsPut16(uint8_t* at, uint16_t value);
void tsPut32(uint8_t* at, uint32_t value);
uint16_t tsGet16(const uint8_t* at);
uint32_t tsGet32(const uint8_t* at);

#ifdef __cplusplus
} // extern "C"
#endif
// NOLINTEND(modernize-deprecated-headers,modernize-use-using)
