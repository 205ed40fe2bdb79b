// SPDX-License-Identifier: GPL-3.0-or-later
//! The tree of queued timers as the kernel balances it, and its being rebuilt from records.
#include "engine/trace/hrtimer_trees.h"

#include <QTest>

using namespace timerscope;

namespace {

/// "2b(1r,3r)": a node with its colour, then its children; "-" for a missing one.
QString shapeOf(const TimerTree& tree, std::uint32_t place)
{
    if (place == TimerTree::none) {
        return QStringLiteral("-");
    }
    const TimerTree::Node& node = tree.node(place);
    const QString self = QString::number(node.id) + QLatin1Char(node.isRed ? 'r' : 'b');
    if (node.child[0] == TimerTree::none && node.child[1] == TimerTree::none) {
        return self;
    }
    return QStringLiteral("%1(%2,%3)")
        .arg(self, shapeOf(tree, node.child[0]), shapeOf(tree, node.child[1]));
}

QString shapeOf(const TimerTree& tree)
{
    return shapeOf(tree, tree.root());
}

/// Timers 1 to @p count, each expiring at its number.
TimerTree risingTree(TimerTree::Id count)
{
    TimerTree tree;
    for (TimerTree::Id id = 1; id <= count; ++id) {
        tree.insert(id, id);
    }
    return tree;
}

TraceRecord recordOf(RecordKind kind, std::uint32_t timer, std::int64_t a = 0,
                     std::uint16_t cpu = 0)
{
    return {.at = {}, .a = a, .subject = timer, .cpu = cpu, .kind = kind};
}

QString idsOf(const HrtimerTrees& trees, unsigned cpu, unsigned base)
{
    QString ids;
    for (const TimerTree::Id id : trees.tree({.cpu = cpu, .base = base}).inOrder()) {
        ids += QString::number(id);
    }
    return ids;
}

} // namespace

class TimerTreeTest : public QObject
{
    Q_OBJECT
private slots:
    void emptyTreeHasNoFirst();
    void risingKeysAreBalanced();
    void equalKeysGoRight();
    void insertTellsWhetherItBecameTheFirst();
    void timerIsInItOnce();
    void erasedBetweenTwoChildrenIsReplacedByItsSuccessor();
    void erasingABlackLeafBorrowsARedNephew();
    void erasingTheLastLeavesNothing();
    void recordsRebuildTheTreeOfEachBase();
    void expiryWithoutItsCancelTakesTheTimerOffToo();
    void relativeRealtimeTimersAreInTheMonotonicTree();
    void timerThatMovesIsInTheOtherCpusTree();
};

void TimerTreeTest::emptyTreeHasNoFirst()
{
    const TimerTree tree;
    QVERIFY(tree.isEmpty());
    QVERIFY(!tree.first());
    QVERIFY(tree.inOrder().empty());
    QCOMPARE(shapeOf(tree), "-");
}

void TimerTreeTest::risingKeysAreBalanced()
{
    QCOMPARE(shapeOf(risingTree(1)), "1b");
    QCOMPARE(shapeOf(risingTree(2)), "1b(-,2r)");
    QCOMPARE(shapeOf(risingTree(3)), "2b(1r,3r)");
    QCOMPARE(shapeOf(risingTree(4)), "2b(1b,3b(-,4r))");
    QCOMPARE(shapeOf(risingTree(6)), "2b(1b,4r(3b,5b(-,6r)))");
    QCOMPARE(shapeOf(risingTree(8)), "4b(2r(1b,3b),6r(5b,7b(-,8r)))");
}

void TimerTreeTest::equalKeysGoRight()
{
    TimerTree tree;
    for (const TimerTree::Id id : {5U, 3U, 9U, 1U}) {
        tree.insert(id, 7);
    }
    QCOMPARE(tree.inOrder(), (std::vector<TimerTree::Id>{5, 3, 9, 1}));
}

void TimerTreeTest::insertTellsWhetherItBecameTheFirst()
{
    TimerTree tree;
    QVERIFY(tree.insert(1, 10));
    QVERIFY(!tree.insert(2, 10));
    QVERIFY(!tree.insert(3, 11));
    QVERIFY(tree.insert(4, 9));
    QCOMPARE(tree.first(), 4U);
}

void TimerTreeTest::timerIsInItOnce()
{
    TimerTree tree;
    QVERIFY(tree.insert(1, 10));
    QVERIFY(!tree.insert(1, 5));
    QCOMPARE(tree.size(), 1U);
    QCOMPARE(tree.node(tree.root()).key, 10);
    QVERIFY(tree.erase(1));
    QVERIFY(!tree.erase(1));
}

void TimerTreeTest::erasedBetweenTwoChildrenIsReplacedByItsSuccessor()
{
    TimerTree tree = risingTree(8);
    tree.erase(6); // its right child takes over, with its colour
    QCOMPARE(shapeOf(tree), "4b(2r(1b,3b),7r(5b,8b))");
    tree.erase(4); // the successor comes from two levels below
    QCOMPARE(shapeOf(tree), "5b(2r(1b,3b),7b(-,8r))");
}

void TimerTreeTest::erasingABlackLeafBorrowsARedNephew()
{
    TimerTree tree = risingTree(4);
    tree.erase(1);
    QCOMPARE(shapeOf(tree), "3b(2b,4b)");
    tree.erase(4); // nobody has a red one to lend
    QCOMPARE(shapeOf(tree), "3b(2r,-)");
}

void TimerTreeTest::erasingTheLastLeavesNothing()
{
    TimerTree tree = risingTree(20);
    for (TimerTree::Id id = 1; id <= 20; ++id) {
        QCOMPARE(tree.first(), id);
        QVERIFY(tree.erase(id));
    }
    QVERIFY(tree.isEmpty());
    tree.insert(1, 1);
    QCOMPARE(shapeOf(tree), "1b");
}

void TimerTreeTest::recordsRebuildTheTreeOfEachBase()
{
    HrtimerTrees trees;
    TraceRecord soft = recordOf(RecordKind::HrtimerInit, 5);
    soft.b = 3; // CLOCK_TAI's base
    soft.flags = hrtimer_mode::soft;
    trees.apply(soft);
    trees.apply(recordOf(RecordKind::HrtimerStart, 5, 100));
    for (std::uint32_t timer = 1; timer < 5; ++timer) {
        trees.apply(recordOf(RecordKind::HrtimerStart, timer, timer));
    }
    QCOMPARE(idsOf(trees, 0, 7), "5");
    QCOMPARE(shapeOf(trees.tree({.cpu = 0, .base = 0})), "2b(1b,3b(-,4r))");
    trees.apply(recordOf(RecordKind::HrtimerCancel, 1));
    QCOMPARE(shapeOf(trees.tree({.cpu = 0, .base = 0})), "3b(2b,4b)");
    // A start of a queued timer takes it off first, even where the cancel is lost.
    trees.apply(recordOf(RecordKind::HrtimerStart, 2, 9));
    QCOMPARE(idsOf(trees, 0, 0), "342");
}

void TimerTreeTest::expiryWithoutItsCancelTakesTheTimerOffToo()
{
    HrtimerTrees trees;
    trees.apply(recordOf(RecordKind::HrtimerStart, 1, 10));
    trees.apply(recordOf(RecordKind::HrtimerStart, 2, 20));
    trees.apply(recordOf(RecordKind::HrtimerExpireEntry, 1, 11));
    QCOMPARE(idsOf(trees, 0, 0), "2");
    trees.apply(recordOf(RecordKind::HrtimerCancel, 2));
    trees.apply(recordOf(RecordKind::HrtimerExpireEntry, 2, 21));
    trees.apply(recordOf(RecordKind::HrtimerExpireExit, 2));
    trees.apply(recordOf(RecordKind::HrtimerCancel, 77)); // began before the log
    QCOMPARE(idsOf(trees, 0, 0), "");
}

void TimerTreeTest::relativeRealtimeTimersAreInTheMonotonicTree()
{
    HrtimerTrees trees;
    TraceRecord made = recordOf(RecordKind::HrtimerInit, 1);
    made.b = 1;
    made.flags = hrtimer_mode::relative | hrtimer_mode::hard;
    trees.apply(made);
    trees.apply(recordOf(RecordKind::HrtimerStart, 1, 10));
    made.subject = 2;
    made.flags = hrtimer_mode::absolute;
    trees.apply(made);
    trees.apply(recordOf(RecordKind::HrtimerStart, 2, 10));
    QCOMPARE(idsOf(trees, 0, 0), "1");
    QCOMPARE(idsOf(trees, 0, 1), "2");
}

void TimerTreeTest::timerThatMovesIsInTheOtherCpusTree()
{
    HrtimerTrees trees;
    trees.apply(recordOf(RecordKind::HrtimerMigrate, 1, 3));
    trees.apply(recordOf(RecordKind::HrtimerStart, 1, 10));
    QCOMPARE(idsOf(trees, 0, 0), "");
    QCOMPARE(idsOf(trees, 3, 0), "1");
    trees.apply(recordOf(RecordKind::HrtimerCancel, 1, 0, 2));
    QCOMPARE(idsOf(trees, 3, 0), "");
    trees.apply(recordOf(RecordKind::HrtimerStart, 1, 10, 2));
    QCOMPARE(idsOf(trees, 2, 0), "1");
}

QTEST_GUILESS_MAIN(TimerTreeTest)
#include "timer_tree_test.moc"
