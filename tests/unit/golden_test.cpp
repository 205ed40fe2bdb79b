// SPDX-License-Identifier: GPL-3.0-or-later
//! The catalogue's scenarios as texts: tests/golden holds what they showed when somebody last
//! looked at them. TIMERSCOPE_UPDATE_GOLDEN=1 writes those files anew.
#include "engine/procfs/procfs.h"
#include "tests/support/catalogue.h"
#include "tests/support/simulation.h"

#include <QTest>

#include <fmt/format.h>

using namespace timerscope;
using namespace timerscope::test;

namespace {

std::string textFor(Source& source, const QString& kind)
{
    const std::size_t records = source.log().size();
    if (kind == "dmesg") {
        return dmesgText(source.log(), records);
    }
    if (kind == "sysfs") {
        return sysfsText(*source.snapshot());
    }
    if (kind == "state") {
        return stateText(*source.snapshot());
    }
    return fmt::format("{:016x} {}\n", fingerprint(source.log(), records), records);
}

bool isUpdating()
{
    return qEnvironmentVariableIntValue("TIMERSCOPE_UPDATE_GOLDEN") == 1;
}

bool write(const QString& path, const std::string& text)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(QByteArray::fromStdString(text)) >= 0;
}

} // namespace

class GoldenTest : public QObject
{
    Q_OBJECT
private slots:
    void scenarioShowsWhatItShowedBefore_data();
    void scenarioShowsWhatItShowedBefore();
};

void GoldenTest::scenarioShowsWhatItShowedBefore_data()
{
    QTest::addColumn<QString>("scenario");
    QTest::addColumn<QString>("kind");
    for (const char* scenario : {"ast2500-boot", "ast2500-rtc", "mfoc-boot"}) {
        for (const char* kind : {"dmesg", "sysfs", "state", "fingerprint"}) {
            QTest::addRow("%s %s", scenario, kind) << scenario << kind;
        }
    }
}

void GoldenTest::scenarioShowsWhatItShowedBefore()
{
    QFETCH(QString, scenario);
    QFETCH(QString, kind);
    const auto source
        = test::simulate(catalogueScenario(scenario.toStdString()).value(), "sim:golden").value();
    QCOMPARE(source->advance(*source->info().end).value(), Progress::Ended);
    const std::string shown = textFor(*source, kind);
    const QString path = sourcePath(QStringLiteral("tests/golden/%1.%2.txt").arg(scenario, kind));
    if (isUpdating()) {
        QVERIFY(write(path, shown));
    }
    const std::string kept = textOf(path);
    QVERIFY2(!kept.empty(), qPrintable(path));
    const QStringList shownLines = QString::fromStdString(shown).split('\n');
    const QStringList keptLines = QString::fromStdString(kept).split('\n');
    for (qsizetype i = 0; i < std::min(shownLines.size(), keptLines.size()); ++i) {
        QCOMPARE(shownLines[i], keptLines[i]);
    }
    QCOMPARE(shownLines.size(), keptLines.size());
}

QTEST_GUILESS_MAIN(GoldenTest)
#include "golden_test.moc"
