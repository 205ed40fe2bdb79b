// SPDX-License-Identifier: GPL-3.0-or-later
//! The runner itself: a judge that cannot say no is worth nothing.
#include "tests/oracle/compare.h"
#include "tests/oracle/row_reader.h"

#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace timerscope::oracle;

namespace {

struct Ended
{
    int code = -1;
    QByteArray out;
    QByteArray err;
};

Ended run(const QStringList& arguments, const QByteArray& input = {})
{
    QProcess process;
    process.start(qEnvironmentVariable("TIMERSCOPE_BIN_DIR") + "/oracle_check", arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(60'000) || process.exitStatus() != QProcess::NormalExit) {
        return {};
    }
    return {.code = process.exitCode(),
            .out = process.readAllStandardOutput(),
            .err = process.readAllStandardError()};
}

QString vectorsDirectory()
{
    return qEnvironmentVariable("TIMERSCOPE_SOURCE_DIR") + "/tests/oracle/vectors";
}

/// A directory of set files that lasts as long as the test.
class Sets
{
public:
    Sets& file(const QString& name, const QByteArray& content)
    {
        QFile file(m_directory.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) {
            qFatal("cannot write a test file");
        }
        return *this;
    }
    [[nodiscard]] Ended check(const QStringList& options = {}) const
    {
        return run(QStringList{"vectors", m_directory.path()} + options);
    }

private:
    QTemporaryDir m_directory;
};

const QByteArray goodRow
    = R"({"in":{"from":1,"to":1000000000,"maxsec":1},"out":{"mult":4000000000,"shift":2}})"
      "\n";
const QByteArray wrongRow
    = R"({"in":{"from":1,"to":1000000000,"maxsec":1},"out":{"mult":4000000001,"shift":2}})"
      "\n";

QJsonObject object(const QByteArray& json)
{
    return QJsonDocument::fromJson(json).object();
}

/// The fields that differ, joined by spaces.
QString fieldsThatDiffer(const QByteArray& expected, const QByteArray& got)
{
    QStringList fields;
    for (const auto& difference : differences(object(expected), object(got))) {
        fields << QString::fromStdString(difference.field);
    }
    return fields.join(' ');
}

} // namespace

class OracleRunnerTest : public QObject
{
    Q_OBJECT
private slots:
    void setsOfThisIssuePassInFull_data();
    void setsOfThisIssuePassInFull();
    void sumComesLast();
    void wrongRowFailsAndIsNamed();
    void onlyTheFirstFailuresAreShown();
    void setWithoutImplementationFailsUnlessOnlyKnown();
    void unknownSetIsBadInput();
    void emptyOrMissingDirectoryIsBadInput();
    void malformedLineIsBadInput_data();
    void malformedLineIsBadInput();
    void malformedFileStopsBeforeAnyResult();
    void answerKeepsTheOrderOfRows();
    void answerIsWhatVectorsCompares();
    void answerRefusesMalformedRows_data();
    void answerRefusesMalformedRows();
    void answerOfUnknownSetIsBadInput();
    void refusalOfTheEngineIsAFailedRow();
    void wrongUseIsExplained();
    void lostOutputIsReported();
    void stringIsNotANumber();
    void missingAndSurplusFieldsDiffer();
    void placesInsideListsAreNamed();
    void emptyListMayBeAbsent();
    void bigIntegersSurviveReading();
};

void OracleRunnerTest::setsOfThisIssuePassInFull_data()
{
    QTest::addColumn<int>("rows");
    QTest::newRow("mult_shift") << 1994;
    QTest::newRow("cs_register") << 1628;
    QTest::newRow("cs_selfdefined") << 363;
    QTest::newRow("ce_config") << 1240;
    QTest::newRow("sched_clock_register") << 1158;
}

void OracleRunnerTest::setsOfThisIssuePassInFull()
{
    QFETCH(const int, rows);
    const QByteArray set = QTest::currentDataTag();
    const QByteArray count = QByteArray::number(rows);
    const Ended ended = run({"vectors", vectorsDirectory(), "--set", set});
    QCOMPARE(ended.out, set + " " + count + "/" + count + "\n" + count + " passed, 0 failed\n");
    QCOMPARE(ended.code, 0);
}

void OracleRunnerTest::sumComesLast()
{
    Sets sets;
    sets.file("mult_shift.jsonl", goodRow + wrongRow)
        .file("cyc2ns.jsonl", R"({"in":{"cycles":"41","mult":2,"shift":1},"out":{"ns":"41"}})");
    const Ended ended = sets.check();
    QCOMPARE(ended.out, QByteArray("cyc2ns 1/1\nmult_shift 1/2\n2 passed, 1 failed\n"));
    QCOMPARE(ended.code, 1);
}

void OracleRunnerTest::wrongRowFailsAndIsNamed()
{
    Sets sets;
    sets.file("mult_shift.jsonl", goodRow + wrongRow + goodRow);
    const Ended ended = sets.check();
    QCOMPARE(ended.out, QByteArray("mult_shift 2/3\n2 passed, 1 failed\n"));
    QCOMPARE(ended.err,
             QByteArray("mult_shift row 2: mult: expected 4000000001, got 4000000000\n"));
    QCOMPARE(ended.code, 1);
}

void OracleRunnerTest::onlyTheFirstFailuresAreShown()
{
    Sets sets;
    sets.file("mult_shift.jsonl", wrongRow.repeated(50));
    const Ended ended = sets.check();
    QCOMPARE(ended.err.count('\n'), 4);
    QVERIFY(ended.err.endsWith("mult_shift: 47 more rows failed\n"));
}

void OracleRunnerTest::setWithoutImplementationFailsUnlessOnlyKnown()
{
    Sets sets;
    sets.file("mult_shift.jsonl", goodRow).file("no_such_set.jsonl", goodRow + goodRow);
    const Ended all = sets.check();
    QCOMPARE(all.out, QByteArray("mult_shift 1/1\nno_such_set 0/2\n1 passed, 2 failed\n"));
    QCOMPARE(all.code, 1);
    const Ended known = sets.check({"--only-known"});
    QCOMPARE(known.out, QByteArray("mult_shift 1/1\n1 passed, 0 failed\n"));
    QCOMPARE(known.code, 0);
}

void OracleRunnerTest::unknownSetIsBadInput()
{
    Sets sets;
    sets.file("mult_shift.jsonl", goodRow);
    for (const char* name : {"no_such_set", "cyc2ns", "mult", ""}) {
        const Ended ended = sets.check({QString("--set=%1").arg(name), "--only-known"});
        if (*name != '\0') {
            QVERIFY(ended.err.contains(name));
        }
        QCOMPARE(ended.out, QByteArray());
        QCOMPARE(ended.err.count('\n'), 1);
        QCOMPARE(ended.code, 2);
    }
}

void OracleRunnerTest::emptyOrMissingDirectoryIsBadInput()
{
    Sets sets;
    sets.file("README.md", "not a set");
    const Ended empty = sets.check();
    QCOMPARE(empty.code, 2);
    QVERIFY(empty.err.contains("holds no set"));
    const Ended missing = run({"vectors", "/nonexistent/sets"});
    QCOMPARE(missing.code, 2);
    QVERIFY(missing.err.contains("/nonexistent/sets"));
}

void OracleRunnerTest::malformedLineIsBadInput_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("cut short") << QByteArray(R"({"in":{"from":1,"to":2,"maxsec":1},"out":{"mu)");
    QTest::newRow("blank") << QByteArray("");
    QTest::newRow("a list") << QByteArray("[1]");
    QTest::newRow("without in") << QByteArray(R"({"out":{}})");
    QTest::newRow("without out") << QByteArray(R"({"in":{"from":1,"to":2,"maxsec":1}})");
    QTest::newRow("in is a list") << QByteArray(R"({"in":[],"out":{}})");
    QTest::newRow("field missing") << QByteArray(R"({"in":{"from":1,"to":2},"out":{}})");
    QTest::newRow("division by zero")
        << QByteArray(R"({"in":{"from":0,"to":2,"maxsec":1},"out":{}})");
    QTest::newRow("33 bits") << QByteArray(
        R"({"in":{"from":4294967296,"to":2,"maxsec":1},"out":{}})");
    QTest::newRow("fraction") << QByteArray(R"({"in":{"from":1.5,"to":2,"maxsec":1},"out":{}})");
    QTest::newRow("negative") << QByteArray(R"({"in":{"from":-1,"to":2,"maxsec":1},"out":{}})");
}

void OracleRunnerTest::malformedLineIsBadInput()
{
    QFETCH(const QByteArray, line);
    Sets sets;
    sets.file("mult_shift.jsonl", goodRow + line + "\n" + goodRow);
    const Ended ended = sets.check();
    QCOMPARE(ended.out, QByteArray());
    QVERIFY2(ended.err.contains("/mult_shift.jsonl:2: "), ended.err);
    QCOMPARE(ended.err.count('\n'), 1);
    QCOMPARE(ended.code, 2);
}

void OracleRunnerTest::malformedFileStopsBeforeAnyResult()
{
    Sets sets;
    sets.file("a.jsonl", "").file("mult_shift.jsonl", goodRow);
    QCOMPARE(sets.check().code, 2);
    // Left out is not unread.
    const Ended ended = sets.check({"--only-known"});
    QCOMPARE(ended.code, 2);
    QVERIFY(ended.err.contains("/a.jsonl:1: "));
    QCOMPARE(ended.out, QByteArray());
}

void OracleRunnerTest::answerKeepsTheOrderOfRows()
{
    QByteArray input;
    QByteArray expected;
    for (int i = 1; i <= 300; ++i) {
        const QByteArray n = QByteArray::number(i);
        input += R"({"in":{"cycles":")" + n + R"(","mult":1,"shift":0}})" + "\n";
        expected += R"({"out":{"ns":")" + n + R"("}})" + "\n";
    }
    const Ended ended = run({"answer", "cyc2ns"}, input);
    QCOMPARE(ended.out, expected);
    QCOMPARE(ended.code, 0);
    QCOMPARE(run({"answer", "cyc2ns"}).out, QByteArray());
}

void OracleRunnerTest::answerIsWhatVectorsCompares()
{
    QFile file(vectorsDirectory() + "/cs_register.jsonl");
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray input;
    QList<QJsonObject> expected;
    while (!file.atEnd()) {
        const QJsonObject row = object(file.readLine());
        expected << row["out"].toObject();
        input
            += QJsonDocument(QJsonObject{{"in", row["in"]}}).toJson(QJsonDocument::Compact) + "\n";
    }
    const Ended ended = run({"answer", "cs_register"}, input);
    QCOMPARE(ended.code, 0);
    const QList<QByteArray> lines = ended.out.split('\n');
    QCOMPARE(lines.size(), expected.size() + 1);
    for (qsizetype i = 0; i < expected.size(); ++i) {
        QCOMPARE(object(lines[i])["out"].toObject(), expected[i]);
    }
}

void OracleRunnerTest::answerRefusesMalformedRows_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("not JSON") << QByteArray("{\"in\":");
    QTest::newRow("blank") << QByteArray("");
    QTest::newRow("no in") << QByteArray(R"({"cycles":"1","mult":1,"shift":0})");
    QTest::newRow("shift of 64") << QByteArray(R"({"in":{"cycles":"1","mult":1,"shift":64}})");
    QTest::newRow("not a number") << QByteArray(R"({"in":{"cycles":"one","mult":1,"shift":0}})");
    QTest::newRow("trailing text") << QByteArray(R"({"in":{"cycles":"1x","mult":1,"shift":0}})");
    QTest::newRow("65 bits") << QByteArray(
        R"({"in":{"cycles":"18446744073709551616","mult":1,"shift":0}})");
}

void OracleRunnerTest::answerRefusesMalformedRows()
{
    QFETCH(const QByteArray, line);
    const QByteArray good = R"({"in":{"cycles":"7","mult":1,"shift":0}})"
                            "\n";
    const Ended ended = run({"answer", "cyc2ns"}, good + line + "\n" + good);
    QCOMPARE(ended.out,
             QByteArray(R"({"out":{"ns":"7"}})"
                        "\n"));
    QVERIFY2(ended.err.contains("standard input:2: "), ended.err);
    QCOMPARE(ended.code, 2);
}

void OracleRunnerTest::answerOfUnknownSetIsBadInput()
{
    const Ended ended = run({"answer", "no_such_set"}, goodRow);
    QCOMPARE(ended.code, 2);
    QVERIFY(ended.err.contains("'no_such_set'") && ended.err.contains("mult_shift"));
}

void OracleRunnerTest::refusalOfTheEngineIsAFailedRow()
{
    // 2^26 MHz is 0 in 32 bits: well formed, but the kernel would divide by zero.
    Sets sets;
    sets.file("cs_register.jsonl",
              R"({"in":{"name":"x","mask_bits":32,"scale":1000000,"freq":67108864,"margin_in":0},)"
              R"("out":{}})");
    const Ended ended = sets.check();
    QCOMPARE(ended.out, QByteArray("cs_register 0/1\n0 passed, 1 failed\n"));
    QVERIFY(ended.err.contains("0 modulo 2^32"));
    QCOMPARE(ended.code, 1);
}

void OracleRunnerTest::wrongUseIsExplained()
{
    for (const QStringList& use : {QStringList{}, QStringList{"vectors"}, QStringList{"judge"},
                                   QStringList{"vectors", "/", "--sets"}}) {
        const Ended ended = run(use);
        QCOMPARE(ended.code, 2);
        QVERIFY(ended.out.isEmpty() && ended.err.startsWith("oracle_check: "));
    }
    QCOMPARE(run({"--help"}).code, 0);
}

void OracleRunnerTest::lostOutputIsReported()
{
    QProcess process;
    process.setStandardOutputFile("/dev/full");
    process.start(qEnvironmentVariable("TIMERSCOPE_BIN_DIR") + "/oracle_check",
                  {"vectors", vectorsDirectory(), "--set", "cyc2ns"});
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 4);
}

void OracleRunnerTest::stringIsNotANumber()
{
    QCOMPARE(fieldsThatDiffer(R"({"a":"5","b":5,"c":5})", R"({"a":5,"b":"5","c":5})"),
             QString("a b"));
    QCOMPARE(fieldsThatDiffer(R"({"a":false})", R"({"a":0})"), QString("a"));
    QCOMPARE(fieldsThatDiffer(R"({"a":null})", R"({})"), QString("a"));
}

void OracleRunnerTest::missingAndSurplusFieldsDiffer()
{
    const auto found = differences(object(R"({"a":1})"), object(R"({"b":"x"})"));
    QCOMPARE(found.size(), std::size_t{2});
    QCOMPARE(found[0].got, std::string("nothing"));
    QCOMPARE(found[1].expected, std::string("nothing"));
    QCOMPARE(found[1].got, std::string("\"x\""));
}

void OracleRunnerTest::placesInsideListsAreNamed()
{
    QCOMPARE(fieldsThatDiffer(R"({"steps":[{"clc":[1,2]},{"rc":0}]})",
                              R"({"steps":[{"clc":[1,3,4]},{"rc":0}]})"),
             QString("steps[0].clc[1] steps[0].clc[2]"));
}

void OracleRunnerTest::emptyListMayBeAbsent()
{
    QCOMPARE(fieldsThatDiffer(R"({"s":[{"fired":[],"n":1}]})", R"({"s":[{"n":1}]})"), QString());
    QCOMPARE(fieldsThatDiffer(R"({"n":1})", R"({"n":1,"fired":[]})"), QString());
    QCOMPARE(fieldsThatDiffer(R"({"n":1})", R"({"n":1,"fired":[1]})"), QString("fired"));
    // An element of a list has a place: it is never merely absent.
    QCOMPARE(fieldsThatDiffer(R"({"s":[[1],[]]})", R"({"s":[[1]]})"), QString("s[1]"));
}

void OracleRunnerTest::bigIntegersSurviveReading()
{
    const QJsonObject in
        = object(R"({"a":"18446744073709551615","b":"-9223372036854775808","c":9007199254740993})");
    RowReader row(in);
    QCOMPARE(row.u64("a"), ~std::uint64_t{0});
    QCOMPARE(row.s64("b"), std::numeric_limits<std::int64_t>::min());
    QCOMPARE(row.u64("c"), std::uint64_t{9'007'199'254'740'993});
    QVERIFY(row.ok());
    QCOMPARE(jsonText(number(9'007'199'254'740'993)), std::string("9007199254740993"));
    QCOMPARE(jsonText(decimal(~std::uint64_t{0})), std::string("\"18446744073709551615\""));
    QCOMPARE(row.u64("b"), std::uint64_t{0});
    QVERIFY(!row.ok());
}

QTEST_GUILESS_MAIN(OracleRunnerTest)
#include "oracle_runner_test.moc"
