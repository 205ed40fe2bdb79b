// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/tscope_process.h"
#include "tests/support/text_file.h"

#include <QDir>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

using timerscope::test::Answer;
using timerscope::test::interrupted;
using timerscope::test::shell;
using timerscope::test::tscope;

class TscopeRunTest : public QObject
{
    Q_OBJECT

private slots:
    void theBootPrintsTheSeedsLinesInOrder();
    void theStampsOfTheBootRise();
    void theFpgasCounterTakesOver();
    void printsComeInTheOrderAskedForWithALineBetween();
    void twoRunsHaveTheSameFingerprint();
    void functionsAreToldWhenAskedFor();
    void aRunStopsAtTheTimeAskedFor();
    void aTimeBehindTheEndIsSaid();
    void runIsShortForAttachToASimulatedSource();
    void helpAndVersionAreResults();
    void theCatalogueIsListed();
    void aBrokenFileOfTheCatalogueIsSaidAndTheRestListed();
    void wrongUseIsOneSentenceAndCodeTwo_data();
    void wrongUseIsOneSentenceAndCodeTwo();
    void aBrokenScenarioSaysItsFileAndLine();
    void aStepThatCannotBeCarriedOutEndsTheRun();
    void aFailedExpectationIsOneLineAndCodeOne();
    void exportsAreWritten();
    void anUnknownSuffixIsRefusedBeforeTheRun();
    void whatCannotBeWrittenIsCodeFourAndLeavesNothing();
    void aClosedStandardOutputIsSilent();
    void aPipeThatNobodyReadsIsSilent();
    void aFullStandardOutputIsOneSentence();
    void aClosedStandardOutputDoesNotSpillIntoTheExport();
    void anInterruptedModelLeavesNothing();
    void anInstalledProgramFindsItsResources();
    void aUsersScenarioIsFound();

private:
    [[nodiscard]] QString write(const QString& name, const QByteArray& text) const
    {
        QFile file(m_folder.filePath(name));
        QDir().mkpath(QFileInfo(file).path());
        file.open(QIODevice::WriteOnly);
        file.write(text);
        return file.fileName();
    }
    [[nodiscard]] QString emptyFolder(const QString& name) const
    {
        const QString path = m_folder.filePath(name);
        QDir(path).removeRecursively();
        QDir().mkpath(path);
        return path;
    }
    [[nodiscard]] static QStringList filesIn(const QString& folder)
    {
        return QDir(folder).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }

    QTemporaryDir m_folder;
};

void TscopeRunTest::theBootPrintsTheSeedsLinesInOrder()
{
    const Answer answer = tscope({"run", "ast2500-boot", "--print", "dmesg"});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    static const QRegularExpression stamp("^\\[ *\\d+\\.\\d{6}\\] ");
    QStringList lines = QString::fromUtf8(answer.out).split('\n');
    for (QString& line : lines) {
        line.remove(stamp);
    }
    QCOMPARE(lines,
             (QStringList{
                 "clocksource: FTTMR010-TIMER2: mask: 0xffffffff max_cycles: 0xffffffff, "
                 "max_idle_ns: 77222644334 ns",
                 "sched_clock: 32 bits at 24MHz, resolution 40ns, wraps every 86767015915ns",
                 "Switching to timer-based delay loop, resolution 40ns",
                 "Calibrating delay loop (skipped), value calculated using timer frequency.. 49.50 "
                 "BogoMIPS (lpj=247500)",
                 "clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: "
                 "19112604462750000 ns",
                 "clocksource: Switched to clocksource FTTMR010-TIMER2", ""}));
}

void TscopeRunTest::theStampsOfTheBootRise()
{
    const Answer answer = tscope({"run", "ast2500-boot"});
    static const QRegularExpression stamp("^\\[ *(\\d+\\.\\d{6})\\] ",
                                          QRegularExpression::MultilineOption);
    double last = -1;
    int lines = 0;
    for (auto each = stamp.globalMatch(QString::fromUtf8(answer.out)); each.hasNext(); ++lines) {
        const double at = each.next().captured(1).toDouble();
        QVERIFY2(at > last, answer.out.constData());
        last = at;
    }
    QCOMPARE(lines, 6);
}

void TscopeRunTest::theFpgasCounterTakesOver()
{
    const Answer answer = tscope({"run", "mfoc-boot", "--print", "sysfs"});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    const QByteArray folder = "/sys/devices/system/clocksource/clocksource0/";
    QVERIFY2(answer.out.contains(folder + "available_clocksource\nmfoc tim34\n"),
             answer.out.constData());
    QVERIFY(answer.out.contains(folder + "current_clocksource\nmfoc\n"));
}

void TscopeRunTest::printsComeInTheOrderAskedForWithALineBetween()
{
    const Answer answer = tscope({"run", "ast2500-boot", "--print", "state", "--print", "dmesg",
                                  "--print", "fingerprint", "--print", "timer_list"});
    QCOMPARE(answer.code, 0);
    static const QRegularExpression shape(
        "^kernel linux-5\\.15\\n.*\\n\\n\\[ .*\\n\\n[0-9a-f]{16} \\d+\\n\\nTimer List Version: .*",
        QRegularExpression::DotMatchesEverythingOption);
    QVERIFY2(shape.match(QString::fromUtf8(answer.out)).hasMatch(), answer.out.constData());
    QVERIFY(answer.out.contains("\nclocksource.current FTTMR010-TIMER2\n"));
    QVERIFY(answer.out.contains("\ncpu0.tick.mode oneshot\n"));
}

void TscopeRunTest::twoRunsHaveTheSameFingerprint()
{
    const Answer one = tscope({"run", "ast2500-boot", "--print", "fingerprint"});
    const Answer two = tscope({"run", "ast2500-boot", "--print", "fingerprint"});
    const Answer other = tscope({"run", "mfoc-boot", "--print", "fingerprint"});
    QVERIFY(QRegularExpression("^[0-9a-f]{16} [1-9]\\d*\\n$")
                .match(QString::fromUtf8(one.out))
                .hasMatch());
    QCOMPARE(one.out, two.out);
    QVERIFY(one.out != other.out);
}

void TscopeRunTest::functionsAreToldWhenAskedFor()
{
    const QString file = m_folder.filePath("functions.pftrace");
    const Answer answer = tscope(
        {"run", "ast2500-paths", "--detail", "functions", "--print", "calls", "--export", file});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.startsWith("start_kernel\tinit_timers\ninit_timers\tinit_timer_cpus\n"));
    QVERIFY(answer.out.contains("\nhrtimer_interrupt\t__hrtimer_run_queues\n"));
    QVERIFY(timerscope::test::textOf(file).find("__hrtimer_run_queues") != std::string::npos);
    const Answer events = tscope({"run", "ast2500-paths", "--print", "fingerprint"});
    const Answer functions
        = tscope({"run", "ast2500-paths", "--detail", "functions", "--print", "fingerprint"});
    QVERIFY(events.out != functions.out);
}

void TscopeRunTest::aRunStopsAtTheTimeAskedFor()
{
    const Answer before = tscope({"run", "ast2500-boot", "--until", "100ms"});
    QCOMPARE(before.code, 0);
    QVERIFY(before.out.contains("jiffies"));
    QVERIFY(!before.out.contains("Switched"));
    QCOMPARE(tscope({"run", "ast2500-boot", "--until", "0.1"}).out, before.out);
    QCOMPARE(tscope({"run", "--until=100000us", "ast2500-boot"}).out, before.out);
}

void TscopeRunTest::aTimeBehindTheEndIsSaid()
{
    const Answer answer = tscope({"run", "ast2500-boot", "--until", "2s"});
    QCOMPARE(answer.code, 0);
    QCOMPARE(answer.err,
             QByteArray("tscope: ast2500-boot is over at 500ms; it was not run until 2s\n"));
    QVERIFY(answer.out.contains("Switched"));
}

void TscopeRunTest::runIsShortForAttachToASimulatedSource()
{
    QCOMPARE(tscope({"attach", "sim:ast2500-boot"}).out, tscope({"run", "ast2500-boot"}).out);
    QCOMPARE(tscope({"attach", "sim:ast2500-boot", "--for", "90ms"}).out,
             tscope({"run", "ast2500-boot", "--until", "90ms"}).out);
}

void TscopeRunTest::helpAndVersionAreResults()
{
    for (const QStringList& arguments :
         {QStringList{"--help"}, {"run", "--help"}, {"host", "-h"}}) {
        const Answer answer = tscope(arguments);
        QCOMPARE(answer.code, 0);
        QCOMPARE(answer.err, QByteArray());
        QVERIFY(answer.out.contains("Usage: "));
    }
    QVERIFY(tscope({"--help"}).out.contains("Exit codes:"));
    QVERIFY(tscope({"run", "--help"}).out.contains("--until TIME"));
    const Answer version = tscope({"--version"});
    QCOMPARE(version.code, 0);
    QVERIFY(QRegularExpression("^tscope \\d+\\.\\d+\\.\\d+\\n$")
                .match(QString::fromUtf8(version.out))
                .hasMatch());
}

void TscopeRunTest::theCatalogueIsListed()
{
    const Answer devices = tscope({"devices"});
    QCOMPARE(devices.code, 0);
    QVERIFY(QRegularExpression("fttmr010 +Faraday FTTMR010").match(devices.out).hasMatch());
    QVERIFY(devices.out.contains("clocksource mfoc: 1 MHz, 32 bits, rating 500"));
    QVERIFY(devices.out.contains("            assumed: Everything but"));
    for (const QByteArray& line : devices.out.split('\n')) {
        QVERIFY2(line.size() <= 100, line.constData());
    }
    const Answer scenarios = tscope({"scenarios"});
    QCOMPARE(scenarios.code, 0);
    QVERIFY(QRegularExpression("^ast2500-boot +AST2500 boots").match(scenarios.out).hasMatch());
    QVERIFY(QRegularExpression("\nmfoc-boot +mfoc boots").match(scenarios.out).hasMatch());
}

void TscopeRunTest::aBrokenFileOfTheCatalogueIsSaidAndTheRestListed()
{
    const QString file = write("data/timerscope/devices/bad.toml", "title = 3\n");
    const Answer answer = shell("XDG_DATA_HOME=" + m_folder.filePath("data") + " \"$0\" devices");
    QCOMPARE(answer.code, 2);
    QCOMPARE(answer.err,
             "tscope: " + file.toUtf8()
                 + ":1: \"title\" in the device is a whole number; it must be text in "
                   "quotes\n");
    QVERIFY(answer.out.contains("fttmr010"));
}

void TscopeRunTest::wrongUseIsOneSentenceAndCodeTwo_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const QStringList& arguments, const char* sentence) {
        QTest::newRow(qPrintable("tscope " + arguments.join(' ')))
            << arguments << QByteArray(sentence);
    };
    row({},
        "say what to do: run, tui, host, attach, why, gpio, device, devices or scenarios; "
        "\"tscope --help\" explains them");
    row({"rnu"}, "there is no command \"rnu\"; did you mean \"run\"?");
    row({"dance"},
        "there is no command \"dance\"; known are \"run\", \"tui\", \"host\", \"attach\", "
        "\"why\", \"gpio\", \"device\", \"devices\" and \"scenarios\"");
    row({"--verson"}, "there is no option \"--verson\"; did you mean \"--version\"?");
    row({"run"}, "run needs the name of a scenario; \"tscope scenarios\" lists them");
    row({"run", "ast2500-bot"},
        "no scenario is called \"ast2500-bot\"; did you mean \"ast2500-boot\"?");
    row({"run", "/no/such.toml"}, "cannot read \"/no/such.toml\": No such file or directory");
    row({"run", "ast2500-boot", "again"}, "run has no use for \"again\"");
    row({"run", "ast2500-boot", "--unti=5"},
        "run has no option \"--unti\"; did you mean \"--until\"?");
    row({"run", "ast2500-boot", "--until", "soon"},
        "--until: time \"soon\" is not a number with ns, us, ms, s, min or h behind it, such as "
        "\"250ms\" or \"1.5s\"");
    row({"run", "ast2500-boot", "--print", "dmsg"},
        "--print \"dmsg\" is not known here; choose from \"dmesg\", \"sysfs\", \"timer_list\", "
        "\"state\", \"fingerprint\" and \"calls\"");
    row({"run", "ast2500-boot", "--detail", "all"},
        "--detail \"all\" is not known; choose \"events\" or \"functions\"");
    row({"run", "ast2500-boot", "--print", "calls"},
        "--print calls needs --detail functions: without it no functions are told");
    row({"host", "--print", "dmesg"},
        "--print \"dmesg\" is not known here; choose from \"sysfs\", \"timer_list\" and "
        "\"state\"");
    row({"attach"}, "attach needs a source: sim:NAME, linux:, stm32:PORT or mmio:NAME");
    row({"attach", "ast2500-boot"},
        "source \"ast2500-boot\" is of no known kind; known are sim:NAME, linux:, file:PATH, "
        "stm32:PORT and mmio:DEVICE");
    row({"attach", "file:trace.dat"},
        "this version cannot open \"file:\" sources yet; it opens sim:, linux:, stm32: and "
        "mmio:");
    row({"attach", "sim:ast2500-boot", "--root", "/"}, "--root goes with linux: only");
    row({"host", "--root", "/no/such"},
        "the root \"/no/such\" is not a folder; it must hold sys/ and proc/");
    row({"devices", "fttmr010"}, "devices has no use for \"fttmr010\"");
}

void TscopeRunTest::wrongUseIsOneSentenceAndCodeTwo()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, sentence);
    const Answer answer = tscope(arguments);
    QCOMPARE(answer.err, "tscope: " + sentence + '\n');
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(answer.code, 2);
}

void TscopeRunTest::aBrokenScenarioSaysItsFileAndLine()
{
    const QString folder = emptyFolder("out");
    const QString file = write("broken.toml", "title = 't'\nend = '1s'\ndevices = ['sundial']\n");
    const Answer answer = tscope({"run", file, "--export", folder + "/a.csv"});
    const auto devices = filesIn(timerscope::test::sourcePath("resources/devices")).size();
    QCOMPARE(answer.code, 2);
    QCOMPARE(answer.err,
             "tscope: " + file.toUtf8()
                 + ":3: no device is called \"sundial\"; \"tscope devices\" lists the "
                 + QByteArray::number(devices) + " that there are\n");
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(filesIn(folder), QStringList());
}

void TscopeRunTest::aStepThatCannotBeCarriedOutEndsTheRun()
{
    const QString folder = emptyFolder("out");
    const QString file = write("fault.toml",
                               "title = 't'\nend = '1s'\ndevices = ['fttmr010', 'jiffies']\n"
                               "[[step]]\nat = '1ms'\n"
                               "fault = { device = 'FTTMR010-TIMER2', kind = 'torn-read', "
                               "ns = 1000 }\n");
    const Answer answer = tscope({"run", file, "--export", folder + "/a.csv"});
    QCOMPARE(answer.code, 2);
    QCOMPARE(answer.err.count('\n'), 1);
    QVERIFY2(answer.err.startsWith("tscope: " + file.toUtf8() + ":4: "), answer.err.constData());
    QVERIFY(answer.err.contains("no read of it can be torn"));
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(filesIn(folder), QStringList());
}

void TscopeRunTest::aFailedExpectationIsOneLineAndCodeOne()
{
    const QString file
        = write("expect.toml",
                "title = 't'\nend = '300ms'\ndevices = ['fttmr010', 'jiffies']\n"
                "machine = { bits = 32, profile = 'linux-5.15' }\n"
                "[[step]]\nat = '0'\nboot = 'time_init'\ndevices = ['fttmr010']\n"
                "[[step]]\nat = '10ms'\nboot = 'clocksource_done_booting'\n"
                "[[step]]\nat = '0.2'\nexpect = { value = 'cpu0.tick.mode', is = 'x' }\n"
                "[[step]]\nat = '0.2'\nexpect = { value = 'no.such', is = 3 }\n"
                "[[step]]\nat = '0.2'\nexpect = { value = 'cpu0.hres_active', is = 1 }\n");
    const Answer answer = tscope({"run", file});
    QCOMPARE(answer.err,
             QByteArray("tscope: line 12, at 200ms: cpu0.tick.mode is oneshot, "
                        "expected x\n"
                        "tscope: line 15, at 200ms: no.such is unknown, expected 3\n"));
    QCOMPARE(answer.code, 1);
    QVERIFY(answer.out.contains("Switched to clocksource FTTMR010-TIMER2"));
}

void TscopeRunTest::exportsAreWritten()
{
    const QString folder = emptyFolder("out");
    const Answer answer = tscope({"run", "ast2500-boot", "--export", folder + "/a.csv", "--export",
                                  folder + "/b.pftrace", "--print", "fingerprint"});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    QCOMPARE(filesIn(folder), (QStringList{"a.csv", "b.pftrace"}));
    QFile csv(folder + "/a.csv");
    QVERIFY(csv.open(QIODevice::ReadOnly));
    const int records = answer.out.split(' ').at(1).trimmed().toInt();
    QVERIFY(records > 100);
    QVERIFY(csv.readAll().count('\n') > records);
    QVERIFY(QFileInfo(folder + "/b.pftrace").size() > records);
}

void TscopeRunTest::anUnknownSuffixIsRefusedBeforeTheRun()
{
    const QString folder = emptyFolder("out");
    const Answer answer = tscope(
        {"run", "ast2500-boot", "--export", folder + "/a.csv", "--export", folder + "/b.txt"});
    QCOMPARE(answer.code, 2);
    QVERIFY2(answer.err.contains(".txt") && answer.err.contains(".csv and .pftrace"),
             answer.err.constData());
    QCOMPARE(answer.err.count('\n'), 1);
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(filesIn(folder), QStringList());
}

void TscopeRunTest::whatCannotBeWrittenIsCodeFourAndLeavesNothing()
{
    const QString folder = emptyFolder("out");
    const Answer nowhere = tscope({"run", "ast2500-boot", "--export", folder + "/no/a.csv"});
    QCOMPARE(nowhere.code, 4);
    QCOMPARE(nowhere.err,
             "tscope: cannot write \"" + folder.toUtf8() + "/no/a.csv\": \"" + folder.toUtf8()
                 + "/no\" is not a folder\n");
    QDir().mkpath(folder + "/b.csv");
    const Answer onFolder = tscope({"run", "ast2500-boot", "--export", folder + "/b.csv"});
    QCOMPARE(onFolder.code, 4);
    QCOMPARE(onFolder.err,
             "tscope: cannot write \"" + folder.toUtf8() + "/b.csv\": it is a folder\n");
    QCOMPARE(filesIn(folder), QStringList{"b.csv"});
    const Answer closed = tscope({"run", "ast2500-boot", "--export", "/proc/a.csv"});
    QCOMPARE(closed.code, 4);
    QVERIFY2(closed.err.startsWith("tscope: cannot write /proc/a.csv: "), closed.err.constData());
    QCOMPARE(closed.err.count('\n'), 1);
    QCOMPARE(closed.out, QByteArray());
}

void TscopeRunTest::aClosedStandardOutputIsSilent()
{
    for (const char* command : {"run ast2500-boot", "devices", "--help", "--version"}) {
        const Answer answer = shell(QString("\"$0\" %1 >&-").arg(command));
        QCOMPARE(answer.code, 4);
        QCOMPARE(answer.err, QByteArray());
    }
}

void TscopeRunTest::aPipeThatNobodyReadsIsSilent()
{
    // The reader is gone for certain before tscope writes.
    const Answer answer = shell("{ sleep 0.3; \"$0\" run ast2500-boot; echo $? >&2; } | true");
    QCOMPARE(answer.err, QByteArray("4\n"));
}

void TscopeRunTest::aFullStandardOutputIsOneSentence()
{
    for (const char* command : {"run ast2500-boot", "scenarios", "--help"}) {
        const Answer answer = shell(QString("\"$0\" %1 > /dev/full").arg(command));
        QCOMPARE(answer.code, 4);
        QCOMPARE(answer.err,
                 QByteArray("tscope: cannot write to standard output: No space left on "
                            "device\n"));
    }
}

void TscopeRunTest::aClosedStandardOutputDoesNotSpillIntoTheExport()
{
    const QString folder = emptyFolder("out");
    const Answer plain = tscope({"run", "ast2500-boot", "--export", folder + "/plain.csv"});
    QCOMPARE(plain.code, 0);
    const Answer closed
        = shell("\"$0\" run ast2500-boot --export " + folder + "/closed.csv <&- >&-");
    QCOMPARE(closed.code, 4);
    QFile one(folder + "/plain.csv");
    QFile two(folder + "/closed.csv");
    QVERIFY(one.open(QIODevice::ReadOnly) && two.open(QIODevice::ReadOnly));
    QCOMPARE(two.readAll(), one.readAll());
}

void TscopeRunTest::anInterruptedModelLeavesNothing()
{
    const QString folder = emptyFolder("out");
    const QString file = write("long.toml",
                               "title = 't'\nend = '1000h'\ndevices = ['fttmr010']\n"
                               "[machine]\nbits = 32\n"
                               "[[step]]\nat = '0'\nboot = 'time_init'\n"
                               "devices = ['fttmr010']\n");
    const Answer answer = interrupted({"run", file, "--export", folder + "/a.csv"});
    QCOMPARE(answer.code, 130);
    QCOMPARE(answer.err, QByteArray("tscope: interrupted; nothing is written\n"));
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(filesIn(folder), QStringList());
}

void TscopeRunTest::anInstalledProgramFindsItsResources()
{
    const QString prefix = emptyFolder("prefix");
    const QDir build(QString::fromLocal8Bit(qgetenv("TIMERSCOPE_BIN_DIR")) + "/..");
    for (const char* room : {"app/terminal", "resources"}) {
        const QString script = build.filePath(QString(room) + "/cmake_install.cmake");
        const Answer answer = tscope({"-DCMAKE_INSTALL_PREFIX=" + prefix, "-P", script}, "cmake");
        QVERIFY2(answer.code == 0, answer.err.constData());
    }
    const Answer answer = tscope({"run", "ast2500-boot"}, prefix + "/bin/tscope");
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    QCOMPARE(answer.out, tscope({"run", "ast2500-boot"}).out);
    QVERIFY(QDir(prefix + "/share/timerscope").removeRecursively());
    const Answer none = tscope({"run", "ast2500-boot"}, prefix + "/bin/tscope");
    QCOMPARE(none.code, 2);
    QVERIFY2(none.err.contains("; there are none below /nonexistent/timerscope"),
             none.err.constData());
}

void TscopeRunTest::aUsersScenarioIsFound()
{
    static_cast<void>(write("data/timerscope/scenarios/mine.toml",
                            "title = 'mine'\nend = '1s'\ndevices = ['tim34']\n"));
    const QString environment = "XDG_DATA_HOME=" + m_folder.filePath("data");
    QVERIFY(shell(environment + " \"$0\" scenarios").out.contains("\nmine "));
    const Answer answer = shell(environment + " \"$0\" run mine --print state");
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.startsWith("kernel linux-6.1\n"));
}

QTEST_GUILESS_MAIN(TscopeRunTest)
#include "tscope_run_test.moc"
