// SPDX-License-Identifier: GPL-3.0-or-later
//! Scenarios on real timers, and devices by themselves.
#include "tests/e2e/tscope_process.h"
#include "tests/support/ticking_page.h"

#include <QTemporaryDir>
#include <QtTest>

using timerscope::test::Answer;
using timerscope::test::TickingPage;
using timerscope::test::tscope;

namespace {

QString backendOf(const TickingPage& page)
{
    return "mmio:" + page.deviceFile();
}

} // namespace

class TscopeHardwareTest : public QObject
{
    Q_OBJECT
private slots:
    void theBootRunsOnTheHostsTimer();
    void theBootRunsOnAPagesCounter();
    void aDeviceThatTheScenarioNamesTakesItsOwnPlace();
    void aDeviceIsWatchedByItself();
    void samplesAreExported();
    void aDeviceThatVanishesIsOneSentenceAndCodeThree();
    void wrongUseIsOneSentence_data();
    void wrongUseIsOneSentence();
};

void TscopeHardwareTest::theBootRunsOnTheHostsTimer()
{
    // Its expectations are checked: the counter is current, high resolution is on.
    const Answer answer = tscope({"run", "ast2500-boot", "--backend", "host"});
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.contains("clocksource: Switched to clocksource FTTMR010-TIMER2"));
    QCOMPARE(answer.err,
             QByteArray("tscope: FTTMR010-TIMER2, FTTMR010-TIMER1 are made of this computer's "
                        "clock and timer\n"));
}

void TscopeHardwareTest::theBootRunsOnAPagesCounter()
{
    const TickingPage page;
    const Answer answer = tscope({"run", "ast2500-boot", "--backend", backendOf(page), "--print",
                                  "dmesg", "--print", "state"});
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.contains("clocksource: Switched to clocksource page\n"));
    QVERIFY(answer.out.contains("\nclocksource.current page\n"));
    QVERIFY(answer.out.contains("\ncpu0.hres_active 1\n"));
    QVERIFY(answer.err.contains("stands in for fttmr010"));
    QVERIFY(answer.err.contains("FTTMR010-TIMER1 is made of this computer's clock and timer"));
}

void TscopeHardwareTest::aDeviceThatTheScenarioNamesTakesItsOwnPlace()
{
    const TickingPage page;
    QFile device(page.deviceFile());
    QVERIFY(device.open(QIODevice::ReadOnly));
    const QString mfoc = page.resources() + "/mfoc.toml";
    QFile renamed(mfoc);
    QVERIFY(renamed.open(QIODevice::WriteOnly));
    renamed.write(device.readAll().replace("\"page\"", "\"mfoc\"").replace("350", "500"));
    renamed.close();
    const Answer answer = tscope({"run", "mfoc-boot", "--backend", "mmio:" + mfoc});
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.contains("clocksource: Switched to clocksource tim34"));
    QVERIFY(answer.out.contains("clocksource: Switched to clocksource mfoc"));
    QVERIFY(!answer.err.contains("stands in"));
}

void TscopeHardwareTest::aDeviceIsWatchedByItself()
{
    const TickingPage page;
    const Answer answer = tscope({"attach", backendOf(page), "--for", "2200ms"});
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.contains("clocksource.page.rating 350\n"));
    QVERIFY(answer.err.contains("ppm from its rate of 1000000 Hz"));
}

void TscopeHardwareTest::samplesAreExported()
{
    const TickingPage page;
    const QTemporaryDir folder;
    const QString csv = folder.filePath("page.csv");
    const Answer answer = tscope({"attach", backendOf(page), "--for", "300ms", "--export", csv,
                                  "--export", folder.filePath("page.pftrace")});
    QCOMPARE(answer.code, 0);
    QFile file(csv);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().count(",counter_sample,") >= 5);
    QVERIFY(QFile(folder.filePath("page.pftrace")).size() > 500);
}

void TscopeHardwareTest::aDeviceThatVanishesIsOneSentenceAndCodeThree()
{
    TickingPage page;
    QProcess process;
    process.setProcessEnvironment(timerscope::test::plainEnvironment());
    process.start(timerscope::test::tscopePath(), {"attach", backendOf(page), "--for", "60"});
    QVERIFY(process.waitForStarted());
    QVERIFY(timerscope::test::waitUntilItCatchesInterrupts(process));
    QVERIFY(page.vanish());
    const Answer answer = timerscope::test::answerOf(process);
    QCOMPARE(answer.code, 3);
    QVERIFY(answer.err.contains("page"));
    QVERIFY2(answer.out.contains("clocksource.page.rate 1000000\n"), "what was seen is shown");
}

void TscopeHardwareTest::wrongUseIsOneSentence_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("sentence");
    QTest::newRow("unknown backend")
        << QStringList{"run", "ast2500-boot", "--backend", "fpga"}
        << QByteArray("tscope: --backend \"fpga\" is not known; known are sim, host, stm32:PORT "
                      "and mmio:NAME\n");
    QTest::newRow("no mapped counter")
        << QStringList{"attach", "mmio:tim34"}
        << QByteArray("tscope: device \"tim34\" has no mapped counter: none of its counters has a "
                      "[counter.mmio] table that says where it is\n");
    QTest::newRow("no name") << QStringList{"attach", "mmio:"}
                             << QByteArray("tscope: \"mmio:\" names nothing to attach to; write "
                                           "mmio:NAME or stm32:PORT\n");
}

void TscopeHardwareTest::wrongUseIsOneSentence()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, sentence);
    const Answer answer = tscope(arguments);
    QCOMPARE(answer.code, 2);
    QCOMPARE(answer.err, sentence);
    QVERIFY(answer.out.isEmpty());
}

QTEST_GUILESS_MAIN(TscopeHardwareTest)
#include "tscope_hardware_test.moc"
