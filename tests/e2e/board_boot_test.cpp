// SPDX-License-Identifier: GPL-3.0-or-later
//! The engine on an emulated board: the firmware, the line, the session and the exporter together.
#include "app/session/open_source.h"
#include "tests/e2e/tscope_process.h"
#include "tests/support/exported_timeline.h"
#include "tests/support/qemu_board.h"
#include "tests/support/text_file.h"

#include <QElapsedTimer>
#include <QtTest>

#include <algorithm>

using namespace timerscope;
using test::Answer;
using test::QemuBoard;

namespace {

/// Of the hrtimers that fired from high resolution on.
struct Fires
{
    std::size_t count = 0;
    std::size_t early = 0;
};

Fires firesInHighResolution(const TraceLog& log)
{
    Fires fires;
    bool isHighRes = false;
    for (std::size_t i = 0; i < log.size(); ++i) {
        const TraceRecord& record = log[i];
        isHighRes = isHighRes
            || (record.kind == RecordKind::NohzMode
                && record.a == static_cast<std::int64_t>(NohzMode::HighRes));
        if (isHighRes && record.kind == RecordKind::HrtimerExpireEntry) {
            ++fires.count;
            fires.early += record.a < record.b ? 1U : 0U; // now, softexpires
        }
    }
    return fires;
}

std::size_t countOf(const TraceLog& log, RecordKind kind)
{
    std::size_t count = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        count += log[i].kind == kind ? 1U : 0U;
    }
    return count;
}

Result<std::unique_ptr<Source>> open(const std::string& uri)
{
    return openSource(uri, Resources({test::sourcePath("resources").toStdString()}));
}

} // namespace

class BoardBootTest : public QObject
{
    Q_OBJECT
private slots:
    void theEngineReachesHighResolutionOnTheBoardAndNoTimerIsEarly();
    void whatTheBoardSentIsATimelineThatDecodes();
    void theSameBoardIsOpenedAgainOnceItWasGivenBack();
    void aBoardThatVanishesIsOneSentenceAndCodeThree();
    void aBoardThatVanishesUnderTheEngineEndsTheRun();
};

void BoardBootTest::theEngineReachesHighResolutionOnTheBoardAndNoTimerIsEarly()
{
    QemuBoard board;
    const auto started = board.start();
    QVERIFY2(started, started ? "" : started.error().what.c_str());
    auto source = open("sim:ast2500-boot@stm32:" + board.port());
    QVERIFY2(source, source ? "" : source.error().what.c_str());
    QCOMPARE((*source)->info().kind, SourceKind::Hardware);
    const auto ran = (*source)->advance(never<TraceClock>);
    QVERIFY2(ran, ran ? "" : ran.error().what.c_str());

    const SnapshotPtr end = (*source)->snapshot();
    QCOMPARE(end->currentClocksource()->name, std::string("stm32-tim2"));
    QCOMPARE(end->cpus.at(0).tickDevice, std::optional<std::string>("stm32-systick"));
    QVERIFY(end->cpus.at(0).hresActive.value_or(false));
    QCOMPARE((*source)->failedExpectations(), 0U);
    const Fires fires = firesInHighResolution((*source)->log());
    QVERIFY2(fires.count >= 20, qPrintable(QString("%1 fired").arg(fires.count)));
    QCOMPARE(fires.early, 0U);
}

void BoardBootTest::whatTheBoardSentIsATimelineThatDecodes()
{
    QemuBoard board;
    QVERIFY(board.start());
    auto source = open("stm32:" + board.port());
    QVERIFY2(source, source ? "" : source.error().what.c_str());
    QVERIFY((*source)->advance(TraceInstant{std::chrono::milliseconds(600)}));
    const TraceLog& log = (*source)->log();
    QVERIFY(countOf(log, RecordKind::CounterSample) >= 10);
    QVERIFY(countOf(log, RecordKind::ChannelFired) >= 2);

    const auto findings = test::exportedTimeline(**source);
    QVERIFY2(findings.problems.empty(), findings.text().c_str());
    QCOMPARE(findings.recordPackets, log.size());
}

void BoardBootTest::theSameBoardIsOpenedAgainOnceItWasGivenBack()
{
    QemuBoard board;
    QVERIFY(board.start());
    const std::string uri = "stm32:" + board.port();
    auto first = open(uri);
    QVERIFY2(first, first ? "" : first.error().what.c_str());
    (*first)->release();
    const auto after = (*first)->advance(TraceInstant{std::chrono::seconds(5)});
    QVERIFY(!after);
    QCOMPARE(after.error().code, ErrorCode::DeviceLost);
    auto second = open(uri);
    QVERIFY2(second, second ? "" : second.error().what.c_str());
    QVERIFY((*second)->advance(TraceInstant{std::chrono::milliseconds(200)}));
    QVERIFY(countOf((*second)->log(), RecordKind::CounterSample) >= 1);
}

void BoardBootTest::aBoardThatVanishesIsOneSentenceAndCodeThree()
{
    QemuBoard board;
    QVERIFY(board.start());
    QProcess process;
    process.setProcessEnvironment(test::plainEnvironment());
    process.start(test::tscopePath(),
                  {"attach", QString::fromStdString("stm32:" + board.port()), "--for", "50"});
    QVERIFY(process.waitForStarted());
    QVERIFY(test::waitUntilItCatchesInterrupts(process));
    board.kill();
    const Answer answer = test::answerOf(process);
    QCOMPARE(answer.code, 3);
    QVERIFY2(answer.err.contains(QByteArray::fromStdString(board.port())), answer.err);
    QVERIFY2(answer.out.contains("clocksource.available stm32-tim2\n"), answer.err);
}

void BoardBootTest::aBoardThatVanishesUnderTheEngineEndsTheRun()
{
    QemuBoard board;
    QVERIFY(board.start());
    auto source = open("sim:ast2500-boot@stm32:" + board.port());
    QVERIFY2(source, source ? "" : source.error().what.c_str());
    QVERIFY((*source)->advance(TraceInstant{std::chrono::milliseconds(100)}));
    board.kill();
    const auto ran = (*source)->advance(never<TraceClock>);
    QVERIFY(!ran);
    QCOMPARE(ran.error().code, ErrorCode::DeviceLost);
    QVERIFY2((*source)->log().size() > 10, "what was seen stays");
}

QTEST_GUILESS_MAIN(BoardBootTest)
#include "board_boot_test.moc"
