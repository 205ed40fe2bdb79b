// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/module/module_list.h"
#include "tests/support/engine_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

namespace {

ModuleHold tickHold(std::string device = "timer", unsigned cpu = 0)
{
    return {.role = HoldRole::TickDevice, .device = std::move(device), .cpu = cpu};
}

} // namespace

class ModuleTest : public QObject
{
    Q_OBJECT
private slots:
    void aModuleThatIsNotThereCannotBeHeld();
    void aHeldModuleCannotBeUnloaded();
    void oneThatIsGoingCannotBeHeldAnyMore();
    void itCanComeBack();
    void eachReferenceIsRecordedWithWhatItIsFor();
    void namesAreTheSameWithEitherDash();
    void aDriverWithoutOwnerIsNeverAsked();
};

void ModuleTest::aModuleThatIsNotThereCannotBeHeld()
{
    TraceBench trace;
    Module module("m", trace.tracer());
    QVERIFY(!module.tryGet(tickHold()));
    QCOMPARE(module.beginUnload(), Errno::NoEntry);
}

void ModuleTest::aHeldModuleCannotBeUnloaded()
{
    TraceBench trace;
    Module module("m", trace.tracer());
    module.load();
    QVERIFY(module.tryGet(tickHold("a", 0)));
    QVERIFY(module.tryGet(tickHold("a", 1)));
    QCOMPARE(module.beginUnload(), Errno::Again);
    module.put(tickHold("a", 0));
    QCOMPARE(module.holds(), (std::vector<ModuleHold>{tickHold("a", 1)}));
    QCOMPARE(module.beginUnload(), Errno::Again);
    module.put(tickHold("a", 1));
    QCOMPARE(module.beginUnload(), Errno::Ok);
}

void ModuleTest::oneThatIsGoingCannotBeHeldAnyMore()
{
    TraceBench trace;
    Module module("m", trace.tracer());
    module.load();
    QCOMPARE(module.beginUnload(), Errno::Ok);
    QVERIFY(!module.tryGet(tickHold()));
    QCOMPARE(module.beginUnload(), Errno::NoEntry);
    module.finishUnload();
    QVERIFY(!module.isLoaded());
}

void ModuleTest::itCanComeBack()
{
    TraceBench trace;
    Module module("m", trace.tracer());
    for (int round = 0; round < 2; ++round) {
        module.load();
        QVERIFY(module.tryGet(tickHold()));
        module.put(tickHold());
        QCOMPARE(module.beginUnload(), Errno::Ok);
        module.finishUnload();
    }
    QCOMPARE(trace.count(RecordKind::ModuleLoad), std::size_t{2});
    QCOMPARE(trace.count(RecordKind::ModuleUnload), std::size_t{2});
}

void ModuleTest::eachReferenceIsRecordedWithWhatItIsFor()
{
    TraceBench trace;
    Module module("m", trace.tracer());
    module.load();
    QVERIFY(module.tryGet({.role = HoldRole::CurrentClocksource, .device = "mfoc"}));
    QVERIFY(module.tryGet(tickHold()));
    module.put(tickHold());
    const auto records = trace.all(RecordKind::ModuleReference);
    QCOMPARE(records.size(), std::size_t{3});
    QCOMPARE(records[0].a, 1);
    QCOMPARE(records[1].a, 2);
    QCOMPARE(records[2].a, 1);
    QCOMPARE(trace.log().string(static_cast<std::uint32_t>(records[0].b)),
             std::string_view{"mfoc"});
    QCOMPARE(static_cast<HoldRole>(records[0].flags), HoldRole::CurrentClocksource);
    QCOMPARE(static_cast<HoldRole>(records[2].flags), HoldRole::TickDevice);
}

void ModuleTest::namesAreTheSameWithEitherDash()
{
    TraceBench trace;
    ModuleList modules(trace.tracer());
    QCOMPARE(modules.find("timer-sun5i"), nullptr);
    Module& module = modules.get("timer-sun5i");
    QCOMPARE(module.name(), std::string{"timer_sun5i"});
    QCOMPARE(&modules.get("timer_sun5i"), &module);
    QCOMPARE(modules.find("timer-sun5i"), &module);
    QCOMPARE(modules.all().size(), std::size_t{1});
}

void ModuleTest::aDriverWithoutOwnerIsNeverAsked()
{
    QVERIFY(tryGetOwner(nullptr, tickHold()));
    putOwner(nullptr, tickHold()); // and nothing happens
}

QTEST_APPLESS_MAIN(ModuleTest)
#include "module_test.moc"
