// SPDX-License-Identifier: GPL-3.0-or-later
//! The heap below the hrtimer queue.
#include "engine/hrtimer/expiry_heap.h"

#include <QTest>

#include <limits>

using namespace timerscope;
using Handle = ExpiryHeap::Handle;

namespace {

std::vector<Handle> popAll(ExpiryHeap& heap)
{
    std::vector<Handle> popped;
    while (!heap.isEmpty()) {
        popped.push_back(heap.first());
        heap.remove(popped.back());
    }
    return popped;
}

} // namespace

class ExpiryHeapTest : public QObject
{
    Q_OBJECT
private slots:
    void earliestComesFirst();
    void equalExpiriesComeInOrderOfEntry();
    void everyExpiryHasItsPlace();
    void handleIsGivenOutAgain();
    void firstIsKnownWhileThereIsAHole();
    void whatFillsAHoleFindsItsPlace();
    void firstAfterTheFirstIsTheSecond();
    void orderOutlivesTheCountOfEntries();
};

void ExpiryHeapTest::earliestComesFirst()
{
    ExpiryHeap heap;
    QVERIFY(heap.isEmpty());
    const Handle c = heap.add(300);
    const Handle a = heap.add(-100);
    const Handle b = heap.add(200);
    QCOMPARE(heap.size(), 3U);
    QCOMPARE(heap.inOrder(), (std::vector{a, b, c}));
    QCOMPARE(popAll(heap), (std::vector{a, b, c}));
}

void ExpiryHeapTest::equalExpiriesComeInOrderOfEntry()
{
    ExpiryHeap heap;
    std::vector<Handle> entered;
    for (int i = 0; i < 50; ++i) {
        entered.push_back(heap.add(7));
    }
    QCOMPARE(heap.inOrder(), entered);
    QCOMPARE(popAll(heap), entered);
}

void ExpiryHeapTest::everyExpiryHasItsPlace()
{
    using Limits = std::numeric_limits<std::int64_t>;
    ExpiryHeap heap;
    const Handle last = heap.add(Limits::max());
    const Handle first = heap.add(Limits::min());
    const Handle middle = heap.add(0);
    const Handle behindLast = heap.add(Limits::max());
    QCOMPARE(popAll(heap), (std::vector{first, middle, last, behindLast}));
}

void ExpiryHeapTest::handleIsGivenOutAgain()
{
    ExpiryHeap heap;
    const Handle a = heap.add(1);
    const Handle b = heap.add(2);
    heap.remove(a);
    QCOMPARE(heap.add(3), a);
    QCOMPARE(popAll(heap), (std::vector{b, a}));
}

void ExpiryHeapTest::firstIsKnownWhileThereIsAHole()
{
    ExpiryHeap heap;
    std::vector<Handle> handles;
    for (const std::int64_t expires : {10, 40, 20, 50, 30, 60}) {
        handles.push_back(heap.add(expires));
    }
    heap.remove(handles[0]);
    QCOMPARE(heap.size(), 5U);
    QCOMPARE(heap.first(), handles[2]);
    heap.remove(handles[5]);
    QCOMPARE(heap.first(), handles[2]);
    QCOMPARE(heap.inOrder(), (std::vector{handles[2], handles[4], handles[1], handles[3]}));
}

void ExpiryHeapTest::whatFillsAHoleFindsItsPlace()
{
    ExpiryHeap heap;
    std::vector<Handle> handles;
    for (std::int64_t expires = 0; expires < 40; ++expires) {
        handles.push_back(heap.add(expires * 10));
    }
    heap.remove(handles[39]); // a leaf: what comes first rises to the root
    const Handle risen = heap.add(-5);
    QCOMPARE(heap.first(), risen);
    heap.remove(risen); // the root: what comes last sinks
    const Handle sunk = heap.add(395);
    const auto order = popAll(heap);
    QCOMPARE(order.front(), handles[0]);
    QCOMPARE(order.back(), sunk);
}

void ExpiryHeapTest::firstAfterTheFirstIsTheSecond()
{
    ExpiryHeap heap;
    const Handle a = heap.add(10);
    QCOMPARE(heap.firstAfter(a), ExpiryHeap::noHandle);
    heap.add(40);
    heap.add(50);
    const Handle b = heap.add(20);
    QCOMPARE(heap.firstAfter(a), b);
    heap.remove(a);
    QVERIFY(heap.firstAfter(b) != b);
}

void ExpiryHeapTest::orderOutlivesTheCountOfEntries()
{
    ExpiryHeap heap(std::numeric_limits<std::uint32_t>::max() - 5);
    std::vector<Handle> entered;
    for (int i = 0; i < 20; ++i) {
        entered.push_back(heap.add(7));
        if (i == 4) {
            heap.remove(entered.back());
            entered.pop_back();
        }
    }
    const Handle before = heap.add(6);
    entered.insert(entered.begin(), before);
    QCOMPARE(heap.inOrder(), entered);
    QCOMPARE(popAll(heap), entered);
}

QTEST_GUILESS_MAIN(ExpiryHeapTest)
#include "expiry_heap_test.moc"
