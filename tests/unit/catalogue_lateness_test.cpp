// SPDX-License-Identifier: GPL-3.0-or-later
//! In every scenario of the catalogue each expiry's lateness is told in full.
#include "engine/why/lateness.h"
#include "tests/support/catalogue.h"
#include "tests/support/simulation.h"

#include <QDir>
#include <QTest>

#include <array>
#include <utility>

using namespace timerscope;
using namespace timerscope::test;

namespace {

/// What makes another machine of the same scenario. Its expectations may fail then; the account of
/// its timers must not.
using Change = void (*)(MachineConfig&);

void keepAsItIs(MachineConfig&) { }
void switchHighResOff(MachineConfig& machine)
{
    machine.commandLine += " highres=off";
}
void switchNoHzOff(MachineConfig& machine)
{
    machine.commandLine += " nohz=off";
}
void switchBothOff(MachineConfig& machine)
{
    machine.commandLine += " highres=off nohz=off";
}
void sleepDeeply(MachineConfig& machine)
{
    using std::chrono::microseconds;
    machine.idleStates
        = {{.name = "C1", .exitLatency = microseconds{2}, .residency = {}, .stopsTimer = false},
           {.name = "C2",
            .exitLatency = microseconds{120},
            .residency = microseconds{300},
            .stopsTimer = false}};
}
void workSlowly(MachineConfig& machine)
{
    machine.cost.callback += std::chrono::microseconds{350};
    machine.cost.interrupt += std::chrono::microseconds{40};
}

void addCpus(MachineConfig& machine)
{
    machine.cpus = 4;
    machine.config.smp = true;
    sleepDeeply(machine);
    machine.idleStates.back().stopsTimer = true;
}

const std::array<std::pair<QString, Change>, 7> changes{{{"as it is", keepAsItIs},
                                                         {"highres=off", switchHighResOff},
                                                         {"nohz=off", switchNoHzOff},
                                                         {"both off", switchBothOff},
                                                         {"deep idle", sleepDeeply},
                                                         {"four CPUs", addCpus},
                                                         {"slow", workSlowly}}};

QByteArray textOf(const TimerExpiry& expiry)
{
    QByteArray text = "record " + QByteArray::number(static_cast<qulonglong>(expiry.record))
        + ", timer " + QByteArray::number(expiry.timer) + ", late "
        + QByteArray::number(static_cast<qlonglong>(expiry.late.count())) + " ns:";
    for (const LatenessPart& part : expiry.parts) {
        const std::string_view cause = nameOf(part.cause);
        text += ' ' + QByteArray(cause.data(), static_cast<qsizetype>(cause.size())) + ' '
            + QByteArray::number(static_cast<qlonglong>(part.span.count()));
    }
    return text;
}

} // namespace

class CatalogueLatenessTest : public QObject
{
    Q_OBJECT
private slots:
    void partsAddUpAndNothingIsUnexplained_data();
    void partsAddUpAndNothingIsUnexplained();
};

void CatalogueLatenessTest::partsAddUpAndNothingIsUnexplained_data()
{
    QTest::addColumn<QString>("scenario");
    QTest::addColumn<Change>("change");
    const QDir folder(sourcePath("resources/scenarios"));
    for (const QString& file : folder.entryList({"*.toml"}, QDir::Files, QDir::Name)) {
        for (const auto& [name, change] : changes) {
            QTest::newRow(qPrintable(file.chopped(5) + ", " + name)) << file.chopped(5) << change;
        }
    }
}

void CatalogueLatenessTest::partsAddUpAndNothingIsUnexplained()
{
    QFETCH(QString, scenario);
    QFETCH(Change, change);
    auto parsed = catalogueScenario(scenario.toStdString());
    QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().what.c_str());
    change(parsed->machine);
    const auto source = simulate(*parsed).value();
    const auto ran = source->advance(*source->info().end);
    QVERIFY2(ran.has_value(), ran ? "" : ran.error().what.c_str());
    const SnapshotPtr snapshot = source->snapshot();
    const auto expiries = timerExpiries(*snapshot, source->log(), {});
    std::size_t known = 0;
    for (const KnownTimer& timer : knownTimers(source->log(), source->log().size())) {
        known += timer.expiries;
    }
    QCOMPARE(expiries.size(), known);
    for (const TimerExpiry& expiry : expiries) {
        const QByteArray text = textOf(expiry);
        Ns sum{};
        for (const LatenessPart& part : expiry.parts) {
            QVERIFY2(part.span > Ns::zero(), text.constData());
            sum += part.span;
        }
        QVERIFY2(sum == expiry.late, text.constData());
        QVERIFY2(expiry.spanOf(LatenessCause::Unexplained) == Ns::zero(), text.constData());
    }
}

QTEST_GUILESS_MAIN(CatalogueLatenessTest)
#include "catalogue_lateness_test.moc"
