// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/pace.h"
#include "app/session/session.h"
#include "tests/support/fake_source.h"

#include <QElapsedTimer>
#include <QTest>

#include <chrono>

using namespace timerscope;
using namespace std::chrono_literals;
using test::FakeSource;

namespace {

struct Running
{
    std::atomic<int> changes{0};
    FakeSource* source = nullptr; // owned by the session
    std::unique_ptr<Session> session;

    explicit Running(FakeSource::Script script)
    {
        auto owned = std::make_unique<FakeSource>(std::move(script));
        source = owned.get();
        session = std::make_unique<Session>(std::move(owned), [this] { ++changes; });
    }
    [[nodiscard]] PlayState state() const { return session->view().state; }
    [[nodiscard]] std::int64_t at() const { return nsOf(session->view().snapshot->at); }
};

TraceInstant instant(Ns since)
{
    return TraceInstant{since};
}

} // namespace

class SessionTest : public QObject
{
    Q_OBJECT
private slots:
    void startsPausedWithASnapshot();
    void stepMovesOneEventAndStaysPaused();
    void playMovesTimeAtTheSpeedOfTheWorld();
    void slowSpeedIsSlow();
    void unlimitedSpeedRunsToTheEnd();
    void speedChangesWhilePlaying();
    void pauseStopsTime();
    void commandsAreObeyedInOrder();
    void runUntilStopsAtItsLimit();
    void endedSourceStaysEnded();
    void failedSourceKeepsItsLogAndSaysWhy();
    void publishesAtMostSixtyTimesASecond();
    void eventFarInTheFutureDoesNotBlockPause();
    void destructionWhilePlayingIsFast();
    void liveKernelIsPolledWhilePlayingOnly();
    void viewsAndLogAreReadWhileItRuns();
    void dueTimeSaturates();
    void sliceFollowsItsCost();
};

void SessionTest::startsPausedWithASnapshot()
{
    const Running run({});
    QCOMPARE(run.state(), PlayState::Paused);
    QVERIFY(run.session->view().snapshot);
    QTest::qWait(30);
    QCOMPARE(run.session->log().size(), std::size_t{0});
    QCOMPARE(QString::fromStdString(run.session->info().title), QString("fake"));
}

void SessionTest::stepMovesOneEventAndStaysPaused()
{
    const Running run({});
    run.session->step();
    QTRY_COMPARE(run.at(), 1'000'000);
    run.session->step();
    run.session->step();
    QTRY_COMPARE(run.at(), 3'000'000);
    QCOMPARE(run.state(), PlayState::Paused);
    QCOMPARE(run.session->log().size(), std::size_t{3});
}

void SessionTest::playMovesTimeAtTheSpeedOfTheWorld()
{
    const Running run({});
    QElapsedTimer world;
    world.start();
    run.session->play();
    QTRY_COMPARE(run.state(), PlayState::Playing);
    QTest::qWait(300);
    const auto shown = run.at();
    const auto passed = world.nsecsElapsed();
    QVERIFY2(shown <= passed, "the source is ahead of the world");
    QVERIFY2(shown > passed / 2, qPrintable(QString::number(shown)));
}

void SessionTest::slowSpeedIsSlow()
{
    const Running run({});
    run.session->setSpeed({1, 1000});
    run.session->play();
    QTest::qWait(200);
    QVERIFY2(run.at() <= 1'000'000, qPrintable(QString::number(run.at())));
    QTRY_VERIFY(run.at() > 0);
}

void SessionTest::unlimitedSpeedRunsToTheEnd()
{
    const Running run({.period = 10ms, .end = instant(1000s)});
    run.session->setSpeed({0, 0});
    run.session->play();
    QTRY_COMPARE(run.state(), PlayState::Ended);
    QCOMPARE(run.at(), 1000 * nsPerSecond);
    QCOMPARE(run.session->log().size(), std::size_t{99'999});
}

void SessionTest::speedChangesWhilePlaying()
{
    const Running run({.end = instant(100s)});
    run.session->setSpeed({1, 1'000'000});
    run.session->play();
    QTRY_COMPARE(run.state(), PlayState::Playing);
    run.session->setSpeed({1000, 1});
    QTRY_COMPARE(run.state(), PlayState::Ended);
    QCOMPARE(run.session->view().speed, (Speed{1000, 1}));
}

void SessionTest::pauseStopsTime()
{
    const Running run({});
    run.session->play();
    QTRY_VERIFY(run.at() > 0);
    run.session->pause();
    QTRY_COMPARE(run.state(), PlayState::Paused);
    const auto stopped = run.at();
    QTest::qWait(50);
    QCOMPARE(run.at(), stopped);
}

void SessionTest::commandsAreObeyedInOrder()
{
    const Running run({});
    run.session->pause();
    run.session->step();
    run.session->play();
    QTRY_COMPARE(run.state(), PlayState::Playing);
    run.session->play();
    run.session->step();
    QTRY_COMPARE(run.state(), PlayState::Paused);
}

void SessionTest::runUntilStopsAtItsLimit()
{
    const Running run({.period = 10ms});
    run.session->runUntil(instant(7777ms));
    QTRY_COMPARE(run.at(), 7'777'000'000);
    QTRY_COMPARE(run.state(), PlayState::Paused);
    QCOMPARE(run.session->log().size(), std::size_t{777});
    run.session->runUntil(instant(1ms)); // already past: nothing to run
    QTest::qWait(20);
    QCOMPARE(run.at(), 7'777'000'000);
    QTRY_COMPARE(run.state(), PlayState::Paused);
}

void SessionTest::endedSourceStaysEnded()
{
    const Running run({.end = instant(5ms)});
    run.session->runUntil(instant(1s));
    QTRY_COMPARE(run.state(), PlayState::Ended);
    QCOMPARE(run.at(), 5'000'000);
    run.session->play();
    run.session->step();
    QTest::qWait(30);
    QCOMPARE(run.state(), PlayState::Ended);
}

void SessionTest::failedSourceKeepsItsLogAndSaysWhy()
{
    const Running run({.failsAt = instant(4ms)});
    run.session->runUntil(instant(1s));
    QTRY_COMPARE(run.state(), PlayState::Failed);
    QCOMPARE(run.session->log().size(), std::size_t{3});
    const SessionView view = run.session->view();
    QVERIFY(view.error);
    QCOMPARE(view.error->code, ErrorCode::DeviceLost);
    QCOMPARE(view.snapshot->records, std::size_t{3});
    run.session->play();
    QTest::qWait(20);
    QCOMPARE(run.state(), PlayState::Failed);
}

void SessionTest::publishesAtMostSixtyTimesASecond()
{
    const Running run({.period = 10us});
    run.session->play();
    QTRY_COMPARE(run.state(), PlayState::Playing);
    const int before = run.changes;
    QElapsedTimer world;
    world.start();
    QTest::qWait(500);
    const auto seconds = static_cast<double>(world.nsecsElapsed()) / 1e9;
    const int published = run.changes - before;
    QVERIFY2(published <= static_cast<int>(60 * seconds) + 2,
             qPrintable(QString::number(published)));
    QVERIFY2(published > 5, qPrintable(QString::number(published)));
}

void SessionTest::eventFarInTheFutureDoesNotBlockPause()
{
    const Running run({.period = 24h});
    run.session->play();
    QTRY_COMPARE(run.state(), PlayState::Playing);
    QElapsedTimer world;
    world.start();
    run.session->pause();
    QTRY_COMPARE(run.state(), PlayState::Paused);
    QVERIFY(world.elapsed() < 1000);
}

void SessionTest::destructionWhilePlayingIsFast()
{
    for (int round = 0; round < 20; ++round) {
        Running run({.period = 1us});
        run.session->setSpeed({0, 0});
        run.session->play();
        QTRY_VERIFY(run.at() > 0);
        QElapsedTimer world;
        world.start();
        run.session.reset();
        QVERIFY2(world.elapsed() < 1000, qPrintable(QString::number(world.elapsed())));
    }
}

void SessionTest::liveKernelIsPolledWhilePlayingOnly()
{
    const Running run({.kind = SourceKind::LiveKernel});
    QTest::qWait(50);
    QCOMPARE(run.source->advances().load(), 0);
    run.session->play();
    QTest::qWait(700);
    const int polled = run.source->advances();
    QVERIFY2(polled >= 2 && polled <= 5, qPrintable(QString::number(polled)));
}

void SessionTest::viewsAndLogAreReadWhileItRuns()
{
    const Running run({.period = 1us, .end = instant(50ms)});
    run.session->setSpeed({0, 0});
    run.session->play();
    std::size_t seen = 0;
    while (run.state() != PlayState::Ended) {
        const SessionView view = run.session->view();
        QVERIFY(view.snapshot->records >= seen);
        seen = view.snapshot->records;
        if (seen > 0) {
            const TraceRecord& record = run.session->log()[seen - 1];
            QCOMPARE(record.a, nsOf(record.at));
            QCOMPARE(run.session->log().string(record.subject), std::string_view{"event"});
        }
    }
    QCOMPARE(run.session->view().snapshot->records, std::size_t{49'999});
}

void SessionTest::dueTimeSaturates()
{
    Pace pace;
    const auto world = Pace::World::now();
    pace.anchor(world, instant(5s), {2, 1});
    QCOMPARE(nsOf(pace.dueAt(world + 3s)), 11 * nsPerSecond);
    QCOMPARE(nsOf(pace.dueAt(world - 3s)), 5 * nsPerSecond);
    pace.anchor(world, instant(5s), {Ns::max().count(), 1});
    QCOMPARE(nsOf(pace.dueAt(world + 3s)), Ns::max().count());
    pace.anchor(world, instant(5s), {0, 0});
    QVERIFY(pace.dueAt(world) == never<TraceClock>);
}

void SessionTest::sliceFollowsItsCost()
{
    Slice slice;
    const Ns first = slice.length();
    slice.took(Ns{40'000});
    QCOMPARE(slice.length().count(), (first * 4).count());
    for (int round = 0; round < 20; ++round) {
        slice.took(1s);
    }
    QCOMPARE(slice.length().count(), 1'000);
    for (int round = 0; round < 60; ++round) {
        slice.took(Ns{0});
    }
    QCOMPARE(slice.length().count(), 100 * nsPerSecond);
}

QTEST_GUILESS_MAIN(SessionTest)
#include "session_test.moc"
