// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/catalogue.h"
#include "app/session/open_source.h"
#include "tests/support/text_file.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

using namespace timerscope;

namespace {

void write(const QString& path, const QByteArray& text)
{
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

const QByteArray device = "title='d'\nsource='s'\n[[counter]]\nname='c'\nrate=24750000\nbits=32\n"
                          "rating=1\n";

} // namespace

class ResourcesTest : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void theSourceTreeIsFoundFromABuildTree();
    void aUsersFileTakesThePlaceOfAnInstalledOne();
    void relativeDirectoriesOfTheEnvironmentAreIgnored();
    void anUnknownNameGetsTheNearestOne();
    void aLongListIsNotPutIntoASentence();
    void withNothingAnywhereTheSentenceSaysWhereWasLooked();
    void aScenarioMayBeAFileOfTheUsers();
    void whatCannotBeReadSaysWhy();
    void aBrokenFileIsARowOfTheCatalogueToo();
    void figuresAreWhatAPersonWouldSay();
    void aSourceIsOpenedByItsUri();
    void whatIsNoSourceIsRefused_data();
    void whatIsNoSourceIsRefused();

private:
    [[nodiscard]] QString at(const QString& path) const { return m_folder->filePath(path); }
    [[nodiscard]] std::filesystem::path pathAt(const QString& path) const
    {
        return at(path).toStdString();
    }
    [[nodiscard]] Resources both() const { return Resources({pathAt("user"), pathAt("system")}); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void ResourcesTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    write(at("system/devices/one.toml"), device);
    write(at("system/devices/two.toml"), device);
    write(at("system/devices/notes.txt"), "no device");
    write(at("user/devices/two.toml"), QByteArray(device).replace("'d'", "'mine'"));
    write(at("system/scenarios/short.toml"), "title='s'\nend='1s'\ndevices=['one']\n");
}

void ResourcesTest::theSourceTreeIsFoundFromABuildTree()
{
    const auto found = Resources::find().scenario("ast2500-boot");
    QVERIFY2(found.has_value(), found ? "" : found.error().what.c_str());
    QCOMPARE(QString::fromStdString(found->string()),
             test::sourcePath("resources/scenarios/ast2500-boot.toml"));
}

void ResourcesTest::aUsersFileTakesThePlaceOfAnInstalledOne()
{
    const auto entries = both().devices();
    QCOMPARE(entries.size(), std::size_t{2});
    QCOMPARE(entries[0].name, std::string("one"));
    QCOMPARE(entries[0].file, pathAt("system/devices/one.toml"));
    QCOMPARE(entries[1].name, std::string("two"));
    QCOMPARE(entries[1].file, pathAt("user/devices/two.toml"));
    QCOMPARE(loadDevice(both(), "two").value().title, std::string("mine"));
}

void ResourcesTest::relativeDirectoriesOfTheEnvironmentAreIgnored()
{
    qputenv("XDG_DATA_HOME", at("home").toLocal8Bit());
    qputenv("XDG_DATA_DIRS", "relative:" + at("share").toLocal8Bit() + ":");
    const auto directories = Resources::find().directories();
    qunsetenv("XDG_DATA_HOME");
    qunsetenv("XDG_DATA_DIRS");
    QVERIFY(directories.size() >= 2);
    QCOMPARE(directories[0], pathAt("home/timerscope"));
    QCOMPARE(directories[1], pathAt("share/timerscope"));
    for (const auto& directory : directories) {
        QVERIFY(directory.is_absolute());
    }
}

void ResourcesTest::anUnknownNameGetsTheNearestOne()
{
    QCOMPARE(both().scenario("shirt").error().what,
             std::string("no scenario is called \"shirt\"; did you mean \"short\"?"));
    QCOMPARE(both().device("hpet").error().what,
             std::string("no device is called \"hpet\"; known are \"one\" and \"two\""));
    QCOMPARE(both().device("hpet").error().code, ErrorCode::NotFound);
}

void ResourcesTest::aLongListIsNotPutIntoASentence()
{
    for (const char* name : {"a", "b", "d", "e", "f", "g", "h", "i", "j", "k"}) {
        write(at(QString("user/devices/dev-%1.toml").arg(name)), device);
    }
    QVERIFY(both().device("hpet").error().what.starts_with(
        "no device is called \"hpet\"; known are \"dev-a\", "));
    write(at("user/devices/dev-l.toml"), device);
    QCOMPARE(both().device("hpet").error().what,
             std::string("no device is called \"hpet\"; \"tscope devices\" lists the 13 that "
                         "there are"));
    QCOMPARE(both().device("dev-m").error().what,
             std::string("no device is called \"dev-m\"; did you mean \"dev-a\"?"));
}

void ResourcesTest::withNothingAnywhereTheSentenceSaysWhereWasLooked()
{
    QCOMPARE(Resources({"/a", "/b"}).scenario("x").error().what,
             std::string("no scenario is called \"x\"; there are none below /a /b"));
}

void ResourcesTest::aScenarioMayBeAFileOfTheUsers()
{
    const std::string file = pathAt("system/scenarios/short.toml");
    QCOMPARE(loadScenario(both(), file).value().name, std::string("short"));
    QCOMPARE(loadScenario(both(), "short").value().name, std::string("short"));
    write(at("other.toml"), "title='s'\nend='1s'\ndevices=['oen']\n");
    const std::string other = pathAt("other.toml");
    QCOMPARE(loadScenario(both(), other).error().what,
             other + ":3: no device is called \"oen\"; did you mean \"one\"?");
}

void ResourcesTest::whatCannotBeReadSaysWhy()
{
    QCOMPARE(loadScenario(both(), "/no/such.toml").error().what,
             std::string("cannot read \"/no/such.toml\": No such file or directory"));
    QCOMPARE(loadScenario(both(), "/").error().what,
             std::string("cannot read \"/\": it is a folder"));
    QCOMPARE(loadScenario(both(), "/dev/zero").error().what,
             std::string("/dev/zero:1: the file has 1048577 bytes; allowed are 1048576"));
}

void ResourcesTest::aBrokenFileIsARowOfTheCatalogueToo()
{
    write(at("user/devices/one.toml"), "title = 3\n");
    const auto rows = deviceRows(both());
    QCOMPARE(rows.size(), std::size_t{2});
    QCOMPARE(rows[0].name, std::string("one"));
    QCOMPARE(rows[0].error,
             pathAt("user/devices/one.toml").string()
                 + ":1: \"title\" in the device is a whole number; it must be text "
                   "in quotes");
    QVERIFY(rows[1].error.empty());
}

void ResourcesTest::figuresAreWhatAPersonWouldSay()
{
    const auto rows = deviceRows(Resources({test::sourcePath("resources").toStdString()}));
    const auto named = [&rows](const std::string& name) {
        return *std::ranges::find(rows, name, &CatalogueRow::name);
    };
    QCOMPARE(named("fttmr010").figures.at(0),
             std::string("clocksource FTTMR010-TIMER2: 24.75 MHz, 32 bits, rating 300, read in "
                         "100ns, sched_clock, delay timer"));
    QCOMPARE(named("fttmr010").figures.at(1),
             std::string("event device FTTMR010-TIMER1: 24.75 MHz, rating 300, 1 to 4294967295 "
                         "ticks"));
    QCOMPARE(named("jiffies").figures.at(0),
             std::string("clocksource jiffies: HZ, 32 bits, rating 1"));
    QCOMPARE(named("nxp-stm").figures.at(0),
             std::string("driver nxp-stm: module timer-nxp-stm, its owner once patched"));
    QCOMPARE(named("nxp-stm").figures.at(2),
             std::string("event device timer@4011c000: 133 MHz, rating 460, 266 to "
                         "18446744073709551615 ticks, on every CPU"));
    QCOMPARE(named("mfoc").figures.at(0),
             std::string("driver mfoc-clocksource: built in, clock mfoc, one at most"));
    QCOMPARE(named("tegra186").figures.at(4), std::string("channel WDT0: watchdog"));
    QCOMPARE(named("stm32-lp").figures.at(2), std::string("channel LPTIM1_OUT: PWM"));
    QCOMPARE(named("tsc-early").figures.at(0),
             std::string("clocksource tsc-early: 999.989 MHz, 64 bits, rating 299, margin 32ms, "
                         "read in 20ns"));
    QCOMPARE(named("refined-jiffies").figures.at(0),
             std::string("clocksource refined-jiffies: HZ, 32 bits, rating 2"));
    QCOMPARE(named("dummy_timer").figures.at(0),
             std::string("event device dummy_timer: dummy, rating 100, on every CPU"));
    QCOMPARE(scenarioRows(both()).at(0).figures,
             (std::vector<std::string>{"linux-6.1, 1 CPU of 64 bits, HZ=100, 1s", "devices: one"}));
}

void ResourcesTest::aSourceIsOpenedByItsUri()
{
    auto model = openSource("sim:ast2500-boot", Resources::find());
    QVERIFY2(model.has_value(), model ? "" : model.error().what.c_str());
    QCOMPARE((*model)->info().uri, std::string("sim:ast2500-boot"));
    QCOMPARE((*model)->info().title, std::string("ast2500-boot"));
    QCOMPARE((*model)->info().kind, SourceKind::Model);
}

void ResourcesTest::whatIsNoSourceIsRefused_data()
{
    QTest::addColumn<QByteArray>("uri");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const char* uri, const char* sentence) {
        QTest::newRow(*uri == '\0' ? "empty" : uri) << QByteArray(uri) << QByteArray(sentence);
    };
    row("",
        "source \"\" is of no known kind; known are sim:NAME, linux:, file:PATH, stm32:PORT "
        "and mmio:DEVICE");
    row("ast2500-boot",
        "source \"ast2500-boot\" is of no known kind; known are sim:NAME, linux:, "
        "file:PATH, stm32:PORT and mmio:DEVICE");
    row("sim:", "\"sim:\" names no scenario; write sim:NAME or sim:FILE.toml");
    row("sim:shirt", "no scenario is called \"shirt\"; did you mean \"short\"?");
    row("linux:6.1", "source \"linux:6.1\" has more than \"linux:\"; nothing goes behind it");
    row("linux:", "the root \"/no/such/root\" is not a folder; it must hold sys/ and proc/");
    row("file:trace.dat",
        "this version cannot open \"file:\" sources yet; it opens sim:, linux:, stm32: and mmio:");
    row("stm32:", "\"stm32:\" names nothing to attach to; write mmio:NAME or stm32:PORT");
    row("mmio:", "\"mmio:\" names nothing to attach to; write mmio:NAME or stm32:PORT");
    row("mmio:one",
        "device \"one\" has no mapped counter: none of its counters has a [counter.mmio] table "
        "that "
        "says where it is");
    row("sim:short@mmio:two",
        "device \"two\" has no mapped counter: none of its counters has a [counter.mmio] table "
        "that "
        "says where it is");
    row("sim:short@fpga", "no scenario is called \"short@fpga\"; known are \"short\"");
}

void ResourcesTest::whatIsNoSourceIsRefused()
{
    QFETCH(QByteArray, uri);
    QFETCH(QByteArray, sentence);
    const auto source = openSource(uri.toStdString(), both(), {.root = "/no/such/root"});
    QVERIFY(!source.has_value());
    QCOMPARE(QByteArray::fromStdString(source.error().what), sentence);
}

QTEST_GUILESS_MAIN(ResourcesTest)
#include "resources_test.moc"
