// SPDX-License-Identifier: GPL-3.0-or-later
// Against the kernel that is running: what it says must be understood in full.
#include "backends/linux/linux_source.h"
#include "engine/procfs/procfs.h"
#include "tests/backends/linux_tree.h"

#include <QTest>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace timerscope;
using test::OrdinaryUser;

namespace {

std::string firstLine(const char* file)
{
    std::ifstream stream{file};
    std::string line;
    std::getline(stream, line);
    return line;
}

std::string unknownOf(const Snapshot& snapshot)
{
    std::string all;
    for (const std::string& line : snapshot.unknownLines) {
        all += line + "\n";
    }
    for (const Notice& notice : snapshot.notices) {
        all += notice.text + "\n";
    }
    return all;
}

} // namespace

class LinuxKernelTest : public QObject
{
    Q_OBJECT
private slots:
    void theRunningKernelIsUnderstoodInFull()
    {
        if (::geteuid() != 0) {
            // The kernel's own rule, which no test can lift. That the text is understood is shown
            // by recorded ones (timer_list_test, timer_list_round_trip_test) for every user.
            QSKIP("only root may read /proc/timer_list; what others get is the last test's");
        }
        const auto source = openLinux();
        QVERIFY2(source, source ? "" : source.error().what.c_str());
        const SnapshotPtr snapshot = (*source)->snapshot();
        QVERIFY2(snapshot->notices.empty(), unknownOf(*snapshot).c_str());
        QVERIFY2(snapshot->unknownLines.empty(), unknownOf(*snapshot).c_str());
        QCOMPARE(snapshot->currentClocksource()->name,
                 firstLine("/sys/devices/system/clocksource/clocksource0/current_clocksource"));
        QCOMPARE(snapshot->machine.kernel, firstLine("/proc/sys/kernel/osrelease"));
        const auto online = std::ranges::count_if(snapshot->cpus, &CpuRow::online);
        QCOMPARE(static_cast<long>(online), ::sysconf(_SC_NPROCESSORS_ONLN));
        for (const CpuRow& cpu : snapshot->cpus) {
            if (cpu.online) {
                QVERIFY(cpu.tickMode);
                QVERIFY(cpu.tickDevice);
                QCOMPARE(cpu.hrtimerBases.size(), std::size_t{8});
            }
        }
        QVERIFY(hasTimerList(*snapshot));
        QVERIFY((*source)->log().size() > 0);
    }

    void timeGoesOnBetweenLooks()
    {
        const auto source = openLinux();
        QVERIFY2(source, source ? "" : source.error().what.c_str());
        const auto first = (*source)->snapshot()->at;
        QVERIFY(nsOf(first) > 0);
        for (int i = 0; i < 20; ++i) {
            const auto before = (*source)->snapshot()->at;
            QVERIFY((*source)->step());
            QVERIFY((*source)->snapshot()->at > before);
        }
    }

    void anOrdinaryUserGetsSysfsAndOneSentence()
    {
        const OrdinaryUser user;
        const auto source = openLinux();
        QVERIFY2(source, source ? "" : source.error().what.c_str());
        const SnapshotPtr snapshot = (*source)->snapshot();
        QVERIFY(snapshot->currentClocksource() != nullptr);
        QVERIFY(snapshot->cpus.at(0).tickDevice);
        QCOMPARE(snapshot->notices.size(), std::size_t{1});
        // Containers may hide the file altogether; where it is, it is closed to all but root.
        const bool isHidden = ::access("/proc/timer_list", F_OK) != 0;
        const char* const reason = isHidden ? "does not exist" : "sudo";
        QVERIFY2(snapshot->notices.at(0).text.find(reason) != std::string::npos,
                 snapshot->notices.at(0).text.c_str());
        QVERIFY(nsOf(snapshot->at) > 0);
    }
};

QTEST_GUILESS_MAIN(LinuxKernelTest)
#include "linux_kernel_test.moc"
