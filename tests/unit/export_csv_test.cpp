// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/exporter.h"
#include "tests/support/csv_check.h"
#include "tests/support/sample_log.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <set>
#include <tuple>

using namespace timerscope;
using namespace timerscope::test;

class ExportCsvTest : public QObject
{
    Q_OBJECT
private slots:
    void everyFieldOfEveryKindCanBeReadBack();
    void everyRowHasAllColumnsAndNoneIsNamedTwice();
    void timersAreNamedByInitRecordOrSnapshot();
    void onlyTheRecordsAskedForAreWritten();
    void lossIsARowWithoutANumber();
    void anEmptyLogIsAHeader();

private:
    std::string exported(const TraceLog& log, ExportContext context)
    {
        const QString path = m_dir.filePath("log.csv");
        const auto result = exportLog(log, context, path.toStdString());
        if (!result) {
            qFatal("%s", result.error().what.c_str());
        }
        QFile file{path};
        return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string{};
    }
    static ExportContext all(const TraceLog& log)
    {
        ExportContext context;
        context.end = SampleLog::end();
        context.records = log.size();
        return context;
    }
    QTemporaryDir m_dir;
};

void ExportCsvTest::everyFieldOfEveryKindCanBeReadBack()
{
    const SampleLog sample;
    const std::string text = exported(sample.log(), all(sample.log()));
    QCOMPARE(csvProblem(sample.log(), sample.log().size(), text), std::string{});
    QCOMPARE(namedRows(text).size(), sample.log().size());
    std::map<RecordKind, int> kinds;
    for (std::size_t i = 0; i < sample.log().size(); ++i) {
        ++kinds[sample.log()[i].kind];
    }
    for (const RecordSchema& schema : recordSchemas()) {
        QVERIFY2(kinds.contains(schema.kind), std::string{schema.name}.c_str());
    }
}

void ExportCsvTest::everyRowHasAllColumnsAndNoneIsNamedTwice()
{
    const SampleLog sample;
    const auto rows = readCsv(exported(sample.log(), all(sample.log())));
    for (const auto& row : rows) {
        QCOMPARE(row.size(), rows[0].size());
    }
    const std::set<std::string> names(rows[0].begin(), rows[0].end());
    QCOMPARE(names.size(), rows[0].size());
    QVERIFY(!names.contains(""));
}

void ExportCsvTest::timersAreNamedByInitRecordOrSnapshot()
{
    const SampleLog sample;
    std::set<std::tuple<std::string, std::string, std::string>> seen;
    for (const CsvRow& row : namedRows(exported(sample.log(), all(sample.log())))) {
        if (row.contains("timer")) {
            const bool isNamed = row.contains("function");
            seen.emplace(row.at("event"), row.at("timer"), isNamed ? row.at("function") : "");
        }
    }
    QVERIFY(seen.contains({"hrtimer_expire_exit", "1", "tick_sched_timer"}));
    QVERIFY(seen.contains({"timer_expire_exit", "1", "process_timeout, \"quoted\""}));
    QVERIFY(seen.contains({"hrtimer_expire_entry", "77", "watchdog_timer_fn"}));
    QVERIFY(seen.contains({"timer_cancel", "3", ""}));
}

void ExportCsvTest::onlyTheRecordsAskedForAreWritten()
{
    const SampleLog sample;
    ExportContext context = all(sample.log());
    context.records = 5;
    QCOMPARE(namedRows(exported(sample.log(), context)).size(), std::size_t{5});
    context.records = sample.log().size() + 1000;
    QCOMPARE(namedRows(exported(sample.log(), context)).size(), sample.log().size());
}

void ExportCsvTest::lossIsARowWithoutANumber()
{
    SampleLog sample;
    sample.log().addLost(42);
    const auto rows = namedRows(exported(sample.log(), all(sample.log())));
    QCOMPARE(rows.size(), sample.log().size() + 1);
    QVERIFY(!rows.back().contains("record"));
    QCOMPARE(rows.back().at("event"), std::string{"data_loss"});
    QCOMPARE(rows.back().at("lost"), std::string{"42"});
    QCOMPARE(rows.back().at("time_ns"), rows[rows.size() - 2].at("time_ns"));
}

void ExportCsvTest::anEmptyLogIsAHeader()
{
    const TraceLog log;
    const auto rows = readCsv(exported(log, all(log)));
    QCOMPARE(rows.size(), std::size_t{1});
    QCOMPARE(rows[0][0], std::string{"record"});
}

QTEST_GUILESS_MAIN(ExportCsvTest)
#include "export_csv_test.moc"
