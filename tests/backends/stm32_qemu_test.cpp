// SPDX-License-Identifier: GPL-3.0-or-later
// The product's own code against the real firmware, on an emulated STM32F405. Runs without an
// application object, as the terminal program does.
#include "backends/stm32/link.h"
#include "backends/stm32/open_stm32.h"
#include "engine/base/wide.h"
#include "tests/support/block_ear.h"
#include "tests/support/qemu_board.h"

#include <QCoreApplication>
#include <QTest>

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <random>
#include <termios.h>
#include <thread>
#include <unistd.h>

using namespace timerscope;
using namespace std::chrono_literals;
using test::BlockEar;
using test::QemuBoard;
using Clock = std::chrono::steady_clock;

namespace {

/// A board, and what the product made of it.
struct Bench
{
    QemuBoard board;
    BlockEar ear;
    std::unique_ptr<AttachedBlock> block; // last: its thread speaks to the ear
    std::string error;

    Bench()
    {
        if (const auto started = board.start(); !started) {
            error = started.error().what;
            return;
        }
        auto opened = openStm32(board.port());
        if (!opened) {
            error = opened.error().what;
            return;
        }
        block = std::move(*opened);
        block->listen(&ear);
    }
};

/// Keeps the notices of a bare link. Called on the link's thread; read after a request, whose reply
/// comes behind them.
struct LinkEar final : LinkListener
{
    std::mutex mutex;
    std::vector<TsMessage> notices;

    void notified(const TsMessage& message) override
    {
        const std::scoped_lock lock{mutex};
        notices.push_back(message);
    }
    void damaged() override { }
    std::optional<Clock::time_point> lookAt() override { return std::nullopt; }
    void look() override { }
    void lost(const Error& /*error*/) override { }
};

TsMessage requestOf(std::uint8_t id, std::uint16_t tag)
{
    TsMessage request{};
    request.id = id;
    request.tag = tag;
    return request;
}

/// Puts bytes on a board's line past the product's code. Held open, since an emulator forgets what
/// it has not read when the line is closed.
class RawLine
{
public:
    explicit RawLine(const std::string& port)
        : m_line(::open(port.c_str(), O_RDWR | O_NOCTTY))
    {
        termios raw{};
        ::cfmakeraw(&raw);
        ::tcsetattr(m_line, TCSANOW, &raw);
    }
    ~RawLine() { ::close(m_line); }
    RawLine(const RawLine&) = delete;
    RawLine& operator=(const RawLine&) = delete;

    [[nodiscard]] bool send(const std::vector<std::uint8_t>& bytes) const
    {
        return ::write(m_line, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    }

private:
    int m_line;
};

std::uint64_t processCpuNs()
{
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * nsPerSecond
        + static_cast<std::uint64_t>(time.tv_nsec);
}

/// The smallest number of counter ticks that last as long as @p ticks of the event timer.
std::uint64_t counterTicks(const AttachedBlock& block, std::uint64_t ticks)
{
    const WideUnsigned product
        = static_cast<WideUnsigned>(ticks) * block.counters().front().rate.value;
    return static_cast<std::uint64_t>(product / block.channels().front().rate.value);
}

} // namespace

#define OPEN_BENCH()                                                                               \
    Bench bench;                                                                                   \
    QVERIFY2(bench.block, bench.error.c_str())

class Stm32QemuTest : public QObject
{
    Q_OBJECT
private slots:
    void theBoardTellsWhatItIs()
    {
        OPEN_BENCH();
        QVERIFY(QCoreApplication::instance() == nullptr);
        QCOMPARE(
            QString::fromStdString(bench.block->identity()),
            QString::fromStdString("STM32F405 in QEMU, firmware 1.0, on " + bench.board.port()));
        const auto counters = bench.block->counters();
        QCOMPARE(counters.size(), std::size_t{1});
        QCOMPARE(counters[0].name, std::string{"stm32-tim2"});
        QCOMPARE(counters[0].rate.value, std::uint64_t{50'000'000});
        QCOMPARE(counters[0].bits, 32U);
        QVERIFY(counters[0].readCost > Ns::zero());
        const auto channels = bench.block->channels();
        QCOMPARE(channels.size(), std::size_t{1});
        QCOMPARE(channels[0].name, std::string{"stm32-systick"});
        QCOMPARE(channels[0].rate.value, std::uint64_t{21'000'000});
        QCOMPARE(channels[0].maxTicks, std::uint64_t{0xffffff});
        QCOMPARE(channels[0].features, clock_event_feature::oneshot);
        QCOMPARE(bench.block->losses(), std::uint64_t{0});
    }

    void twoThousandReadsNeverGoBack()
    {
        OPEN_BENCH();
        std::vector<std::uint64_t> values;
        std::vector<std::int64_t> roundTrips;
        const auto start = Clock::now();
        for (int i = 0; i < 2000; ++i) {
            const auto before = Clock::now();
            const auto value = bench.block->read(0);
            QVERIFY2(value, value ? "" : value.error().what.c_str());
            roundTrips.push_back(
                std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - before)
                    .count());
            values.push_back(value->count);
        }
        const auto took = std::chrono::duration_cast<Ns>(Clock::now() - start);
        std::uint64_t sum = 0;
        for (std::size_t i = 1; i < values.size(); ++i) {
            const std::uint64_t step
                = elapsed(Cycles{values[i - 1]}, Cycles{values[i]}, counterMask(32)).count;
            QVERIFY2(step != 0 && step < std::uint64_t{1} << 31, qPrintable(QString::number(i)));
            sum += step;
        }
        // The counter and this computer agree on how long it took, within what one read takes.
        QVERIFY(sum * 20 <= static_cast<std::uint64_t>(took.count()) + 20);
        QCOMPARE(bench.block->losses(), std::uint64_t{0});
        QCOMPARE(bench.block->observe(0).count, values.back());
        std::ranges::sort(roundTrips);
        qInfo("round trip in us: min %lld, median %lld, 99 %% %lld, max %lld",
              static_cast<long long>(roundTrips.front()), static_cast<long long>(roundTrips[1000]),
              static_cast<long long>(roundTrips[1980]), static_cast<long long>(roundTrips.back()));
    }

    void aStreamTellsWhatIsMissing_data()
    {
        QTest::addColumn<std::int64_t>("period");
        QTest::newRow("a pace that the board keeps") << std::int64_t{1'000'000};
        QTest::newRow("a pace that no line can keep") << std::int64_t{1'000};
    }

    void aStreamTellsWhatIsMissing()
    {
        QFETCH(const std::int64_t, period);
        OPEN_BENCH();
        QVERIFY(bench.block->stream(0, Ns{period}));
        const auto heard
            = bench.ear.waitUntil([](const BlockEar::Heard& h) { return h.samples.size() >= 300; });
        QVERIFY(bench.block->stream(0, Ns::zero()));
        QVERIFY(heard.samples.size() >= 300);
        std::uint64_t missed = 0;
        for (const BlockEar::Sample& sample : heard.samples) {
            missed += sample.missed;
        }
        QVERIFY(period > 1'000 || missed > 300);
        // Samples and gaps together account for each period that went by on the counter.
        const std::uint64_t ticks
            = elapsed(heard.samples.front().value, heard.samples.back().value, counterMask(32))
                  .count;
        const std::uint64_t periods = ticks * 20 / static_cast<std::uint64_t>(period);
        const std::uint64_t accounted
            = heard.samples.size() - 1 + missed - heard.samples.front().missed;
        QVERIFY2(accounted <= periods + 1 && periods <= accounted + 1,
                 qPrintable(QString("%1 periods, %2 accounted for").arg(periods).arg(accounted)));
        QVERIFY(bench.block->losses() >= missed);
        // Silence after the stop, and the board still answers.
        const std::size_t stopped = bench.ear.heard().samples.size();
        for (int i = 0; i < 20; ++i) {
            QVERIFY(bench.block->read(0));
        }
        QCOMPARE(bench.ear.heard().samples.size(), stopped);
    }

    void aOneshotFiresOnceAndNeverEarly()
    {
        OPEN_BENCH();
        std::size_t fires = 0;
        for (const std::uint64_t ticks : {bench.block->channels()[0].minTicks, std::uint64_t{2'100},
                                          std::uint64_t{210'000}, std::uint64_t{2'100'000}}) {
            const auto before = bench.block->read(0);
            QVERIFY(before);
            QVERIFY(bench.block->program(0, ticks));
            ++fires;
            const auto heard = bench.ear.waitUntil(
                [&](const BlockEar::Heard& h) { return h.fires.size() >= fires; });
            QCOMPARE(heard.fires.size(), fires);
            const Cycles fired = heard.fires.back().value_or(*before);
            const auto waited = elapsed(*before, fired, counterMask(32)).count;
            QVERIFY2(waited >= counterTicks(*bench.block, ticks),
                     qPrintable(QString("%1 after %2").arg(waited).arg(ticks)));
        }
    }

    void whatWasDisarmedOrArmedAnewIsNotTold()
    {
        OPEN_BENCH();
        QVERIFY(bench.block->program(0, 10'500'000)); // 500 ms
        QVERIFY(bench.block->set(0, ClockEventState::OneshotStopped, 0));
        QVERIFY(bench.block->program(0, 10'500'000)); // again, and replaced at once
        const auto before = bench.block->read(0);
        QVERIFY(before);
        QVERIFY(bench.block->program(0, 0xffffff)); // 799 ms
        const auto heard
            = bench.ear.waitUntil([](const BlockEar::Heard& h) { return !h.fires.empty(); });
        QCOMPARE(heard.fires.size(), std::size_t{1});
        const Cycles fired = heard.fires[0].value_or(*before);
        const auto waited = elapsed(*before, fired, counterMask(32)).count;
        QVERIFY2(waited >= counterTicks(*bench.block, 0xffffff),
                 qPrintable(QString("told after %1 ticks").arg(waited)));
        QCOMPARE(bench.block->set(0, ClockEventState::Periodic, 1000).error().code,
                 ErrorCode::NotSupported);
        QCOMPARE(bench.block->program(0, 0x1000000).error().code, ErrorCode::OutOfRange);
        QCOMPARE(bench.block->program(0, 0).error().code, ErrorCode::OutOfRange);
        QCOMPARE(bench.block->read(1).error().code, ErrorCode::OutOfRange);
    }

    void theFirmwareFindsItsWayOutOfNoise()
    {
        QemuBoard board;
        const auto started = board.start();
        QVERIFY2(started, started ? "" : started.error().what.c_str());
        std::vector<std::uint8_t> noise(3000);
        std::mt19937 random{405};
        std::ranges::generate(noise, [&] { return static_cast<std::uint8_t>(random()); });
        const RawLine line{board.port()};
        QVERIFY(line.send(noise));
        LinkEar ear;
        Link link{ear};
        QVERIFY(link.open(board.port()));
        const auto status
            = link.request(requestOf(TsStatus, link.newTag()), {.attempts = 40, .each = 250ms});
        QVERIFY2(status, status ? "" : status.error().what.c_str());
        QCOMPARE(status->id, std::uint8_t{TsStatus | TsReply});
        // About one byte in 256 is a zero and ends what cannot be a message.
        QVERIFY2(tsGet32(status->body + TsStatusDamaged) >= 3, "no frame was noticed as damaged");
        QCOMPARE(tsGet32(status->body + TsStatusOverruns), 0U);
    }

    void theFirmwareRefusesWhatItCannotDo()
    {
        QemuBoard board;
        const auto started = board.start();
        QVERIFY2(started, started ? "" : started.error().what.c_str());
        LinkEar ear;
        Link link{ear};
        QVERIFY(link.open(board.port()));
        const auto reasonFor = [&](TsMessage request) {
            request.tag = link.newTag();
            const auto reply = link.request(request, {.attempts = 12, .each = 250ms});
            const bool isRefusal = reply && reply->id == TsRefusal && reply->size == 2
                && reply->body[0] == request.id;
            return isRefusal ? int{reply->body[1]} : -1;
        };
        TsMessage arm = requestOf(TsArm, 0);
        QCOMPARE(reasonFor(requestOf(0x33, 0)), int{TsUnknownMessage});
        QCOMPARE(reasonFor(requestOf(TsIdentify | TsReply, 0)), int{TsUnknownMessage});
        QCOMPARE(reasonFor(arm), int{TsBadBody});
        arm.size = 4;
        QCOMPARE(reasonFor(arm), int{TsOutOfRange});
        tsPut32(arm.body, 0x1000000);
        QCOMPARE(reasonFor(arm), int{TsOutOfRange});
        tsPut32(arm.body, 1000);
        arm.size = TsMaxBody; // longer than needed: what is behind the ticks is for later versions
        QCOMPARE(reasonFor(arm), -1);
    }

    void theStatusTellsOfTheLastFireAgain()
    {
        QemuBoard board;
        const auto started = board.start();
        QVERIFY2(started, started ? "" : started.error().what.c_str());
        LinkEar ear;
        Link link{ear};
        QVERIFY(link.open(board.port()));
        TsMessage arm = requestOf(TsArm, link.newTag());
        arm.size = 4;
        tsPut32(arm.body, 210'000); // 10 ms
        // Asked once only: an arm that is repeated fires twice.
        const Patience once{.attempts = 1, .each = 20s};
        // The emulator drops what is sent before it has seen somebody open its port.
        const Patience again{.attempts = 40, .each = 500ms};
        const auto status = [&] { return link.request(requestOf(TsStatus, link.newTag()), again); };
        QVERIFY(status());
        const auto armed = link.request(arm, once);
        QVERIFY(armed);
        TsMessage fired{};
        for (const auto end = Clock::now() + 20s; fired.id == 0 && Clock::now() < end;) {
            const auto answer = status();
            QVERIFY(answer);
            fired = tsGet16(answer->body + TsStatusFireTag) == arm.tag ? *answer : fired;
        }
        QVERIFY(fired.id != 0);
        const std::uint32_t waited
            = tsGet32(fired.body + TsStatusFireCounter) - tsGet32(armed->body + TsCounterValue);
        QVERIFY2(waited >= 500'000, qPrintable(QString::number(waited)));
        // It is a oneshot: nothing more comes in the time of several.
        for (const auto end = Clock::now() + 100ms; Clock::now() < end;) {
            QVERIFY(status());
        }
        const std::scoped_lock lock{ear.mutex};
        QCOMPARE(std::ranges::count(ear.notices, TsFire, &TsMessage::id), 1);
        const auto notice = std::ranges::find(ear.notices, TsFire, &TsMessage::id);
        QCOMPARE(notice->tag, arm.tag);
        QCOMPARE(tsGet32(notice->body + TsSampleCounter),
                 tsGet32(fired.body + TsStatusFireCounter));
    }

    void aBoardThatVanishesIsNoticedOnceAndAtOnce()
    {
        OPEN_BENCH();
        QVERIFY(bench.block->read(0));
        bench.board.kill();
        const auto killed = Clock::now();
        const auto heard
            = bench.ear.waitUntil([](const BlockEar::Heard& h) { return !h.losses.empty(); });
        QCOMPARE(heard.losses.size(), std::size_t{1});
        QCOMPARE(heard.losses[0].code, ErrorCode::DeviceLost);
        QVERIFY2(heard.lostAt < killed + 100ms, "the loss was told late");
        const auto asked = Clock::now();
        QCOMPARE(bench.block->read(0).error().code, ErrorCode::DeviceLost);
        QCOMPARE(bench.block->program(0, 1000).error().code, ErrorCode::DeviceLost);
        QCOMPARE(bench.block->set(0, ClockEventState::Oneshot, 0).error().code,
                 ErrorCode::DeviceLost);
        QCOMPARE(bench.block->stream(0, 1ms).error().code, ErrorCode::DeviceLost);
        QVERIFY2(Clock::now() < asked + 100ms, "calls after the loss waited");
        const std::uint64_t before = processCpuNs();
        std::this_thread::sleep_for(300ms);
        QVERIFY2(processCpuNs() - before < 30'000'000, "something spins");
        QCOMPARE(bench.ear.heard().losses.size(), std::size_t{1});
    }

    void aBoardThatHangsIsLostAfterTheSecondTry()
    {
        OPEN_BENCH();
        bench.board.freeze();
        const auto start = Clock::now();
        const auto value = bench.block->read(0);
        bench.board.thaw();
        QCOMPARE(value.error().code, ErrorCode::DeviceLost);
        QVERIFY(Clock::now() - start >= 1900ms);
        const auto heard
            = bench.ear.waitUntil([](const BlockEar::Heard& h) { return !h.losses.empty(); });
        QCOMPARE(heard.losses.size(), std::size_t{1});
        QCOMPARE(bench.block->read(0).error().code, ErrorCode::DeviceLost);
    }

    void theNextProgramFindsTheBoardQuiet()
    {
        OPEN_BENCH();
        QVERIFY(bench.block->stream(0, 100us));
        QVERIFY(bench.block->program(0, 0xffffff));
        static_cast<void>(
            bench.ear.waitUntil([](const BlockEar::Heard& h) { return h.samples.size() > 10; }));
        bench.block.reset();
        BlockEar ear;
        const auto again = openStm32(bench.board.port());
        QVERIFY2(again, again ? "" : again.error().what.c_str());
        (*again)->listen(&ear);
        for (int i = 0; i < 20; ++i) {
            QVERIFY((*again)->read(0));
        }
        QVERIFY(ear.heard().samples.empty());
        QVERIFY(ear.heard().fires.empty());
    }
};

QTEST_APPLESS_MAIN(Stm32QemuTest)
#include "stm32_qemu_test.moc"
