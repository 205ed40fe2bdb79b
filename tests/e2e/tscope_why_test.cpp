// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/tscope_process.h"

#include <QHash>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

using timerscope::test::Answer;
using timerscope::test::interrupted;
using timerscope::test::shell;
using timerscope::test::tscope;

namespace {

/// On one line, whatever it was wrapped to.
QByteArray flowing(const QByteArray& text)
{
    return text.simplified();
}

Answer whyClocksource(const QStringList& rest)
{
    return tscope(QStringList{"why", "clocksource"} + rest);
}

} // namespace

class TscopeWhyTest : public QObject
{
    Q_OBJECT

private slots:
    void theCurrentClocksourceIsExplainedAtTheEndOfTheRun();
    void anotherOneIsExplainedWithWhatAnOverrideWouldCome_data();
    void anotherOneIsExplainedWithWhatAnOverrideWouldCome();
    void anEarlierMomentHasItsOwnAnswer();
    void anOverrideInAScenarioIsExplained();
    void aModuleSaysWhoHoldsIt();
    void aDeviceSaysWhetherItCanBeUnbound();
    void aTickSaysWhatItHasBecome();
    void aTimersLatenessIsToldInPartsThatAddUp_data();
    void aTimersLatenessIsToldInPartsThatAddUp();
    void everyExpiryIsALineWhoseSumIsRight();
    void aTimersIdIsTakenAsTimerListPrintsIt();
    void aMomentBehindTheEndIsSaid();
    void linesFitTheTerminal();
    void wrongUseIsOneSentenceAndCodeTwo_data();
    void wrongUseIsOneSentenceAndCodeTwo();
    void anInterruptIsCodeHundredAndThirty();

private:
    [[nodiscard]] QString scenario(const QByteArray& steps) const
    {
        QFile file(m_folder.filePath("mine.toml"));
        file.open(QIODevice::WriteOnly);
        file.write("title = 't'\nend = '300ms'\ndevices = ['fttmr010', 'jiffies']\n"
                   "[machine]\nbits = 32\n"
                   "[[step]]\nat = '0'\nboot = 'time_init'\ndevices = ['fttmr010']\n"
                   "[[step]]\nat = '5ms'\nboot = 'init_jiffies_clocksource'\n"
                   "[[step]]\nat = '10ms'\nboot = 'clocksource_done_booting'\n"
                   + steps);
        return file.fileName();
    }

    QTemporaryDir m_folder;
};

void TscopeWhyTest::theCurrentClocksourceIsExplainedAtTheEndOfTheRun()
{
    const Answer answer = whyClocksource({"FTTMR010-TIMER2", "ast2500-boot"});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.startsWith("FTTMR010-TIMER2 became the current clocksource at 0.212"));
    const QByteArray text = flowing(answer.out);
    for (const char* part :
         {"1. Highest rating: 300 of the band “desired”; the only rival, jiffies, has 1. "
          "[clocksource_enqueue]",
          "Fit for high resolution: Continuous and need not be verified", "No override: ",
          "Only at 0.212", "An override would be accepted: ", "the tick of CPU 0 goes oneshot",
          "Would change it: Register a rating above 300",
          "Would change it: Override with jiffies: deferred"}) {
        QVERIFY2(text.contains(part), part);
    }
    QCOMPARE(whyClocksource({"FTTMR010-TIMER2", "sim:ast2500-boot"}).out, answer.out);
}

void TscopeWhyTest::anotherOneIsExplainedWithWhatAnOverrideWouldCome_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("source");
    QTest::addColumn<QByteArrayList>("parts");
    QTest::newRow("deferred") << "jiffies" << "ast2500-boot"
                              << QByteArrayList{
                                     "jiffies is not the current clocksource; FTTMR010-TIMER2 is.",
                                     "Not fit while the tick is oneshot: Not continuous",
                                     "Lower rating: 1 of the band “unfit”; FTTMR010-TIMER2 has 300",
                                     "An override would be deferred: It would not be current",
                                     "not currently HRT compatible - deferring",
                                     "lets FTTMR010-TIMER2 run"};
    QTest::newRow("accepted") << "tim34" << "mfoc-boot"
                              << QByteArrayList{"tim34 is not the current clocksource; mfoc is.",
                                                "Lower rating: 300 of the band “desired”; mfoc has",
                                                "An override would be accepted: Written to "
                                                "current_clocksource, tim34 would be current",
                                                "Would change it: Unregister mfoc"};
    QTest::newRow("suspend") << "mfoc" << "mfoc-boot"
                             << QByteArrayList{"500 is outside the kernel's bands 1–499",
                                               "Counts on in suspend: It measures the sleep"};
}

void TscopeWhyTest::anotherOneIsExplainedWithWhatAnOverrideWouldCome()
{
    QFETCH(QString, name);
    QFETCH(QString, source);
    QFETCH(QByteArrayList, parts);
    const Answer answer = whyClocksource({name, source});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    for (const QByteArray& part : parts) {
        QVERIFY2(flowing(answer.out).contains(part), (part + '\n' + answer.out).constData());
    }
}

void TscopeWhyTest::anEarlierMomentHasItsOwnAnswer()
{
    const Answer answer = whyClocksource({"FTTMR010-TIMER2", "ast2500-boot", "--at", "150ms"});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    const QByteArray text = flowing(answer.out);
    QVERIFY2(text.contains("The boot has not finished: "), answer.out.constData());
    QVERIFY(text.contains("FTTMR010-TIMER2 would be chosen then"));
    QVERIFY(text.contains("An override would wait: "));
    QVERIFY(!text.contains("Register a rating above"));
    QCOMPARE(whyClocksource({"FTTMR010-TIMER2", "ast2500-boot", "--at=0.15"}).out, answer.out);
}

void TscopeWhyTest::anOverrideInAScenarioIsExplained()
{
    const QString absent = scenario("[[step]]\nat = '100ms'\n"
                                    "write = { file = 'clocksource/clocksource0/"
                                    "current_clocksource', text = 'hpet' }\n");
    const Answer waited = whyClocksource({"hpet", absent});
    QCOMPARE(waited.err, QByteArray());
    QCOMPARE(waited.code, 0);
    QVERIFY2(flowing(waited.out)
                 .contains("No clocksource called hpet is registered. 1. Asked for "
                           "by name: The override names hpet. The name is kept"),
             waited.out.constData());
    const Answer current = whyClocksource({"FTTMR010-TIMER2", absent});
    QVERIFY2(flowing(current.out)
                 .contains("The override cannot be used: hpet was asked for, but "
                           "is not registered."),
             current.out.constData());
    QVERIFY(flowing(current.out).contains("Register hpet: the override still names it"));
}

void TscopeWhyTest::aModuleSaysWhoHoldsIt()
{
    QFile file(m_folder.filePath("late.toml"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("title = 't'\nend = '300ms'\ndevices = ['fttmr010', 'jiffies', 'sun5i']\n"
               "[machine]\nbits = 32\n[machine.config]\nTIMER_MODULE_OWNERS = true\n"
               "[[step]]\nat = '0'\nboot = 'time_init'\ndevices = ['fttmr010']\n"
               "[[step]]\nat = '5ms'\nboot = 'init_jiffies_clocksource'\n"
               "[[step]]\nat = '10ms'\nboot = 'clocksource_done_booting'\n"
               "[[step]]\nat = '100ms'\nload = 'timer-sun5i'\n");
    file.close();
    const Answer answer = tscope({"why", "module", "timer-sun5i", file.fileName()});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    QVERIFY2(flowing(answer.out).contains("timer_sun5i cannot be unloaded now: "),
             answer.out.constData());
    QVERIFY2(flowing(answer.out).contains("A clock event device stays: "), answer.out.constData());
    QCOMPARE(tscope({"why", "module", "timer_sun5i", file.fileName()}).out, answer.out);
    const Answer before = tscope({"why", "module", "timer_sun5i", file.fileName(), "--at", "50ms"});
    QCOMPARE(before.code, 2);
    QCOMPARE(before.err,
             QByteArray("tscope: no module called \"timer_sun5i\" is known: none was loaded\n"));
}

void TscopeWhyTest::aDeviceSaysWhetherItCanBeUnbound()
{
    const Answer before = tscope({"why", "device", "SysTick", "stm32h750-unbind", "--at", "180ms"});
    QCOMPARE(before.code, 0);
    QVERIFY2(flowing(before.out).contains("then timer@40000400, rated 100, takes the tick over"),
             before.out.constData());
    const Answer after = tscope({"why", "device", "SysTick", "stm32h750-unbind"});
    QVERIFY2(flowing(after.out).contains("Unbinding is refused: EBUSY"), after.out.constData());
}

void TscopeWhyTest::aTickSaysWhatItHasBecome()
{
    const Answer end = tscope({"why", "tick", "0", "ast2500-boot"});
    QCOMPARE(end.code, 0);
    QVERIFY2(flowing(end.out).contains("CPU 0 is in high resolution"), end.out.constData());
    const Answer early = tscope({"why", "tick", "0", "ast2500-boot", "--at", "5ms"});
    QVERIFY2(flowing(early.out).contains("The boot is not over"), early.out.constData());
}

void TscopeWhyTest::aTimersLatenessIsToldInPartsThatAddUp_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArrayList>("parts");
    QTest::newRow("low resolution")
        << QStringList{"hrtimer_wakeup", "granularity-100hz"}
        << QByteArrayList{"(hrtimer_wakeup) was 9 ms late on CPU 0 at 0.06",
                          "1. Wait for the tick, 9 ms: Only a tick looks at it; its CPU was not in "
                          "high resolution. [hrtimer_run_queues]",
                          "2. Together: wait for the tick 9 ms = 9 ms; nothing is unexplained.",
                          "Then: It is one of 355 expiries of the 3 timers with hrtimer_wakeup; "
                          "the last one was 54.1",
                          "Would change it: Let the CPU go to high resolution"};
    QTest::newRow("high resolution")
        << QStringList{"3", "ast2500-boot", "--expiry", "last"}
        << QByteArrayList{"Hrtimer 3 (hrtimer_wakeup) was 56.162 µs late",
                          "1. Slack, 49.990 µs: It may fire later",
                          "it allows 50 µs. [hrtimer_set_expires_range_ns]",
                          "2. Interrupt latency, 6.072 µs: ",
                          "3. Handler entry, 100 ns: ",
                          "= 56.162 µs; nothing is unexplained.",
                          "It is one of its 59 expiries; the worst one was 3.006 ms late"};
    QTest::newRow("the wheel")
        << QStringList{"process_timeout", "ast2500-boot"}
        << QByteArrayList{"Wheel timer 7 (process_timeout) was 10.012481 ms late",
                          "1. Wheel rounding, 10 ms: A bucket is run when all of its jiffies are "
                          "over, so that none fires early; its bucket is run 1 jiffy after the "
                          "one asked for. [calc_wheel_index]",
                          "Earlier handlers, 3 µs: ", "nothing is unexplained."};
    QTest::newRow("a machine that stood")
        << QStringList{"tick_sched_timer", "tsc-drift"}
        << QByteArrayList{"was 1.980001040 s late", "Interrupt latency, 1.980001020 s",
                          "Would change it: Find what ran with interrupts off then"};
    QTest::newRow("nothing yet") << QStringList{"sched_clock_poll", "ast2500-boot"}
                                 << QByteArrayList{"No expiry of hrtimer 2 (sched_clock_poll) is "
                                                   "recorded. 1. What is known: It was started at "
                                                   "0.000420400 s, for 86.767015915 s"};
}

void TscopeWhyTest::aTimersLatenessIsToldInPartsThatAddUp()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArrayList, parts);
    const Answer answer = tscope(QStringList{"why", "timer"} + arguments);
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    for (const QByteArray& part : parts) {
        QVERIFY2(flowing(answer.out).contains(part), (part + '\n' + answer.out).constData());
    }
}

/// "3.300 µs" in nanoseconds.
static qint64 nanoseconds(const QString& number, const QString& unit)
{
    static const QHash<QString, int> digits{{"s", 9}, {"ms", 6}, {"µs", 3}, {"ns", 0}};
    const qsizetype point = number.indexOf('.');
    QString text = point < 0 ? number : number.left(point);
    const QString fraction = point < 0 ? QString() : number.mid(point + 1);
    return (text + fraction.leftJustified(digits.value(unit), '0')).toLongLong();
}

void TscopeWhyTest::everyExpiryIsALineWhoseSumIsRight()
{
    const Answer answer
        = tscope({"why", "timer", "process_timeout", "ast2500-boot", "--expiry=all"});
    QCOMPARE(answer.code, 0);
    const QString text = QString::fromUtf8(flowing(answer.out));
    QVERIFY2(text.startsWith("process_timeout has expired 14 times; the worst was 10.012481 ms"),
             answer.out.constData());
    static const QRegularExpression line(
        "At \\S+ s, timer \\d+: (.*?) late = (.*?)(?= \\d+\\. At|$)");
    static const QRegularExpression span("(\\d+(?:\\.\\d+)?) (s|ms|µs|ns)\\b");
    int lines = 0;
    for (auto each = line.globalMatch(text); each.hasNext(); ++lines) {
        const QRegularExpressionMatch match = each.next();
        const QRegularExpressionMatch whole = span.match(match.captured(1));
        qint64 sum = 0;
        for (auto part = span.globalMatch(match.captured(2)); part.hasNext();) {
            const QRegularExpressionMatch found = part.next();
            sum += nanoseconds(found.captured(1), found.captured(2));
        }
        QVERIFY2(sum == nanoseconds(whole.captured(1), whole.captured(2)),
                 qPrintable(match.captured()));
        QVERIFY(sum > 0);
    }
    QCOMPARE(lines, 14);
}

void TscopeWhyTest::aTimersIdIsTakenAsTimerListPrintsIt()
{
    const Answer plain = tscope({"why", "timer", "3", "ast2500-boot"});
    for (const char* id : {"0x3", "00000003", "<0000000000000003>", "hrtimer_wakeup"}) {
        const Answer answer = tscope({"why", "timer", id, "ast2500-boot", "--at", "100ms"});
        QCOMPARE(answer.code, 0);
        QVERIFY2(answer.out.startsWith("Hrtimer "), answer.out.constData());
    }
    QCOMPARE(tscope({"why", "timer", "0x3", "ast2500-boot"}).out, plain.out);
}

void TscopeWhyTest::aMomentBehindTheEndIsSaid()
{
    const Answer answer = whyClocksource({"jiffies", "ast2500-boot", "--at", "2s"});
    QCOMPARE(answer.code, 0);
    QCOMPARE(answer.err,
             QByteArray("tscope: ast2500-boot is over at 500ms; it was not run until 2s\n"));
    QCOMPARE(answer.out, whyClocksource({"jiffies", "ast2500-boot"}).out);
}

void TscopeWhyTest::linesFitTheTerminal()
{
    const Answer answer = whyClocksource({"jiffies", "ast2500-boot"});
    for (const QByteArray& line : answer.out.split('\n')) {
        QVERIFY2(QString::fromUtf8(line).size() <= 100, line.constData());
    }
}

void TscopeWhyTest::wrongUseIsOneSentenceAndCodeTwo_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const QStringList& arguments, const char* sentence) {
        QTest::newRow(qPrintable("tscope why " + arguments.join(' ')))
            << (QStringList{"why"} + arguments) << QByteArray(sentence);
    };
    row({"clocksorce", "jiffies", "ast2500-boot"},
        "why has no topic \"clocksorce\"; did you mean \"clocksource\"?");
    row({"module", "a"},
        "why module needs a name and a source, as in \"tscope why module timer_sun5i my.toml\"");
    row({},
        "why needs a topic; known are \"clocksource\", \"device\", \"tick\", \"timer\" and "
        "\"module\", "
        "as in \"tscope why clocksource jiffies ast2500-boot\"");
    row({"clocksource"},
        "why clocksource needs a name and a source, as in \"tscope why clocksource jiffies "
        "ast2500-boot\"");
    row({"clocksource", "jiffies"},
        "why clocksource needs a name and a source, as in \"tscope why clocksource jiffies "
        "ast2500-boot\"");
    row({"clocksource", "jifies", "ast2500-boot"},
        "no clocksource called \"jifies\" is registered; did you mean \"jiffies\"?");
    row({"clocksource", "tsc", "ast2500-boot"},
        "no clocksource called \"tsc\" is registered; known are \"FTTMR010-TIMER2\" and "
        "\"jiffies\"");
    row({"clocksource", "jiffies", "ast2500-bot"},
        "no scenario is called \"ast2500-bot\"; did you mean \"ast2500-boot\"?");
    row({"device", "SysTik", "stm32h750-unbind"},
        "no clock event device called \"SysTik\" is registered; did you mean \"SysTick\"?");
    row({"tick", "1", "ast2500-boot"}, "there is no CPU \"1\"; the machine has only CPU 0");
    row({"tick", "lapic", "ast2500-boot"}, "there is no CPU \"lapic\"; the machine has only CPU 0");
    row({"timer"},
        "why timer needs a name and a source, as in \"tscope why timer 3 ast2500-boot\"");
    row({"timer", "99", "ast2500-boot"},
        "no timer has the id or the function \"99\"; known are 1 (tick_sched_timer), 2 "
        "(sched_clock_poll), 3 (hrtimer_wakeup), 4 (hrtimer_wakeup), 5 (process_timeout), 6 "
        "(hrtimer_wakeup), 7 (process_timeout), 8 (process_timeout), 9 (hrtimer_wakeup)");
    row({"timer", "hrtimer_wakup", "ast2500-boot"},
        "no timer has the id or the function \"hrtimer_wakup\"; did you mean \"hrtimer_wakeup\"?");
    row({"timer", "3", "ast2500-boot", "--expiry", "first"},
        "--expiry is \"first\"; it must be one of \"worst\", \"last\" and \"all\"");
    row({"tick", "0", "ast2500-boot", "--expiry", "last"}, "--expiry goes with \"why timer\" only");
    row({"clocksource", "jiffies", "what:ever"},
        "source \"what:ever\" is of no known kind; known are sim:NAME, linux:, file:PATH, "
        "stm32:PORT and mmio:DEVICE");
    row({"clocksource", "jiffies", "ast2500-boot", "--at", "soon"},
        "--at: time \"soon\" is not a number with ns, us, ms, s, min or h behind it, such as "
        "\"250ms\" or \"1.5s\"");
    row({"clocksource", "jiffies", "linux:", "--at", "1s"},
        "--at goes with a model only: a running kernel is seen as it is now");
    row({"clocksource", "jiffies", "ast2500-boot", "now"}, "why has no use for \"now\"");
}

void TscopeWhyTest::wrongUseIsOneSentenceAndCodeTwo()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, sentence);
    const Answer answer = tscope(arguments);
    QCOMPARE(answer.err, "tscope: " + sentence + '\n');
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(answer.code, 2);
}

void TscopeWhyTest::anInterruptIsCodeHundredAndThirty()
{
    QFile file(m_folder.filePath("long.toml"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("title = 't'\nend = '1000h'\ndevices = ['fttmr010']\n[machine]\nbits = 32\n"
               "[[step]]\nat = '0'\nboot = 'time_init'\ndevices = ['fttmr010']\n");
    file.close();
    const Answer answer = interrupted({"why", "clocksource", "jiffies", file.fileName()});
    QCOMPARE(answer.code, 130);
    QCOMPARE(answer.err, QByteArray("tscope: interrupted; nothing is explained\n"));
    QCOMPARE(answer.out, QByteArray());
}

QTEST_GUILESS_MAIN(TscopeWhyTest)
#include "tscope_why_test.moc"
