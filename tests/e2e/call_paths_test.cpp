// SPDX-License-Identifier: GPL-3.0-or-later
//! The functions that ast2500-paths walks through, against the call graph of seed 003.
#include "tests/e2e/tscope_process.h"
#include "tests/support/text_file.h"

#include <QHash>
#include <QSet>
#include <QtTest>

using timerscope::test::sourcePath;
using timerscope::test::textOf;
using timerscope::test::tscope;

namespace {

using Pair = QPair<QString, QString>; // caller and callee

struct Graph
{
    QList<Pair> pairs; // in order
    [[nodiscard]] QStringList callees(const QString& caller) const
    {
        QStringList names;
        for (const Pair& pair : pairs) {
            if (pair.first == caller) {
                names.append(pair.second);
            }
        }
        return names;
    }
};

/// The seed's pairs that a run has to show: those that it neither skips nor compiles away.
Graph expectedGraph()
{
    Graph graph;
    const QString text
        = QString::fromStdString(textOf(sourcePath("tests/oracle/seed003_calls.tsv")));
    for (const QString& line : text.split('\n', Qt::SkipEmptyParts)) {
        const QStringList cells = line.split('\t');
        if (cells.size() == 4 && (cells[3] == "call" || cells[3] == "installs")) {
            graph.pairs.append({cells[1], cells[2]});
        }
    }
    return graph;
}

Graph shownGraph()
{
    Graph graph;
    const auto answer
        = tscope({"run", "ast2500-paths", "--detail", "functions", "--print", "calls"});
    for (const QByteArray& line : answer.out.split('\n')) {
        const QList<QByteArray> cells = line.split('\t');
        if (cells.size() == 2) {
            graph.pairs.append({QString::fromUtf8(cells[0]), QString::fromUtf8(cells[1])});
        }
    }
    return graph;
}

} // namespace

class CallPathsTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void everyPairOfTheSeedIsShown();
    void eachCallersCalleesAreInTheSeedsOrder_data();
    void eachCallersCalleesAreInTheSeedsOrder();

private:
    Graph m_expected;
    Graph m_shown;
};

void CallPathsTest::initTestCase()
{
    m_expected = expectedGraph();
    m_shown = shownGraph();
    QCOMPARE(m_expected.pairs.size(), 149);
}

void CallPathsTest::everyPairOfTheSeedIsShown()
{
    const QSet<Pair> shown(m_shown.pairs.begin(), m_shown.pairs.end());
    QStringList missing;
    for (const Pair& pair : m_expected.pairs) {
        if (!shown.contains(pair)) {
            missing.append(pair.first + " -> " + pair.second);
        }
    }
    QVERIFY2(missing.isEmpty(), qPrintable(missing.join('\n')));
}

void CallPathsTest::eachCallersCalleesAreInTheSeedsOrder_data()
{
    QTest::addColumn<QString>("caller");
    QSet<QString> seen;
    for (const Pair& pair : m_expected.pairs) {
        if (!seen.contains(pair.first)) {
            seen.insert(pair.first);
            QTest::newRow(qPrintable(pair.first)) << pair.first;
        }
    }
}

void CallPathsTest::eachCallersCalleesAreInTheSeedsOrder()
{
    QFETCH(QString, caller);
    QStringList expected = m_expected.callees(caller);
    // No call of it does both: a tick switches to high resolution, or runs the timers. The seed
    // names the switch first, but the first ticks of a boot cannot switch yet.
    if (caller == "hrtimer_run_queues") {
        const QString toHighResolution = "hrtimer_switch_to_hres";
        QVERIFY(expected.removeOne(toHighResolution));
        expected.append(toHighResolution);
    }
    QStringList shown;
    for (const QString& callee : m_shown.callees(caller)) {
        if (expected.contains(callee)) {
            shown.append(callee);
        }
    }
    QCOMPARE(shown, expected);
}

QTEST_GUILESS_MAIN(CallPathsTest)
#include "call_paths_test.moc"
