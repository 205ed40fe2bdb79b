// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/gui_support.h"
#include "tests/support/ticking_page.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using namespace timerscope;
using namespace timerscope::test;

namespace {

template<typename Widget>
Widget* named(QWidget& window, const QString& accessibleName)
{
    for (Widget* widget : window.findChildren<Widget*>()) {
        if (widget->accessibleName() == accessibleName) {
            return widget;
        }
    }
    return nullptr;
}

std::int64_t timeOf(MainWindow& window)
{
    return nsOf(window.model().view().snapshot->at);
}

/// Chooses an entry of the menu "Run on".
void runOn(MainWindow& window, const char* backend)
{
    auto* const menu = window.findChild<QMenu*>("backends");
    emit menu->aboutToShow();
    auto* const action = menu->findChild<QAction*>(backend);
    QVERIFY(action != nullptr && action->isEnabled());
    action->trigger();
}

QStringList labelTexts(QWidget& window)
{
    QStringList texts;
    for (const QLabel* label : window.findChildren<QLabel*>()) {
        texts << label->text();
    }
    return texts;
}

} // namespace

class WindowTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { prepareApplication(); }
    void buttonsPlayPauseAndStep();
    void spaceAndPeriodDoTheSame();
    void playAfterTheEndStartsAgain();
    void speedIsChosenFromItsMenu();
    void menuAttachesToTheRunningKernel();
    void aScenarioIsSwappedOntoRealTimersWhileItPlays();
    void aScenarioRunsOnACounterThatIsMapped();
    void unknownSourceIsSaidInWordsAndChangesNothing();
    void choosingAClocksourceExplainsIt();
    void docksCanBeHiddenAndComeBack();
    void questionMarkShowsTheKeys();
    void everyControlHasAnAccessibleName();
    void windowStaysAliveWhileTheModelRunsFlatOut();
    void viewsCopyAsText();
};

void WindowTest::buttonsPlayPauseAndStep()
{
    const auto window = windowOn("sim:ast2500-boot");
    auto* const play = named<QToolButton>(*window, "Play");
    auto* const pause = named<QToolButton>(*window, "Pause");
    auto* const step = named<QToolButton>(*window, "Step");
    auto* const time = named<QLabel>(*window, "Time");
    QVERIFY(play && pause && step && time);
    QTRY_VERIFY(play->isEnabled());
    QVERIFY(!pause->isEnabled());
    const QString atStart = time->text();
    QTest::mouseClick(play, Qt::LeftButton);
    QTRY_VERIFY(pause->isEnabled());
    QTRY_VERIFY(time->text() != atStart);
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_VERIFY(play->isEnabled());
    const std::int64_t paused = timeOf(*window);
    QTest::qWait(100);
    QCOMPARE(timeOf(*window), paused);
    const std::size_t records = window->model().view().snapshot->records;
    QTest::mouseClick(step, Qt::LeftButton);
    QTRY_VERIFY(window->model().view().snapshot->records > records);
    QCOMPARE(window->model().view().state, PlayState::Paused);
    QVERIFY(timeOf(*window) >= paused);
}

void WindowTest::spaceAndPeriodDoTheSame()
{
    const auto window = windowOn("sim:ast2500-boot");
    QApplication::setActiveWindow(window.get());
    QTest::keyClick(window.get(), Qt::Key_Period);
    QTRY_VERIFY(window->model().view().snapshot->records > 0);
    QTest::keyClick(window.get(), Qt::Key_Space);
    QTRY_COMPARE(window->model().view().state, PlayState::Playing);
    QTest::keyClick(window.get(), Qt::Key_Space);
    QTRY_COMPARE(window->model().view().state, PlayState::Paused);
}

void WindowTest::playAfterTheEndStartsAgain()
{
    const auto window = windowOn("sim:ast2500-boot");
    runTo(*window, 500'000'000);
    QCOMPARE(window->model().view().state, PlayState::Ended);
    QSignalSpy opened(&window->model(), &WindowModel::opened);
    QTest::mouseClick(named<QToolButton>(*window, "Play"), Qt::LeftButton);
    QTRY_COMPARE(opened.count(), 1);
    QVERIFY(timeOf(*window) < 500'000'000);
}

void WindowTest::speedIsChosenFromItsMenu()
{
    const auto window = windowOn("sim:ast2500-boot");
    auto* const speed = named<QPushButton>(*window, "Speed");
    QVERIFY(speed);
    for (QAction* action : speed->menu()->actions()) {
        if (action->text() == QString::fromUtf8("100×")) {
            action->trigger();
        }
    }
    QTRY_COMPARE(window->model().view().speed, (Speed{100, 1}));
    QTRY_COMPARE(speed->text(), QString::fromUtf8("100×"));
}

void WindowTest::menuAttachesToTheRunningKernel()
{
    const auto window = windowOn("sim:ast2500-boot");
    auto* const attach = window->findChild<QAction*>("linux:");
    QVERIFY(attach);
    QSignalSpy opened(&window->model(), &WindowModel::opened);
    attach->trigger();
    QTRY_COMPARE(opened.count(), 1);
    QCOMPARE(window->model().info().kind, SourceKind::LiveKernel);
    QCOMPARE(window->model().ratings().current(), QString("tsc"));
    QCOMPARE(window->model().ticks().rowCount(), 2);
    QTRY_VERIFY(window->model().hrtimers().rowCount() > 0);
    QVERIFY(labelTexts(*window).contains("tsc"));
    QTest::qWait(100); // for the layout to give the new texts their room
    QVERIFY(window->grab().save(artefact("host-light.png")));
    const QStringList clipped = clippedTexts(*window);
    QVERIFY2(clipped.isEmpty(), qPrintable(clipped.join('\n')));
}

void WindowTest::aScenarioIsSwappedOntoRealTimersWhileItPlays()
{
    const auto window = windowOn("sim:ast2500-boot");
    window->setPlaysOnOpen(true);
    window->model().play();
    QTRY_COMPARE(window->model().view().state, PlayState::Playing);
    QSignalSpy opened(&window->model(), &WindowModel::opened);
    runOn(*window, "host");
    QTRY_COMPARE(opened.count(), 1);
    QCOMPARE(window->model().info().uri, std::string("sim:ast2500-boot@host"));
    QCOMPARE(window->model().info().kind, SourceKind::Hardware);
    QTRY_COMPARE_WITH_TIMEOUT(window->model().view().state, PlayState::Ended, 20'000);
    QCOMPARE(window->model().view().snapshot->currentClocksource()->name,
             std::string("FTTMR010-TIMER2"));
    QVERIFY(window->model().view().snapshot->cpus.at(0).hresActive.value_or(false));
    runOn(*window, "sim");
    QTRY_COMPARE(opened.count(), 2);
    QCOMPARE(window->model().info().uri, std::string("sim:ast2500-boot"));
    QCOMPARE(window->model().info().kind, SourceKind::Model);
}

void WindowTest::aScenarioRunsOnACounterThatIsMapped()
{
    const TickingPage page;
    alsoFindIn(page.resources());
    const auto window = windowOn("sim:ast2500-boot");
    window->setPlaysOnOpen(true);
    QSignalSpy opened(&window->model(), &WindowModel::opened);
    runOn(*window, "mmio:page");
    QTRY_COMPARE(opened.count(), 1);
    QTRY_COMPARE_WITH_TIMEOUT(window->model().view().state, PlayState::Ended, 20'000);
    QCOMPARE(window->model().view().snapshot->currentClocksource()->name, std::string("page"));
    QVERIFY(window->model().view().snapshot->cpus.at(0).hresActive.value_or(false));
}

void WindowTest::unknownSourceIsSaidInWordsAndChangesNothing()
{
    const auto window = windowOn("sim:ast2500-boot");
    QSignalSpy failed(&window->model(), &WindowModel::openFailed);
    window->open("sim:no-such-boot");
    QTRY_COMPARE(failed.count(), 1);
    QCOMPARE(QString::fromStdString(window->model().info().title), QString("ast2500-boot"));
    QVERIFY(!labelTexts(*window).filter("no-such-boot").isEmpty());
}

void WindowTest::choosingAClocksourceExplainsIt()
{
    const auto window = windowOn("sim:mfoc-boot");
    runTo(*window, 400'000'000);
    QVERIFY(labelTexts(*window)
                .filter(QString::fromUtf8("500 is above the kernel’s bands 1–499"))
                .size()
            == 1);
    auto* const bars = named<QWidget>(*window, "Ratings of the clocksources");
    QVERIFY(bars);
    bars->setFocus();
    QTest::keyClick(bars, Qt::Key_Down);
    QCOMPARE(window->model().selected(), QString("tim34"));
    QTRY_VERIFY(!labelTexts(*window).filter("tim34 is not the current clocksource").isEmpty());
}

void WindowTest::docksCanBeHiddenAndComeBack()
{
    const auto window = windowOn("sim:ast2500-boot");
    auto* const log = window->findChild<Dock*>("log");
    QVERIFY(log && log->isVisible());
    log->toggleViewAction()->trigger();
    QVERIFY(!log->isVisible());
    QApplication::setActiveWindow(window.get());
    QTest::keyClick(window.get(), Qt::Key_9);
    QVERIFY(log->isVisible());
    log->setFloating(true);
    window->arrange();
    QVERIFY(!log->isFloating());
}

void WindowTest::questionMarkShowsTheKeys()
{
    const auto window = windowOn("sim:ast2500-boot");
    QApplication::setActiveWindow(window.get());
    QTest::keyClick(window.get(), Qt::Key_Question, Qt::ShiftModifier);
    auto* const keys = window->findChild<QDialog*>("keys");
    QVERIFY(keys && keys->isVisible());
    QVERIFY(keys->grab().save(artefact("keys.png")));
    QVERIFY(clippedTexts(*keys).isEmpty());
    keys->close();
}

void WindowTest::everyControlHasAnAccessibleName()
{
    const auto window = windowOn("sim:ast2500-boot");
    runTo(*window, 300'000'000);
    QStringList nameless;
    for (const QAbstractButton* button : window->findChildren<QAbstractButton*>()) {
        if (button->isVisible() && button->accessibleName().isEmpty() && button->text().isEmpty()) {
            nameless << button->metaObject()->className() + button->parentWidget()->objectName();
        }
    }
    for (const QTableView* table : window->findChildren<QTableView*>()) {
        if (table->accessibleName().isEmpty()) {
            nameless << table->metaObject()->className();
        }
    }
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(", ")));
}

void WindowTest::windowStaysAliveWhileTheModelRunsFlatOut()
{
    const auto window = windowOn("sim:ast2500-boot");
    window->model().setSpeed({0, 0});
    window->model().play();
    QElapsedTimer turn;
    qint64 longest = 0;
    for (int i = 0; i < 50; ++i) {
        turn.start();
        QTest::qWait(5);
        longest = std::max(longest, turn.elapsed());
    }
    QVERIFY2(longest < 1000, qPrintable(QString::number(longest)));
    QTRY_COMPARE(window->model().view().state, PlayState::Ended);
}

void WindowTest::viewsCopyAsText()
{
    const auto window = windowOn("sim:ast2500-boot");
    runTo(*window, 300'000'000);
    QStringList copies;
    for (const char* name : {"rating", "ticks", "hrtimers", "why?", "log"}) {
        auto* const dock = window->findChild<Dock*>(name);
        QVERIFY2(dock, name);
        dock->menu().actions().front()->trigger();
        copies << QApplication::clipboard()->text();
        QVERIFY2(!copies.back().isEmpty(), name);
        QVERIFY2(!copies.back().contains(QChar(0x202f)), "copies have plain digits");
    }
    QVERIFY(copies[0].contains("FTTMR010-TIMER2\t300"));
    QVERIFY(copies[1].contains("periodic -> oneshot"));
    QVERIFY(copies[4].contains("] clocksource: Switched to clocksource FTTMR010-TIMER2"));
}

QTEST_MAIN(WindowTest)
#include "window_test.moc"
