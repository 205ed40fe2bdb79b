// SPDX-License-Identifier: GPL-3.0-or-later
// Every way in which a mapped counter cannot be had, and what a person is told then.
#include "backends/mmio/mapped_file.h"
#include "backends/mmio/mmio_failure.h"
#include "tests/backends/counter_page.h"
#include "tests/backends/linux_tree.h"

#include <QtTest>

#include <filesystem>
#include <sys/stat.h>
#include <sys/sysmacros.h>

using namespace timerscope;
using namespace std::chrono_literals;
using test::CounterPage;
using test::OrdinaryUser;
using test::plainConfig;
using test::sentenceOf;

class MmioFailureTest : public QObject
{
    Q_OBJECT

private slots:
    void whatNoMachineCouldReadIsRefused_data();
    void whatNoMachineCouldReadIsRefused();
    void whatIsNotThereGetsOneSentence_data();
    void whatIsNotThereGetsOneSentence();
    void aFileThatIsClosedToTheUserGetsOneSentence();
    void aFileTooShortForItsRegistersIsRefused();
    void physicalMemoryIsKnownByItsNumber();
    void physicalMemoryIsRefusedUnderAnyName();
    void whyPhysicalMemoryIsClosedIsSaid_data();
    void whyPhysicalMemoryIsClosedIsSaid();
    void theNarrowestClaimIsNamed();
};

void MmioFailureTest::whatNoMachineCouldReadIsRefused_data()
{
    QTest::addColumn<MmioConfig>("config");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const char* sentence, const auto& change) {
        MmioConfig config = plainConfig("/nonexistent/registers");
        change(config);
        QTest::newRow(sentence) << config << QByteArray(sentence);
    };
    row("the counter c is read 24 bits at once; it must be 8, 16, 32 or 64",
        [](MmioConfig& config) { config.where.width = 24; });
    row("the counter c has 33 bits; it must be 1 to 32, which is what is read",
        [](MmioConfig& config) { config.bits = 33; });
    row("the counter c has 0 bits; it must be 1 to 32, which is what is read",
        [](MmioConfig& config) { config.bits = 0; });
    row("the counter c is read in halves of 64 bits; halves must be 8, 16 or 32 bits",
        [](MmioConfig& config) {
            config.where.width = 64;
            config.where.high = 8;
        });
    row("the counter c has a register of 32 bits at 0xe6; it must be at a multiple of 4",
        [](MmioConfig& config) {
            config.where.base = 0xe4;
            config.where.offset = 2;
        });
    row("the counter c has a register of 32 bits at 0x2; it must be at a multiple of 4",
        [](MmioConfig& config) { config.where.high = 2; });
    row("the counter c has a register of 32 bits at 0x3; it must be at a multiple of 4",
        [](MmioConfig& config) { config.where.latch = {.offset = 3, .value = 0, .wait = 0ns}; });
    row("the counter c has a register of 32 bits at 0x1; it must be at a multiple of 4",
        [](MmioConfig& config) { config.where.period = {1}; });
    row("the counter c has a register at 0x7ffffffffffffffc; it must be below 2^63",
        [](MmioConfig& config) { config.where.base = 0x7fff'ffff'ffff'fffc; });
    row("the counter c has a register at 0x0; it must be below 2^63", [](MmioConfig& config) {
        config.where.base = 0xffff'ffff'ffff'fffc;
        config.where.offset = 4;
    });
}

void MmioFailureTest::whatNoMachineCouldReadIsRefused()
{
    QFETCH(MmioConfig, config);
    QFETCH(QByteArray, sentence);
    const auto block = openMmio(config);
    QCOMPARE(sentenceOf(block), sentence);
    QCOMPARE(block.error().code, ErrorCode::InvalidArgument);
}

void MmioFailureTest::whatIsNotThereGetsOneSentence_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const QByteArray& path, const QByteArray& why) {
        QTest::newRow(path) << path << "the counter c cannot be read: " + why;
    };
    row("/nonexistent/registers", "/nonexistent/registers does not exist");
    row("/dev/null/registers", "/dev/null/registers does not exist");
    row("/tmp", "/tmp is neither a file nor a device that can be mapped");
    row("/dev/null", "/dev/null is no file that can be mapped");
}

void MmioFailureTest::whatIsNotThereGetsOneSentence()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, sentence);
    const auto block = openMmio(plainConfig(path.toStdString()));
    QCOMPARE(sentenceOf(block), sentence);
    QCOMPARE(block.error().code, ErrorCode::Unavailable);
}

void MmioFailureTest::aFileThatIsClosedToTheUserGetsOneSentence()
{
    const CounterPage page;
    std::filesystem::permissions(page.path(), std::filesystem::perms::none);
    std::filesystem::permissions(std::filesystem::path(page.path()).parent_path(),
                                 std::filesystem::perms::all);
    const OrdinaryUser user;
    const auto block = openMmio(plainConfig(page.path()));
    QCOMPARE(sentenceOf(block),
             QByteArray::fromStdString("the counter c cannot be read: this user may not open "
                                       + page.path() + "; a udev rule or root can allow it"));
    QCOMPARE(block.error().code, ErrorCode::Unavailable);
}

void MmioFailureTest::aFileTooShortForItsRegistersIsRefused()
{
    const CounterPage page(0xf3);
    MmioConfig config = plainConfig(page.path());
    config.where.offset = 0xf0;
    const auto block = openMmio(config);
    QCOMPARE(sentenceOf(block),
             QByteArray::fromStdString("the counter c cannot be read: " + page.path()
                                       + " has 243 bytes, and its registers need 244"));
    QCOMPARE(block.error().code, ErrorCode::Unavailable);
    const CounterPage enough(0xf4);
    config.where.path = enough.path();
    QVERIFY(openMmio(config));
    config.where.period = {0xf4};
    QVERIFY(!openMmio(config));
}

void MmioFailureTest::physicalMemoryIsKnownByItsNumber()
{
    const auto kindOfDevice = [](mode_t type, unsigned major, unsigned minor) {
        struct stat status = {};
        status.st_mode = type;
        status.st_rdev = makedev(major, minor);
        return kindOf(status);
    };
    QCOMPARE(kindOfDevice(S_IFCHR, 1, 1), FileKind::PhysicalMemory); // mem
    QCOMPARE(kindOfDevice(S_IFCHR, 1, 2), FileKind::PhysicalMemory); // kmem
    QCOMPARE(kindOfDevice(S_IFCHR, 1, 3), FileKind::Device); // null
    QCOMPARE(kindOfDevice(S_IFCHR, 10, 1), FileKind::Device);
    QCOMPARE(kindOfDevice(S_IFBLK, 1, 1), FileKind::Other); // a RAM disk
    QCOMPARE(kindOfDevice(S_IFREG, 1, 1), FileKind::Regular);
    QCOMPARE(kindOfDevice(S_IFDIR, 1, 1), FileKind::Other);
}

void MmioFailureTest::physicalMemoryIsRefusedUnderAnyName()
{
    const CounterPage page;
    const std::string node = page.sibling("node").toStdString();
    const std::string link = page.sibling("link").toStdString();
    const bool hasNode = ::mknod(node.c_str(), S_IFCHR | S_IRUSR, makedev(1, 1)) == 0;
    if (!hasNode && !std::filesystem::exists("/dev/mem")) {
        // The rule is told by the numbers of the device, which the test above does for every user;
        // this one shows that the names of a real node lead there, and needs one.
        QSKIP("no /dev/mem here, and only root can make its like; the rule itself is tested above");
    }
    const std::string memory = hasNode ? node : "/dev/mem";
    std::filesystem::create_symlink(memory, link);
    for (const std::string& name : {memory, link}) {
        MmioConfig config = plainConfig(name);
        config.where.base = 0xfed0'0000;
        config.physicalMemory = false;
        const auto block = openMmio(config);
        QCOMPARE(sentenceOf(block),
                 QByteArray::fromStdString(
                     "the counter c is in physical memory (" + name
                     + "), which the desktop program does not touch; until a small helper with few "
                       "rights does it, \"tscope attach mmio:NAME\" can"));
        QCOMPARE(block.error().code, ErrorCode::Unavailable);
    }
}

void MmioFailureTest::whyPhysicalMemoryIsClosedIsSaid_data()
{
    QTest::addColumn<QByteArray>("sentence");
    QTest::addColumn<QByteArray>("expected");
    const MmioPlace place{
        .name = "c", .path = "/dev/mem", .position = 0x900'1004, .isPhysicalMemory = true};
    const MmioSurroundings user;
    const MmioSurroundings root{.isRoot = true, .lockdown = "[none] integrity", .iomem = {}};
    const MmioSurroundings locked{
        .isRoot = true, .lockdown = "none [integrity] confidentiality", .iomem = {}};
    const MmioSurroundings claimed{
        .isRoot = true, .lockdown = {}, .iomem = "09001000-09001fff : 9001000.pl031 rtc-pl031\n"};
    const auto row = [](const char* name, const Error& error, const char* why) {
        QCOMPARE(error.code, ErrorCode::Unavailable);
        QTest::newRow(name) << QByteArray::fromStdString(error.what)
                            << QByteArray("the counter c cannot be read: ") + why;
    };
    row("not built in", openingFailed(place, ENOENT, root),
        "/dev/mem does not exist (the kernel was built without it, or this is a container)");
    row("a user without rights", openingFailed(place, EACCES, user),
        "/dev/mem needs root, or CAP_SYS_RAWIO together with the right to read the file");
    row("a user of its group", openingFailed(place, EPERM, user),
        "/dev/mem needs root, or CAP_SYS_RAWIO together with the right to read the file");
    row("a container's root", openingFailed(place, EPERM, root),
        "/dev/mem is closed even to root here, as in a container without CAP_SYS_RAWIO");
    row("Secure Boot", openingFailed(place, EPERM, locked),
        "the kernel is locked down, as Secure Boot makes it, and closes /dev/mem to everyone, "
        "root included");
    row("a claimed region", mappingFailed(place, EPERM, claimed),
        "the kernel does not let 0x9001004 of /dev/mem be mapped: /proc/iomem has it as "
        "\"09001000-09001fff : 9001000.pl031 rtc-pl031\", and what is RAM or a driver's is closed "
        "(STRICT_DEVMEM)");
    row("a claimed region, iomem unreadable", mappingFailed(place, EPERM, user),
        "the kernel does not let 0x9001004 of /dev/mem be mapped: RAM and whatever a driver has "
        "claimed are closed (STRICT_DEVMEM)");
    row("an address of no bus", mappingFailed(place, EINVAL, root),
        "mapping 0x9001004 of /dev/mem failed (Invalid argument)");
    const MmioPlace hpet{
        .name = "c", .path = "/dev/hpet", .position = 0xf0, .isPhysicalMemory = false};
    row("no HPET", openingFailed(hpet, ENOENT, user),
        "/dev/hpet does not exist (the machine has no HPET, or its kernel does not offer it to "
        "programs)");
    row("an HPET for root", openingFailed(hpet, EACCES, user),
        "this user may not open /dev/hpet; a udev rule or root can allow it");
    row("an HPET that is not to be written", openingFailed(hpet, EINVAL, root),
        "opening /dev/hpet failed (Invalid argument)");
}

void MmioFailureTest::whyPhysicalMemoryIsClosedIsSaid()
{
    QFETCH(QByteArray, sentence);
    QFETCH(QByteArray, expected);
    QCOMPARE(sentence, expected);
}

void MmioFailureTest::theNarrowestClaimIsNamed()
{
    constexpr std::string_view iomem = "00001000-0009ffff : System RAM\n"
                                       "f0000000-ffffffff : PCI Bus 0000:00\n"
                                       "  fed00000-fed003ff : HPET 0\n"
                                       "    fed00000-fed003ff : PNP0103:00\n"
                                       "  fee00000-fee00fff : Local APIC\n"
                                       "not a line of it\n"
                                       "100000000-13fffffff : System RAM";
    QCOMPARE(claimOf(iomem, 0xfed0'00f0), "fed00000-fed003ff : PNP0103:00");
    QCOMPARE(claimOf(iomem, 0xfed0'0400), "f0000000-ffffffff : PCI Bus 0000:00");
    QCOMPARE(claimOf(iomem, 0x1'3fff'ffff), "100000000-13fffffff : System RAM");
    QCOMPARE(claimOf(iomem, 0x1000), "00001000-0009ffff : System RAM");
    QCOMPARE(claimOf(iomem, 0xfff), "");
    QCOMPARE(claimOf("", 0), "");
    QCOMPARE(claimOf("00000000-00000000 : System RAM\n", 0), ""); // as others than root see it
}

QTEST_GUILESS_MAIN(MmioFailureTest)
#include "mmio_failure_test.moc"
