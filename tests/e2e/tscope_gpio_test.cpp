// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/tscope_process.h"

#include <QDir>
#include <QtTest>

using namespace timerscope::test;

namespace {

const QByteArray
    noChip("tscope: there is no GPIO chip here: /dev/gpiochip* does not exist (no driver "
           "for one is loaded, or the machine has none)\n");

bool hasChip()
{
    return !QDir("/dev").entryList({"gpiochip*"}, QDir::System).isEmpty();
}

} // namespace

class TscopeGpioTest : public QObject
{
    Q_OBJECT

private slots:
    void theChipsOfThisMachineAreListedOrSaidToBeMissing();
    void aChipThatIsNotThereIsOneSentence_data();
    void aChipThatIsNotThereIsOneSentence();
    void wrongUseIsCodeTwoAndOneSentence_data();
    void wrongUseIsCodeTwoAndOneSentence();
    void theHelpNamesActionsAndOptions();
};

void TscopeGpioTest::theChipsOfThisMachineAreListedOrSaidToBeMissing()
{
    const Answer answer = tscope({"gpio", "list"});
    if (hasChip()) {
        // Those that this user may not open are one sentence.
        QVERIFY2(answer.code == 0 || answer.code == 3, answer.err);
        QCOMPARE(answer.out.contains("gpiochip"), answer.code == 0);
        QCOMPARE(answer.err.count('\n'), answer.code == 0 ? 0 : 1);
    } else {
        QCOMPARE(answer.err, noChip);
        QCOMPARE(answer.out, QByteArray());
        QCOMPARE(answer.code, 3);
    }
}

void TscopeGpioTest::aChipThatIsNotThereIsOneSentence_data()
{
    QTest::addColumn<QStringList>("arguments");
    const QStringList watch{"gpio", "watch", "gpiochip4711", "3"};
    QTest::newRow("for a time") << watch + QStringList{"--for", "1s"};
    QTest::newRow("one kind") << watch + QStringList{"--edges", "rising"};
}

void TscopeGpioTest::aChipThatIsNotThereIsOneSentence()
{
    QFETCH(QStringList, arguments);
    const Answer answer = tscope(arguments);
    QCOMPARE(answer.out, QByteArray());
    if (hasChip()) {
        QVERIFY2(answer.err.startsWith("tscope: there is no GPIO chip \"gpiochip4711\""),
                 answer.err);
        QCOMPARE(answer.err.count('\n'), 1);
        QCOMPARE(answer.code, 2);
    } else {
        QCOMPARE(answer.err, noChip);
        QCOMPARE(answer.code, 3);
    }
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
