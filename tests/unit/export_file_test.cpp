// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/exporter.h"
#include "app/export/output_file.h"
#include "tests/support/sample_log.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace timerscope;
using namespace timerscope::test;

/// Files are complete or absent, whatever happens.
class ExportFileTest : public QObject
{
    Q_OBJECT
private slots:
    void init();
    void suffixesChooseTheFormat();
    void anUnknownSuffixIsNamedWithTheAllowedOnes();
    void aMissingFolderIsNamedWithTheReason();
    void aFolderIsNotWrittenOver();
    void aDeviceIsNotWrittenOver();
    void aFolderWithoutPermissionIsRefused();
    void aReadOnlyFileIsKept();
    void aDiskThatFillsUpLeavesNothing_data();
    void aDiskThatFillsUpLeavesNothing();
    void aCancelledExportLeavesWhatWasThere();
    void nothingIsVisibleBeforeTheEnd();
    void aLinkStaysALink();
    void theNewFileHasTheUsualPermissions();
    void exportsAtTheSameTimeDoNotMeet();

private:
    Result<void> exportTo(const QString& name, std::function<bool()> isCancelled = {})
    {
        ExportContext context;
        context.records = m_sample.log().size();
        context.isCancelled = std::move(isCancelled);
        return exportLog(m_sample.log(), context, at(name).toStdString());
    }
    [[nodiscard]] QString at(const QString& name) const { return m_dir->filePath(name); }
    [[nodiscard]] QStringList files() const
    {
        return QDir{m_dir->path()}.entryList(QDir::AllEntries | QDir::Hidden | QDir::System
                                             | QDir::NoDotAndDotDot);
    }
    void put(const QString& name, const QByteArray& bytes) const
    {
        QFile file{at(name)};
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }
    [[nodiscard]] QByteArray get(const QString& name) const
    {
        QFile file{at(name)};
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{};
    }
    /// The message when @p result is WriteFailed and names the path and @p reason; else a report.
    [[nodiscard]] QString failure(const Result<void>& result, const QString& name,
                                  const QString& reason) const
    {
        if (result) {
            return "it did not fail";
        }
        const QString what = QString::fromStdString(result.error().what);
        const bool isRight = result.error().code == ErrorCode::WriteFailed
            && what.contains(at(name)) && what.contains(reason);
        return isRight ? QString{} : what;
    }

    SampleLog m_sample;
    std::unique_ptr<QTemporaryDir> m_dir;
};

void ExportFileTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
}

void ExportFileTest::suffixesChooseTheFormat()
{
    QVERIFY(formatOf("a/b.csv").value() == ExportFormat::Csv);
    QVERIFY(formatOf("boot.v2.CSV").value() == ExportFormat::Csv);
    QVERIFY(formatOf("/x/boot.pftrace").value() == ExportFormat::Perfetto);
}

void ExportFileTest::anUnknownSuffixIsNamedWithTheAllowedOnes()
{
    const auto zip = formatOf("boot.zip");
    QVERIFY(!zip && zip.error().code == ErrorCode::InvalidArgument);
    QCOMPARE(
        zip.error().what,
        std::string{
            "cannot export to boot.zip: it has the suffix .zip; allowed are .csv and .pftrace"});
    const auto none = formatOf("boot");
    QVERIFY(!none && none.error().what.find("no suffix") != std::string::npos);
    QVERIFY(!exportTo("boot.zip"));
    QCOMPARE(files(), QStringList{});
}

void ExportFileTest::aMissingFolderIsNamedWithTheReason()
{
    QCOMPARE(failure(exportTo("no/log.csv"), "no/log.csv", "No such file or directory"), QString{});
    put("plain", "x");
    QCOMPARE(failure(exportTo("plain/log.csv"), "plain/log.csv", "Not a directory"), QString{});
}

void ExportFileTest::aFolderIsNotWrittenOver()
{
    QVERIFY(QDir{m_dir->path()}.mkdir("d.pftrace"));
    QCOMPARE(failure(exportTo("d.pftrace"), "d.pftrace", "Is a directory"), QString{});
    QCOMPARE(files(), QStringList{"d.pftrace"});
}

void ExportFileTest::aDeviceIsNotWrittenOver()
{
    QVERIFY(::mkfifo(at("pipe.csv").toLocal8Bit().constData(), 0600) == 0);
    QCOMPARE(failure(exportTo("pipe.csv"), "pipe.csv", "not a regular file"), QString{});
    QVERIFY(QFile::link("/dev/full", at("full.csv")));
    QCOMPARE(failure(exportTo("full.csv"), "full.csv", "not a regular file"), QString{});
}

void ExportFileTest::aFolderWithoutPermissionIsRefused()
{
    QVERIFY(::chmod(m_dir->path().toLocal8Bit().constData(), 0555) == 0);
    // Root may write everywhere: it becomes nobody for a moment.
    const bool isRoot = ::geteuid() == 0;
    QVERIFY(!isRoot || ::seteuid(65534) == 0);
    const auto result = exportTo("log.csv");
    QVERIFY(!isRoot || ::seteuid(0) == 0);
    QVERIFY(::chmod(m_dir->path().toLocal8Bit().constData(), 0755) == 0);
    QCOMPARE(failure(result, "log.csv", "Permission denied"), QString{});
    QCOMPARE(files(), QStringList{});
}

void ExportFileTest::aReadOnlyFileIsKept()
{
    put("log.csv", "precious");
    QVERIFY(::chmod(at("log.csv").toLocal8Bit().constData(), 0444) == 0);
    QVERIFY(::chmod(m_dir->path().toLocal8Bit().constData(), 0777) == 0);
    const bool isRoot = ::geteuid() == 0;
    // access() asks for the real user, which seteuid() leaves alone.
    QVERIFY(!isRoot || ::setresuid(65534, 65534, 0) == 0);
    const auto result = exportTo("log.csv");
    QVERIFY(!isRoot || ::setresuid(0, 0, 0) == 0);
    QCOMPARE(failure(result, "log.csv", "Permission denied"), QString{});
    QCOMPARE(get("log.csv"), QByteArray{"precious"});
}

void ExportFileTest::aDiskThatFillsUpLeavesNothing_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("csv") << "log.csv";
    QTest::newRow("perfetto") << "log.pftrace";
}

/// A limit on the size of files stops the writing half-way, for root as well.
void ExportFileTest::aDiskThatFillsUpLeavesNothing()
{
    QFETCH(QString, name);
    put(name, "old");
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    QVERIFY(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const rlimit small{.rlim_cur = 1000, .rlim_max = limit.rlim_max};
    QVERIFY(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto result = exportTo(name);
    QVERIFY(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    std::signal(SIGXFSZ, before);
    QCOMPARE(failure(result, name, "File too large"), QString{});
    QCOMPARE(files(), QStringList{name});
    QCOMPARE(get(name), QByteArray{"old"});
}

void ExportFileTest::aCancelledExportLeavesWhatWasThere()
{
    for (const QString& name : {QString{"log.csv"}, QString{"log.pftrace"}}) {
        put(name, "old");
        QVERIFY(!exportTo(name, [] { return true; }));
        QCOMPARE(get(name), QByteArray{"old"});
        // The last chance to stop is after the last record.
        int asked = 0;
        QVERIFY(!exportTo(name, [&] { return ++asked > 1; }));
        QCOMPARE(get(name), QByteArray{"old"});
        QVERIFY(exportTo(name, [] { return false; }));
        QVERIFY(get(name).size() > 1000);
    }
    QCOMPARE(files(), (QStringList{"log.csv", "log.pftrace"}));
}

void ExportFileTest::nothingIsVisibleBeforeTheEnd()
{
    auto file = OutputFile::create(at("log.csv").toStdString());
    QVERIFY(file.has_value());
    file->write("half");
    QVERIFY(!QFile::exists(at("log.csv")));
    QCOMPARE(files().size(), 1);
    QVERIFY(file->commit().has_value());
    QCOMPARE(files(), QStringList{"log.csv"});
    QCOMPARE(get("log.csv"), QByteArray{"half"});
}

void ExportFileTest::aLinkStaysALink()
{
    put("real.csv", "old");
    QVERIFY(QFile::link(at("real.csv"), at("link.csv")));
    QVERIFY(exportTo("link.csv").has_value());
    QVERIFY(QFileInfo{at("link.csv")}.isSymLink());
    QVERIFY(get("real.csv").startsWith("record,"));
}

void ExportFileTest::theNewFileHasTheUsualPermissions()
{
    const mode_t before = ::umask(027);
    const auto result = exportTo("log.csv");
    ::umask(before);
    QVERIFY(result.has_value());
    struct stat status{};
    QVERIFY(::stat(at("log.csv").toLocal8Bit().constData(), &status) == 0);
    QCOMPARE(status.st_mode & 0777U, 0640U);
}

void ExportFileTest::exportsAtTheSameTimeDoNotMeet()
{
    auto first = OutputFile::create(at("log.csv").toStdString());
    auto second = OutputFile::create(at("log.csv").toStdString());
    QVERIFY(first && second);
    first->write("first");
    second->write("second");
    QVERIFY(second->commit().has_value());
    QVERIFY(first->commit().has_value());
    QCOMPARE(get("log.csv"), QByteArray{"first"});
    QCOMPARE(files(), QStringList{"log.csv"});
}

QTEST_GUILESS_MAIN(ExportFileTest)
#include "export_file_test.moc"
