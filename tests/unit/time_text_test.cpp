// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/time_text.h"
#include "engine/base/wording.h"

#include <QtTest>

#include <array>

using namespace timerscope;
using namespace std::chrono_literals;

class TimeTextTest : public QObject
{
    Q_OBJECT

private slots:
    void aTimeIsANumberAndAUnit_data();
    void aTimeIsANumberAndAUnit();
    void whatIsNoTimeIsRefusedInOneSentence_data();
    void whatIsNoTimeIsRefusedInOneSentence();
    void aSpanIsWrittenSoThatItReadsBack();
    void aMomentIsReadInUtc();
    void whatIsNoMomentIsRefused_data();
    void whatIsNoMomentIsRefused();
    void aQuoteFitsOnOneLineOfATerminal();
    void theNearestNameIsATypingSlipAway();
};

void TimeTextTest::aTimeIsANumberAndAUnit_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("ns");
    const auto row
        = [](const char* text, qint64 ns) { QTest::newRow(text) << QByteArray(text) << ns; };
    row("7ns", 7);
    row("50us", 50'000);
    row("50µs", 50'000);
    row("250ms", 250'000'000);
    row("250 ms", 250'000'000);
    row("1.5s", 1'500'000'000);
    row("1.500000000000000000000000s", 1'500'000'000);
    row("0.000000001", 1);
    row("0", 0);
    row("00012", 12'000'000'000);
    row("2min", 120'000'000'000);
    row("1h", 3'600'000'000'000);
    row("0.0001220703125h", 439'453'125);
    row("9223372036854775807ns", INT64_MAX);
    row("9223372036.854775807", INT64_MAX);
}

void TimeTextTest::aTimeIsANumberAndAUnit()
{
    QFETCH(QByteArray, text);
    QFETCH(qint64, ns);
    const Result<Ns> span = parseTime(text.toStdString());
    QVERIFY2(span.has_value(), span ? "" : span.error().what.c_str());
    QCOMPARE(span->count(), ns);
}

void TimeTextTest::whatIsNoTimeIsRefusedInOneSentence_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("sentence");
    const QByteArray shape = " is not a number with ns, us, ms, s, min or h behind it, such as "
                             "\"250ms\" or \"1.5s\"";
    const auto row = [](const QByteArray& text, const QByteArray& sentence) {
        QTest::newRow(text.isEmpty() ? "empty" : text.constData())
            << text << "time \"" + text + "\"" + sentence;
    };
    for (const char* text : {"", "-1ms", "+1ms", "ms", ".5s", "1.", "1.s", "1e3", "0x10", " 1s",
                             "1s ", "1 ", "1  s", "1.2.3", "1,5s", "5 parsecs", "1S"}) {
        row(text, shape);
    }
    row("0.5ns", " is finer than a whole nanosecond");
    row("0.0000000001", " is finer than a whole nanosecond");
    row("0.00012207031251h", " is finer than a whole nanosecond");
    row("0.000000000000000000001h", " is finer than a whole nanosecond");
    row("9223372036854775808ns", " is over 292 years");
    row("9223372036.854775808", " is over 292 years");
    row("99999999999999999999999999", " is over 292 years");
    row("9999999999999999999h", " is over 292 years");
}

void TimeTextTest::whatIsNoTimeIsRefusedInOneSentence()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, sentence);
    const Result<Ns> span = parseTime(text.toStdString());
    QVERIFY(!span.has_value());
    QCOMPARE(QByteArray::fromStdString(span.error().what), sentence);
}

void TimeTextTest::aSpanIsWrittenSoThatItReadsBack()
{
    QCOMPARE(timeText(0ns), std::string("0s"));
    QCOMPARE(timeText(7ns), std::string("7ns"));
    QCOMPARE(timeText(50us), std::string("50us"));
    QCOMPARE(timeText(1500us), std::string("1.5ms"));
    QCOMPARE(timeText(1'000'000'001ns), std::string("1.000000001s"));
    for (const Ns span : {Ns{1}, Ns{999}, Ns{1'000'010}, Ns{123'456'789'012}, Ns::max()}) {
        QCOMPARE(parseTime(timeText(span)).value(), span);
    }
}

void TimeTextTest::aMomentIsReadInUtc()
{
    QCOMPARE(nsOf(parseUtc("1970-01-01T00:00:00Z").value()), std::int64_t{0});
    // The seed's rtc line: 2023-07-05T03:02:00 UTC (1688526120).
    QCOMPARE(nsOf(parseUtc("2023-07-05T03:02:00Z").value()), 1'688'526'120 * nsPerSecond);
    QCOMPARE(nsOf(parseUtc("2023-07-05T03:02:00.25Z").value()),
             1'688'526'120 * nsPerSecond + 250'000'000);
    QVERIFY(parseUtc("2024-02-29T23:59:59.999999999Z").has_value());
    QVERIFY(parseUtc("2261-12-31T23:59:59.999999999Z").has_value());
}

void TimeTextTest::whatIsNoMomentIsRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char* text :
         {"", "now", "2023-07-05", "2023-07-05T03:02:00", "2023-07-05T03:02:00+02:00",
          "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-07-05T24:00:00Z",
          "2023-07-05T23:60:00Z", "2023-07-05T23:59:60Z", "1969-12-31T23:59:59Z",
          "2262-01-01T00:00:00Z", "2023-07-05T03:02:00.Z", "2023-07-05T03:02:00.1234567890Z",
          "2023-07-05 03:02:00Z", "2023-07-05T03:02:0", "2023-07-05T03:02:00Zulu"}) {
        QTest::newRow(*text == '\0' ? "empty" : text) << QByteArray(text);
    }
}

void TimeTextTest::whatIsNoMomentIsRefused()
{
    QFETCH(QByteArray, text);
    const auto moment = parseUtc(text.toStdString());
    QVERIFY(!moment.has_value());
    QCOMPARE(QByteArray::fromStdString(moment.error().what),
             "moment \"" + text
                 + "\" is not a date and time in UTC from 1970 to 2261, such as "
                   "\"2023-07-05T03:02:00Z\"");
}

void TimeTextTest::aQuoteFitsOnOneLineOfATerminal()
{
    QCOMPARE(inQuotes("a\nb\x1b[31mc\x7f"), std::string("\"a?b?[31mc?\""));
    QCOMPARE(inQuotes("\xc2\x9b"
                      "2J"),
             std::string("\"?2J\""));
    QCOMPARE(inQuotes(std::string(60, 'x')), '"' + std::string(60, 'x') + '"');
    QCOMPARE(inQuotes(std::string(61, 'x')), '"' + std::string(60, 'x') + "…\"");
    QCOMPARE(inQuotes(std::string(59, 'x') + "µ"), '"' + std::string(59, 'x') + "…\"");
}

void TimeTextTest::theNearestNameIsATypingSlipAway()
{
    static constexpr std::array<std::string_view, 3> known{"fttmr010", "mfoc", "tim34"};
    QCOMPARE(nearestName("fttmr01", known), std::string_view("fttmr010"));
    QCOMPARE(nearestName("MFOC", known), std::string_view("mfoc"));
    QCOMPARE(nearestName("tim43", known), std::string_view("tim34"));
    QCOMPARE(nearestName("tim12", known), std::string_view());
    QCOMPARE(nearestName("", known), std::string_view());
    QCOMPARE(nearestName(std::string(100'000, 'x'), known), std::string_view());
    QCOMPARE(hintFor("mfok", known), std::string("; did you mean \"mfoc\"?"));
    QCOMPARE(hintFor("hpet", known),
             std::string("; known are \"fttmr010\", \"mfoc\" and \"tim34\""));
    QCOMPARE(hintFor("hpet", {}), std::string());
}

QTEST_GUILESS_MAIN(TimeTextTest)
#include "time_text_test.moc"
