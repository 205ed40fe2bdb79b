// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/tscope_process.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

using timerscope::test::Answer;
using timerscope::test::shell;
using timerscope::test::tscope;

namespace {

QJsonObject jsonOf(QStringList arguments)
{
    const Answer answer = tscope(arguments << "--json");
    return answer.code == 0 ? QJsonDocument::fromJson(answer.out).object() : QJsonObject();
}

} // namespace

class TscopeDeviceTest : public QObject
{
    Q_OBJECT

private slots:
    void aDeviceOfTheCatalogueIsReported();
    void aDeviceFileIsReported();
    void figuresMakeACounterAndAnEventDevice();
    void jsonHasTheSameFigures();
    void jsonLeavesOutWhatNobodySaid();
    void numbersAreWholeOrHaveFixedDecimals();
    void wrongUseIsOneSentenceAndCodeTwo_data();
    void wrongUseIsOneSentenceAndCodeTwo();
    void aClosedStandardOutputIsCodeFour();
};

void TscopeDeviceTest::aDeviceOfTheCatalogueIsReported()
{
    const Answer answer = tscope({"device", "eval", "fttmr010"});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    for (const char* text :
         {"clocksource FTTMR010-TIMER2: 24.75 MHz, 32 bits\n",
          "\n  mult/shift        2711469253 / 26", "+0.175089 ppb: fast by 15.127 µs a day",
          "77222644334 ns (77.223 s)", "wraps every 86767015915 ns",
          "\n\nevent device FTTMR010-TIMER1: 24.75 MHz, 1 to "}) {
        QVERIFY2(answer.out.contains(text), text);
    }
    for (const QByteArray& line : answer.out.split('\n')) {
        QVERIFY2(QString::fromUtf8(line).size() <= 100, line.constData());
    }
}

void TscopeDeviceTest::aDeviceFileIsReported()
{
    QTemporaryDir folder;
    QFile file(folder.filePath("mine.toml"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(
        "title = 't'\nsource = 's'\n[[counter]]\nname = 'one'\nrate = 10_000_000\nbits = 32\n"
        "rating = 250\n[[counter]]\nname = 'two'\nrate = 3_579_545\nbits = 24\nrating = 200\n");
    file.close();
    const QJsonObject report = jsonOf({"device", "eval", file.fileName()});
    QCOMPARE(report["device"].toString(), QString("mine"));
    const QJsonArray counters = report["counters"].toArray();
    QCOMPARE(counters.size(), 2);
    QCOMPARE(counters[0].toObject()["max_idle_ns"].toInteger(), 191'126'044'627);
    QCOMPARE(counters[1].toObject()["max_idle_ns"].toInteger(), 2'085'701'024);
    QCOMPARE(counters[1].toObject()["valid_for_hres"].toString(), QString("never"));
    QCOMPARE(counters[1].toObject()["nohz_max_sleep_ns"].toInteger(), 0);
}

void TscopeDeviceTest::figuresMakeACounterAndAnEventDevice()
{
    const Answer answer
        = tscope({"device", "eval", "--freq", "24.75MHz", "--bits", "32", "--rating=-5", "--flags",
                  "continuous,must-verify", "--min-ticks", "5000", "--max-ticks", "0xffffffff"});
    QCOMPARE(answer.err, QByteArray());
    QCOMPARE(answer.code, 0);
    for (const char* text :
         {"clocksource: 24.75 MHz, 32 bits\n", "77222644334 ns", "-5 is outside the kernel's bands",
          "\n  must-verify       the watchdog first", "event device: 24.75 MHz, 5000 to 4294967295",
          "\n  max_delta_ns      173534033062 ns"}) {
        QVERIFY2(answer.out.contains(text), text);
    }
}

void TscopeDeviceTest::jsonHasTheSameFigures()
{
    const QJsonObject report = jsonOf({"device", "eval", "mfoc"});
    const QJsonObject counter = report["counters"].toArray()[0].toObject();
    QCOMPARE(counter["name"].toString(), QString("mfoc"));
    QCOMPARE(counter["rate_hz"].toInteger(), 1'000'000);
    QCOMPARE(counter["mult"].toInteger(), 2'097'152'000);
    QCOMPARE(counter["shift"].toInteger(), 21);
    QCOMPARE(counter["mask"].toString(), QString("0xffffffff"));
    QCOMPARE(counter["wrap_ns"].toInteger(), 4'294'967'296'000);
    QCOMPARE(counter["max_idle_ns"].toInteger(), 1'911'260'446'275);
    QCOMPARE(counter["max_idle_ticks"].toObject()["hz_250"].toInteger(), 477'815);
    QCOMPARE(counter["rating_band"].toString(), QString("outside"));
    QCOMPARE(counter["flags"].toArray(), QJsonArray({"continuous", "suspend-nonstop"}));
    QCOMPARE(counter["sched_clock"].toObject()["wrap_ns"].toInteger(), 2'147'483'647'500);
    QCOMPARE(counter["sched_clock"].toObject()["registered_by_driver"].toBool(), true);
    QCOMPARE(report["event_devices"].toArray().size(), 0);
    const QJsonObject jiffies
        = jsonOf({"device", "eval", "jiffies", "--hz", "1000"})["counters"].toArray()[0].toObject();
    QCOMPARE(jiffies["max_idle_ns"].toInteger(), 1'911'260'446'275'000);
}

void TscopeDeviceTest::jsonLeavesOutWhatNobodySaid()
{
    const QJsonObject report = jsonOf({"device", "eval", "--freq", "1MHz", "--bits", "32"});
    QVERIFY(report["device"].isNull());
    const QJsonObject counter = report["counters"].toArray()[0].toObject();
    for (const char* key : {"name", "rating", "rating_band", "flags", "valid_for_hres"}) {
        QVERIFY2(counter.contains(key) && counter[key].isNull(), key);
    }
    QVERIFY(counter["sched_clock"].toObject()["registered_by_driver"].isNull());
}

void TscopeDeviceTest::numbersAreWholeOrHaveFixedDecimals()
{
    const Answer answer = tscope({"device", "eval", "--freq", "1kHz", "--bits", "64", "--json"});
    QVERIFY2(answer.out.contains("\"wrap_ns\": 18446744073709551616000000,"),
             answer.out.constData());
    QVERIFY(answer.out.contains("\"resolution_ns\": 1000000.000000,"));
    QVERIFY(!answer.out.contains("e+"));
}

void TscopeDeviceTest::wrongUseIsOneSentenceAndCodeTwo_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const QStringList& arguments, const char* sentence) {
        QTest::newRow(qPrintable("tscope device " + arguments.join(' ')))
            << (QStringList{"device"} + arguments) << QByteArray(sentence);
    };
    row({}, "device needs an action: eval");
    row({"evil"}, "device has no action \"evil\"; did you mean \"eval\"?");
    row({"eval"},
        "device eval needs a device (\"tscope devices\" lists them) or --freq and --bits");
    row({"eval", "--bits", "32"},
        "device eval needs a device (\"tscope devices\" lists them) or --freq and --bits");
    row({"eval", "--freq", "1MHz"},
        "--freq needs --bits, the counter's width, or --min-ticks and --max-ticks, an event "
        "device's limits");
    row({"eval", "--freq", "quick", "--bits", "32"},
        "--freq: frequency \"quick\" is not a number with Hz, kHz, MHz or GHz behind it, such as "
        "\"24.75MHz\" or \"32768\"");
    row({"eval", "--freq", "0", "--bits", "32"},
        "--freq: frequency \"0\" is 0; it must be at least 1 Hz");
    row({"eval", "--freq", "1MHz", "--bits", "65"},
        "--bits is \"65\"; it must be a whole number from 1 to 64");
    row({"eval", "--freq", "1MHz", "--bits", "many"},
        "--bits is \"many\"; it must be a whole number from 1 to 64");
    row({"eval", "--freq", "1MHz", "--bits", "32", "--rating", "4294967296"},
        "--rating is \"4294967296\"; it must be a whole number from -2147483648 to 2147483647");
    row({"eval", "--freq", "1MHz", "--bits", "32", "--flags", "continous"},
        "--flags has \"continous\"; did you mean \"continuous\"?");
    row({"eval", "--freq", "1MHz", "--min-ticks", "5"},
        "--min-ticks needs --max-ticks: an event device has both limits");
    row({"eval", "--freq", "1MHz", "--min-ticks", "5", "--max-ticks", "4"},
        "--max-ticks is \"4\"; it must be a whole number from 5 to 9223372036854775807");
    row({"eval", "--freq", "5GHz", "--min-ticks", "5", "--max-ticks", "6"},
        "--freq is 5000000000 Hz; an event device is registered with 1 to 4294967295 Hz");
    row({"eval", "--freq", "1MHz", "--min-ticks", "5", "--max-ticks", "6", "--flags", "continuous"},
        "--flags needs --bits: they are a counter's");
    row({"eval", "fttmr010", "--bits", "32"},
        "--bits does not go with the device \"fttmr010\", whose file has its figures");
    row({"eval", "ftmr010"}, "no device is called \"ftmr010\"; did you mean \"fttmr010\"?");
    row({"eval", "jiffies", "--hz", "5"},
        "--hz is \"5\"; it must be a whole number from 24 to 10000");
    row({"eval", "jiffies", "again"}, "device has no use for \"again\"");
    row({"eval", "jiffies", "--jsn"}, "device has no option \"--jsn\"; did you mean \"--json\"?");
}

void TscopeDeviceTest::wrongUseIsOneSentenceAndCodeTwo()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, sentence);
    const Answer answer = tscope(arguments);
    QCOMPARE(answer.err, "tscope: " + sentence + '\n');
    QCOMPARE(answer.out, QByteArray());
    QCOMPARE(answer.code, 2);
}

void TscopeDeviceTest::aClosedStandardOutputIsCodeFour()
{
    const Answer answer = shell("\"$0\" device eval mfoc >&-");
    QCOMPARE(answer.code, 4);
    QCOMPARE(answer.err, QByteArray());
}

QTEST_GUILESS_MAIN(TscopeDeviceTest)
#include "tscope_device_test.moc"
