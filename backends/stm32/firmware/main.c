// SPDX-License-Identifier: GPL-3.0-or-later
// Answers what the host asks, and tells of samples and fires. One loop; interrupts only keep what
// came: received bytes, and when the event timer fired.
#include "backends/stm32/firmware/hardware.h"
#include "backends/stm32/protocol/frame.h"

enum
{
    FirmwareMajor = 1,
    FirmwareMinor = 0
};

static TsReceiver receiver;
static uint32_t damagedFrames;

static struct
{
    uint32_t period; // ticks of the counter; 0: no stream
    uint32_t last; // the counter when the last sample was due
    uint32_t sequence;
    uint16_t tag;
} stream;

static struct
{
    uint16_t armedTag;
    uint16_t firedTag; // 0: nothing fired since the last arm
    uint32_t firedAt;
    uint32_t sequence;
} event;

static void send(const TsMessage* message)
{
    uint8_t frame[TsMaxFrame];
    const size_t size = tsEncodeFrame(message, frame);
    for (size_t i = 0; i < size; ++i) {
        sendByte(frame[i]);
    }
}

static void sendNotice(uint8_t id, uint16_t tag, uint32_t sequence, uint32_t counter)
{
    TsMessage notice = {.tag = tag, .id = id, .size = TsSampleSize};
    tsPut32(notice.body + TsSampleSequence, sequence);
    tsPut32(notice.body + TsSampleCounter, counter);
    send(&notice);
}

static TsMessage replyTo(const TsMessage* request, uint8_t size)
{
    return (TsMessage){.tag = request->tag, .id = request->id | TsReply, .size = size};
}

static void refuse(const TsMessage* request, uint8_t reason)
{
    const TsMessage refusal
        = {.tag = request->tag, .id = TsRefusal, .size = 2, .body = {request->id, reason}};
    send(&refusal);
}

static void answerIdentify(const TsMessage* request)
{
    static const char chip[TsIdentifyChipSize] = CHIP_NAME;
    TsMessage reply = replyTo(request, TsIdentifySize);
    reply.body[TsIdentifyVersion] = TsProtocolVersion;
    reply.body[TsIdentifyMajor] = FirmwareMajor;
    reply.body[TsIdentifyMinor] = FirmwareMinor;
    reply.body[TsIdentifyCounterBits] = COUNTER_BITS;
    tsPut32(reply.body + TsIdentifyCounterHz, COUNTER_HZ);
    tsPut32(reply.body + TsIdentifyEventHz, EVENT_HZ);
    tsPut32(reply.body + TsIdentifyEventMinTicks, EVENT_MIN_TICKS);
    tsPut32(reply.body + TsIdentifyEventMaxTicks, EVENT_MAX_TICKS);
    for (size_t i = 0; i < TsIdentifyChipSize; ++i) {
        reply.body[TsIdentifyChip + i] = (uint8_t)chip[i];
    }
    send(&reply);
}

static void answerWithCounter(const TsMessage* request, uint32_t counter)
{
    TsMessage reply = replyTo(request, TsCounterSize);
    tsPut32(reply.body + TsCounterValue, counter);
    send(&reply);
}

static void answerRead(const TsMessage* request)
{
    answerWithCounter(request, readCounter());
}

static void answerStream(const TsMessage* request)
{
    stream.period = tsGet32(request->body);
    stream.last = readCounter();
    stream.sequence = 0;
    stream.tag = request->tag;
    const TsMessage reply = replyTo(request, 0);
    send(&reply);
}

static void answerArm(const TsMessage* request)
{
    const uint32_t ticks = tsGet32(request->body);
    if (ticks < EVENT_MIN_TICKS || ticks > EVENT_MAX_TICKS) {
        refuse(request, TsOutOfRange);
        return;
    }
    event.armedTag = request->tag;
    event.firedTag = 0;
    answerWithCounter(request, armEvent(ticks));
}

static void answerDisarm(const TsMessage* request)
{
    disarmEvent();
    const TsMessage reply = replyTo(request, 0);
    send(&reply);
}

static void answerStatus(const TsMessage* request)
{
    TsMessage reply = replyTo(request, TsStatusSize);
    tsPut32(reply.body + TsStatusDamaged, damagedFrames);
    tsPut32(reply.body + TsStatusOverruns, serialOverruns());
    tsPut32(reply.body + TsStatusFireCounter, event.firedAt);
    tsPut16(reply.body + TsStatusFireTag, event.firedTag);
    send(&reply);
}

static const struct
{
    uint8_t id;
    uint8_t bodySize;
    void (*answer)(const TsMessage* request);
} requests[] = {
    {TsIdentify, 1, answerIdentify}, {TsRead, 0, answerRead},     {TsStream, 4, answerStream},
    {TsArm, 4, answerArm},           {TsDisarm, 0, answerDisarm}, {TsStatus, 0, answerStatus},
};

static void answer(const TsMessage* request)
{
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; ++i) {
        if (requests[i].id != request->id) {
            continue;
        }
        if (request->size < requests[i].bodySize) {
            refuse(request, TsBadBody);
        } else {
            requests[i].answer(request);
        }
        return;
    }
    refuse(request, TsUnknownMessage);
}

static void answerRequests(void)
{
    uint8_t byte = 0;
    TsMessage request;
    while (takeByte(&byte)) {
        const enum TsReceived received = tsReceive(&receiver, byte, &request);
        damagedFrames += received == TsDamaged ? 1 : 0;
        if (received == TsMessageCame) {
            answer(&request);
        }
    }
}

static void tellFire(void)
{
    if (takeEvent(&event.firedAt)) {
        event.firedTag = event.armedTag;
        sendNotice(TsFire, event.firedTag, event.sequence++, event.firedAt);
    }
}

// What could not be sent in time is left out and counted: a late sample would be one of now anyway.
static void tellSample(void)
{
    const uint32_t now = readCounter();
    if (stream.period == 0 || now - stream.last < stream.period) {
        return;
    }
    const uint32_t periods = (now - stream.last) / stream.period;
    stream.sequence += periods - 1;
    sendNotice(TsSample, stream.tag, stream.sequence++, now);
    stream.last += periods * stream.period;
}

int main(void)
{
    startSerial();
    const TsMessage started = {.id = TsStarted};
    send(&started);
    for (;;) {
        answerRequests();
        tellFire();
        tellSample();
        if (stream.period == 0) {
            sleepUntilInterrupt();
        }
    }
}
