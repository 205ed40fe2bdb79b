// SPDX-License-Identifier: GPL-3.0-or-later
//! What is read from /proc/timer_list and printed again is the same text, byte for byte.
//!
//! Recorded dumps (v0.9, v0.10) come back without any exception. The two texts that are made by
//! hand show the only four things that a Snapshot does not hold, and the test says them out as
//! what to replace before it compares:
//! - who armed a timer (4.x with TIMER_STATS): "?" stands there;
//! - whether an address had brackets: it gets them;
//! - whether a negative offset had a sign (7.1): it is printed unsigned, as before 7.1;
//! - the version line, which decides nothing: the parser has it beside the Snapshot.
#include "backends/linux/timer_list_parser.h"
#include "engine/procfs/procfs.h"
#include "engine/trace/unknown_lines.h"
#include "tests/support/text_file.h"

#include <QDir>
#include <QTest>

#include <algorithm>

using namespace timerscope;
using namespace timerscope::test;

namespace {

const QString dumpFolder = QStringLiteral("tests/oracle/timer_list");

std::string dump(const QString& name)
{
    return textOf(sourcePath(dumpFolder + u'/' + name));
}

std::string byHand(const QString& name)
{
    return textOf(sourcePath("tests/fuzz/corpus/fuzz_timer_list/" + name));
}

/// Empty when both are the same, else the first line in which they differ.
QByteArray firstDifference(const std::string& expected, const std::string& printed)
{
    const QByteArrayList wanted = QByteArray::fromStdString(expected).split('\n');
    const QByteArrayList got = QByteArray::fromStdString(printed).split('\n');
    for (qsizetype i = 0; i < std::max(wanted.size(), got.size()); ++i) {
        const QByteArray left = i < wanted.size() ? wanted.at(i) : "(the text is over)";
        const QByteArray right = i < got.size() ? got.at(i) : "(the text is over)";
        if (left != right) {
            return "line " + QByteArray::number(i + 1) + "\n  was:     " + left
                + "\n  printed: " + right;
        }
    }
    return {};
}

/// @p text without its line that contains @p part, and with @p line there.
std::string withLine(std::string text, std::string_view part, std::string_view line)
{
    const std::size_t at = text.find(part);
    if (at == std::string::npos) {
        return {};
    }
    const std::size_t begin = text.rfind('\n', at) + 1;
    return text.replace(begin, text.find('\n', at) - begin, line);
}

Snapshot withoutNotices(Snapshot snapshot)
{
    snapshot.notices.clear(); // they name lines by their numbers
    return snapshot;
}

} // namespace

class TimerListRoundTripTest : public QObject
{
    Q_OBJECT
private slots:
    void allRecordedDumpsAreHere();
    void aRecordedDumpComesBackByteForByte_data();
    void aRecordedDumpComesBackByteForByte();
    void versionZeroEightComesBackButForWhoArmed();
    void hiddenAddressesAndVersionSevenOneComeBackButForTheSign();
    void unknownLinesSurviveWhereverTheyStood_data();
    void unknownLinesSurviveWhereverTheyStood();
    void unknownLinesThatLookLikeOthersStayUnknown();
    void aDifferenceIsNamedByItsLine();

private:
    static void comesBackAs(const std::string& expected, const std::string& printed,
                            const Snapshot& snapshot);
};

/// @p printed from @p snapshot is @p expected, and reads back as the same.
void TimerListRoundTripTest::comesBackAs(const std::string& expected, const std::string& printed,
                                         const Snapshot& snapshot)
{
    const QByteArray difference = firstDifference(expected, printed);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QVERIFY(parseTimerList(printed).snapshot == snapshot);
}

void TimerListRoundTripTest::allRecordedDumpsAreHere()
{
    const QStringList names = QDir(sourcePath(dumpFolder)).entryList({"*.txt"}, QDir::Files);
    QCOMPARE(names.size(), 28);
}

void TimerListRoundTripTest::aRecordedDumpComesBackByteForByte_data()
{
    QTest::addColumn<QString>("name");
    const QDir folder(sourcePath(dumpFolder));
    for (const QString& name : folder.entryList({"*.txt"}, QDir::Files, QDir::Name)) {
        QTest::newRow(qPrintable(name.chopped(4))) << name;
    }
}

void TimerListRoundTripTest::aRecordedDumpComesBackByteForByte()
{
    QFETCH(QString, name);
    const std::string text = dump(name);
    QVERIFY(!text.empty());
    const TimerListParse parse = parseTimerList(text);
    QVERIFY(parse.snapshot.notices.empty());
    QVERIFY(parse.snapshot.unknownLines.empty());
    // No version is given: it is told apart.
    comesBackAs(text, timerListText(parse.snapshot), parse.snapshot);
}

void TimerListRoundTripTest::versionZeroEightComesBackButForWhoArmed()
{
    const std::string text = byHand("v0.8.txt");
    const TimerListParse parse = parseTimerList(text);
    QCOMPARE(parse.version, std::string("v0.8"));
    std::string expected = withLine(
        text, " #0: ", " #0: <ffff88003fc0da40>, tick_sched_timer, S:01, ?, swapper/0/0");
    expected = withLine(expected,
                        " #1: ", " #1: <ffff880036debd40>, <ffffffffa0012340>, S:00, ?, a, b/612");
    comesBackAs(expected, timerListText(parse.snapshot, parse.version), parse.snapshot);
}

void TimerListRoundTripTest::hiddenAddressesAndVersionSevenOneComeBackButForTheSign()
{
    const std::string text = byHand("signed_offsets.txt");
    const TimerListParse parse = parseTimerList(text);
    QVERIFY(parse.snapshot.notices.empty());
    const std::string expected
        = withLine(text, "  .offset:", "  .offset:     18446744036709551616 nsecs");
    comesBackAs(expected, timerListText(parse.snapshot), parse.snapshot);
}

void TimerListRoundTripTest::unknownLinesSurviveWhereverTheyStood_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("before");
    QTest::newRow("in a CPU's part, v0.9") << "bt_plain4.txt" << QByteArray("jiffies:");
    QTest::newRow("in a device, v0.9") << "bt_plain4.txt" << QByteArray(" event_handler:");
    QTest::newRow("in a queue, v0.10")
        << "host_6.18_2cpu.timer_list.txt" << QByteArray(" clock 1:");
    QTest::newRow("before everything, v0.10")
        << "host_6.18_2cpu.timer_list.txt" << QByteArray("Timer List Version");
}

void TimerListRoundTripTest::unknownLinesSurviveWhereverTheyStood()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, before);
    const std::string known = dump(name);
    const std::vector<std::string> lines{"  .brand_new      : 12 nsecs ", "and\ta whole sentence"};
    std::string text = known;
    text.insert(text.find(before.toStdString()), lines[0] + '\n' + lines[1] + '\n');
    const Snapshot snapshot = parseTimerList(text).snapshot;
    QCOMPARE(snapshot.unknownLines, lines);

    const std::string printed = timerListText(snapshot);
    const std::string expected
        = known + std::string(unknownLinesHeading) + '\n' + lines[0] + '\n' + lines[1] + '\n';
    const QByteArray difference = firstDifference(expected, printed);
    QVERIFY2(difference.isEmpty(), difference.constData());
    QVERIFY(withoutNotices(parseTimerList(printed).snapshot) == withoutNotices(snapshot));
}

/// A line that was unknown for its place alone would be read at another one.
void TimerListRoundTripTest::unknownLinesThatLookLikeOthersStayUnknown()
{
    const std::string text = " mult: 7\n" + dump("bt_plain1.txt") + "now at 5 nsecs"; // cut short
    const Snapshot snapshot = parseTimerList(text).snapshot;
    QCOMPARE(snapshot.unknownLines, (std::vector<std::string>{" mult: 7", "now at 5 nsecs"}));
    const Snapshot again = parseTimerList(timerListText(snapshot)).snapshot;
    QVERIFY(withoutNotices(again) == withoutNotices(snapshot));
}

/// The comparison itself: without it the tests above would prove nothing.
void TimerListRoundTripTest::aDifferenceIsNamedByItsLine()
{
    QCOMPARE(firstDifference("a\nb\n", "a\nb\n"), QByteArray());
    QCOMPARE(firstDifference("a\nb\n", "a\nc\n"), QByteArray("line 2\n  was:     b\n  printed: c"));
    QVERIFY(firstDifference("a\nb\n", "a\n").startsWith("line 2\n"));
    Snapshot snapshot = parseTimerList(dump("bt_plain2.txt")).snapshot;
    snapshot.cpus.at(1).hrtimerEvents = *snapshot.cpus.at(1).hrtimerEvents + 1;
    const QByteArray difference = firstDifference(dump("bt_plain2.txt"), timerListText(snapshot));
    QVERIFY2(difference.contains(".nr_events"), difference.constData());
}

QTEST_GUILESS_MAIN(TimerListRoundTripTest)
#include "timer_list_round_trip_test.moc"
