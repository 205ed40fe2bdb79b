// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/number_text.h"
#include "app/models/window_model.h"
#include "tests/gui/gui_support.h"

#include <QAbstractItemModelTester>
#include <QItemSelectionModel>
#include <QSignalSpy>
#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

namespace {

SnapshotPtr queueOf(std::initializer_list<std::uint64_t> ids)
{
    Snapshot snapshot;
    HrtimerBaseRow base;
    std::int64_t expiry = 1'000'000;
    for (const std::uint64_t id : ids) {
        base.timers.push_back({.id = id,
                               .function = "hrtimer_wakeup",
                               .task = "task " + std::to_string(id),
                               .softExpires = HrtimerInstant{Ns{expiry}},
                               .hardExpires = HrtimerInstant{Ns{expiry + 50'000}},
                               .state = 1});
        expiry += 1'000'000;
    }
    CpuRow cpu;
    cpu.hrtimerBases.push_back(std::move(base));
    snapshot.cpus.push_back(std::move(cpu));
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

} // namespace

class ModelsTest : public QObject
{
    Q_OBJECT
private slots:
    void modelsKeepTheirContractThroughABoot();
    void selectedTimerStaysSelectedWhileOthersComeAndGo();
    void logGrowsWithoutReset();
    void ratingOutsideTheBandsIsSaidInWords();
    void timesAreGroupedAndExact();
    void copiesArePlain();
    void logStampIsTheKernels();
};

void ModelsTest::modelsKeepTheirContractThroughABoot()
{
    WindowModel model(openForTests());
    const auto mode = QAbstractItemModelTester::FailureReportingMode::QtTest;
    const QAbstractItemModelTester ratings(&model.ratings(), mode);
    const QAbstractItemModelTester ticks(&model.ticks(), mode);
    const QAbstractItemModelTester timers(&model.hrtimers(), mode);
    const QAbstractItemModelTester log(&model.bootLog(), mode);
    for (const char* uri : {"sim:mfoc-boot", "linux:", "sim:ast2500-boot"}) {
        QSignalSpy opened(&model, &WindowModel::opened);
        model.open(uri);
        QTRY_COMPARE(opened.count(), 1);
        for (int step = 0; step < 150; ++step) {
            model.step();
        }
        QTRY_VERIFY(model.ratings().rowCount() > 0);
        QTRY_VERIFY(model.ticks().rowCount() > 0);
        QTRY_VERIFY(model.hrtimers().rowCount() > 0);
        model.setSpeed({1, 1});
        model.play();
        QTest::qWait(300);
        model.pause();
        QTRY_VERIFY(model.view().state != PlayState::Playing);
    }
}

void ModelsTest::selectedTimerStaysSelectedWhileOthersComeAndGo()
{
    HrtimerQueueModel model;
    const QAbstractItemModelTester tester(&model);
    model.apply(queueOf({1, 2, 3, 4}));
    const QPersistentModelIndex third = model.index(2, 0);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.apply(queueOf({2, 4, 3, 5}));
    QCOMPARE(third.row(), 2);
    model.apply(queueOf({3, 9, 2}));
    QCOMPARE(third.row(), 0);
    QCOMPARE(model.data(model.index(0, HrtimerQueueModel::TaskColumn), Qt::DisplayRole).toString(),
             QString("task 3"));
    model.apply(queueOf({9, 2}));
    QVERIFY(!third.isValid());
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(resets.count(), 0);
}

void ModelsTest::logGrowsWithoutReset()
{
    TraceLog log;
    LogDigest digest;
    BootLogModel model;
    const QAbstractItemModelTester tester(&model);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    for (std::int64_t i = 1; i <= 10; ++i) {
        log.append({.at = TraceInstant{Ns{i * 1000}},
                    .a = i * 1'000'000,
                    .subject = log.intern("line " + std::to_string(i)),
                    .kind = RecordKind::Printk});
        QVERIFY(digest.advance(log, log.size(), 100));
        model.apply(digest);
        QCOMPARE(model.rowCount(), static_cast<int>(i));
    }
    QCOMPARE(resets.count(), 0);
    QCOMPARE(model.data(model.index(9, 0), BootLogModel::CopyRole).toString(),
             QString("[    0.010000] line 10"));
}

void ModelsTest::ratingOutsideTheBandsIsSaidInWords()
{
    Snapshot snapshot;
    for (const int rating : {500, 499, 1, 0}) {
        ClocksourceRow row;
        row.name = std::to_string(rating);
        row.rating = rating;
        snapshot.clocksources.push_back(row);
    }
    RatingModel model;
    const QAbstractItemModelTester tester(&model);
    model.apply(std::make_shared<const Snapshot>(snapshot));
    QCOMPARE(model.rows()[0].warning, QString::fromUtf8("500 is above the kernel’s bands 1–499"));
    QCOMPARE(model.rows()[1].warning, QString());
    QCOMPARE(model.rows()[2].warning, QString());
    QCOMPARE(model.rows()[3].warning, QString::fromUtf8("0 is below the kernel’s bands 1–499"));
}

void ModelsTest::timesAreGroupedAndExact()
{
    const QChar space(0x202f);
    const QChar minus(0x2212);
    QCOMPARE(instantNumber(238'478'000), QString("0.238_478_000 s").replace('_', space));
    QCOMPARE(instantNumber(48'211'904'118'000'001),
             QString("48_211_904.118_000_001 s").replace('_', space));
    QCOMPARE(spanNumber(Ns{2'786'800}), QString("2.786_800 ms").replace('_', space));
    QCOMPARE(spanNumber(Ns{50'000}), QString::fromUtf8("50 µs"));
    QCOMPARE(spanNumber(Ns{-1'500'000'000}), minus + QString("1.500 s"));
    QCOMPARE(spanNumber(Ns{0}), QString("0 ns"));
    QCOMPARE(roundedSpanNumber(Ns{2'786'800}), QString("2.787 ms"));
    QCOMPARE(roundedSpanNumber(Ns{999'999'600}), QString("1.000 s"));
    QCOMPARE(roundedSpanNumber(Ns{7}), QString("7 ns"));
    QCOMPARE(groupedNumber(-24'750'000), minus + QString("24_750_000").replace('_', space));
    QCOMPARE(instantNumber(Ns::max().count()), QString("never"));
}

void ModelsTest::copiesArePlain()
{
    QCOMPARE(plainCopy(spanNumber(Ns{-2'786'800})), QString("-2.786800 ms"));
}

void ModelsTest::logStampIsTheKernels()
{
    QCOMPARE(logStamp(238'478'999), QString("0.238_478").replace('_', QChar(0x202f)));
}

QTEST_MAIN(ModelsTest)
#include "models_test.moc"
