// SPDX-License-Identifier: GPL-3.0-or-later
//! tscope tui as a person meets it: in a terminal, by keys and mouse.
#include "tests/e2e/tmux_terminal.h"

#include <QPoint>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>

using namespace timerscope::test;

namespace {

const QString paused = QString::fromUtf8("‖ paused");
const QString playing = QString::fromUtf8("▶ playing");

QString tui(const QString& arguments)
{
    return "'" + tscopePath() + "' tui " + arguments;
}

/// Where @p text stands on the screen; {-1, -1} where it does not.
QPoint placeOf(const QString& text, const QStringList& lines)
{
    for (int y = 0; y < lines.size(); ++y) {
        if (const auto x = lines[y].indexOf(text); x >= 0) {
            return {static_cast<int>(x), y};
        }
    }
    return {-1, -1};
}

/// What the shell says of the terminal's settings.
QString settingsOf(const TmuxTerminal& terminal, const QString& file)
{
    terminal.enter("stty -a > '" + file + "'; echo settings' kept'");
    if (!terminal.shows("settings kept")) {
        return "nothing was said";
    }
    QFile kept(file);
    return kept.open(QIODevice::ReadOnly) ? QString::fromUtf8(kept.readAll()) : QString();
}

} // namespace

class TscopeTuiTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void everyScreenComesByKeyAndByMouse_data();
    void everyScreenComesByKeyAndByMouse();
    void theRunIsPlayedPausedAndStepped();
    void aResizeIsFollowed();
    void withoutASourceOneIsPicked();
    void whatCannotBeOpenedIsSaidAndAnotherCanBe();
    void theTerminalIsLeftAsItWas_data();
    void theTerminalIsLeftAsItWas();
    void suspendedItGivesTheTerminalBack();
    void aCrashIsSaidAfterTheScreens();
    void noColourIsUsedWhereNoneIsWanted();
    void coloursFollowTheTerminal();
    void pausedItCostsNothing();
    void withoutATerminalItIsWrongUse();
    void noGuiLibraryIsLinked();

private:
    QTemporaryDir m_folder;
};

void TscopeTuiTest::initTestCase()
{
    QVERIFY2(!QStandardPaths::findExecutable("tmux").isEmpty(), "packaging/setup.sh installs tmux");
}

void TscopeTuiTest::everyScreenComesByKeyAndByMouse_data()
{
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::newRow("80x24") << 80 << 24;
    QTest::newRow("120x40") << 120 << 40;
}

void TscopeTuiTest::everyScreenComesByKeyAndByMouse()
{
    QFETCH(int, width);
    QFETCH(int, height);
    const TmuxTerminal terminal(width, height);
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("ast2500-boot"));
    QVERIFY(terminal.shows(playing));
    terminal.press({"]", "]", "]", "]"}); // as fast as possible
    QVERIFY(terminal.shows(QString::fromUtf8("■ ended")));
    QVERIFY(terminal.shows("WHY? FTTMR010-TIMER2"));
    terminal.press({"2"});
    QVERIFY(terminal.shows("oneshot-stopped"));
    terminal.press({"3"});
    QVERIFY(terminal.shows("hard expiry, s"));
    terminal.press({"9"});
    QVERIFY(terminal.shows("Switched to clocksource FTTMR010-TIMER2"));
    terminal.press({"Home"});
    QVERIFY(terminal.shows("0.000 000  clocksource: FTTMR010-TIMER2: mask"));
    terminal.press({"?"});
    QVERIFY(terminal.shows("play or pause"));
    terminal.press({"Escape"});
    QVERIFY(terminal.hides("play or pause"));

    const QStringList lines = terminal.lines();
    QCOMPARE(lines.size(), height + 1); // the last one ends, too
    QVERIFY(!lines[height - 1].isEmpty());
    QPoint place = placeOf("1 RATING", lines);
    terminal.click(place.x(), place.y());
    QVERIFY(terminal.shows("WHY? FTTMR010-TIMER2"));
    place = placeOf("jiffies  ", terminal.lines());
    terminal.click(place.x(), place.y());
    QVERIFY(terminal.shows("WHY? jiffies"));
    terminal.turnWheel(place.x(), place.y(), false);
    QVERIFY(terminal.shows("WHY? FTTMR010-TIMER2"));
    terminal.press({"q"});
    QVERIFY(terminal.shows("[0]ready"));
}

void TscopeTuiTest::theRunIsPlayedPausedAndStepped()
{
    const TmuxTerminal terminal(80, 24);
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("--paused ast2500-boot"));
    QVERIFY(terminal.shows(paused));
    QVERIFY(terminal.shows("t = 0.000 000 000 s"));
    terminal.press({"."});
    QVERIFY(terminal.hides("t = 0.000 000 000 s"));
    QVERIFY(terminal.shows(paused));
    terminal.press({"Space"});
    QVERIFY(terminal.shows(playing));
    QVERIFY(terminal.shows("Space pause")); // the last line of the screen, and drawn last
    const QPoint pause = placeOf("Space pause", terminal.lines());
    QCOMPARE(pause.y(), 23);
    terminal.click(pause.x(), pause.y());
    QVERIFY(terminal.shows(paused));
    terminal.press({"]"});
    QVERIFY(terminal.shows(paused + QString::fromUtf8("  1×")));
}

void TscopeTuiTest::aResizeIsFollowed()
{
    const TmuxTerminal terminal(80, 24);
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("--paused mfoc-boot"));
    QVERIFY(terminal.shows(paused));
    terminal.resize(120, 40);
    QVERIFY(terminal.becomes([&] { return terminal.lines().value(39).startsWith("Space play"); }));
    terminal.resize(60, 20);
    QVERIFY(terminal.shows(
        QString::fromUtf8("Timerscope needs 80×24 characters; this terminal has 60×20.")));
    terminal.resize(80, 24);
    QVERIFY(terminal.becomes([&] { return terminal.lines().value(23).startsWith("Space play"); }));
    QVERIFY(!terminal.screen().contains("needs"));
}

void TscopeTuiTest::withoutASourceOneIsPicked()
{
    const TmuxTerminal terminal(80, 24);
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("--paused"));
    QVERIFY(terminal.shows("Choose what is shown"));
    terminal.type("mfoc");
    QVERIFY(terminal.hides("sim:ast2500-boot"));
    terminal.press({"Enter"});
    QVERIFY(terminal.shows("mfoc-boot  model"));
    terminal.press({"s"});
    QVERIFY(terminal.shows("Choose what is shown"));
    const QPoint place = placeOf("ast2500-boot", terminal.lines());
    terminal.click(place.x(), place.y());
    QVERIFY(terminal.shows("ast2500-boot  model"));
}

void TscopeTuiTest::whatCannotBeOpenedIsSaidAndAnotherCanBe()
{
    const TmuxTerminal terminal(80, 24);
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("no-such-boot"));
    QVERIFY(terminal.shows(QString::fromUtf8("✗ sim:no-such-boot: no scenario is called")));
    terminal.press({"Enter"});
    QVERIFY(terminal.shows("ast2500-boot  model"));
    QVERIFY(terminal.hides(QString::fromUtf8("✗")));
}

void TscopeTuiTest::theTerminalIsLeftAsItWas_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<int>("signal");
    QTest::addColumn<int>("code");
    QTest::newRow("q") << "q" << 0 << 0;
    QTest::newRow("Ctrl-C") << "C-c" << 0 << 0;
    QTest::newRow("SIGINT") << "" << SIGINT << 130;
    QTest::newRow("SIGTERM") << "" << SIGTERM << 128 + SIGTERM;
    QTest::newRow("SIGSEGV") << "" << SIGSEGV << 128 + SIGSEGV;
    QTest::newRow("SIGABRT") << "" << SIGABRT << 128 + SIGABRT;
}

void TscopeTuiTest::theTerminalIsLeftAsItWas()
{
    QFETCH(QString, key);
    QFETCH(int, signal);
    QFETCH(int, code);
    const TmuxTerminal terminal(80, 24);
    QVERIFY(terminal.shows("ready"));
    const QString before = settingsOf(terminal, m_folder.filePath("before"));
    QVERIFY(before.contains("icanon"));
    terminal.enter("ulimit -c 0; clear; " + tui("ast2500-boot"));
    QVERIFY(terminal.shows(playing));
    if (signal == 0) {
        terminal.press({key});
    } else {
        const qint64 process = terminal.foreground("tscope");
        QVERIFY(process > 0);
        ::kill(static_cast<pid_t>(process), signal);
    }
    QVERIFY2(terminal.shows(QString("[%1]ready").arg(code)), qPrintable(terminal.screen()));
    QVERIFY(!terminal.screen().contains("RATING"));
    QVERIFY(terminal.isPlain());
    terminal.enter("clear");
    QVERIFY(terminal.hides("tui"));
    QCOMPARE(settingsOf(terminal, m_folder.filePath("after")), before);
}

void TscopeTuiTest::suspendedItGivesTheTerminalBack()
{
    const TmuxTerminal terminal(80, 24);
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("--paused ast2500-boot"));
    QVERIFY(terminal.shows(paused));
    terminal.press({"C-z"});
    QVERIFY(terminal.shows("Stopped"));
    QVERIFY(terminal.isPlain());
    terminal.enter("fg");
    QVERIFY(terminal.shows(paused));
    terminal.press({"2"});
    QVERIFY(terminal.shows("oneshot-stopped"));
    terminal.press({"q"});
    QVERIFY(terminal.shows("[0]ready"));
    QVERIFY(terminal.isPlain());
}

/// What is written to standard error meanwhile must not be lost with the screens.
void TscopeTuiTest::aCrashIsSaidAfterTheScreens()
{
    const TmuxTerminal terminal(80, 24);
    QVERIFY(terminal.shows("ready"));
    terminal.enter("clear; " + tui("--paused ast2500-boot"));
    QVERIFY(terminal.shows(paused));
    const qint64 process = terminal.foreground("tscope");
    QFile errors(QString("/proc/%1/fd/2").arg(process));
    QVERIFY(errors.open(QIODevice::WriteOnly | QIODevice::Append));
    errors.write("the last words\n");
    errors.close();
    ::kill(static_cast<pid_t>(process), SIGABRT);
    QVERIFY(terminal.shows("the last words"));
    QVERIFY(terminal.shows("[134]ready"));
}

void TscopeTuiTest::noColourIsUsedWhereNoneIsWanted()
{
    const TmuxTerminal terminal(80, 24, "NO_COLOR=1");
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("--paused ast2500-boot"));
    QVERIFY(terminal.shows(paused));
    static const QRegularExpression colour("\x1b\\[[0-9;]*\\b(3[0-8]|4[0-8]|9[0-7])\\b[0-9;]*m");
    QVERIFY(!terminal.coloured().contains(colour));
    static const QRegularExpression chosenTab("\x1b\\[[0-9;]*7m 1 RATING ");
    QVERIFY(terminal.coloured().contains(chosenTab));
}

void TscopeTuiTest::coloursFollowTheTerminal()
{
    const TmuxTerminal terminal(80, 24, "COLORTERM=truecolor");
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("--paused ast2500-boot"));
    QVERIFY(terminal.shows(paused));
    QVERIFY(terminal.coloured().contains("38;2;216;48;115")); // the clocksource's mark
}

void TscopeTuiTest::pausedItCostsNothing()
{
    const TmuxTerminal terminal(80, 24);
    QVERIFY(terminal.shows("ready"));
    terminal.enter(tui("--paused ast2500-boot"));
    QVERIFY(terminal.shows(paused));
    const qint64 process = terminal.foreground("tscope");
    const auto ticks = [process] {
        QFile stat(QString("/proc/%1/stat").arg(process));
        stat.open(QIODevice::ReadOnly);
        const QList<QByteArray> fields = stat.readAll().split(' ');
        return fields.value(13).toInt() + fields.value(14).toInt(); // in hundredths of a second
    };
    const int before = ticks();
    QTest::qWait(1000); // a span to measure over, not a condition to wait for
    QVERIFY2(ticks() - before <= 5, qPrintable(QString::number(ticks() - before)));
}

void TscopeTuiTest::withoutATerminalItIsWrongUse()
{
    const Answer answer = tscope({"tui", "ast2500-boot"});
    QCOMPARE(answer.code, 2);
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(answer.err.count('\n'), 1);
    QVERIFY(answer.err.startsWith("tscope: tui needs a terminal"));
}

void TscopeTuiTest::noGuiLibraryIsLinked()
{
    const Answer answer = shell("ldd \"$0\"");
    QCOMPARE(answer.code, 0);
    QVERIFY(answer.out.contains("libQt6Core"));
    for (const char* library : {"libQt6Gui", "libQt6Widgets", "libQt6Charts", "libX11"}) {
        QVERIFY2(!answer.out.contains(library), library);
    }
}

QTEST_GUILESS_MAIN(TscopeTuiTest)
#include "tscope_tui_test.moc"
