// SPDX-License-Identifier: GPL-3.0-or-later
//! Every scenario of the catalogue is a test of itself.
#include "tests/support/catalogue.h"
#include "tests/support/simulation.h"

#include <QDir>
#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

class CatalogueScenariosTest : public QObject
{
    Q_OBJECT
private slots:
    void itKeepsWhatItPromises_data();
    void itKeepsWhatItPromises();
};

void CatalogueScenariosTest::itKeepsWhatItPromises_data()
{
    QTest::addColumn<QString>("scenario");
    const QDir folder(sourcePath("resources/scenarios"));
    for (const QString& file : folder.entryList({"*.toml"}, QDir::Files, QDir::Name)) {
        const QString name = file.chopped(5);
        QTest::newRow(qPrintable(name)) << name;
    }
}

void CatalogueScenariosTest::itKeepsWhatItPromises()
{
    QFETCH(QString, scenario);
    const auto parsed = catalogueScenario(scenario.toStdString());
    QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().what.c_str());
    std::vector<std::uint64_t> prints;
    for (int round = 0; round < 2; ++round) {
        const auto source = simulate(*parsed).value();
        const auto ended = source->advance(*source->info().end);
        QVERIFY2(ended.has_value(), ended ? "" : ended.error().what.c_str());
        QCOMPARE(*ended, Progress::Ended);
        QCOMPARE(source->failedExpectations(), std::size_t{0});
        prints.push_back(fingerprint(source->log(), source->log().size()));
    }
    QCOMPARE(prints[0], prints[1]);
}

QTEST_GUILESS_MAIN(CatalogueScenariosTest)
#include "catalogue_scenarios_test.moc"
