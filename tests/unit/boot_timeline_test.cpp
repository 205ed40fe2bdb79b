// SPDX-License-Identifier: GPL-3.0-or-later
//! The real boots, exported and read back: not a log made by hand.
#include "tests/support/catalogue.h"
#include "tests/support/exported_timeline.h"
#include "tests/support/simulation.h"

#include <QTest>

using namespace timerscope;

class BootTimelineTest : public QObject
{
    Q_OBJECT
private slots:
    void aBootsTimelineDecodesAndEqualsItsLog_data();
    void aBootsTimelineDecodesAndEqualsItsLog();
};

void BootTimelineTest::aBootsTimelineDecodesAndEqualsItsLog_data()
{
    QTest::addColumn<QString>("scenario");
    QTest::newRow("ast2500-boot") << "ast2500-boot";
    QTest::newRow("mfoc-boot") << "mfoc-boot";
}

void BootTimelineTest::aBootsTimelineDecodesAndEqualsItsLog()
{
    QFETCH(QString, scenario);
    auto parsed = test::catalogueScenario(scenario.toStdString());
    QVERIFY2(parsed, parsed ? "" : parsed.error().what.c_str());
    auto source = test::simulate(std::move(*parsed), "sim:" + scenario.toStdString());
    QVERIFY2(source, source ? "" : source.error().what.c_str());
    const auto ran = (*source)->advance(never<TraceClock>);
    QVERIFY2(ran, ran ? "" : ran.error().what.c_str());

    const TraceLog& log = (*source)->log();
    const auto findings = test::exportedTimeline(**source);
    QVERIFY2(findings.problems.empty(), findings.text().c_str());
    QCOMPARE(findings.recordPackets, log.size());
    QVERIFY(log.size() > 500);
    QVERIFY(findings.ftraceEvents > 100);
}

QTEST_GUILESS_MAIN(BootTimelineTest)
#include "boot_timeline_test.moc"
