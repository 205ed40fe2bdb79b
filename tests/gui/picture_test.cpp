// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/theme.h"
#include "tests/gui/gui_support.h"

#include <QLabel>
#include <QMenu>
#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

class PictureTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { prepareApplication(); }
    void bootLooksWhole_data();
    void bootLooksWhole();
    void everyTextIsReadable_data();
    void everyTextIsReadable();
    void allViewsShowRealContent();
    void theMenuOfBackendsIsWhole_data() { everyTextIsReadable_data(); }
    void theMenuOfBackendsIsWhole();
    void aLabelTooNarrowIsFound();
};

void PictureTest::bootLooksWhole_data()
{
    QTest::addColumn<QString>("uri");
    QTest::addColumn<bool>("dark");
    QTest::addColumn<qint64>("at");
    QTest::addColumn<QSize>("size");
    QTest::newRow("boot-light") << "sim:ast2500-boot" << false << qint64{271'463'200}
                                << QSize{1600, 1000};
    QTest::newRow("boot-dark") << "sim:ast2500-boot" << true << qint64{271'463'200}
                               << QSize{1600, 1000};
    QTest::newRow("boot-early") << "sim:ast2500-boot" << false << qint64{100'000'000}
                                << QSize{1600, 1000};
    QTest::newRow("boot-small") << "sim:ast2500-boot" << false << qint64{271'463'200}
                                << QSize{1280, 800};
    QTest::newRow("boot-start") << "sim:ast2500-boot" << true << qint64{0} << QSize{1600, 1000};
    QTest::newRow("mfoc-light") << "sim:mfoc-boot" << false << qint64{400'000'000}
                                << QSize{1600, 1000};
}

void PictureTest::bootLooksWhole()
{
    QFETCH(QString, uri);
    QFETCH(bool, dark);
    QFETCH(qint64, at);
    QFETCH(QSize, size);
    const auto window = windowOn(uri, dark ? ThemeChoice::Dark : ThemeChoice::Light, size);
    runTo(*window, at);
    QVERIFY(window->grab().save(artefact(QString{"%1.png"}.arg(QTest::currentDataTag()))));
    const QStringList clipped = clippedTexts(*window);
    QVERIFY2(clipped.isEmpty(), qPrintable(clipped.join('\n')));
}

void PictureTest::everyTextIsReadable_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void PictureTest::everyTextIsReadable()
{
    QFETCH(bool, dark);
    const Theme theme = dark ? Theme::forDark() : Theme::light();
    for (const Theme::TextPair& pair : theme.textPairs()) {
        const double measured = contrast(pair.ink, pair.ground);
        QVERIFY2(measured >= 4.5,
                 qPrintable(QString{"%1: %2 on %3 is %4"}
                                .arg(QString::fromUtf8(pair.name.data()), pair.ink.name(),
                                     pair.ground.name())
                                .arg(measured)));
    }
    QVERIFY(qFuzzyCompare(contrast(Qt::black, Qt::white), 21.0));
}

void PictureTest::allViewsShowRealContent()
{
    const auto window = windowOn("sim:ast2500-boot");
    runTo(*window, 271'463'200);
    WindowModel& model = window->model();
    QCOMPARE(model.ratings().rowCount(), 2);
    QCOMPARE(model.ratings().current(), QString("FTTMR010-TIMER2"));
    QCOMPARE(model.ticks().rowCount(), 1);
    QVERIFY(model.ticks().rows().front().state == ClockEventState::Oneshot);
    QVERIFY(model.ticks().rows().front().changes.size() >= 3);
    QVERIFY(model.hrtimers().rowCount() >= 4);
    QVERIFY(model.bootLog().rowCount() >= 6);
    QVERIFY(model.explanation().reasons.size() >= 3);
}

void PictureTest::theMenuOfBackendsIsWhole()
{
    QFETCH(bool, dark);
    const auto window = windowOn("sim:ast2500-boot", dark ? ThemeChoice::Dark : ThemeChoice::Light);
    auto* const menu = window->findChild<QMenu*>("backends");
    menu->popup(window->mapToGlobal(QPoint(40, 80)));
    QTRY_VERIFY(menu->isVisible());
    QVERIFY(menu->grab().save(artefact(QString{"run-on-%1.png"}.arg(QTest::currentDataTag()))));
    QStringList checked;
    for (QAction* const action : menu->actions()) {
        QVERIFY(!action->text().isEmpty() && action->isEnabled());
        const QRect place = menu->actionGeometry(action);
        QVERIFY(place.width() >= menu->fontMetrics().horizontalAdvance(action->text()) + 20);
        checked += action->isChecked() ? QStringList{action->objectName()} : QStringList{};
    }
    QCOMPARE(checked, QStringList{"sim"});
    QVERIFY(menu->actions().size() >= 4);
}

/// The check itself is checked: it has to see what it is there for.
void PictureTest::aLabelTooNarrowIsFound()
{
    QWidget window;
    auto* const label = new QLabel("a text that needs more than twenty pixels", &window);
    label->setGeometry(0, 0, 20, 20);
    window.show();
    QCOMPARE(clippedTexts(window).size(), 1);
    label->setToolTip(label->text());
    QVERIFY(clippedTexts(window).isEmpty());
}

QTEST_MAIN(PictureTest)
#include "picture_test.moc"
