// SPDX-License-Identifier: GPL-3.0-or-later
//! The judge of recorded wheel runs: it must see a difference wherever one is planted.
#include "tests/oracle/table_file.h"
#include "tests/oracle/wheel_replay.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <array>

using namespace timerscope;
using namespace timerscope::oracle;

namespace {

struct Ended
{
    int code = -1;
    QString out;
    QString err;
};

Ended check(const QString& directory)
{
    QProcess process;
    process.start(qEnvironmentVariable("TIMERSCOPE_BIN_DIR") + "/oracle_check",
                  {"wheel", directory});
    if (!process.waitForFinished(60'000) || process.exitStatus() != QProcess::NormalExit) {
        return {};
    }
    return {.code = process.exitCode(),
            .out = QString::fromUtf8(process.readAllStandardOutput()),
            .err = QString::fromUtf8(process.readAllStandardError())};
}

QString recordings()
{
    return qEnvironmentVariable("TIMERSCOPE_SOURCE_DIR") + "/tests/oracle/wheel";
}

QByteArrayList recordedLines(const QString& name)
{
    QFile file(recordings() + '/' + name + ".tsv");
    if (!file.open(QIODevice::ReadOnly)) {
        qFatal("a recording is missing");
    }
    return file.readAll().trimmed().split('\n');
}

/// A directory of tables that lasts as long as the test.
class Tables
{
public:
    Tables& file(const QString& name, const QByteArrayList& lines)
    {
        QFile file(m_directory.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(lines.join('\n') + '\n') < 0) {
            qFatal("cannot write a test file");
        }
        return *this;
    }
    [[nodiscard]] Ended check() const { return ::check(m_directory.path()); }
    [[nodiscard]] QString path(const QString& name) const { return m_directory.filePath(name); }

private:
    QTemporaryDir m_directory;
};

qsizetype columnOf(const QByteArrayList& lines, const QByteArray& column)
{
    return lines.front().mid(1).split('\t').indexOf(column);
}

/// tw04 with @p by added to @p column of the timer @p id.
QByteArrayList altered(qsizetype id, const QByteArray& column, qlonglong by)
{
    QByteArrayList lines = recordedLines("tw04_wheel_spread");
    QByteArrayList fields = lines[id + 1].split('\t');
    QByteArray& field = fields[columnOf(lines, column)];
    field = QByteArray::number(field.toLongLong() + by);
    lines[id + 1] = fields.join('\t');
    return lines;
}

} // namespace

class WheelReplayTest : public QObject
{
    Q_OBJECT
private slots:
    void recordedRunsPass();
    void plantedDifferenceFailsAndIsNamed_data();
    void plantedDifferenceFailsAndIsNamed();
    void twoTimersThatChangePlacesFail();
    void replayNeverReadsTheAnswers();
    void timerThatNeverFiredMustNotFire();
    void runOfMoreCpusIsLeftOut();
    void badInputIsNamed_data();
    void badInputIsNamed();
};

void WheelReplayTest::recordedRunsPass()
{
    const Ended ended = check(recordings());
    QCOMPARE(ended.err, "");
    QCOMPARE(ended.out,
             "tw01_wheel_small passed (400 compared, 0 excepted)\n"
             "tw03_wheel_large passed (300 compared, 0 excepted)\n"
             "tw04_wheel_spread passed (200 compared, 0 excepted)\n"
             "tw06_wheel_smp2 left out (300 excepted)\n"
             "tw08_wheel_deferrable passed (93 compared, 107 excepted)\n"
             "4 passed, 0 failed\n");
    QCOMPARE(ended.code, 0);
}

void WheelReplayTest::plantedDifferenceFailsAndIsNamed_data()
{
    QTest::addColumn<QByteArray>("column");
    QTest::addColumn<QString>("message");
    QTest::newRow("bucket") << QByteArray("bucket") << "timer 7: bucket: expected";
    QTest::newRow("firing jiffy") << QByteArray("fired_jiffies")
                                  << "timer 7: fired_jiffies: expected";
}

void WheelReplayTest::plantedDifferenceFailsAndIsNamed()
{
    QFETCH(QByteArray, column);
    QFETCH(QString, message);
    const Ended ended = Tables().file("t.tsv", altered(7, column, 1)).check();
    QVERIFY2(ended.out.startsWith("t failed: " + message), qPrintable(ended.out + ended.err));
    QVERIFY(ended.out.endsWith("\n0 passed, 1 failed\n"));
    QCOMPARE(ended.code, 1);
}

void WheelReplayTest::twoTimersThatChangePlacesFail()
{
    QByteArrayList lines = recordedLines("tw01_wheel_small");
    const qsizetype order = columnOf(lines, "order");
    QByteArrayList one = lines[1].split('\t');
    QByteArrayList other = lines[2].split('\t');
    std::swap(one[order], other[order]);
    lines[1] = one.join('\t');
    lines[2] = other.join('\t');
    const Ended ended = Tables().file("t.tsv", lines).check();
    QVERIFY2(ended.out.startsWith("t failed: timer 0: place in the firing order: expected 153 got"),
             qPrintable(ended.out));
    QVERIFY2(ended.err.startsWith("t: timer 1: place in the firing order"), qPrintable(ended.err));
    QCOMPARE(ended.code, 1);
}

/// Another clock at arming is another bucket.
void WheelReplayTest::replayNeverReadsTheAnswers()
{
    const auto run = readWheelRun(recordings().toStdString() + "/tw03_wheel_large.tsv");
    QVERIFY(run);
    const auto outcomes = replayWheel(run->armings, run->end);
    auto armings = run->armings;
    for (WheelArming& arming : armings) {
        ++arming.requested.count;
    }
    const auto later = replayWheel(armings, Jiffies{run->end.count + 1000});
    QCOMPARE(outcomes.size(), later.size());
    std::size_t moved = 0;
    for (std::size_t i = 0; i < later.size(); ++i) {
        moved += later[i].fired != outcomes[i].fired ? 1U : 0U;
        QVERIFY(!isBefore(*later[i].fired, armings[i].requested)); // never early
    }
    QVERIFY(moved > 50); // at least those of level 0
}

void WheelReplayTest::timerThatNeverFiredMustNotFire()
{
    const Ended ended = Tables().file("t.tsv", altered(7, "nfire", -1)).check();
    QVERIFY2((ended.out + ended.err).contains("timer 7: fired_jiffies: expected never got"),
             qPrintable(ended.out + ended.err));
    QCOMPARE(ended.code, 1);
}

void WheelReplayTest::runOfMoreCpusIsLeftOut()
{
    const QByteArrayList lines = altered(7, "bucket", 1); // which nobody then sees
    const Ended byName = Tables().file("t_smp2.tsv", lines).check();
    QCOMPARE(byName.out, "t_smp2 left out (200 excepted)\n0 passed, 0 failed\n");
    QCOMPARE(byName.code, 1); // nothing compared is nothing shown
    const Ended byCpu = Tables().file("t.tsv", altered(7, "fire_cpu", 1)).check();
    QCOMPARE(byCpu.out, "t left out (200 excepted)\n0 passed, 0 failed\n");
}

void WheelReplayTest::badInputIsNamed_data()
{
    QTest::addColumn<QByteArrayList>("lines");
    QTest::addColumn<QString>("message");
    const QByteArrayList good = recordedLines("tw04_wheel_spread");
    QTest::newRow("no heading") << good.mid(1) << "t.tsv:1: the line does not start with '#'";
    QTest::newRow("no row") << good.mid(0, 1) << "t.tsv:2: the table has no row";
    QTest::newRow("short row") << (good.mid(0, 2) << "1\t2")
                               << "t.tsv:3: the row has 2 values; the first line names 16";
    QTest::newRow("not a number") << (good.mid(0, 1) << QByteArray(good[1]).replace(0, 1, "x"))
                                  << "t.tsv:2: the value is 'x'; it must be a 64-bit integer";
    QByteArrayList unnamed = good;
    unnamed[0].replace("bucket", "basket");
    QTest::newRow("no column") << unnamed << "t.tsv:1: the column 'bucket' is missing";
    QTest::newRow("level and bucket disagree")
        << altered(0, "level", 1) << "t.tsv: timer 0 has level 1 and bucket 14";
}

void WheelReplayTest::badInputIsNamed()
{
    QFETCH(QByteArrayList, lines);
    QFETCH(QString, message);
    const Ended ended = Tables().file("t.tsv", lines).check();
    QVERIFY2(ended.err.contains(message), qPrintable(ended.err));
    QCOMPARE(ended.out, "");
    QCOMPARE(ended.code, 2);
    QCOMPARE(check(QDir::tempPath() + "/timerscope-no-such-directory").code, 2);
}

QTEST_GUILESS_MAIN(WheelReplayTest)
#include "wheel_replay_test.moc"
