// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/mmio/halves.h"
#include "tests/backends/counter_page.h"
#include "tests/backends/linux_tree.h"

#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QtTest>

#include <filesystem>
#include <thread>

using namespace timerscope;
using namespace std::chrono_literals;
using test::CounterPage;
using test::OrdinaryUser;
using test::plainConfig;
using test::sentenceOf;

namespace {

/// 16-bit halves, the lower one first.
MmioConfig halvesConfig(const std::string& path)
{
    MmioConfig config = plainConfig(path);
    config.where.width = 16;
    config.where.offset = 4;
    config.where.high = 6;
    return config;
}

bool isOneSentence(const std::string& what)
{
    return !what.empty() && !what.ends_with('.') && what.find('\n') == std::string::npos;
}

class Listener final : public BlockListener
{
public:
    void fired(ChannelIndex /*channel*/, std::optional<Cycles> /*counter*/) override { ++others; }
    void sampled(CounterIndex /*counter*/, Cycles /*value*/, std::uint64_t /*missed*/) override
    {
        ++others;
    }
    void lost(const Error& error) override { losses.push_back(error); }

    std::vector<Error> losses;
    int others = 0;
};

} // namespace

class MmioTest : public QObject
{
    Q_OBJECT

private slots:
    void aCounterIsReadWhereItIs();
    void everyWidthIsReadWithThatWidth_data();
    void everyWidthIsReadWithThatWidth();
    void bitsAboveTheCounterAreCutOff();
    void halvesMayLieOnTwoPages();
    void aBaseNeedsNoPageBoundary();
    void halvesStayTogetherWhenTheLowerOneOverflows_data();
    void halvesStayTogetherWhenTheLowerOneOverflows();
    void anUpperHalfThatNeverRestsEndsTheReadAllTheSame();
    void aCounterInHalvesNeverStepsBack();
    void aLatchIsWrittenAndWaitedForBeforeTheRead();
    void aLookWritesNoLatch();
    void onlyALatchNeedsAFileThatCanBeWritten();
    void aPeriodRegisterTellsTheRate_data();
    void aPeriodRegisterTellsTheRate();
    void aPeriodOfNonsenseIsRefused_data();
    void aPeriodOfNonsenseIsRefused();
    void whatACounterCannotDoIsSaid();
    void aFileThatIsCutShortIsADeviceLost();
    void aDeletedFileStaysReadable();
    void theCountersOfThisMachineWorkOrSayWhyNot_data();
    void theCountersOfThisMachineWorkOrSayWhyNot();
};

void MmioTest::aCounterIsReadWhereItIs()
{
    const CounterPage page;
    MmioConfig config = plainConfig(page.path());
    config.where.offset = 0xf0;
    page.at<std::uint32_t>(0xf0) = 41;
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    QCOMPARE((*block)->observe(0), Cycles{41});
    page.at<std::uint32_t>(0xf0) = 42;
    QCOMPARE((*block)->read(0).value(), Cycles{42});
    page.at<std::uint32_t>(0xf0) = 0xffff'ffff;
    QCOMPARE((*block)->read(0).value(), Cycles{0xffff'ffff});
    page.at<std::uint32_t>(0xf0) = 1; // it wrapped
    QCOMPARE((*block)->observe(0), Cycles{1});
    QCOMPARE((*block)->read(0).value(), Cycles{1});

    QCOMPARE((*block)->counters().size(), std::size_t{1});
    const CounterInfo& counter = (*block)->counters()[0];
    QCOMPARE(counter.name, std::string("c"));
    QCOMPARE(counter.rate, Hertz{1'000'000});
    QCOMPARE(counter.bits, 32U);
    QVERIFY(counter.readCost > 0ns);
    QCOMPARE((*block)->identity(),
             "c at 0xf0 of " + page.path() + ", 32 bits, read in "
                 + std::to_string(counter.readCost.count()) + " ns");
}

void MmioTest::everyWidthIsReadWithThatWidth_data()
{
    QTest::addColumn<unsigned>("width");
    QTest::addColumn<quint64>("value");
    QTest::newRow("8") << 8U << quint64{0x88};
    QTest::newRow("16") << 16U << quint64{0x7788};
    QTest::newRow("32") << 32U << quint64{0x5566'7788};
    QTest::newRow("64") << 64U << quint64{0x1122'3344'5566'7788};
}

void MmioTest::everyWidthIsReadWithThatWidth()
{
    QFETCH(unsigned, width);
    QFETCH(quint64, value);
    const CounterPage page;
    page.at<std::uint64_t>(8) = 0x1122'3344'5566'7788;
    MmioConfig config = plainConfig(page.path());
    config.where.offset = 8;
    config.where.width = width;
    config.bits = width;
    if (width < 64) { // an access that is too wide would show in the upper half, which is 0
        config.where.high = 0;
        config.bits = 2 * width;
    }
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    QCOMPARE((*block)->read(0).value(), Cycles{value});
}

void MmioTest::bitsAboveTheCounterAreCutOff()
{
    const CounterPage page;
    page.at<std::uint32_t>(0) = 0xab00'0001;
    MmioConfig config = plainConfig(page.path());
    config.bits = 24;
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    QCOMPARE((*block)->read(0).value(), Cycles{1});
    page.at<std::uint32_t>(0) = 0xabff'ffff;
    QCOMPARE((*block)->read(0).value(), Cycles{0xff'ffff});
    QCOMPARE((*block)->observe(0), Cycles{0xff'ffff});
    QCOMPARE((*block)->counters()[0].bits, 24U);
}

void MmioTest::halvesMayLieOnTwoPages()
{
    const CounterPage page(2 * CounterPage::pageSize);
    MmioConfig config = halvesConfig(page.path());
    config.where.base = 0xffe; // the lower half is the first page's last word
    config.where.offset = 0;
    config.where.high = 2;
    page.at<std::uint16_t>(0xffe) = 0x1234;
    page.at<std::uint16_t>(0x1000) = 0xabcd;
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    QCOMPARE((*block)->read(0).value(), Cycles{0xabcd'1234});
}

void MmioTest::aBaseNeedsNoPageBoundary()
{
    const CounterPage page(3 * CounterPage::pageSize);
    MmioConfig config = halvesConfig(page.path());
    config.where.base = 0x20e4;
    page.at<std::uint16_t>(0x20e8) = 7;
    page.at<std::uint16_t>(0x20ea) = 1;
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    QCOMPARE((*block)->read(0).value(), Cycles{0x1'0007});
    QVERIFY((*block)->identity().starts_with("c at 0x20e8 of " + page.path()
                                             + ", 16-bit halves, read in "));
}

void MmioTest::halvesStayTogetherWhenTheLowerOneOverflows_data()
{
    QTest::addColumn<quint32>("start");
    QTest::addColumn<quint32>("step");
    for (const quint32 step : {0U, 1U, 2U, 0x100U, 0x3fffU, 0x7fffU}) {
        for (const quint32 start : {0x1'0000U, 0x1'fffdU, 0x1'fffeU, 0x1'ffffU, 0xffff'ffffU}) {
            QTest::addRow("%x by %x", start, step) << start << step;
        }
    }
}

void MmioTest::halvesStayTogetherWhenTheLowerOneOverflows()
{
    QFETCH(quint32, start);
    QFETCH(quint32, step);
    std::uint32_t count = start; // goes on by a step with each access
    const auto low = [&] { return std::exchange(count, count + step) & 0xffffU; };
    const auto high = [&] { return std::exchange(count, count + step) >> 16U; };
    const auto value = static_cast<std::uint32_t>(readMovingHalves(low, high, 16));
    QVERIFY2(value - start <= count - start, "no value that the counter had meanwhile");
    QVERIFY((value - start) % std::max(step, 1U) == 0);
}

void MmioTest::anUpperHalfThatNeverRestsEndsTheReadAllTheSame()
{
    std::uint32_t count = 0;
    const auto next = [&] { return ++count; };
    QVERIFY(readMovingHalves(next, next, 16) > 0);
    QVERIFY(count < 1'000);
}

void MmioTest::aCounterInHalvesNeverStepsBack()
{
    const CounterPage page;
    const auto block = openMmio(halvesConfig(page.path()));
    QVERIFY2(block, sentenceOf(block));
    std::atomic<std::uint32_t> seen = 0;
    // Counts in one store as hardware does, and waits for a reader that fell far behind.
    std::jthread device([&](const std::stop_token& stop) {
        std::uint32_t count = 0;
        while (!stop.stop_requested()) {
            if (count - seen < 0x4000'0000) {
                count += 0x11;
                page.at<std::uint32_t>(4) = count;
            }
        }
    });
    std::uint32_t last = 0;
    const QDeadlineTimer limit(500);
    while (last == 0 || !limit.hasExpired()) {
        const auto now = static_cast<std::uint32_t>((*block)->read(0).value().count);
        QVERIFY2(now - last < 0x8000'0000U,
                 qPrintable(QString("%1 came after %2").arg(now, 0, 16).arg(last, 0, 16)));
        last = now;
        seen = now;
    }
}

void MmioTest::aLatchIsWrittenAndWaitedForBeforeTheRead()
{
    const CounterPage page;
    MmioConfig config = halvesConfig(page.path());
    config.where.latch = {.offset = 0, .value = 0x0a5a, .wait = 300ms};
    page.at<std::uint16_t>(2) = 0xffff; // beside the latch: not to be touched
    // Freezes a new value whenever the latch is written.
    std::jthread device([&](const std::stop_token& stop) {
        std::uint32_t frozen = 0x1'0000;
        while (!stop.stop_requested()) {
            if (page.at<std::uint16_t>(0) == 0x0a5a) {
                page.at<std::uint16_t>(0) = 0;
                page.at<std::uint32_t>(4) = ++frozen;
            }
        }
    });
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    const Cycles first = (*block)->observe(0);
    QVERIFY(first.count > 0x1'0000);
    QElapsedTimer clock;
    clock.start();
    QCOMPARE((*block)->read(0).value(), Cycles{first.count + 1});
    QVERIFY(clock.elapsed() >= 300);
    QVERIFY((*block)->counters()[0].readCost >= 300ms);
    QCOMPARE(page.at<std::uint16_t>(2).load(), std::uint16_t{0xffff});
}

void MmioTest::aLookWritesNoLatch()
{
    const CounterPage page;
    MmioConfig config = halvesConfig(page.path());
    config.where.latch = {.offset = 0, .value = 1, .wait = 400ns};
    page.at<std::uint32_t>(4) = 5;
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    QCOMPARE(page.at<std::uint16_t>(0).load(), std::uint16_t{1});
    page.at<std::uint16_t>(0) = 0;
    page.at<std::uint32_t>(4) = 6;
    QCOMPARE((*block)->observe(0), Cycles{5}); // what was read last
    QCOMPARE(page.at<std::uint16_t>(0).load(), std::uint16_t{0});
    QCOMPARE((*block)->read(0).value(), Cycles{6});
    QCOMPARE(page.at<std::uint16_t>(0).load(), std::uint16_t{1});
    QCOMPARE((*block)->observe(0), Cycles{6});
}

void MmioTest::onlyALatchNeedsAFileThatCanBeWritten()
{
    const OrdinaryUser user;
    const QTemporaryDir folder;
    const std::string path = folder.filePath("readable").toStdString();
    std::ofstream{path} << std::string(64, 'a');
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    MmioConfig config = plainConfig(path);
    const auto plain = openMmio(config);
    QVERIFY2(plain, sentenceOf(plain));
    QCOMPARE((*plain)->read(0).value(), Cycles{0x6161'6161});
    config.where.latch = {.offset = 4, .value = 1, .wait = 0ns};
    QCOMPARE(sentenceOf(openMmio(config)),
             QByteArray::fromStdString("the counter c cannot be read: this user may not open "
                                       + path + "; a udev rule or root can allow it"));
}

void MmioTest::aPeriodRegisterTellsTheRate_data()
{
    QTest::addColumn<quint32>("femtoseconds");
    QTest::addColumn<quint64>("hertz");
    QTest::newRow("10 ns") << quint32{10'000'000} << quint64{100'000'000};
    QTest::newRow("of most chip sets") << quint32{69'841'279} << quint64{14'318'180};
    QTest::newRow("of others") << quint32{41'666'667} << quint64{24'000'000};
    QTest::newRow("the fastest") << quint32{232'831} << quint64{4'294'960'723};
    QTest::newRow("the slowest") << quint32{0xffff'fffe} << quint64{232'831};
}

void MmioTest::aPeriodRegisterTellsTheRate()
{
    QFETCH(quint32, femtoseconds);
    QFETCH(quint64, hertz);
    const CounterPage page;
    page.at<std::uint32_t>(4) = femtoseconds;
    MmioConfig config = plainConfig(page.path());
    config.where.offset = 0xf0;
    config.where.period = {4};
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    QCOMPARE((*block)->counters()[0].rate, Hertz{hertz});
}

void MmioTest::aPeriodOfNonsenseIsRefused_data()
{
    QTest::addColumn<quint32>("femtoseconds");
    QTest::newRow("nothing") << quint32{0};
    QTest::newRow("too fast") << quint32{232'830};
    QTest::newRow("a bus where nobody answers") << quint32{0xffff'ffff};
}

void MmioTest::aPeriodOfNonsenseIsRefused()
{
    QFETCH(quint32, femtoseconds);
    const CounterPage page;
    page.at<std::uint32_t>(4) = femtoseconds;
    MmioConfig config = plainConfig(page.path());
    config.where.period = {4};
    const auto block = openMmio(config);
    QCOMPARE(sentenceOf(block),
             QString("the counter c cannot be read: it tells a period of %1 fs; one of 232831 to "
                     "4294967294 would be a counter's")
                 .arg(femtoseconds)
                 .toUtf8());
    QCOMPARE(block.error().code, ErrorCode::Unavailable);
}

void MmioTest::whatACounterCannotDoIsSaid()
{
    const CounterPage page;
    const auto block = openMmio(plainConfig(page.path()));
    QVERIFY2(block, sentenceOf(block));
    QVERIFY((*block)->channels().empty());
    QVERIFY((*block)->stream(0, 0ns));
    QCOMPARE((*block)->losses(), std::uint64_t{0});
    for (const auto& answer : {(*block)->stream(0, 1ms), (*block)->program(0, 1),
                               (*block)->set(0, ClockEventState::Oneshot, 0)}) {
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::NotSupported);
        QVERIFY(isOneSentence(answer.error().what));
    }
}

void MmioTest::aFileThatIsCutShortIsADeviceLost()
{
    CounterPage page(2 * CounterPage::pageSize);
    MmioConfig config = plainConfig(page.path());
    config.where.base = CounterPage::pageSize;
    page.at<std::uint32_t>(CounterPage::pageSize) = 9;
    const auto block = openMmio(config);
    QVERIFY2(block, sentenceOf(block));
    Listener listener;
    (*block)->listen(&listener);
    QCOMPARE((*block)->read(0).value(), Cycles{9});
    QVERIFY(page.cut(CounterPage::pageSize)); // the counter's page is gone: SIGBUS to touch it
    QCOMPARE((*block)->observe(0), Cycles{9});
    for (int i = 0; i < 3; ++i) {
        const auto lost = (*block)->read(0);
        QVERIFY(!lost);
        QCOMPARE(lost.error().code, ErrorCode::DeviceLost);
        QCOMPARE(lost.error().what,
                 "the counter c is lost: " + page.path()
                     + " was cut to 4096 bytes, and its registers need 4100");
    }
    QCOMPARE(listener.losses.size(), std::size_t{1});
    QVERIFY(page.cut(2 * CounterPage::pageSize)); // too late
    QCOMPARE((*block)->read(0).error().code, ErrorCode::DeviceLost);
    QCOMPARE((*block)->observe(0), Cycles{9});
    QCOMPARE((*block)->stream(0, 1ms).error().code, ErrorCode::DeviceLost);
    QCOMPARE((*block)->program(0, 1).error().code, ErrorCode::DeviceLost);
    QCOMPARE(listener.losses.size(), std::size_t{1});
    QCOMPARE(listener.others, 0);
}

void MmioTest::aDeletedFileStaysReadable()
{
    CounterPage page;
    const auto block = openMmio(plainConfig(page.path()));
    QVERIFY2(block, sentenceOf(block));
    QVERIFY(page.remove());
    page.at<std::uint32_t>(0) = 77;
    QCOMPARE((*block)->read(0).value(), Cycles{77});
}

void MmioTest::theCountersOfThisMachineWorkOrSayWhyNot_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<quint64>("base");
    QTest::newRow("the HPET") << QByteArray("/dev/hpet") << quint64{0};
    QTest::newRow("the HPET by its usual address")
        << QByteArray("/dev/mem") << quint64{0xfed0'0000};
}

void MmioTest::theCountersOfThisMachineWorkOrSayWhyNot()
{
    QFETCH(QByteArray, path);
    QFETCH(quint64, base);
    MmioConfig config = plainConfig(path.toStdString());
    config.where.base = base;
    config.where.offset = 0xf0;
    config.where.period = {4};
    const auto block = openMmio(config);
    if (!block) {
        QCOMPARE(block.error().code, ErrorCode::Unavailable);
        QVERIFY2(isOneSentence(block.error().what), sentenceOf(block));
        return; // it said why not
    }
    const CounterInfo& counter = (*block)->counters()[0];
    const Cycles first = (*block)->read(0).value();
    QTest::qSleep(20);
    const Cycles second = (*block)->read(0).value();
    const auto ticks = elapsed(first, second, counterMask(counter.bits)).count;
    QVERIFY2(ticks >= counter.rate.value / 50, (*block)->identity().c_str());
}

QTEST_GUILESS_MAIN(MmioTest)
#include "mmio_test.moc"
