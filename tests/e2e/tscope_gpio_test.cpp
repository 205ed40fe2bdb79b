// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/tscope_process.h"

#include <QDir>
#include <QtTest>

using namespace timerscope::test;

namespace {

bool hasChip()
{
    return !QDir("/dev").entryList({"gpiochip*"}, QDir::System).isEmpty();
}

} // namespace

class TscopeGpioTest : public QObject
{
    Q_OBJECT

private slots:
    void withoutAChipItIsOneSentenceAndCodeThree_data();
    void withoutAChipItIsOneSentenceAndCodeThree();
    void theChipsOfThisMachineAreListed();
    void wrongUseIsCodeTwoAndOneSentence_data();
    void wrongUseIsCodeTwoAndOneSentence();
    void theHelpNamesActionsAndOptions();
};

void TscopeGpioTest::withoutAChipItIsOneSentenceAndCodeThree_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("list") << QStringList{"gpio", "list"};
    QTest::newRow("watch") << QStringList{"gpio", "watch", "gpiochip0", "3", "--for", "1s"};
    QTest::newRow("one kind") << QStringList{"gpio", "watch",   "gpiochip0",
                                             "3",    "--edges", "rising"};
}

void TscopeGpioTest::withoutAChipItIsOneSentenceAndCodeThree()
{
    if (hasChip()) {
        QSKIP("this machine has a GPIO chip");
    }
    QFETCH(QStringList, arguments);
    const Answer answer = tscope(arguments);
    QCOMPARE(answer.err,
             QByteArray("tscope: there is no GPIO chip here: /dev/gpiochip* does not exist (no "
                        "driver for one is loaded, or the machine has none)\n"));
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(answer.code, 3);
}

void TscopeGpioTest::theChipsOfThisMachineAreListed()
{
    if (!hasChip()) {
        QSKIP("this machine has no GPIO chip");
    }
    const Answer answer = tscope({"gpio", "list"});
    QVERIFY(answer.code == 0 || (answer.code == 3 && answer.err.count('\n') == 1));
    QCOMPARE(answer.out.contains("gpiochip"), answer.code == 0);
}

void TscopeGpioTest::wrongUseIsCodeTwoAndOneSentence_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const QStringList& arguments, const char* sentence) {
        QTest::newRow(qPrintable(arguments.join(' '))) << arguments << QByteArray(sentence);
    };
    row({"gpio"}, "gpio needs an action: list, or watch CHIP LINE");
    row({"gpio", "wacth"}, "gpio has no action \"wacth\"; did you mean \"watch\"?");
    row({"gpio", "set"}, "gpio has no action \"set\"; known are \"list\" and \"watch\"");
    row({"gpio", "list", "gpiochip0"}, "gpio list has no use for \"gpiochip0\"");
    row({"gpio", "list", "--for", "1s"}, "--edges and --for go with gpio watch only");
    row({"gpio", "watch", "gpiochip0"},
        "gpio watch needs a chip and a line, such as gpiochip0 3; \"tscope gpio list\" shows them");
    row({"gpio", "watch", "gpiochip0", "3", "--edges", "up"},
        "--edges is \"up\"; known are \"rising\", \"falling\" and \"both\"");
    row({"gpio", "watch", "gpiochip0", "3", "--for", "soon"},
        "--for: time \"soon\" is not a number with ns, us, ms, s, min or h behind it, such as "
        "\"250ms\" or \"1.5s\"");
    row({"gpio", "watch", "gpiochip0", "3", "4"}, "gpio has no use for \"4\"");
    row({"gpio", "list", "--edge", "both"},
        "gpio has no option \"--edge\"; did you mean \"--edges\"?");
}

void TscopeGpioTest::wrongUseIsCodeTwoAndOneSentence()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, sentence);
    const Answer answer = tscope(arguments);
    QCOMPARE(answer.err, "tscope: " + sentence + '\n');
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(answer.code, 2);
}

void TscopeGpioTest::theHelpNamesActionsAndOptions()
{
    const Answer answer = tscope({"gpio", "--help"});
    QCOMPARE(answer.code, 0);
    for (const char* word : {"list", "watch", "CHIP", "LINE", "--edges", "--for"}) {
        QVERIFY2(answer.out.contains(word), word);
    }
}

QTEST_GUILESS_MAIN(TscopeGpioTest)
#include "tscope_gpio_test.moc"
