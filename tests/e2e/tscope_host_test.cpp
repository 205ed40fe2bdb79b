// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backends/linux_tree.h"
#include "tests/e2e/tscope_process.h"
#include "tests/support/text_file.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

using namespace timerscope::test;

namespace {

QString rootOf(const LinuxTree& tree)
{
    return QString::fromStdString(tree.root().string());
}

/// Two CPUs in high resolution mode on tsc, as recorded from a running 6.1.
void fill(const LinuxTree& tree)
{
    tree.writeClocksources("tsc hpet acpi_pm", "tsc");
    tree.writeDevice("clockevent0", "lapic\n");
    tree.writeDevice("clockevent1", "lapic\n");
    tree.write("proc/timer_list", textOf(sourcePath("tests/oracle/timer_list/bt_plain2.txt")));
}

} // namespace

class TscopeHostTest : public QObject
{
    Q_OBJECT

private slots:
    void theKernelOfATreeIsShown();
    void theRunningKernelIsShown();
    void withoutTimerListSysfsIsShownAndTheRestSaid();
    void aTimerListThatIsNotThereIsCodeThree();
    void withNothingReadableItIsCodeThree();
    void aLiveKernelHasNoBootLogHere();
    void attachLooksForAsLongAsAsked();
    void aSourceLostLeavesWhatWasRecorded();
    void anInterruptedLookLeavesWhatWasSeen();

private:
    [[nodiscard]] QString file(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
};

void TscopeHostTest::theKernelOfATreeIsShown()
{
    const LinuxTree tree;
    fill(tree);
    const Answer state = tscope({"host", "--root", rootOf(tree)});
    QCOMPARE(state.err, QByteArray());
    QCOMPARE(state.code, 0);
    QVERIFY2(state.out.contains("\nclocksource.current tsc\n"), state.out.constData());
    QVERIFY(state.out.contains("\ncpu1.tick.mode oneshot\n"));
    QVERIFY(state.out.contains("\ncpu0.hrtimer.0.function "));
    const Answer both
        = tscope({"host", "--root", rootOf(tree), "--print", "sysfs", "--print", "timer_list"});
    QCOMPARE(both.code, 0);
    QVERIFY(both.out.contains("current_clocksource\ntsc\n"));
    QVERIFY(both.out.contains("\n\nTimer List Version: "));
}

void TscopeHostTest::theRunningKernelIsShown()
{
    const QString folder = "/sys/devices/system/clocksource/clocksource0/";
    const QByteArray current = QByteArray::fromStdString(textOf(folder + "current_clocksource"));
    const Answer answer = tscope({"host"});
    // A container may hide /sys, and with it all that can be read.
    QVERIFY2(answer.code == 0 || (current.isEmpty() && answer.code == 3), answer.err);
    QCOMPARE(answer.out.contains("\nclocksource.current " + current), !current.isEmpty());
}

void TscopeHostTest::withoutTimerListSysfsIsShownAndTheRestSaid()
{
    const LinuxTree tree;
    fill(tree);
    tree.remove("proc/timer_list");
    const Answer answer = tscope({"host", "--root", rootOf(tree), "--print", "sysfs"});
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.contains("current_clocksource\ntsc\n"));
    QCOMPARE(answer.err.count('\n'), 1);
    QVERIFY2(answer.err.startsWith("tscope: Hrtimer queues and tick modes are not shown: ")
                 && answer.err.contains("timer_list"),
             answer.err.constData());
}

void TscopeHostTest::aTimerListThatIsNotThereIsCodeThree()
{
    const LinuxTree tree;
    fill(tree);
    tree.remove("proc/timer_list");
    const Answer answer = tscope({"host", "--root", rootOf(tree), "--print", "sysfs", "--print",
                                  "timer_list", "--export", file("none.csv")});
    QCOMPARE(answer.code, 3);
    QCOMPARE(answer.out, QByteArray());
    QVERIFY2(answer.err.endsWith("tscope: --print timer_list has nothing to show: "
                                 "/proc/timer_list could not be read\n"),
             answer.err.constData());
    QVERIFY(!QFile::exists(file("none.csv")));
}

void TscopeHostTest::withNothingReadableItIsCodeThree()
{
    const LinuxTree tree;
    const Answer answer = tscope({"host", "--root", rootOf(tree)});
    QCOMPARE(answer.code, 3);
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(answer.err.count('\n'), 1);
    QVERIFY2(answer.err.startsWith("tscope: The kernel cannot be observed: "),
             answer.err.constData());
}

void TscopeHostTest::aLiveKernelHasNoBootLogHere()
{
    const LinuxTree tree;
    fill(tree);
    const Answer answer = tscope({"attach", "linux:", "--root", rootOf(tree), "--print", "dmesg"});
    QCOMPARE(answer.code, 2);
    QCOMPARE(answer.err,
             QByteArray("tscope: --print dmesg needs a model: the running kernel's log "
                        "is dmesg's to show\n"));
}

void TscopeHostTest::attachLooksForAsLongAsAsked()
{
    const LinuxTree tree;
    fill(tree);
    QElapsedTimer clock;
    clock.start();
    const Answer answer = tscope({"attach", "linux:", "--root", rootOf(tree), "--for", "300ms",
                                  "--export", file("seen.csv")});
    QVERIFY(clock.elapsed() >= 300);
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.contains("clocksource.current tsc\n"));
    QVERIFY(QFileInfo(file("seen.csv")).size() > 0);
}

void TscopeHostTest::aSourceLostLeavesWhatWasRecorded()
{
    const LinuxTree tree;
    fill(tree);
    QProcess process;
    process.start(
        tscopePath(),
        {"attach", "linux:", "--root", rootOf(tree), "--for", "50s", "--export", file("lost.csv")});
    QVERIFY(process.waitForStarted());
    QVERIFY(waitUntilItCatchesInterrupts(process));
    tree.remove("sys");
    tree.remove("proc");
    const Answer answer = answerOf(process);
    QCOMPARE(answer.code, 3);
    QVERIFY2(answer.err.startsWith("tscope: "), answer.err.constData());
    QVERIFY2(answer.out.contains("clocksource.current tsc\n"), answer.out.constData());
    QVERIFY(QFileInfo(file("lost.csv")).size() > 0);
}

void TscopeHostTest::anInterruptedLookLeavesWhatWasSeen()
{
    const LinuxTree tree;
    fill(tree);
    const Answer answer = interrupted(
        {"attach", "linux:", "--root", rootOf(tree), "--for", "50s", "--export", file("cut.csv")});
    QCOMPARE(answer.code, 130);
    QCOMPARE(answer.err, QByteArray("tscope: interrupted; what was seen until now is written\n"));
    QVERIFY(answer.out.contains("clocksource.current tsc\n"));
    QVERIFY(QFileInfo(file("cut.csv")).size() > 0);
    QCOMPARE(QDir(m_folder.path()).entryList({"*cut*"}, QDir::Files | QDir::Hidden).size(), 1);
}

QTEST_GUILESS_MAIN(TscopeHostTest)
#include "tscope_host_test.moc"
