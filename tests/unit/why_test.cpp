// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/number_text.h"
#include "engine/why/why.h"
#include "tests/support/catalogue.h"
#include "tests/support/simulation.h"

#include <QTest>

#include <algorithm>

using namespace timerscope;
using namespace timerscope::test;

namespace {

std::unique_ptr<Source> bootUntil(std::string_view scenario, Ns limit)
{
    auto parsed = catalogueScenario(scenario);
    if (!parsed) {
        return nullptr;
    }
    auto source = test::simulate(std::move(*parsed));
    if (!source || !(*source)->advance(TraceInstant{limit})) {
        return nullptr;
    }
    return std::move(*source);
}

bool hasReason(const Explanation& answer, std::string_view text)
{
    return std::ranges::any_of(answer.reasons, [text](const Reason& reason) {
        return reason.head.find(text) != std::string::npos
            || reason.detail.find(text) != std::string::npos;
    });
}

bool hasLine(const std::vector<std::string>& lines, std::string_view text)
{
    return std::ranges::any_of(
        lines, [text](const std::string& line) { return line.find(text) != std::string::npos; });
}

} // namespace

class WhyTest : public QObject
{
    Q_OBJECT
private slots:
    void currentClocksourceIsExplainedByItsRating();
    void beforeTheEndOfTheBootThatIsTheReason();
    void hiddenClocksourceIsNotFitForOneshot();
    void laterRegistrationIsNotExplainedByTheBoot();
    void anotherTickDeviceIsNoBeginningOfHighResolution();
    void liveKernelTellsNoRatings();
    void whatAnObserverFoundRunningHasNoBeginning();
    void unknownNameIsSaid();
};

void WhyTest::currentClocksourceIsExplainedByItsRating()
{
    const auto source = bootUntil("ast2500-boot", Ns{300'000'000});
    QVERIFY(source);
    const auto snapshot = source->snapshot();
    const Explanation answer = whyClocksource(*snapshot, "FTTMR010-TIMER2", &source->log());
    QVERIFY(answer.what.starts_with("FTTMR010-TIMER2 became the current clocksource at 0.21"));
    QVERIFY(
        hasReason(answer, "300 of the band \u201cdesired\u201d; the only rival, jiffies, has 1."));
    QVERIFY(hasReason(answer, "Selection waits until the boot has finished"));
    QVERIFY(hasLine(answer.followed, "goes oneshot"));
    QVERIFY(hasLine(answer.followed, "high resolution begins on CPU 0"));
    QVERIFY(hasLine(answer.wouldChange, "Register a rating above 300"));
    QVERIFY(hasLine(answer.wouldChange, "Override with jiffies: deferred"));
}

void WhyTest::beforeTheEndOfTheBootThatIsTheReason()
{
    const auto source = bootUntil("ast2500-boot", Ns{150'000'000});
    QVERIFY(source);
    const auto snapshot = source->snapshot();
    const Explanation answer = whyClocksource(*snapshot, "FTTMR010-TIMER2", &source->log());
    QVERIFY(hasReason(answer, "The boot has not finished"));
    QVERIFY(answer.followed.empty());
}

void WhyTest::hiddenClocksourceIsNotFitForOneshot()
{
    const auto source = bootUntil("ast2500-boot", Ns{300'000'000});
    QVERIFY(source);
    const Explanation answer = whyClocksource(*source->snapshot(), "jiffies", &source->log());
    QVERIFY(answer.what.find("FTTMR010-TIMER2 is") != std::string::npos);
    QVERIFY(hasReason(answer, "Not fit while the tick is oneshot"));
    QVERIFY(hasReason(answer, "Lower rating"));
}

void WhyTest::laterRegistrationIsNotExplainedByTheBoot()
{
    const auto source = bootUntil("mfoc-boot", Ns{400'000'000});
    QVERIFY(source);
    const Explanation answer = whyClocksource(*source->snapshot(), "mfoc", &source->log());
    QVERIFY(hasReason(answer, "500 is outside the kernel's bands"));
    QVERIFY(hasReason(answer, "The boot was over"));
    QVERIFY(!hasReason(answer, "Selection waits until the boot has finished"));
}

void WhyTest::anotherTickDeviceIsNoBeginningOfHighResolution()
{
    const auto source = bootUntil("ast2500-paths", Ns{400'000'000});
    QVERIFY(source);
    const Explanation later
        = whyClocksource(*source->snapshot(), "arch_sys_counter", &source->log());
    QVERIFY(later.what.starts_with("arch_sys_counter became the current clocksource at 0.30"));
    QVERIFY(!hasLine(later.followed, "high resolution begins"));
}

void WhyTest::liveKernelTellsNoRatings()
{
    Snapshot snapshot;
    ClocksourceRow tsc;
    tsc.name = "tsc";
    tsc.current = true;
    snapshot.clocksources.push_back(tsc);
    const Explanation answer = whyClocksource(snapshot, "tsc", nullptr);
    QCOMPARE(answer.what, std::string("tsc is the current clocksource."));
    QVERIFY(hasReason(answer, "First of the kernel's list"));
    QVERIFY(!hasReason(answer, "No override"));
}

void WhyTest::whatAnObserverFoundRunningHasNoBeginning()
{
    Snapshot snapshot;
    ClocksourceRow tsc;
    tsc.name = "tsc";
    tsc.current = true;
    snapshot.clocksources.push_back(tsc);
    TraceLog log;
    const auto name = log.intern("tsc");
    log.append({.at = TraceInstant{Ns{5}}, .subject = name, .kind = RecordKind::ClocksourceSelect});
    snapshot.records = 1;
    const Explanation found = whyClocksource(snapshot, "tsc", &log);
    QCOMPARE(found.what, std::string("tsc is the current clocksource."));
    QVERIFY(found.followed.empty());
    const auto previous = static_cast<std::int64_t>(log.intern("hpet"));
    log.append({.at = TraceInstant{Ns{nsPerSecond}},
                .a = previous,
                .subject = name,
                .kind = RecordKind::ClocksourceSelect});
    snapshot.records = 2;
    const Explanation seen = whyClocksource(snapshot, "tsc", &log);
    QVERIFY(seen.what.starts_with("tsc became the current clocksource at 1.000"));
}

void WhyTest::unknownNameIsSaid()
{
    const Explanation answer = whyClocksource(Snapshot{}, "hpet", nullptr);
    QCOMPARE(answer.what, std::string("No clocksource called hpet is registered."));
    QVERIFY(answer.reasons.empty());
}

QTEST_GUILESS_MAIN(WhyTest)
#include "why_test.moc"
