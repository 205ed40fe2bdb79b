// SPDX-License-Identifier: GPL-3.0-or-later
// A real GPIO chip: label hil, so that only a machine that should have one is asked.
#include "backends/gpio/edge_watch.h"
#include "backends/gpio/gpio_chips.h"

#include <QtTest>

#include <chrono>

using namespace timerscope;
using namespace std::chrono_literals;

namespace {

/// A line that nobody uses and that can be watched: not every chip raises interrupts.
struct FreeLine
{
    std::string chip;
    std::string line;
    std::unique_ptr<EdgeSource> source;
};

FreeLine freeLine()
{
    const auto chips = gpioChips();
    for (const GpioChip& chip : chips ? *chips : std::vector<GpioChip>{}) {
        for (const GpioLine& line : chip.lines) {
            if (line.isUsed || line.isOutput) {
                continue;
            }
            const std::string number = std::to_string(line.number);
            auto source = openEdgeSource(chip.name, number, EdgeChoice::Both);
            if (source) {
                return {.chip = chip.name, .line = number, .source = std::move(*source)};
            }
        }
    }
    return {};
}

} // namespace

class GpioChipTest : public QObject
{
    Q_OBJECT
private slots:
    void aRealLineCanBeWatched();
};

void GpioChipTest::aRealLineCanBeWatched()
{
    FreeLine free = freeLine();
    if (!free.source) {
        // A real line is what this test is about (label hil): no driver of the kernel's makes one
        // up everywhere. What the watch makes of edges, good and bad, gpio_test shows without
        // one.
        QSKIP("no GPIO chip here has a free input line that raises interrupts");
    }
    const auto none = openEdgeSource(free.chip, "no such line", EdgeChoice::Both);
    QVERIFY(!none);
    QCOMPARE(none.error().code, ErrorCode::NotFound);
    const auto second = openEdgeSource(free.chip, free.line, EdgeChoice::Both);
    QVERIFY(!second);
    QVERIFY2(second.error().what.ends_with("\"timerscope\" uses it"), second.error().what.c_str());
    EdgeWatch watch(std::move(free.source), EdgeChoice::Both);
    const auto edges = watch.next(50ms);
    QVERIFY2(edges, edges ? "" : edges.error().what.c_str());
    QVERIFY(edges->empty() || edges->front().at <= MonotonicInstant{readHostClocks().monotonic});
}

QTEST_GUILESS_MAIN(GpioChipTest)
#include "gpio_chip_test.moc"
