// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/canvas.h"
#include "app/terminal/screens/cell_text.h"

#include <QTest>

#include <cmath>

using namespace timerscope::terminal;

namespace {

double linear(std::uint8_t channel)
{
    const double share = channel / 255.0;
    return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
}

double luminance(Rgb colour)
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green)
        + 0.0722 * linear(colour.blue);
}

double contrast(Rgb one, Rgb other)
{
    const double first = luminance(one);
    const double second = luminance(other);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace

class TerminalCanvasTest : public QObject
{
    Q_OBJECT
private slots:
    void textsAreCutWithAnEllipsis();
    void wideTextsAreCutByCells();
    void wrappingKeepsGroupedDigitsTogether();
    void whatIsNotTextIsReplaced();
    void aPaneDrawsNothingOutsideOfItself();
    void everyInkStandsOutFromBlackAndWhite();
    void theEnvironmentSaysHowManyColours();
    void coloursAreMappedToTheirNearest();
};

void TerminalCanvasTest::textsAreCutWithAnEllipsis()
{
    QCOMPARE(cut("clocksource", 11), "clocksource");
    QCOMPARE(cut("clocksource", 6), QString::fromUtf8("clock…"));
    QCOMPARE(cut("clocksource", 1), QString::fromUtf8("…"));
    QCOMPARE(cut("clocksource", 0), "");
}

void TerminalCanvasTest::wideTextsAreCutByCells()
{
    const QString clocks = QString::fromUtf8("時計時計");
    QCOMPARE(cellsOf(clocks), 8);
    QCOMPARE(cut(clocks, 5), QString::fromUtf8("時計…"));
    QCOMPARE(cut(clocks, 4), QString::fromUtf8("時…"));
    QCOMPARE(cellsOf(QString::fromUtf8("e\u0301")), 1);
}

void TerminalCanvasTest::wrappingKeepsGroupedDigitsTogether()
{
    const QString text = QString::fromUtf8("switched at 0.238\u202f478\u202f000 s");
    QCOMPARE(wrapped(text, 18), (QStringList{"switched at", "0.238 478 000 s"}));
    QCOMPARE(wrapped("abcdefgh", 3), (QStringList{"abc", "def", "gh"}));
    QCOMPARE(wrapped("ab cdefgh", 3), (QStringList{"ab", "cde", "fgh"}));
    QCOMPARE(wrapped("", 3), QStringList{""});
}

void TerminalCanvasTest::whatIsNotTextIsReplaced()
{
    QCOMPARE(shownText("a\x1b[2J\tb"), U"a\ufffd[2J b");
    QCOMPARE(shownText(QString::fromUtf8("a\u202eb\u200bc")), U"abc"); // no turning of texts
}

void TerminalCanvasTest::aPaneDrawsNothingOutsideOfItself()
{
    Canvas canvas(10, 3);
    Pane pane = Pane(canvas).part({2, 1, 5, 1});
    pane.write(0, 0, "abcdefghij");
    pane.write(0, 1, "below");
    pane.write(0, -1, "above");
    pane.write(7, 0, "right");
    pane.fill({-5, -5, 50, 50}, U'.');
    pane.write(3, 0, QString::fromUtf8("時計"));
    QCOMPARE(canvas.line(0), "");
    QCOMPARE(canvas.line(1), QString::fromUtf8("  ...….")); // half a glyph is none
    QCOMPARE(canvas.line(2), "");
}

void TerminalCanvasTest::everyInkStandsOutFromBlackAndWhite()
{
    for (const Ink ink :
         {Ink::Quiet, Ink::Clocksource, Ink::Tick, Ink::Hrtimer, Ink::Warning, Ink::Error}) {
        QVERIFY(contrast(rgbOf(ink), {0, 0, 0}) >= 4.5);
        QVERIFY(contrast(rgbOf(ink), {255, 255, 255}) >= 4.5);
        // Grounds that people have: solarized, and the usual dark grey.
        QVERIFY(contrast(rgbOf(ink), {0xfd, 0xf6, 0xe3}) >= 3);
        QVERIFY(contrast(rgbOf(ink), {0x00, 0x2b, 0x36}) >= 3);
        QVERIFY(contrast(rgbOf(ink), {0x1e, 0x1e, 0x1e}) >= 3);
    }
    QVERIFY(contrast(selectionText, selectionGround) >= 7);
}

void TerminalCanvasTest::theEnvironmentSaysHowManyColours()
{
    QCOMPARE(colourDepth("1", "truecolor", "xterm-256color"), ColourDepth::None);
    QCOMPARE(colourDepth("", "truecolor", "xterm"), ColourDepth::True);
    QCOMPARE(colourDepth("", "24bit", "xterm"), ColourDepth::True);
    QCOMPARE(colourDepth("", "", "xterm-256color"), ColourDepth::Indexed);
    QCOMPARE(colourDepth("", "", "linux"), ColourDepth::Sixteen);
    QCOMPARE(colourDepth("", "", "dumb"), ColourDepth::None);
}

void TerminalCanvasTest::coloursAreMappedToTheirNearest()
{
    QCOMPARE(indexOf({0, 0, 0}), 16);
    QCOMPARE(indexOf({255, 255, 255}), 231);
    QCOMPARE(indexOf({255, 0, 0}), 196);
    QCOMPARE(indexOf({95, 135, 175}), 67);
}

QTEST_GUILESS_MAIN(TerminalCanvasTest)
#include "terminal_canvas_test.moc"
