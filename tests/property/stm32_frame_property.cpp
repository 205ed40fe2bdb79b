// SPDX-License-Identifier: GPL-3.0-or-later
//! Whatever is sent arrives, whatever the line adds to it.
#include "backends/stm32/protocol/frame.h"

#include <QTest>

#include <rapidcheck.h>

#include <algorithm>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

/// Zeros are what COBS is about.
rc::Gen<std::uint8_t> anyByte()
{
    return rc::gen::weightedOneOf<std::uint8_t>(
        {{1, rc::gen::just<std::uint8_t>(0)}, {2, rc::gen::arbitrary<std::uint8_t>()}});
}

TsMessage anyMessage()
{
    TsMessage message{};
    message.id = *rc::gen::arbitrary<std::uint8_t>();
    message.tag = *rc::gen::arbitrary<std::uint16_t>();
    message.size = *rc::gen::inRange<std::uint8_t>(0, TsMaxBody + 1);
    const auto body = *rc::gen::container<Bytes>(message.size, anyByte());
    std::ranges::copy(body, message.body);
    return message;
}

Bytes anyNoise()
{
    return *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>());
}

bool isSame(const TsMessage& a, const TsMessage& b)
{
    return a.id == b.id && a.tag == b.tag && a.size == b.size
        && std::equal(a.body, a.body + a.size, b.body);
}

void append(Bytes& line, const TsMessage& message)
{
    Bytes frame(TsMaxFrame);
    frame.resize(tsEncodeFrame(&message, frame.data()));
    line.insert(line.end(), frame.begin(), frame.end());
}

std::vector<TsMessage> received(const Bytes& line)
{
    TsReceiver receiver{};
    TsMessage message{};
    std::vector<TsMessage> messages;
    for (const std::uint8_t byte : line) {
        if (tsReceive(&receiver, byte, &message) == TsMessageCame) {
            messages.push_back(message);
        }
    }
    return messages;
}

} // namespace

class Stm32FrameProperty : public QObject
{
    Q_OBJECT
private slots:
    void cobsGivesBackWhatItWasGiven()
    {
        QVERIFY(rc::check("any bytes, up to several blocks", [] {
            const auto length = *rc::gen::inRange<std::size_t>(0, 1100);
            // Long stretches without a zero are where blocks end by length.
            const auto byte = *rc::gen::element(anyByte(), rc::gen::inRange<std::uint8_t>(1, 3));
            const auto data = *rc::gen::container<Bytes>(length, byte);
            Bytes stuffed(data.size() + data.size() / 254 + 1);
            const std::size_t size = tsCobsEncode(data.data(), data.size(), stuffed.data());
            RC_ASSERT(size <= stuffed.size());
            stuffed.resize(size);
            RC_ASSERT(std::ranges::count(stuffed, 0) == 0);
            std::size_t back = 0;
            // In place, as the header allows.
            RC_ASSERT(tsCobsDecode(stuffed.data(), size, stuffed.data(), &back));
            stuffed.resize(back);
            RC_ASSERT(stuffed == data);
        }));
    }

    void messagesArriveInOrder()
    {
        QVERIFY(rc::check("frames back to back", [] {
            std::vector<TsMessage> sent(*rc::gen::inRange<std::size_t>(1, 8));
            Bytes line;
            for (TsMessage& message : sent) {
                message = anyMessage();
                append(line, message);
            }
            const auto arrived = received(line);
            RC_ASSERT(arrived.size() == sent.size());
            RC_ASSERT(std::ranges::equal(arrived, sent, isSame));
        }));
    }

    void aZeroAfterNoiseSavesTheNextMessage()
    {
        QVERIFY(rc::check("noise, zero, frame", [] {
            Bytes line = anyNoise();
            line.push_back(0);
            const TsMessage sent = anyMessage();
            append(line, sent);
            const auto arrived = received(line);
            RC_ASSERT(!arrived.empty());
            RC_ASSERT(isSame(arrived.back(), sent));
        }));
    }
};

QTEST_APPLESS_MAIN(Stm32FrameProperty)
#include "stm32_frame_property.moc"
