// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/gpio_text.h"

#include <QtTest>

using namespace timerscope;
using namespace std::chrono_literals;

namespace {

Edge edge(std::uint64_t sequence, EdgeKind kind, Ns at)
{
    Edge made;
    made.sequence = sequence;
    made.kind = kind;
    made.at = MonotonicInstant{at};
    return made;
}

} // namespace

class GpioTextTest : public QObject
{
    Q_OBJECT

private slots:
    void chipsAreFollowedByTheirLines();
    void edgesHaveNumberTimeKindAndInterval();
    void gapsAndStepsBackAreSaidWhereTheyAre();
    void theSummaryHasEveryReasonToDoubtIt();
};

void GpioTextTest::chipsAreFollowedByTheirLines()
{
    GpioLine button;
    button.number = 3;
    button.name = "button";
    button.isActiveLow = true;
    GpioLine led;
    led.number = 12;
    led.isOutput = true;
    led.isUsed = true;
    led.consumer = "led0";
    GpioLine taken;
    taken.isUsed = true;
    const std::vector<GpioChip> chips{
        {.name = "gpiochip0", .label = "pl061", .lines = {taken, button, led}, .problem = {}},
        {.name = "gpiochip1", .label = {}, .lines = {}, .problem = "it is closed"}};
    QCOMPARE(textOf(chips),
             std::string("gpiochip0 (pl061): 3 lines\n"
                         "    0  -                 input, used\n"
                         "    3  button            input, active low\n"
                         "   12  -                 output, used by \"led0\"\n"
                         "gpiochip1: it is closed\n"));
}

void GpioTextTest::edgesHaveNumberTimeKindAndInterval()
{
    EdgeWriter writer(16);
    QCOMPARE(writer.textOf({edge(1, EdgeKind::Rising, 12s + 5ns)}),
             std::string("     1     12.000000005  rising\n"));
    QCOMPARE(writer.textOf({edge(2, EdgeKind::Falling, 12s + 100ms + 5ns),
                            edge(3, EdgeKind::Rising, 12s + 100ms + 6ns)}),
             std::string("     2     12.100000005  falling  +100ms\n"
                         "     3     12.100000006  rising   +1ns\n"));
}

void GpioTextTest::gapsAndStepsBackAreSaidWhereTheyAre()
{
    EdgeWriter writer(16);
    Edge lost = edge(2, EdgeKind::Rising, 2s);
    lost.gap = EdgeGap::Certain;
    Edge full = edge(3, EdgeKind::Falling, 1s);
    full.gap = EdgeGap::Possible;
    full.isBackwards = true;
    QCOMPARE(writer.textOf({edge(1, EdgeKind::Rising, 1s), lost, full}),
             std::string("     1      1.000000000  rising\n"
                         "        edges were lost here: two of a kind in a row\n"
                         "     2      2.000000000  rising   +1s\n"
                         "        edges may be lost here: the kernel's queue of 16 was full\n"
                         "        the time stamps step back here\n"
                         "     3      1.000000000  falling  -1s\n"));
}

void GpioTextTest::theSummaryHasEveryReasonToDoubtIt()
{
    QCOMPARE(summaryOf({}, std::nullopt, 2s + 499us),
             std::string("0 edges in 2s: 0 rising, 0 falling; none known to be lost\n"));
    const EdgeCounts counts{.rising = 1, .falling = 0, .lost = 0, .overflows = 0, .backwards = 0};
    QCOMPARE(summaryOf(counts, StampClock::Monotonic, 1500ms),
             std::string("1 edge in 1.5s: 1 rising, 0 falling; none known to be lost\n"));
    const EdgeCounts bad{.rising = 20, .falling = 12, .lost = 3, .overflows = 2, .backwards = 1};
    QCOMPARE(summaryOf(bad, StampClock::Realtime, 1s),
             std::string("32 edges in 1s: 20 rising, 12 falling; at least 3 lost; the kernel's "
                         "queue was full 2 times; the time stamps stepped back 1 time; the kernel "
                         "stamps with CLOCK_REALTIME, which was converted\n"));
}

QTEST_GUILESS_MAIN(GpioTextTest)
#include "gpio_text_test.moc"
