// SPDX-License-Identifier: GPL-3.0-or-later
// The STM32 backend on a pseudo terminal whose other end misbehaves in every way that a line and a
// board can.
#include "backends/stm32/open_stm32.h"
#include "backends/stm32/stm32_ports.h"
#include "tests/backends/linux_tree.h"
#include "tests/support/block_ear.h"
#include "tests/support/pty_board.h"

#include <QTest>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <sys/stat.h>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// Answers as the firmware does; its counter goes up by 1000 with each request.
TsMessage properReply(const TsMessage& request, std::uint32_t& counter)
{
    counter += 1000;
    if (request.id == TsIdentify) {
        return identityFor(request);
    }
    if (request.id == TsRead || request.id == TsArm) {
        TsMessage reply = replyTo(request, TsCounterSize);
        tsPut32(reply.body + TsCounterValue, counter);
        return reply;
    }
    return replyTo(request, 0);
}

PtyBoard::Answer proper()
{
    return [counter = std::uint32_t{0}](const TsMessage& request) mutable {
        return frameOf(properReply(request, counter));
    };
}

Bytes operator+(Bytes first, const Bytes& second)
{
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

Bytes damaged(Bytes frame)
{
    frame[2] = frame[2] == 0x55 ? 0x56 : 0x55;
    return frame;
}

QString whyNot(const std::string& port)
{
    const auto block = openStm32(port);
    return block ? "it opened" : QString::fromStdString(block.error().what);
}

} // namespace

#define OPEN(board)                                                                                \
    const auto opened = openStm32((board).port());                                                 \
    QVERIFY2(opened, opened ? "" : opened.error().what.c_str());                                   \
    AttachedBlock& block = **opened

class Stm32LineTest : public QObject
{
    Q_OBJECT
private slots:
    void aPortThatIsNotThereIsNamed()
    {
        const auto block = openStm32("/dev/ttyNothing7");
        QCOMPARE(block.error().code, ErrorCode::Unavailable);
        QCOMPARE(QString::fromStdString(block.error().what),
                 QString("there is no serial port /dev/ttyNothing7"));
        QCOMPARE(whyNot("ttyNothing7"), QString("there is no serial port /dev/ttyNothing7"));
    }

    void aPortWithoutPermissionNamesTheGroup()
    {
        const PtyBoard board{proper()};
        QVERIFY(::chmod(board.port().c_str(), 0) == 0);
        const OrdinaryUser user;
        QVERIFY2(whyNot(board.port()).contains("group dialout"), qPrintable(whyNot(board.port())));
    }

    void aPortInUseIsSaidToBe()
    {
        const PtyBoard board{proper()};
        OPEN(board);
        QCOMPARE(whyNot(board.port()),
                 QString::fromStdString(board.port() + " is in use by another program"));
        QVERIFY(block.read(0));
    }

    void aFileIsNoSerialPort()
    {
        QVERIFY2(whyNot("/dev/null").startsWith("/dev/null cannot be opened as a serial port: "),
                 qPrintable(whyNot("/dev/null")));
    }

    void silenceIsGivenThreeSeconds()
    {
        const PtyBoard board{[](const TsMessage&) { return Bytes{}; }};
        const auto start = Clock::now();
        const auto block = openStm32(board.port());
        QCOMPARE(block.error().code, ErrorCode::Unavailable);
        QVERIFY2(QString::fromStdString(block.error().what)
                     .startsWith(QString::fromStdString("nothing on " + board.port())),
                 block.error().what.c_str());
        QVERIFY(Clock::now() - start >= 2900ms);
        QVERIFY(Clock::now() - start < 10s);
    }

    void anotherProtocolVersionIsNamed()
    {
        const PtyBoard board{[](const TsMessage& request) {
            TsMessage reply = identityFor(request, 77);
            reply.size = 1; // all that is sure to stay
            return frameOf(reply);
        }};
        const QString why = whyNot(board.port());
        QVERIFY2(why.contains("speaks protocol version 77, this program speaks version 1"),
                 qPrintable(why));
    }

    void nonsenseAboutItselfIsNoBoard()
    {
        const PtyBoard board{[](const TsMessage& request) {
            TsMessage reply = identityFor(request);
            reply.body[TsIdentifyCounterBits] = 33;
            return frameOf(reply);
        }};
        QVERIFY2(whyNot(board.port()).contains("describes itself"),
                 qPrintable(whyNot(board.port())));
    }

    void noiseBetweenAndInsideFramesIsPassedOver()
    {
        const PtyBoard board{[answer = proper()](const TsMessage& request) {
            const Bytes frame = answer(request);
            const Bytes half(frame.begin(), frame.begin() + 4);
            return Bytes{7, 1, 255, 0, 0, 3, 9} + half + Bytes{0} + damaged(frame)
                + Bytes(300, 0xa5) + Bytes{0} + frame;
        }};
        OPEN(board);
        QCOMPARE(block.identity(), "PTY, firmware 3.14, on " + board.port());
        QCOMPARE(block.losses(), std::uint64_t{0}); // what came before it was attached is no loss
        auto last = block.read(0);
        QVERIFY(last);
        for (int i = 0; i < 200; ++i) {
            const auto value = block.read(0);
            QVERIFY(value);
            QCOMPARE(value->count, last->count + 1000);
            last = value;
        }
        QCOMPARE(block.losses(), std::uint64_t{804});
    }

    void aReplyThatIsLostIsAskedForAgain()
    {
        const PtyBoard board{[answer = proper(), reads = 0](const TsMessage& request) mutable {
            const Bytes frame = answer(request);
            // Five reads come with opening; then every other answer is lost.
            reads += request.id == TsRead ? 1 : 0;
            const bool isLost = request.id == TsRead && reads > 5 && reads % 2 == 0;
            return isLost ? damaged(frame) : frame;
        }};
        OPEN(board);
        QVERIFY(block.read(0));
        QVERIFY(block.read(0));
        QCOMPARE(block.losses(), std::uint64_t{2});
    }

    void onlyTheReplyWithTheTagCounts()
    {
        const PtyBoard board{[answer = proper()](const TsMessage& request) {
            TsMessage other = replyTo(request, TsCounterSize);
            other.tag = static_cast<std::uint16_t>(request.tag - 1);
            tsPut32(other.body, 0xdead);
            const Bytes frame = answer(request);
            return frameOf(other) + frame + frame; // late, right, twice
        }};
        OPEN(board);
        for (int i = 0; i < 100; ++i) {
            const auto value = block.read(0);
            QVERIFY(value);
            QVERIFY(value->count != 0xdead);
        }
        QCOMPARE(block.losses(), std::uint64_t{0});
    }

    void aRefusalIsNotSupported()
    {
        const PtyBoard board{[answer = proper()](const TsMessage& request) {
            if (request.id != TsArm) {
                return answer(request);
            }
            TsMessage refusal = replyTo(request, 2);
            refusal.id = TsRefusal;
            refusal.body[0] = request.id;
            refusal.body[1] = TsOutOfRange;
            return frameOf(refusal);
        }};
        OPEN(board);
        QCOMPARE(block.program(0, 1000).error().code, ErrorCode::NotSupported);
        QVERIFY(block.read(0));
    }

    void gapsInAStreamAreCountedOnce()
    {
        const PtyBoard board{[answer = proper()](const TsMessage& request) {
            Bytes frame = answer(request);
            if (request.id != TsStream || tsGet32(request.body) == 0) {
                return frame;
            }
            const auto sample = [&](std::uint32_t sequence) {
                return frameOf(noticeOf(TsSample, request.tag, sequence, 1'000'000 + sequence));
            };
            const auto other = static_cast<std::uint16_t>(request.tag - 1);
            const Bytes stale = frameOf(noticeOf(TsSample, other, 1000, 1));
            return frame + stale + sample(0) + sample(1) + sample(5) + damaged(sample(6))
                + sample(7);
        }};
        BlockEar ear;
        OPEN(board);
        block.listen(&ear);
        QVERIFY(block.stream(0, 1ms));
        const auto heard
            = ear.waitUntil([](const BlockEar::Heard& h) { return h.samples.size() >= 4; });
        QCOMPARE(heard.samples.size(), std::size_t{4});
        QCOMPARE(heard.samples[2].missed, std::uint64_t{3});
        QCOMPARE(heard.samples[3].missed, std::uint64_t{1});
        QCOMPARE(heard.samples[3].value.count, std::uint64_t{1'000'007});
        QCOMPARE(block.observe(0).count, std::uint64_t{1'000'007});
        QCOMPARE(block.losses(), std::uint64_t{4});
        QCOMPARE(block.stream(0, -1ms).error().code, ErrorCode::OutOfRange);
        QCOMPARE(block.stream(0, 4295s).error().code, ErrorCode::OutOfRange); // 2^32 at 1 MHz
        block.listen(nullptr);
    }

    void onlyTheFireOfTheLastArmIsTold()
    {
        std::uint16_t firstTag = 0;
        const PtyBoard board{[&, answer = proper()](const TsMessage& request) {
            Bytes frame = answer(request);
            if (request.id != TsArm) {
                return frame;
            }
            firstTag = firstTag == 0 ? request.tag : firstTag;
            // The first arm's fire comes late, behind the answer to the second.
            return firstTag == request.tag ? frame
                                           : frame + frameOf(noticeOf(TsFire, firstTag, 8, 111))
                    + frameOf(noticeOf(TsFire, request.tag, 9, 222))
                    + frameOf(noticeOf(TsFire, request.tag, 10, 333));
        }};
        BlockEar ear;
        OPEN(board);
        block.listen(&ear);
        QVERIFY(block.program(0, 1000));
        QVERIFY(block.program(0, 1000));
        static_cast<void>(ear.waitUntil([](const BlockEar::Heard& h) { return !h.fires.empty(); }));
        QVERIFY(block.read(0)); // all that was sent before has been heard now
        const auto fires = ear.heard().fires;
        QCOMPARE(fires.size(), std::size_t{1});
        QCOMPARE(fires[0].value_or(Cycles{}).count, std::uint64_t{222});
        block.listen(nullptr);
    }

    void aFireWhoseNoticeIsLostIsAskedFor()
    {
        std::uint16_t armed = 0;
        int asked = 0;
        const PtyBoard board{[&, answer = proper()](const TsMessage& request) {
            Bytes frame = answer(request);
            if (request.id == TsArm) {
                armed = request.tag;
                return frame + damaged(frameOf(noticeOf(TsFire, request.tag, 0, 444)));
            }
            if (request.id != TsStatus) {
                return frame;
            }
            TsMessage status = replyTo(request, TsStatusSize);
            tsPut32(status.body + TsStatusFireCounter, 444);
            // At first it has not fired yet, as on an emulator that runs late.
            tsPut16(status.body + TsStatusFireTag, ++asked == 1 ? std::uint16_t{0} : armed);
            return frameOf(status);
        }};
        BlockEar ear;
        OPEN(board);
        block.listen(&ear);
        QVERIFY(block.program(0, 1000));
        const auto heard = ear.waitUntil([](const BlockEar::Heard& h) { return !h.fires.empty(); });
        QCOMPARE(heard.fires.size(), std::size_t{1});
        QCOMPARE(heard.fires[0].value_or(Cycles{}).count, std::uint64_t{444});
        QVERIFY(block.read(0));
        block.listen(nullptr);
    }

    void aBoardIsLeftAsQuietAsItIsMade()
    {
        std::mutex mutex;
        std::vector<int> asked;
        const PtyBoard board{
            [&, answer = proper(), lastTag = std::uint16_t{0}](const TsMessage& request) mutable {
                const std::scoped_lock lock{mutex};
                // On a busy machine a request may be repeated.
                if (std::exchange(lastTag, request.tag) != request.tag) {
                    asked.push_back(request.id);
                }
                return answer(request);
            }};
        QVERIFY(openStm32(board.port()));
        const std::size_t expected = 10; // identify, quiet, five reads, quiet
        const auto all = [&] {
            const std::scoped_lock lock{mutex};
            return asked;
        };
        QTRY_COMPARE(all().size(), expected);
        QCOMPARE(all(),
                 (std::vector<int>{TsIdentify, TsStream, TsDisarm, TsRead, TsRead, TsRead, TsRead,
                                   TsRead, TsStream, TsDisarm}));
    }

    void aReleasedPortIsFreeForOthers()
    {
        const PtyBoard board{proper()};
        BlockEar ear;
        OPEN(board);
        block.listen(&ear);
        QVERIFY(block.program(0, 1000));
        block.release();
        QCOMPARE(block.read(0).error().code, ErrorCode::DeviceLost);
        QCOMPARE(block.set(0, ClockEventState::Shutdown, 0).error().code, ErrorCode::DeviceLost);
        QCOMPARE(block.program(0, 1000).error().code, ErrorCode::DeviceLost);
        QCOMPARE(block.stream(0, 1ms).error().code, ErrorCode::DeviceLost);
        const auto other = openStm32(board.port());
        QVERIFY2(other, other ? "" : other.error().what.c_str());
        QVERIFY((*other)->read(0));
        QVERIFY(ear.heard().losses.empty());
    }

    void aBoardThatWasResetIsLost()
    {
        const PtyBoard board{proper()};
        BlockEar ear;
        OPEN(board);
        block.listen(&ear);
        TsMessage started{};
        started.id = TsStarted;
        board.send(frameOf(started));
        const auto heard
            = ear.waitUntil([](const BlockEar::Heard& h) { return !h.losses.empty(); });
        QCOMPARE(heard.losses.size(), std::size_t{1});
        QVERIFY2(heard.losses[0].what.find("was reset") != std::string::npos,
                 heard.losses[0].what.c_str());
        QCOMPARE(block.read(0).error().code, ErrorCode::DeviceLost);
        block.listen(nullptr);
    }

    void aLossThatNobodyHeardIsToldToTheNextListener()
    {
        PtyBoard board{proper()};
        OPEN(board);
        board.unplug();
        QTRY_VERIFY(!block.read(0));
        BlockEar first;
        block.listen(&first);
        static_cast<void>(
            first.waitUntil([](const BlockEar::Heard& h) { return !h.losses.empty(); }));
        BlockEar second;
        block.listen(&second);
        block.listen(nullptr);
        QCOMPARE(first.heard().losses.size(), std::size_t{1});
        QVERIFY(second.heard().losses.empty());
    }

    void theUsbIdsOfStAreKnown()
    {
        QVERIFY(isStm32(0x0483, 0x374b));
        QVERIFY(isStm32(0x0483, 0x5740));
        QVERIFY(!isStm32(0x0483, 0x3748)); // an ST-LINK/V2 has no serial port
        QVERIFY(!isStm32(0x0403, 0x374b));
    }

    void autoTakesTheOnlyPortAndNoOther()
    {
        const Stm32Port one{"/dev/ttyACM0", "STM32 STLink"};
        const Stm32Port two{"/dev/ttyACM1", ""};
        QCOMPARE(*onlyPort(std::array{one}), std::string{"/dev/ttyACM0"});
        QCOMPARE(onlyPort({}).error().code, ErrorCode::Unavailable);
        const auto several = onlyPort(std::array{one, two});
        QCOMPARE(several.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(QString::fromStdString(several.error().what),
                 QString("2 serial ports look like an STM32's: /dev/ttyACM0 (STM32 STLink), "
                         "/dev/ttyACM1; name one of them"));
        // Whatever is plugged in here, each of them is named by its path.
        const auto ports = stm32Ports();
        QVERIFY(std::ranges::all_of(
            ports, [](const Stm32Port& port) { return port.path.starts_with("/dev/"); }));
    }
};

QTEST_GUILESS_MAIN(Stm32LineTest)
#include "stm32_line_test.moc"
