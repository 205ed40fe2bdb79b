// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/linux_source.h"
#include "engine/procfs/procfs.h"
#include "tests/backends/linux_tree.h"

#include <QFile>
#include <QTest>

#include <algorithm>

using namespace timerscope;
using test::LinuxTree;
using test::OrdinaryUser;

namespace {

std::string fixture(const std::string& name)
{
    QFile file{qEnvironmentVariable("TIMERSCOPE_SOURCE_DIR") + "/tests/oracle/timer_list/"
               + QString::fromStdString(name) + ".txt"};
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string{};
}

/// Two CPUs in high resolution mode on tsc, as recorded from a running 6.1.
void fill(const LinuxTree& tree)
{
    tree.writeClocksources("tsc hpet acpi_pm", "tsc");
    tree.writeDevice("broadcast", "hpet\n");
    tree.writeDevice("clockevent0", "lapic\n");
    tree.writeDevice("clockevent1", "lapic\n");
    tree.write("proc/timer_list", fixture("bt_plain2"));
    tree.write("proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
    tree.write("proc/sys/kernel/hostname", "testbed\n");
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    const auto at = text.find(what);
    return at == std::string::npos ? std::string{} : text.replace(at, what.size(), with);
}

std::vector<TraceRecord> recordsOf(const TraceLog& log, RecordKind kind)
{
    std::vector<TraceRecord> found;
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].kind == kind) {
            found.push_back(log[i]);
        }
    }
    return found;
}

std::string onlyNotice(Source& source)
{
    const SnapshotPtr snapshot = source.snapshot();
    return snapshot->notices.size() == 1 ? snapshot->notices.front().text : std::string{};
}

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class LinuxSourceTest : public QObject
{
    Q_OBJECT
private slots:
    void aWholeTreeIsOneSnapshot()
    {
        const LinuxTree tree;
        fill(tree);
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const SourceInfo info = (*source)->info();
        QCOMPARE(info.uri, std::string{"linux:"});
        QCOMPARE(info.title, std::string{"testbed"});
        QCOMPARE(info.kind, SourceKind::LiveKernel);
        QVERIFY(!info.end);

        const SnapshotPtr snapshot = (*source)->snapshot();
        QVERIFY(snapshot->notices.empty());
        QCOMPARE(snapshot->machine.kernel, std::string{"6.1.0-56-amd64"});
        QCOMPARE(snapshot->currentClocksource()->name, std::string{"tsc"});
        QVERIFY(!snapshot->overrideName);
        QCOMPARE(snapshot->cpus.size(), std::size_t{2});
        QCOMPARE(snapshot->clockEvents.size(), std::size_t{3});
        QCOMPARE(nsOf(snapshot->at), nsOf(snapshot->monotonic));
        QCOMPARE(snapshot->records, (*source)->log().size());
        QVERIFY(!snapshot->timekeeper);
        QVERIFY(!snapshot->schedClock);
        QVERIFY(contains(sysfsText(*snapshot), "tsc hpet acpi_pm\n"));
        QCOMPARE(timerListText(*snapshot), fixture("bt_plain2"));
    }

    void theFirstLookIsRecorded()
    {
        const LinuxTree tree;
        fill(tree);
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const TraceLog& log = (*source)->log();
        const auto select = recordsOf(log, RecordKind::ClocksourceSelect);
        QCOMPARE(select.size(), std::size_t{1});
        QCOMPARE(log.string(select.at(0).subject), std::string_view{"tsc"});
        QCOMPARE(select.at(0).a, std::int64_t{0});
        QCOMPARE(select.at(0).b, static_cast<std::int64_t>(SelectReason::Unknown));
        const auto modes = recordsOf(log, RecordKind::TickMode);
        QCOMPARE(modes.size(), std::size_t{2});
        QCOMPARE(modes.at(1).cpu, std::uint16_t{1});
        QCOMPARE(log.string(modes.at(1).subject), std::string_view{"lapic"});
        QCOMPARE(modes.at(1).a, std::int64_t{1});
        QCOMPARE(modes.at(1).b, std::int64_t{1});
        QCOMPARE(recordsOf(log, RecordKind::TickDevice).size(), std::size_t{2});
        QCOMPARE(recordsOf(log, RecordKind::NohzMode).size(), std::size_t{2});
        QCOMPARE(recordsOf(log, RecordKind::ClockEventState).size(), std::size_t{3});
        QCOMPARE(recordsOf(log, RecordKind::ClockEventHandler).size(), std::size_t{3});
        QCOMPARE(recordsOf(log, RecordKind::HrtimerInit).size(), std::size_t{4});
        const auto starts = recordsOf(log, RecordKind::HrtimerStart);
        const HrtimerRow timer = (*source)->snapshot()->cpus.at(0).hrtimerBases.at(0).timers.at(0);
        QCOMPARE(starts.size(), std::size_t{4});
        QCOMPARE(starts.at(0).subject, static_cast<std::uint32_t>(timer.id));
        QCOMPARE(starts.at(0).a, nsOf(timer.hardExpires));
        for (std::size_t i = 0; i < log.size(); ++i) {
            QVERIFY(log[i].at == (*source)->snapshot()->at);
        }
    }

    void aLookAtTheSameRecordsNothing()
    {
        const LinuxTree tree;
        fill(tree);
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const std::size_t before = (*source)->log().size();
        const auto progress = (*source)->step();
        QVERIFY(progress);
        QCOMPARE(*progress, Progress::MoreToCome);
        QCOMPARE((*source)->log().size(), before);
    }

    void whatChangedBetweenTwoLooksIsRecorded()
    {
        const LinuxTree tree;
        fill(tree);
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const TraceLog& log = (*source)->log();
        const std::size_t before = log.size();
        const auto now = (*source)->snapshot()->monotonic;

        tree.writeClocksources("tsc hpet acpi_pm", "hpet");
        std::string text = fixture("bt_plain2");
        text = replaced(text, "Per CPU device: 0\nClock Event Device: lapic",
                        "Per CPU device: 0\nClock Event Device: better");
        text = replaced(text, std::to_string(nsOf(now)), std::to_string(nsOf(now) + 500));
        tree.write("proc/timer_list", text);
        QVERIFY((*source)->advance({}));

        const auto select = recordsOf(log, RecordKind::ClocksourceSelect);
        QCOMPARE(select.size(), std::size_t{2});
        QCOMPARE(log.string(select.at(1).subject), std::string_view{"hpet"});
        QCOMPARE(log.string(static_cast<std::uint32_t>(select.at(1).a)), std::string_view{"tsc"});
        QCOMPARE(select.at(1).b, static_cast<std::int64_t>(SelectReason::Override));
        QCOMPARE(nsOf(select.at(1).at), nsOf(now) + 500);
        const auto device = recordsOf(log, RecordKind::TickDevice);
        QCOMPARE(device.size(), std::size_t{3});
        QCOMPARE(log.string(device.at(2).subject), std::string_view{"better"});
        QCOMPARE(log.string(static_cast<std::uint32_t>(device.at(2).a)), std::string_view{"lapic"});
        QCOMPARE((*source)->snapshot()->overrideName, std::optional<std::string>{"hpet"});
        QCOMPARE((*source)->snapshot()->records, log.size());
        QVERIFY(log.size() > before);
        QCOMPARE(recordsOf(log, RecordKind::HrtimerStart).size(), std::size_t{4});
    }

    void changesOfModeAndStateNameWhatWasBefore()
    {
        const LinuxTree tree;
        fill(tree);
        tree.write("proc/timer_list", fixture("bt_nolapic_timer2"));
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        tree.write("proc/timer_list", fixture("bt_plain2"));
        QVERIFY((*source)->step());
        const TraceLog& log = (*source)->log();
        const auto modes = recordsOf(log, RecordKind::TickMode);
        QCOMPARE(modes.size(), std::size_t{4});
        QCOMPARE(modes.at(2).a, static_cast<std::int64_t>(TickMode::Oneshot));
        QCOMPARE(modes.at(2).b, static_cast<std::int64_t>(TickMode::Periodic));
        const auto nohz = recordsOf(log, RecordKind::NohzMode);
        QCOMPARE(nohz.at(3).a, static_cast<std::int64_t>(NohzMode::HighRes));
        QCOMPARE(nohz.at(3).b, static_cast<std::int64_t>(NohzMode::Inactive));
        const auto states = recordsOf(log, RecordKind::ClockEventState);
        const auto lapic = std::ranges::find_if(states.begin() + 3, states.end(), [&](auto& each) {
            return log.string(each.subject) == "lapic" && each.cpu == 1;
        });
        QVERIFY(lapic != states.end());
        QCOMPARE(lapic->b, static_cast<std::int64_t>(ClockEventState::Shutdown));
        QVERIFY(lapic->a != lapic->b);
    }

    void timeNeverRunsBackwardsInTheLog()
    {
        const LinuxTree tree;
        fill(tree);
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const auto first = (*source)->snapshot()->at;
        tree.write("proc/timer_list", replaced(fixture("bt_plain2"), "now at ", "now at 1\n#"));
        QVERIFY((*source)->step());
        QCOMPARE(nsOf((*source)->snapshot()->monotonic), std::int64_t{1});
        QVERIFY((*source)->snapshot()->at == first);
    }

    void withoutTimerListSysfsIsShownAndOneSentenceSaysWhatIsMissing()
    {
        const LinuxTree tree;
        fill(tree);
        tree.remove("proc/timer_list");
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const std::string notice = onlyNotice(**source);
        QVERIFY2(contains(notice, "Hrtimer queues and tick modes are not shown"), notice.c_str());
        QVERIFY(contains(notice, (tree.root() / "proc/timer_list").string() + " does not exist"));
        QVERIFY(contains(notice, "CONFIG_PROC_FS"));
        const SnapshotPtr snapshot = (*source)->snapshot();
        QCOMPARE(snapshot->currentClocksource()->name, std::string{"tsc"});
        QCOMPARE(snapshot->cpus.at(1).tickDevice, std::optional<std::string>{"lapic"});
        QVERIFY(!snapshot->cpus.at(1).tickMode);
        QCOMPARE(snapshot->clockEvents.size(), std::size_t{3});
        QVERIFY(!hasTimerList(*snapshot));
        QCOMPARE(nsOf(snapshot->at), std::int64_t{0}); // a tree of files has no clock
        QCOMPARE(recordsOf((*source)->log(), RecordKind::TickDevice).size(), std::size_t{2});
        QVERIFY(!contains(stateText(*snapshot), "broadcast.periodic_cpus"));
    }

    void aClosedTimerListNamesTheWayIn()
    {
        const OrdinaryUser user;
        const LinuxTree tree;
        fill(tree);
        tree.close("proc/timer_list");
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const std::string notice = onlyNotice(**source);
        QVERIFY2(contains(notice, "is readable by root only (permission denied)"), notice.c_str());
        QVERIFY(contains(notice, "sudo"));
    }

    void anEmptyTimerListIsAContainers()
    {
        const LinuxTree tree;
        fill(tree);
        tree.write("proc/timer_list", "");
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        QVERIFY(contains(onlyNotice(**source), "is empty, as containers make it"));
    }

    void aTimerListThatIsAFolderIsOneSentence()
    {
        const LinuxTree tree;
        fill(tree);
        tree.remove("proc/timer_list");
        std::filesystem::create_directory(tree.root() / "proc/timer_list");
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        QVERIFY(contains(onlyNotice(**source), "cannot be read ("));
    }

    void withoutClocksourcesTheTimersAreShown()
    {
        const LinuxTree tree;
        fill(tree);
        tree.remove("sys");
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        QVERIFY(contains(onlyNotice(**source), "Clocksources are not shown"));
        QVERIFY(hasTimerList(*(*source)->snapshot()));
        QVERIFY(recordsOf((*source)->log(), RecordKind::ClocksourceSelect).empty());
    }

    void aDamagedTimerListIsShownWithItsNotice()
    {
        const LinuxTree tree;
        fill(tree);
        tree.write("proc/timer_list",
                   replaced(fixture("bt_plain2"), ".hres_active    : 1", ".hres_active    : 7"));
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        QVERIFY(contains(onlyNotice(**source), "cannot be read"));
        QVERIFY(!(*source)->snapshot()->cpus.at(0).hresActive);
    }

    void anEmptyRootIsUnavailableAndNamesWhatWasTried()
    {
        const LinuxTree tree;
        const auto source = openLinux(tree.root());
        QVERIFY(!source);
        QCOMPARE(source.error().code, ErrorCode::Unavailable);
        QVERIFY(contains(source.error().what, "available_clocksource does not exist"));
        QVERIFY(contains(source.error().what, "timer_list does not exist"));
        QVERIFY(!openLinux(tree.root() / "nowhere"));
    }

    void aVanishedFileIsALostSource_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("clocksources") << "sys/devices/system/clocksource/clocksource0";
        QTest::newRow("timers") << "proc/timer_list";
        QTest::newRow("everything") << "";
    }
    void aVanishedFileIsALostSource()
    {
        QFETCH(QString, file);
        const LinuxTree tree;
        fill(tree);
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const std::size_t records = (*source)->log().size();
        tree.remove(file.toStdString());
        for (int i = 0; i < 2; ++i) {
            const auto progress = (*source)->advance({});
            QVERIFY(!progress);
            QCOMPARE(progress.error().code, ErrorCode::DeviceLost);
            QVERIFY(contains(progress.error().what, "was readable before, does not exist"));
        }
        QCOMPARE((*source)->log().size(), records);
        QCOMPARE((*source)->snapshot()->records, records);
    }

    void aHiddenCurrentClocksourceIsListedButNotAvailable()
    {
        const LinuxTree tree;
        fill(tree);
        tree.writeClocksources("tsc", "jiffies");
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const SnapshotPtr snapshot = (*source)->snapshot();
        QCOMPARE(snapshot->currentClocksource()->name, std::string{"jiffies"});
        QVERIFY(!snapshot->currentClocksource()->available);
        QVERIFY(!snapshot->overrideName);
        QVERIFY(contains(sysfsText(*snapshot), "\ntsc\n"));
    }

    void cpusThatAreOffAreKnownFromSysfs()
    {
        const LinuxTree tree;
        fill(tree);
        tree.writeDevice("clockevent10", "");
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        const SnapshotPtr snapshot = (*source)->snapshot();
        QCOMPARE(snapshot->cpus.size(), std::size_t{3});
        QCOMPARE(snapshot->cpus.at(2).index, 10U);
        QVERIFY(!snapshot->cpus.at(2).online);
        QCOMPARE(timerListText(*snapshot), fixture("bt_plain2"));

        tree.write("sys/devices/system/cpu/online", "0,10\n");
        QVERIFY((*source)->step());
        QVERIFY((*source)->snapshot()->cpus.at(2).online);
        QVERIFY(!(*source)->snapshot()->cpus.at(1).online);
    }

    void theOlderPlaceOfClockEventsIsReadToo()
    {
        const LinuxTree tree;
        fill(tree);
        tree.remove("proc/timer_list");
        tree.remove("sys/bus");
        tree.write("sys/devices/system/clockevents/clockevent0/current_device", "pit\n");
        const auto source = openLinux(tree.root());
        QVERIFY(source);
        QCOMPARE((*source)->snapshot()->cpus.at(0).tickDevice, std::optional<std::string>{"pit"});
    }
};

QTEST_GUILESS_MAIN(LinuxSourceTest)
#include "linux_source_test.moc"
