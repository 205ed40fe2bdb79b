// SPDX-License-Identifier: GPL-3.0-or-later
//! The recorded hrtimers: what is read, and that a kernel which answered otherwise would be
//! noticed.
#include "tests/oracle/commands.h"
#include "tests/oracle/hrtimer_replay.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sstream>

using namespace timerscope;
using namespace timerscope::oracle;

namespace {

/// Three timers on CLOCK_MONOTONIC, and a soft one.
const QByteArray good = "#id\tclock\tmode\tslack\tcpu\tstart\tsoft\thard\tfired\tctx\tcpu\torder\n"
                        "0\tmono\t0x8\t0\t0\t100\t3000\t3000\t3010\t1\t0\t1\n"
                        "1\treal\t0x1\t500\t0\t110\t2000\t2500\t2510\t1\t0\t0\n"
                        "2\tmono\t0x8\t0\t0\t120\t3000\t3000\t3020\t1\t0\t2\n"
                        "3\ttai\t0x4\t0\t0\t130\t2000\t2000\t2020\t2\t0\t3\n";

struct Answer
{
    std::optional<bool> passed; ///< none: refused
    QString text; ///< results and messages, or the refusal
};

Answer judge(const QByteArray& recording)
{
    const QTemporaryDir directory;
    QFile file(directory.filePath(QStringLiteral("run.tsv")));
    if (!file.open(QIODevice::WriteOnly) || file.write(recording) != recording.size()) {
        return {.passed = {}, .text = QStringLiteral("the file could not be written")};
    }
    file.close();
    std::ostringstream results;
    const auto passed = runHrtimers(directory.path().toStdString(), results, results);
    return passed ? Answer{.passed = *passed, .text = QString::fromStdString(results.str())}
                  : Answer{.passed = {}, .text = QString::fromStdString(passed.error().what)};
}

QByteArray with(const QByteArray& before, const QByteArray& after)
{
    QByteArray changed = good;
    return changed.replace(before, after);
}

} // namespace

class HrtimerRecordingTest : public QObject
{
    Q_OBJECT
private slots:
    void recordingOfTheKernelPasses();
    void otherAnswersAreNoticed_data();
    void otherAnswersAreNoticed();
    void timersThatDidNotFireAreLeftOut();
    void everyCpuHasItsOwnOrder();
    void malformedRowsAreRefused_data();
    void malformedRowsAreRefused();
    void directoryWithoutRecordingsIsRefused();
    void modelIsNotToldWhatBecameOfTheTimers();
};

void HrtimerRecordingTest::recordingOfTheKernelPasses()
{
    const Answer answer = judge(good);
    QCOMPARE(answer.text, "run passed (4 timers, 2 pairs in order)\n1 passed, 0 failed\n");
    QCOMPARE(answer.passed, true);
}

void HrtimerRecordingTest::otherAnswersAreNoticed_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QString>("told");
    QTest::newRow("order of expiry") << QByteArray("2510\t1\t0\t0") << QByteArray("2510\t1\t0\t7")
                                     << "base 0 in the interrupt: firing 1 is timer 0 got 1";
    QTest::newRow("first in, first out")
        << QByteArray("3010\t1\t0\t1") << QByteArray("3010\t1\t0\t4")
        << "base 0 in the interrupt: firing 2 is timer 2 got 0";
    QTest::newRow("context") << QByteArray("2020\t2") << QByteArray("2020\t1")
                             << "timer 3: context: expected the interrupt got the softirq";
    QTest::newRow("too early") << QByteArray("3010\t1") << QByteArray("2990\t1")
                               << "timer 0: the kernel fired it at 2990, before its soft expiry at "
                                  "3000";
    QTest::newRow("slack") << QByteArray("2000\t2500") << QByteArray("2000\t2600")
                           << "timer 1: hard expiry: expected 2600 got 2500";
}

void HrtimerRecordingTest::otherAnswersAreNoticed()
{
    QFETCH(const QByteArray, before);
    QFETCH(const QByteArray, after);
    QFETCH(const QString, told);
    const Answer answer = judge(with(before, after));
    QCOMPARE(answer.passed, false);
    QVERIFY2(answer.text.startsWith("run failed: "), qPrintable(answer.text));
    QVERIFY2(answer.text.contains(told), qPrintable(answer.text));
    QVERIFY(answer.text.endsWith("0 passed, 1 failed\n"));
}

void HrtimerRecordingTest::timersThatDidNotFireAreLeftOut()
{
    const Answer three = judge(with("3010\t1\t0\t1", "0\t0\t-1\t-1"));
    QCOMPARE(three.text, "run passed (3 timers, 1 pairs in order)\n1 passed, 0 failed\n");
    const Answer none = judge("0\tmono\t0x8\t0\t0\t100\t3000\t3000\t0\t0\t-1\t-1\n");
    QCOMPARE(none.passed, false);
}

void HrtimerRecordingTest::everyCpuHasItsOwnOrder()
{
    // Timer 0 fired last, but on another CPU than its neighbours.
    QCOMPARE(judge(with("3010\t1\t0\t1", "3010\t1\t1\t9")).passed, true);
}

void HrtimerRecordingTest::malformedRowsAreRefused_data()
{
    QTest::addColumn<QByteArray>("recording");
    QTest::addColumn<QString>("told");
    QTest::newRow("field missing") << with("\t3000\t3000\t3010", "\t3000\t3010")
                                   << ":2: the row has 11 fields; it must have 12";
    QTest::newRow("clock") << with("real", "raw")
                           << ":3: field 2 is 'raw'; it must be mono, real, boot or tai";
    QTest::newRow("number") << with("500", "5OO") << ":3: field 4 is '5OO'; it must be a number";
    QTest::newRow("mode") << with("0x4", "0x14") << ":5: field 3 is '0x14'";
    QTest::newRow("context") << with("3020\t1", "3020\t3") << ":4: field 10 is '3'";
    QTest::newRow("id") << with("\n2\t", "\n1\t") << ":4: timer 1 follows timer 1; ids must rise";
    QTest::newRow("nothing") << QByteArray("#only a heading\n") << ":1: the file holds no timer";
}

void HrtimerRecordingTest::malformedRowsAreRefused()
{
    QFETCH(const QByteArray, recording);
    QFETCH(const QString, told);
    const Answer answer = judge(recording);
    QVERIFY(!answer.passed);
    QVERIFY2(answer.text.contains(told), qPrintable(answer.text));
}

void HrtimerRecordingTest::directoryWithoutRecordingsIsRefused()
{
    const QTemporaryDir directory;
    std::ostringstream results;
    for (const auto& path : {directory.path(), directory.filePath(QStringLiteral("missing"))}) {
        QVERIFY(!runHrtimers(path.toStdString(), results, results));
    }
    QVERIFY(results.str().empty());
}

void HrtimerRecordingTest::modelIsNotToldWhatBecameOfTheTimers()
{
    auto timer = parseHrtimerRow("5\tboot\t0x4\t20\t0\t100\t3000\t3020\t9999\t1\t0\t1");
    QVERIFY(timer);
    const auto firings = replayHrtimers({*timer}, HrtimerPath::Interrupt);
    QCOMPARE(firings.size(), 1U);
    QCOMPARE(firings[0].id, 5U);
    QCOMPARE(firings[0].base, 6U);
    QVERIFY(firings[0].inSoftirq);
    QCOMPARE(firings[0].at, MonotonicInstant{Ns{3020}});
}

QTEST_GUILESS_MAIN(HrtimerRecordingTest)
#include "hrtimer_recording_test.moc"
