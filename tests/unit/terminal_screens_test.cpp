// SPDX-License-Identifier: GPL-3.0-or-later
//! The terminal's screens as text: tests/golden/screens holds what they showed when somebody last
//! looked at them. TIMERSCOPE_UPDATE_GOLDEN=1 writes those files anew.
#include "app/session/open_source.h"
#include "app/terminal/screens/terminal_window.h"
#include "tests/support/fake_source.h"
#include "tests/support/text_file.h"

#include <QDir>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace timerscope;
using namespace timerscope::terminal;
using namespace timerscope::test;

namespace {

struct Extent
{
    int width = 80;
    int height = 24;
};

Snapshot fourCpus()
{
    Snapshot snapshot;
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        HrtimerRow timer;
        timer.id = cpu;
        timer.function = "timer_of_cpu" + std::to_string(cpu);
        timer.task
            = cpu == 1 ? "\x1b[2J\n\xe6\x99\x82\xe9\x96\x93\xe6\x99\x82\xe9\x96\x93" : "task";
        timer.hardExpires = HrtimerInstant{Ns{1'000'000'000'000'000LL * (cpu + 1)}};
        timer.softExpires = timer.hardExpires;
        HrtimerBaseRow base;
        base.timers = {timer, timer};
        base.timers[1].id += 100;
        CpuRow row;
        row.index = cpu;
        row.tickDevice = "a-device-with-a-name-that-is-much-longer-than-any-column-of-a-terminal";
        row.tickMode = TickMode::Oneshot;
        row.hresActive = true;
        row.hrtimerBases = {base};
        snapshot.cpus.push_back(row);
    }
    return snapshot;
}

Result<std::unique_ptr<Source>> openForTest(const std::string& uri)
{
    if (uri == "sim:lost") {
        return std::make_unique<FakeSource>(FakeSource::Script{.failsAt = TraceInstant{Ns{3}}});
    }
    if (uri == "sim:four") {
        return std::make_unique<FakeSource>(FakeSource::Script{.base = fourCpus()});
    }
    return openSource(uri, Resources({sourcePath("resources").toStdString()}));
}

/// The window without a terminal, on a source that does not play.
class Stage
{
public:
    Stage()
        : window(openForTest,
                 {.sources = sourceChoices({"ast2500-boot", "mfoc-boot"}), .backends = [] {
                      return std::vector<BackendChoice>{{"Simulated", "sim"}, {"Host", "host"}};
                  }})
    {
        window.setPlaysOnOpen(false);
    }
    explicit Stage(const QString& uri, std::int64_t until = 0)
        : Stage()
    {
        open(uri);
        if (until > 0) {
            window.model().session()->runUntil(TraceInstant{Ns{until}});
            [&] {
                QTRY_VERIFY_WITH_TIMEOUT(nsOf(window.model().view().snapshot->at) >= until
                                             && window.model().view().state != PlayState::Playing,
                                         20'000);
            }();
        }
    }

    void open(const QString& uri)
    {
        QSignalSpy opened(&window.model(), &WindowModel::opened);
        window.open(uri);
        [&] { QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, 10'000); }();
    }
    void type(const char* text)
    {
        for (const QChar letter : QString::fromUtf8(text)) {
            window.take(KeyPress{.key = Key::Text, .text = letter});
        }
    }
    void press(Key key) { window.take(pressed(key)); }

    QStringList lines(Extent extent = {})
    {
        Canvas canvas(extent.width, extent.height);
        window.draw(canvas);
        QStringList result;
        for (int y = 0; y < canvas.height(); ++y) {
            result << canvas.line(y);
        }
        return result;
    }
    QString text(Extent extent = {}) { return lines(extent).join('\n') + '\n'; }
    /// Clicks on the first cell of @p text, wherever it stands.
    bool click(const QString& wanted, Extent extent = {})
    {
        const QStringList shown = lines(extent);
        for (int y = 0; y < shown.size(); ++y) {
            if (const auto x = shown[y].indexOf(wanted); x >= 0) {
                window.take(Click{.x = static_cast<int>(x), .y = y});
                return true;
            }
        }
        return false;
    }

    TerminalWindow window;
};

} // namespace

class TerminalScreensTest : public QObject
{
    Q_OBJECT
private slots:
    void screenShowsWhatItShowedBefore_data();
    void screenShowsWhatItShowedBefore();
    void everyTabIsOneKeyOrOneClickAway();
    void choosingAClocksourceExplainsIt();
    void whyScrollsByPage();
    void spaceDotAndBracketsDriveTheRun();
    void theLogFollowsUntilSomebodyScrollsBack();
    void thePickerFiltersAndOpens();
    void thePickerOpensWhatIsTypedAndSaysWhyNot();
    void thePickerPutsAScenarioOnAnotherBackend();
    void aLostSourceIsOneSentenceAndTheProgramGoesOn();
    void cpusAndBasesAreChosenByKeyAndClick();
    void helpIsOneKeyAwayAndAnyKeyLeaves();
    void aSmallTerminalIsToldTheSizeItNeeds();
    void noTextLeavesItsPlace();
    void nothingOfASourceIsACommandToTheTerminal();
};

void TerminalScreensTest::screenShowsWhatItShowedBefore_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("key");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    const struct
    {
        const char* name;
        const char* key;
    } screens[] = {{"rating", "1"}, {"ticks", "2"},  {"hrtimers", "3"},
                   {"log", "9"},    {"source", "s"}, {"keys", "?"}};
    for (const auto& [name, key] : screens) {
        QTest::addRow("%s 80x24", name) << name << key << 80 << 24;
        QTest::addRow("%s 120x40", name) << name << key << 120 << 40;
    }
}

void TerminalScreensTest::screenShowsWhatItShowedBefore()
{
    QFETCH(QString, name);
    QFETCH(QString, key);
    QFETCH(int, width);
    QFETCH(int, height);
    Stage stage("sim:ast2500-boot", 271'463'200);
    stage.type(key.toUtf8().constData());
    const QString shown = stage.text({width, height});
    const QString path
        = sourcePath(QString("tests/golden/screens/%1.%2x%3.txt").arg(name).arg(width).arg(height));
    if (qEnvironmentVariableIntValue("TIMERSCOPE_UPDATE_GOLDEN") == 1) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(shown.toUtf8()) > 0);
    }
    const QStringList kept = QString::fromStdString(textOf(path)).split('\n');
    const QStringList lines = shown.split('\n');
    QCOMPARE(lines.size(), kept.size());
    for (qsizetype i = 0; i < lines.size(); ++i) {
        QCOMPARE(lines[i], kept[i]);
    }
}

void TerminalScreensTest::everyTabIsOneKeyOrOneClickAway()
{
    Stage stage("sim:ast2500-boot", 100'000'000);
    QVERIFY(stage.text().contains("WHY?"));
    stage.type("2");
    QVERIFY(stage.text().contains("oneshot-stopped"));
    QVERIFY(stage.click("3 HRTIMERS"));
    QVERIFY(stage.text().contains("hard expiry, s"));
    stage.press(Key::Tab);
    QVERIFY(stage.text().contains("sched_clock: 32 bits"));
    stage.press(Key::Tab);
    QVERIFY(stage.text().contains("WHY?"));
    stage.window.take(KeyPress{.key = Key::Tab, .text = {}, .shift = true});
    QVERIFY(stage.text().contains("sched_clock: 32 bits"));
}

void TerminalScreensTest::choosingAClocksourceExplainsIt()
{
    Stage stage("sim:mfoc-boot", 400'000'000);
    QVERIFY(stage.text().contains("WHY? mfoc"));
    stage.press(Key::Down);
    QVERIFY(stage.text().contains("WHY? tim34"));
    QVERIFY(stage.click("jiffies "));
    QVERIFY(stage.text().contains("WHY? jiffies"));
    stage.press(Key::Down); // it is the last one
    QVERIFY(stage.text().contains("WHY? jiffies"));
}

void TerminalScreensTest::whyScrollsByPage()
{
    Stage stage("sim:ast2500-boot", 271'463'200);
    QVERIFY(!stage.text().contains("Would change the answer"));
    stage.press(Key::PageDown);
    stage.lines();
    stage.press(Key::PageDown);
    QVERIFY(stage.text().contains("Would change the answer"));
    stage.press(Key::Home);
    QVERIFY(stage.text().contains("WHY? FTTMR010-TIMER2"));
    stage.window.take(Wheel{.x = 60, .y = 10, .by = 1});
    QVERIFY(!stage.text().contains("WHY? FTTMR010-TIMER2"));
}

void TerminalScreensTest::spaceDotAndBracketsDriveTheRun()
{
    Stage stage("sim:ast2500-boot");
    QVERIFY(stage.lines()[0].contains(QString::fromUtf8("‖ paused")));
    QTRY_VERIFY(stage.lines()[0].contains(QString::fromUtf8("1/10×")));
    stage.type("[");
    QTRY_VERIFY(stage.lines()[0].contains(QString::fromUtf8("1/100×")));
    stage.type("]]");
    QTRY_VERIFY(stage.lines()[0].endsWith(QString::fromUtf8("  1×")));
    const auto before = stage.window.model().view().snapshot->records;
    stage.type(".");
    QTRY_VERIFY(stage.window.model().view().snapshot->records > before);
    stage.type(" ");
    QTRY_VERIFY(stage.lines()[0].contains(QString::fromUtf8("▶ playing")));
    QVERIFY(stage.click("Space"));
    QTRY_VERIFY(stage.lines()[0].contains(QString::fromUtf8("‖ paused")));
}

void TerminalScreensTest::theLogFollowsUntilSomebodyScrollsBack()
{
    Stage stage("sim:four", 100'000'000); // a line each millisecond
    stage.type("9");
    QVERIFY(stage.text().contains("0.100 000  event"));
    stage.press(Key::PageUp);
    QVERIFY(!stage.text().contains("0.100 000  event"));
    QVERIFY(stage.lines()[2].contains("End follows"));
    stage.press(Key::Home);
    QVERIFY(stage.text().contains("0.001 000  event"));
    stage.press(Key::End);
    QVERIFY(stage.text().contains("0.100 000  event"));
    stage.window.take(Wheel{.x = 9, .y = 9, .by = -1});
    QVERIFY(!stage.text().contains("0.100 000  event"));
}

void TerminalScreensTest::thePickerFiltersAndOpens()
{
    Stage stage;
    stage.window.pickSource();
    QVERIFY(stage.text().contains("This computer"));
    stage.type("MFOC");
    QVERIFY(!stage.text().contains("ast2500-boot"));
    QSignalSpy opened(&stage.window.model(), &WindowModel::opened);
    stage.press(Key::Enter);
    QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, 10'000);
    QVERIFY(stage.lines()[0].startsWith("mfoc-boot"));
    stage.type("s");
    QVERIFY(stage.click("sim:ast2500-boot"));
    QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 2, 10'000);
    QVERIFY(stage.lines()[0].startsWith("ast2500-boot"));
    stage.type("s");
    stage.press(Key::Escape);
    QVERIFY(stage.text().contains("Space play"));
}

void TerminalScreensTest::thePickerOpensWhatIsTypedAndSaysWhyNot()
{
    Stage stage;
    stage.window.pickSource();
    stage.window.take(Paste{.text = "./nowhere\n.toml"});
    QVERIFY(stage.text().contains("sim:./nowhere .toml"));
    stage.press(Key::Enter);
    QTRY_VERIFY(stage.text().contains(QString::fromUtf8("✗ sim:./nowhere .toml: cannot read")));
    stage.window.take(KeyPress{.key = Key::Text, .text = "u", .control = true});
    stage.press(Key::Down);
    stage.press(Key::Enter);
    QTRY_VERIFY(stage.lines()[0].startsWith("mfoc-boot"));
    QVERIFY(!stage.text().contains(QString::fromUtf8("✗")));
}

void TerminalScreensTest::thePickerPutsAScenarioOnAnotherBackend()
{
    Stage stage;
    stage.window.pickSource();
    stage.press(Key::Right);
    stage.press(Key::Enter);
    QTRY_VERIFY(stage.window.model().hasSource());
    QCOMPARE(QString::fromStdString(stage.window.model().info().uri), "sim:ast2500-boot@host");
}

void TerminalScreensTest::aLostSourceIsOneSentenceAndTheProgramGoesOn()
{
    Stage stage("sim:lost");
    stage.type(".");
    QTRY_VERIFY(stage.text().contains(QString::fromUtf8("✗ The fake device was unplugged.")));
    stage.open("sim:ast2500-boot");
    QVERIFY(!stage.text().contains("unplugged"));
}

void TerminalScreensTest::cpusAndBasesAreChosenByKeyAndClick()
{
    Stage stage("sim:four");
    stage.type("3");
    QVERIFY(stage.text().contains("timer_of_cpu0"));
    stage.type("p");
    QVERIFY(stage.text().contains("timer_of_cpu1"));
    stage.type("PP");
    QVERIFY(stage.text().contains("timer_of_cpu3"));
    QVERIFY(stage.click("realtime"));
    QVERIFY(stage.text().contains("No hrtimers on CPU 3, realtime."));
    stage.press(Key::Left);
    QVERIFY(stage.text().contains("timer_of_cpu3"));
    stage.press(Key::Down);
    QVERIFY(stage.text().contains("timer_of_cpu3 "));
    stage.type("2");
    stage.press(Key::Down);
    QVERIFY(stage.lines()[2].contains("CPU 1"));
    QVERIFY(stage.click("3  ") || stage.click("3 "));
}

void TerminalScreensTest::helpIsOneKeyAwayAndAnyKeyLeaves()
{
    Stage stage("sim:ast2500-boot");
    stage.type("?");
    QVERIFY(stage.text().contains("choose what is shown"));
    stage.type("x");
    QVERIFY(!stage.text().contains("choose what is shown"));
    QSignalSpy quit(&stage.window, &TerminalWindow::quitAsked);
    stage.type("?q");
    QCOMPARE(quit.count(), 1);
}

void TerminalScreensTest::aSmallTerminalIsToldTheSizeItNeeds()
{
    Stage stage("sim:ast2500-boot");
    const QString sentence = stage.text({79, 24}).simplified();
    QCOMPARE(sentence,
             QString::fromUtf8("Timerscope needs 80×24 characters; this terminal has 79×24."));
    QVERIFY(stage.text({80, 23}).contains(QString::fromUtf8("80×23")));
    for (const Extent tiny : {Extent{1, 1}, Extent{3, 2}, Extent{0, 0}}) {
        stage.lines(tiny); // must not fall over
    }
}

void TerminalScreensTest::noTextLeavesItsPlace()
{
    Stage stage("sim:four");
    for (const char* key : {"1", "2", "3", "9", "s"}) {
        stage.type(key);
        for (int width = 80; width <= 140; width += 7) {
            const QStringList lines = stage.lines({width, 30});
            QVERIFY2(lines[28].startsWith(QString::fromUtf8("──")), key);
            QVERIFY2(!lines[29].isEmpty(), key);
        }
    }
}

void TerminalScreensTest::nothingOfASourceIsACommandToTheTerminal()
{
    Stage stage("sim:four");
    stage.type("3p");
    const QString text = stage.text();
    QVERIFY(!text.contains('\x1b'));
    QVERIFY(text.contains(QString::fromUtf8("\ufffd[2J 時間")));
}

QTEST_GUILESS_MAIN(TerminalScreensTest)
#include "terminal_screens_test.moc"
