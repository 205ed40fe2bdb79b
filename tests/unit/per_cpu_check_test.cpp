// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clocksource/per_cpu_check.h"
#include "tests/support/watchdog_bench.h"

#include <QTest>

#include <numeric>

using namespace timerscope;
using namespace timerscope::test;
using namespace timerscope::clocksource_flag;

namespace {

QString chosen(WatchdogBench& bench, int verifyCpus)
{
    return QString::fromStdString(cpuListText(chooseCpusToVerify(bench.host(), verifyCpus)));
}

/// A bench of @p cpus CPUs whose current clock, per CPU and @p bits wide, is marked unstable.
QString linesOf(WatchdogBench& bench, unsigned cpus, unsigned bits = 64)
{
    bench.online.resize(cpus);
    std::iota(bench.online.begin(), bench.online.end(), 0U);
    bench.possible = cpus;
    bench.add("hpet", 250, continuous);
    WatchedClock& tsc = bench.add("tsc", 300, continuous | mustVerify | verifyPercpu, bits);
    bench.trueNs = 1'000'000'000;
    tsc.counter.cost = 1000;
    bench.registry.doneBooting();
    static_cast<void>(bench.lines.take());
    bench.registry.markUnstable(tsc.source);
    bench.runWork();
    return bench.lines.take().remove("|clocksource: Switched to clocksource hpet");
}

WatchdogConfig verifying(int cpus)
{
    WatchdogConfig config;
    config.verifyCpus = cpus;
    return config;
}

} // namespace

class PerCpuCheckTest : public QObject
{
    Q_OBJECT
private slots:
    void cpuListsShowRanges();
    void firstOtherCpuIsAlwaysChosen();
    void drawsRepeatSkipThisCpuAndGoRoundToAnOnlineOne();
    void negativeNumberMeansAllOthers();
    void clocksInStepOnlyPrintWhatIsChecked();
    void cpusThatDisagreeAreListed();
    void narrowCountersNeverDisagree();
    void oneCpuIsNotEnough();
    void zeroChecksNothing();
    void clocksThatAreNotPerCpuAreNotCompared();
};

void PerCpuCheckTest::cpuListsShowRanges()
{
    QCOMPARE(cpuListText(std::vector<unsigned>{0, 1, 2, 5, 7, 8}), "0-2,5,7-8");
    QCOMPARE(cpuListText({}), "");
}

void PerCpuCheckTest::firstOtherCpuIsAlwaysChosen()
{
    WatchdogBench bench;
    bench.online = {0, 3, 4};
    QCOMPARE(chosen(bench, 1), "3");
    bench.cpu = 3;
    QCOMPARE(chosen(bench, 1), "0");
}

void PerCpuCheckTest::drawsRepeatSkipThisCpuAndGoRoundToAnOnlineOne()
{
    WatchdogBench bench;
    bench.online = {1, 2, 4, 6};
    bench.cpu = 1;
    bench.draws = {3, 4, 7}; // 4 twice; 7 goes round to 1, which is this one
    QCOMPARE(chosen(bench, 4), "2,4");
    bench.draws = {6, 5, 4};
    QCOMPARE(chosen(bench, 4), "2,4,6");
    bench.possible = 2; // no more draws than there could be CPUs
    bench.draws = {6, 4};
    QCOMPARE(chosen(bench, 4), "2,6");
}

void PerCpuCheckTest::negativeNumberMeansAllOthers()
{
    WatchdogBench bench;
    bench.online = {0, 1, 2, 5};
    bench.cpu = 1;
    QCOMPARE(chosen(bench, -1), "0,2,5");
}

void PerCpuCheckTest::clocksInStepOnlyPrintWhatIsChecked()
{
    WatchdogBench bench(verifying(-1));
    QCOMPARE(linesOf(bench, 4),
             "clocksource: Checking clocksource tsc synchronization from CPU 0 to CPUs 1-3.");
}

void PerCpuCheckTest::cpusThatDisagreeAreListed()
{
    WatchdogBench bench(verifying(-1));
    bench.aheadOf = {{1, 100'000}, {2, -100'000}, {3, 100'000}};
    QCOMPARE(linesOf(bench, 4),
             "clocksource: Checking clocksource tsc synchronization from CPU 0 to CPUs 1-3.|"
             "clocksource:         CPUs 1,3 ahead of CPU 0 for clocksource tsc.|"
             "clocksource:         CPUs 2 behind CPU 0 for clocksource tsc.|"
             "clocksource:         CPU 0 check durations 2000ns - 2000ns for clocksource tsc.");
}

void PerCpuCheckTest::narrowCountersNeverDisagree()
{
    WatchdogBench bench(verifying(-1));
    bench.aheadOf = {{1, 100'000}};
    QCOMPARE(linesOf(bench, 2, 56),
             "clocksource: Checking clocksource tsc synchronization from CPU 0 to CPUs 1.");
}

void PerCpuCheckTest::oneCpuIsNotEnough()
{
    WatchdogBench bench;
    QCOMPARE(linesOf(bench, 1), "clocksource: Not enough CPUs to check clocksource 'tsc'.");
}

void PerCpuCheckTest::zeroChecksNothing()
{
    WatchdogBench bench(verifying(0));
    bench.aheadOf = {{1, 100'000}};
    QCOMPARE(linesOf(bench, 2), "clocksource: Switched to clocksource hpet");
}

void PerCpuCheckTest::clocksThatAreNotPerCpuAreNotCompared()
{
    WatchdogBench bench;
    bench.online = {0, 1};
    bench.boot();
    bench.registry.markUnstable(bench.tsc->source);
    bench.runWork();
    QCOMPARE(bench.lines.take(), "clocksource: Switched to clocksource hpet");
}

QTEST_GUILESS_MAIN(PerCpuCheckTest)
#include "per_cpu_check_test.moc"
