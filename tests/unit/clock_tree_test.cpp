// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/clock_tree.h"

#include <QTest>

using namespace timerscope;

namespace {

ClockProvider crystal(std::string name, std::uint64_t hz)
{
    ClockProvider clock;
    clock.name = std::move(name);
    clock.rates = {hz};
    return clock;
}

ClockProvider below(ClockKind kind, std::string name, std::string parent)
{
    ClockProvider clock;
    clock.name = std::move(name);
    clock.kind = kind;
    clock.parent = std::move(parent);
    return clock;
}

ClockProvider factor(std::string name, std::string parent, std::uint32_t mult, std::uint32_t div)
{
    ClockProvider clock = below(ClockKind::FixedFactor, std::move(name), std::move(parent));
    clock.mult = mult;
    clock.div = div;
    return clock;
}

/// A divider by 1 + what three bits say.
ClockProvider divider(std::string name, std::string parent, std::uint32_t number)
{
    ClockProvider clock = below(ClockKind::Divider, std::move(name), std::move(parent));
    clock.field = {.value = number << 4, .shift = 4, .width = 3};
    return clock;
}

ClockTree tree(std::vector<ClockProvider> clocks, LongWidth width = LongWidth::Bits64)
{
    return {std::move(clocks), width};
}

QString faultOf(const ClockTree& clocks)
{
    const auto fault = clocks.firstFault();
    return fault
        ? QStringLiteral("%1: %2").arg(fault->provider).arg(QString::fromStdString(fault->what))
        : QString();
}

} // namespace

class ClockTreeTest : public QObject
{
    Q_OBJECT
private slots:
    void crystalHasItsRate();
    void strapChoosesTheCrystal();
    void factorMultipliesFirstAndDropsTheRest();
    void dividerRoundsUp();
    void dividerFollowsItsRule_data();
    void dividerFollowsItsRule();
    void gateHasItsParentsRate();
    void clockThatIsNotThereHasNoRate();
    void ratesAreCutToAnUnsignedLong();
    void pathLeadsUpToTheCrystal();
    void whatIsNoTreeIsNamed_data();
    void whatIsNoTreeIsNamed();
    void circleIsLeft();
};

void ClockTreeTest::crystalHasItsRate()
{
    const ClockTree clocks = tree({crystal("osc", 32'768)});
    QCOMPARE(clocks.rate("osc").value, 32'768U);
    QCOMPARE(faultOf(clocks), "");
}

void ClockTreeTest::strapChoosesTheCrystal()
{
    ClockProvider clkin = crystal("clkin", 24'000'000);
    clkin.rates.push_back(25'000'000);
    clkin.field = {.value = 0xff7f'ffff, .shift = 23, .width = 1};
    QCOMPARE(tree({clkin}).rate("clkin").value, 24'000'000U);
    clkin.field.value = 0x0080'0000;
    QCOMPARE(tree({clkin}).rate("clkin").value, 25'000'000U);
}

void ClockTreeTest::factorMultipliesFirstAndDropsTheRest()
{
    // 10 * 2 / 3 is 6.67, 10 / 3 * 2 would be 6.
    QCOMPARE(tree({crystal("a", 100), factor("b", "a", 2, 3)}).rate("b").value, 66U);
    QCOMPARE(tree({crystal("a", 24'000'000), factor("b", "a", 33, 1)}).rate("b").value,
             792'000'000U);
}

void ClockTreeTest::dividerRoundsUp()
{
    QCOMPARE(tree({crystal("a", 100), divider("b", "a", 2)}).rate("b").value, 34U);
    QCOMPARE(tree({crystal("a", 99), divider("b", "a", 2)}).rate("b").value, 33U);
}

void ClockTreeTest::dividerFollowsItsRule_data()
{
    QTest::addColumn<int>("rule");
    QTest::addColumn<uint>("number");
    QTest::addColumn<quint64>("rate");
    QTest::newRow("plus one, 0") << int(DivisorRule::PlusOne) << 0U << quint64{9600};
    QTest::newRow("plus one, 7") << int(DivisorRule::PlusOne) << 7U << quint64{1200};
    QTest::newRow("one based, 1") << int(DivisorRule::OneBased) << 1U << quint64{9600};
    QTest::newRow("one based, 5") << int(DivisorRule::OneBased) << 5U << quint64{1920};
    QTest::newRow("power of two, 0") << int(DivisorRule::PowerOfTwo) << 0U << quint64{9600};
    QTest::newRow("power of two, 5") << int(DivisorRule::PowerOfTwo) << 5U << quint64{300};
}

void ClockTreeTest::dividerFollowsItsRule()
{
    QFETCH(int, rule);
    QFETCH(uint, number);
    QFETCH(quint64, rate);
    ClockProvider clock = divider("b", "a", number);
    clock.rule = static_cast<DivisorRule>(rule);
    QCOMPARE(quint64{tree({crystal("a", 9600), clock}).rate("b").value}, rate);
}

void ClockTreeTest::gateHasItsParentsRate()
{
    QCOMPARE(tree({crystal("a", 77), below(ClockKind::Gate, "b", "a")}).rate("b").value, 77U);
}

void ClockTreeTest::clockThatIsNotThereHasNoRate()
{
    QCOMPARE(tree({crystal("a", 77)}).rate("b").value, 0U);
    QCOMPARE(ClockTree().rate("a").value, 0U);
}

void ClockTreeTest::ratesAreCutToAnUnsignedLong()
{
    // 3 GHz times 3 does not fit 32 bits, and the kernel says nothing.
    const std::vector clocks{crystal("a", 3'000'000'000), factor("b", "a", 3, 1)};
    QCOMPARE(tree(clocks).rate("b").value, 9'000'000'000U);
    QCOMPARE(tree(clocks, LongWidth::Bits32).rate("b").value, 9'000'000'000U - 2 * (1ULL << 32));
    // The product itself is 64 bits wide, so that a factor may pass through more than a long.
    const std::vector ratio{crystal("a", 3'000'000'000), factor("b", "a", 4, 3)};
    QCOMPARE(tree(ratio, LongWidth::Bits32).rate("b").value, 4'000'000'000U);
}

void ClockTreeTest::pathLeadsUpToTheCrystal()
{
    const ClockTree clocks
        = tree({below(ClockKind::Gate, "c", "b"), factor("b", "a", 1, 2), crystal("a", 8)});
    std::vector<std::string> names;
    for (const ClockProvider* clock : clocks.pathOf("c")) {
        names.push_back(clock->name);
    }
    QCOMPARE(names, (std::vector<std::string>{"c", "b", "a"}));
    QCOMPARE(clocks.rate("c").value, 4U);
    QVERIFY(clocks.pathOf("d").empty());
}

void ClockTreeTest::whatIsNoTreeIsNamed_data()
{
    QTest::addColumn<QString>("fault");
    QTest::addColumn<int>("which");
    const auto row = [](const char* name, int which, const char* fault) {
        QTest::newRow(name) << QString::fromUtf8(fault) << which;
    };
    row("twice", 0, "1: two clocks are called \"a\"; names must differ");
    row("unknown parent", 1, "1: unknown clock \"aa\", the parent of \"b\"; did you mean \"a\"?");
    row("circle", 2,
        "0: the clock \"a\" comes from itself, by way of \"b\"; it must come from a clock of kind "
        "\"fixed-rate\"");
    row("itself", 3,
        "0: the clock \"a\" comes from itself, by way of \"a\"; it must come from a clock of kind "
        "\"fixed-rate\"");
    row("no rate", 4, "0: the register of clock \"a\" says 1, and there is no rate for that");
    row("no divisor", 5, "1: the register of clock \"b\" says 0, and there is no divisor for that");
    row("short list", 6, "1: the register of clock \"b\" says 5, and there is no divisor for that");
    row("0 Hz", 7, "1: the clock \"b\" comes to 0 Hz; it must be at least 1 Hz");
    row("cut to 0 Hz", 8, "1: the clock \"b\" comes to 0 Hz; it must be at least 1 Hz");
}

void ClockTreeTest::whatIsNoTreeIsNamed()
{
    QFETCH(QString, fault);
    QFETCH(int, which);
    ClockProvider strapped = crystal("a", 8);
    strapped.field = {.value = 1, .shift = 0, .width = 1};
    ClockProvider oneBased = divider("b", "a", 0);
    oneBased.rule = DivisorRule::OneBased;
    ClockProvider listed = divider("b", "a", 5);
    listed.divisors = {4, 8, 12, 16, 20};
    const std::vector<ClockTree> trees{
        tree({crystal("a", 1), crystal("a", 2)}),
        tree({crystal("a", 1), below(ClockKind::Gate, "b", "aa")}),
        tree({below(ClockKind::Gate, "a", "b"), below(ClockKind::Gate, "b", "a")}),
        tree({below(ClockKind::Gate, "a", "a")}),
        tree({strapped}),
        tree({crystal("a", 8), oneBased}),
        tree({crystal("a", 8), listed}),
        tree({crystal("a", 8), factor("b", "a", 1, 9), below(ClockKind::Gate, "c", "b")}),
        tree({crystal("a", 1U << 31), factor("b", "a", 2, 1)}, LongWidth::Bits32),
    };
    QCOMPARE(faultOf(trees.at(static_cast<std::size_t>(which))), fault);
}

void ClockTreeTest::circleIsLeft()
{
    const ClockTree clocks
        = tree({below(ClockKind::Gate, "a", "b"), below(ClockKind::Gate, "b", "c"),
                below(ClockKind::Gate, "c", "b")});
    QCOMPARE(clocks.pathOf("a").size(), std::size_t{3});
    QCOMPARE(clocks.rate("a").value, 0U);
}

QTEST_GUILESS_MAIN(ClockTreeTest)
#include "clock_tree_test.moc"
