// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/stm32/protocol/frame.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes encoded(const Bytes& data)
{
    Bytes out(data.size() + data.size() / 254 + 1);
    out.resize(tsCobsEncode(data.data(), data.size(), out.data()));
    return out;
}

/// What is decoded; nothing when it was not made by COBS.
std::optional<Bytes> decoded(const Bytes& stuffed)
{
    Bytes out(stuffed.size());
    std::size_t size = 0;
    if (!tsCobsDecode(stuffed.data(), stuffed.size(), out.data(), &size)) {
        return std::nullopt;
    }
    out.resize(size);
    return out;
}

TsMessage armRequest()
{
    TsMessage message{};
    message.id = TsArm;
    message.tag = 0x1234;
    message.size = 4;
    tsPut32(message.body, 65280);
    return message;
}

Bytes frameOf(const TsMessage& message)
{
    Bytes frame(TsMaxFrame);
    frame.resize(tsEncodeFrame(&message, frame.data()));
    return frame;
}

/// How many messages and how many damaged frames are in @p bytes.
std::pair<int, int> received(const Bytes& bytes)
{
    TsReceiver receiver{};
    TsMessage message{};
    std::pair<int, int> count;
    for (const std::uint8_t byte : bytes) {
        const TsReceived what = tsReceive(&receiver, byte, &message);
        count.first += what == TsMessageCame ? 1 : 0;
        count.second += what == TsDamaged ? 1 : 0;
    }
    return count;
}

} // namespace

class Stm32FrameTest : public QObject
{
    Q_OBJECT
private slots:
    void theCrcIsTheOneThatIsDocumented()
    {
        const std::string_view check = "123456789";
        const Bytes bytes(check.begin(), check.end());
        QCOMPARE(tsCrc16(bytes.data(), bytes.size()), std::uint16_t{0x29b1});
        QCOMPARE(tsCrc16(nullptr, 0), std::uint16_t{0xffff});
    }

    void cobsStuffsAsItsAuthorsDo()
    {
        QCOMPARE(encoded({}), Bytes{1});
        QCOMPARE(encoded({0}), (Bytes{1, 1}));
        QCOMPARE(encoded({0, 0}), (Bytes{1, 1, 1}));
        QCOMPARE(encoded({0x11, 0x22, 0, 0x33}), (Bytes{3, 0x11, 0x22, 2, 0x33}));
        QCOMPARE(encoded({0x11, 0, 0, 0}), (Bytes{2, 0x11, 1, 1, 1}));
        // 254 bytes without a zero fill a block, and need no second one behind it.
        const Bytes full(254, 7);
        QCOMPARE(encoded(full).size(), std::size_t{255});
        QCOMPARE(encoded(full)[0], std::uint8_t{255});
        QVERIFY(decoded(encoded(full)) == full);
        const Bytes more(255, 7);
        QCOMPARE(encoded(more).size(), std::size_t{257});
        QVERIFY(decoded(encoded(more)) == more);
    }

    void whatCobsNeverMakesIsRefused()
    {
        QVERIFY(!decoded({0}));
        QVERIFY(!decoded({3, 1})); // runs past the end
        QVERIFY(!decoded({3, 1, 0})); // a zero inside
        QVERIFY(!decoded({2, 1, 0}));
    }

    void aFrameIsLaidOutAsDocumented()
    {
        // The example of resources/docs/stm32-protocol.md.
        const Bytes documented{4, 0x04, 0x34, 0x12, 2, 0xff, 1, 3, 0x9f, 0x96, 0};
        QCOMPARE(frameOf(armRequest()), documented);
    }

    void everyFlippedBitIsNoticed()
    {
        const Bytes frame = frameOf(armRequest());
        for (std::size_t bit = 0; bit < (frame.size() - 1) * 8; ++bit) {
            Bytes flipped = frame;
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            QCOMPARE(received(flipped).first, 0);
        }
        QCOMPARE(received(frame), (std::pair{1, 0}));
    }

    void aReceiverFindsItsWayAfterNoise()
    {
        const Bytes frame = frameOf(armRequest());
        Bytes line{9, 8, 7, 0}; // noise that ends
        line.insert(line.end(), 500, 0xee); // more than any frame has
        line.push_back(0);
        line.insert(line.end(), frame.begin(), frame.begin() + 5); // a frame that breaks off
        line.push_back(0);
        line.insert(line.end(), frame.begin(), frame.end());
        line.insert(line.end(), 20, 0); // a silent line that reads as zeros
        line.insert(line.end(), frame.begin(), frame.end());
        QCOMPARE(received(line), (std::pair{2, 3}));
    }

    void theLongestMessageFitsAndALongerOneDoesNot()
    {
        TsMessage longest = armRequest();
        longest.size = TsMaxBody;
        std::fill_n(longest.body, TsMaxBody, std::uint8_t{0xff});
        const Bytes frame = frameOf(longest);
        QVERIFY(frame.size() <= std::size_t{TsMaxFrame});
        QCOMPARE(received(frame), (std::pair{1, 0}));
        Bytes longer(frame.begin(), frame.end() - 1);
        longer.insert(longer.end(), {1, 0});
        QCOMPARE(received(longer), (std::pair{0, 1}));
    }
};

QTEST_APPLESS_MAIN(Stm32FrameTest)
#include "stm32_frame_test.moc"
