// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/stm32/protocol/frame.h"

uint16_t tsCrc16(const uint8_t* data, size_t size)
{
    uint32_t crc = 0xffff;
    for (size_t i = 0; i < size; ++i) {
        crc ^= (uint32_t)data[i] << 8;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
        }
    }
    return (uint16_t)crc;
}

size_t tsCobsEncode(const uint8_t* data, size_t size, uint8_t* out)
{
    size_t block = 0; // where the length of the block that is being filled goes
    size_t written = 1;
    uint8_t length = 1;
    for (size_t i = 0; i < size; ++i) {
        if (data[i] != 0) {
            out[written++] = data[i];
            ++length;
        }
        // A block of 255 stands for no zero: only there does one end without.
        if (data[i] == 0 || (length == 0xff && i + 1 < size)) {
            out[block] = length;
            block = written++;
            length = 1;
        }
    }
    out[block] = length;
    return written;
}

bool tsCobsDecode(const uint8_t* data, size_t size, uint8_t* out, size_t* outSize)
{
    size_t read = 0;
    size_t written = 0;
    while (read < size) {
        const uint8_t length = data[read++];
        if (length == 0 || (size_t)(length - 1) > size - read) {
            return false;
        }
        for (uint8_t i = 1; i < length; ++i) {
            const uint8_t byte = data[read++];
            if (byte == 0) {
                return false;
            }
            out[written++] = byte;
        }
        if (length != 0xff && read < size) {
            out[written++] = 0;
        }
    }
    *outSize = written;
    return true;
}

size_t tsEncodeFrame(const TsMessage* message, uint8_t frame[TsMaxFrame])
{
    uint8_t packed[TsMaxPacked];
    packed[0] = message->id;
    tsPut16(packed + 1, message->tag);
    for (size_t i = 0; i < message->size; ++i) {
        packed[TsHead + i] = message->body[i];
    }
    const size_t size = (size_t)TsHead + message->size;
    tsPut16(packed + size, tsCrc16(packed, size));
    const size_t stuffed = tsCobsEncode(packed, size + TsCrc, frame);
    frame[stuffed] = 0;
    return stuffed + 1;
}

bool tsDecodeFrame(const uint8_t* frame, size_t size, TsMessage* message)
{
    uint8_t packed[TsMaxFrame];
    size_t length = 0;
    if (size >= TsMaxFrame || !tsCobsDecode(frame, size, packed, &length)) {
        return false;
    }
    if (length < TsHead + TsCrc
        || tsCrc16(packed, length - TsCrc) != tsGet16(packed + length - TsCrc)) {
        return false;
    }
    message->id = packed[0];
    message->tag = tsGet16(packed + 1);
    message->size = (uint8_t)(length - TsHead - TsCrc);
    for (size_t i = 0; i < message->size; ++i) {
        message->body[i] = packed[TsHead + i];
    }
    return true;
}

enum TsReceived tsReceive(TsReceiver* receiver, uint8_t byte, TsMessage* message)
{
    if (byte != 0) {
        if (receiver->size < TsMaxFrame) {
            receiver->bytes[receiver->size++] = byte;
        }
        return TsNothingYet;
    }
    const size_t size = receiver->size;
    receiver->size = 0;
    if (size == 0) {
        return TsNothingYet; // zeros between frames only help to find the next one
    }
    return tsDecodeFrame(receiver->bytes, size, message) ? TsMessageCame : TsDamaged;
}

void tsPut16(uint8_t* at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void tsPut32(uint8_t* at, uint32_t value)
{
    tsPut16(at, (uint16_t)value);
    tsPut16(at + 2, (uint16_t)(value >> 16));
}

uint16_t tsGet16(const uint8_t* at)
{
    return (uint16_t)(at[0] | (uint16_t)(at[1] << 8));
}

uint32_t tsGet32(const uint8_t* at)
{
    return tsGet16(at) | (uint32_t)tsGet16(at + 2) << 16;
}
