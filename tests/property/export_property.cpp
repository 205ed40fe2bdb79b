// SPDX-License-Identifier: GPL-3.0-or-later
//! Whatever a log holds, its exports can be read back.
#include "app/export/exporter.h"
#include "tests/support/csv_check.h"
#include "tests/support/perfetto_check.h"
#include "tests/support/sample_log.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <rapidcheck.h>

using namespace timerscope;
using namespace timerscope::test;

namespace {

RecordKind anyKind()
{
    const auto schemas = recordSchemas();
    const auto index = *rc::gen::inRange<std::size_t>(0, schemas.size() + 1);
    return index < schemas.size() ? schemas[index].kind
                                  : static_cast<RecordKind>(*rc::gen::inRange(0, 256));
}

/// Small numbers meet each other and name strings; the rest is anything.
std::int64_t anyValue()
{
    return *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 6), rc::gen::arbitrary<std::int64_t>(),
                           rc::gen::element(std::numeric_limits<std::int64_t>::min(),
                                            std::numeric_limits<std::int64_t>::max()));
}

std::string anyText()
{
    const auto piece = rc::gen::element<std::string>("\"", ",", "\n", "\r", "a", " ", "\xff", "é",
                                                     "時", "=", "\xf0\x9f", "'");
    std::string text;
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(piece)) {
        text += part;
    }
    return text;
}

/// Text fields hold numbers of strings: a wild number there would mean no text.
void fillAnyLog(TraceLog& log)
{
    for (int i = 0; i < 5; ++i) {
        log.intern(anyText());
    }
    std::int64_t at = 0;
    const int count = *rc::gen::inRange(0, 200);
    for (int i = 0; i < count; ++i) {
        at += *rc::gen::inRange(0, 3);
        log.append({.at = TraceInstant{Ns{at}},
                    .a = anyValue(),
                    .b = anyValue(),
                    .subject = *rc::gen::inRange<std::uint32_t>(0, 7),
                    .cpu = *rc::gen::inRange<std::uint16_t>(0, 3),
                    .kind = anyKind(),
                    .flags = *rc::gen::arbitrary<std::uint8_t>()});
    }
}

} // namespace

class ExportProperty : public QObject
{
    Q_OBJECT
private slots:
    void anyLogIsACompletePerfettoFile();
    void anyLogCanBeReadBackFromCsv();

private:
    std::filesystem::path exported(const TraceLog& log, const QString& name)
    {
        const std::filesystem::path path = m_dir.filePath(name).toStdString();
        ExportContext context;
        context.records = log.size();
        RC_ASSERT(exportLog(log, context, path).has_value());
        return path;
    }
    QTemporaryDir m_dir;
};

void ExportProperty::anyLogIsACompletePerfettoFile()
{
    QVERIFY(rc::check([this] {
        TraceLog log;
        fillAnyLog(log);
        const PerfettoFindings found = checkPerfetto(exported(log, "any.pftrace"), log, log.size());
        RC_ASSERT(found.text() == std::string{});
    }));
}

void ExportProperty::anyLogCanBeReadBackFromCsv()
{
    QVERIFY(rc::check([this] {
        TraceLog log;
        fillAnyLog(log);
        QFile file{QString::fromStdString(exported(log, "any.csv").string())};
        RC_ASSERT(file.open(QIODevice::ReadOnly));
        const std::string text = file.readAll().toStdString();
        RC_ASSERT(csvProblem(log, log.size(), text) == std::string{});
    }));
}

QTEST_GUILESS_MAIN(ExportProperty)
#include "export_property.moc"
