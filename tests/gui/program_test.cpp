// SPDX-License-Identifier: GPL-3.0-or-later
//! The program from outside: what it prints, writes and ends with.
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

struct Ended
{
    int code = -1;
    QString out;
    QString err;
};

/// Runs timerscope as on a machine without a display.
Ended run(const QStringList& arguments)
{
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) {
        environment.remove(name);
    }
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("TIMERSCOPE_BIN_DIR") + "/timerscope", arguments);
    if (!process.waitForFinished(60'000)) {
        process.kill();
        return {};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            process.readAllStandardOutput(), process.readAllStandardError()};
}

} // namespace

class ProgramTest : public QObject
{
    Q_OBJECT
private slots:
    void helpAndVersionNeedNoDisplay();
    void withoutADisplayItSaysSo();
    void wrongUseIsOneSentence_data();
    void wrongUseIsOneSentence();
    void screenshotIsWrittenAtTheSizeAskedFor();
    void unwritableScreenshotIsExitFour();
};

void ProgramTest::helpAndVersionNeedNoDisplay()
{
    const Ended help = run({"--help"});
    QCOMPARE(help.code, 0);
    QVERIFY(help.out.contains("--screenshot FILE"));
    QVERIFY(help.err.isEmpty());
    const Ended version = run({"--version"});
    QCOMPARE(version.code, 0);
    QVERIFY(version.out.startsWith("timerscope "));
}

void ProgramTest::withoutADisplayItSaysSo()
{
    const Ended ended = run({});
    QCOMPARE(ended.code, 3);
    QVERIFY2(ended.err.contains("no display"), qPrintable(ended.err));
    QCOMPARE(ended.err.count('\n'), 1);
}

void ProgramTest::wrongUseIsOneSentence_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("said");
    QTest::newRow("unknown option") << QStringList{"--nonsense"} << "nonsense";
    QTest::newRow("two sources") << QStringList{"a", "b"} << "one SOURCE";
    QTest::newRow("theme") << QStringList{"--theme", "pink"} << "pink";
    QTest::newRow("size") << QStringList{"--size", "10x10"} << "10x10";
    QTest::newRow("scale") << QStringList{"--scale", "9"} << "--scale";
    QTest::newRow("time") << QStringList{"--at", "soon"} << "soon";
    QTest::newRow("unknown scenario")
        << QStringList{"no-such-boot", "--screenshot", "/nonexistent.png"} << "no-such-boot";
}

void ProgramTest::wrongUseIsOneSentence()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, said);
    const Ended ended = run(arguments);
    QCOMPARE(ended.code, 2);
    QVERIFY2(ended.err.contains(said), qPrintable(ended.err));
    QCOMPARE(ended.err.count('\n'), 1);
    QVERIFY(ended.out.isEmpty());
}

void ProgramTest::screenshotIsWrittenAtTheSizeAskedFor()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath("window.png");
    const Ended ended = run({"--screenshot", file, "--size", "1000x700", "--scale", "2", "--at",
                             "250ms", "--theme", "dark"});
    QVERIFY2(ended.code == 0, qPrintable(ended.err));
    const QImage image(file);
    QCOMPARE(image.size(), QSize(2000, 1400));
    QVERIFY2(qGray(image.pixel(1000, 700)) < 64, "the dark theme was asked for");
}

void ProgramTest::unwritableScreenshotIsExitFour()
{
    const Ended ended = run({"--screenshot", "/nonexistent/window.png", "--at", "1ms"});
    QCOMPARE(ended.code, 4);
    QVERIFY(ended.err.contains("/nonexistent/window.png"));
}

QTEST_GUILESS_MAIN(ProgramTest)
#include "program_test.moc"
