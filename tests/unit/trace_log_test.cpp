// SPDX-License-Identifier: GPL-3.0-or-later
//! What a log keeps, and where.
#include "engine/trace/trace_log.h"

#include <QTest>

#include <set>
#include <string>

using namespace timerscope;

namespace {

TraceRecord numbered(std::size_t number)
{
    return {.at = TraceInstant{Ns{static_cast<std::int64_t>(number)}},
            .a = 0,
            .b = -1,
            .subject = static_cast<std::uint32_t>(number),
            .cpu = 1,
            .kind = RecordKind::Printk,
            .flags = 0};
}

} // namespace

class TraceLogTest : public QObject
{
    Q_OBJECT
private slots:
    void recordsAreKeptWholeInMemoryThatWasUsedBefore();
    void memoryIsTakenByTheChunkAndGivenBack();
    void stringsStayWhereTheyAre();
};

void TraceLogTest::recordsAreKeptWholeInMemoryThatWasUsedBefore()
{
    ReusedMemory memory;
    const std::size_t count = 2 * TraceLog::recordsPerChunk + 3;
    for (const std::size_t offset : {std::size_t{0}, std::size_t{77}}) {
        TraceLog log(TraceDetail::Events, &memory);
        for (std::size_t i = 0; i < count; ++i) {
            log.append(numbered(i + offset));
        }
        QCOMPARE(log.size(), count);
        for (std::size_t i = 0; i < count; ++i) {
            QVERIFY(log[i] == numbered(i + offset));
        }
        QCOMPARE(log.lost(), 0U);
    }
}

void TraceLogTest::memoryIsTakenByTheChunkAndGivenBack()
{
    ReusedMemory memory;
    const auto fill = [&memory](std::size_t records) {
        TraceLog log(TraceDetail::Events, &memory);
        for (std::size_t i = 0; i < records; ++i) {
            log.append(numbered(i));
        }
    };
    fill(0);
    QCOMPARE(memory.kept(), 0U);
    fill(TraceLog::recordsPerChunk);
    QCOMPARE(memory.kept(), 1U);
    fill(TraceLog::recordsPerChunk + 1);
    QCOMPARE(memory.kept(), 2U);
    fill(1);
    QCOMPARE(memory.kept(), 2U);
}

void TraceLogTest::stringsStayWhereTheyAre()
{
    TraceLog log;
    const std::uint32_t first = log.intern("the first of many");
    const std::string_view view = log.string(first);
    std::set<std::uint32_t> numbers;
    for (int i = 0; i < 3000; ++i) {
        numbers.insert(log.intern("string " + std::to_string(i)));
    }
    QCOMPARE(numbers.size(), 3000U);
    QCOMPARE(view, std::string_view("the first of many"));
    QCOMPARE(log.intern("the first of many"), first);
    QCOMPARE(log.string(first).data(), view.data());
}

QTEST_APPLESS_MAIN(TraceLogTest)
#include "trace_log_test.moc"
