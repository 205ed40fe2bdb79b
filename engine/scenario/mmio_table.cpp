// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/mmio_table.h"

#include "engine/base/cycles.h"
#include "engine/base/time_text.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

constexpr std::string_view mmioName = "[counter.mmio]";
constexpr std::string_view latchName = "\"latch\"";

constexpr std::array<unsigned, 4> widths{8, 16, 32, 64};
constexpr unsigned periodWidth = 32;
// No timer block is larger; a longer way from the base is a slip of the pen.
constexpr IntegerRange offsetRange{.least = 0, .most = 0xf'ffff};
// A read spins for so long, and nothing else goes on meanwhile.
constexpr Ns longestWait{1'000'000};

/// A register's place: checks that a bus can read @p width bits there in one access.
std::uint64_t readOffset(TableReader& reader, std::string_view key, std::string_view what,
                         std::uint64_t base, unsigned width)
{
    const auto offset = static_cast<std::uint64_t>(reader.integer(key, offsetRange));
    const unsigned bytes = width / 8;
    if ((base + offset) % bytes != 0) {
        reader.report(
            key,
            fmt::format("{} in {} is {:#x}, which with \"base\" is {:#x}; it must come to "
                        "a multiple of {}, as {} bits are read at once",
                        inQuotes(key), what, offset, base + offset, bytes, width));
    }
    return offset;
}

MappedCounter::Latch readLatch(const ConfigValue& table, const MappedCounter& counter,
                               FileErrors& errors)
{
    static constexpr std::array<std::string_view, 3> keys{"offset", "value", "wait"};
    const auto most = std::min<std::uint64_t>(counterMask(counter.width), INT64_MAX);
    TableReader reader(table, std::string(latchName), keys, errors);
    MappedCounter::Latch latch;
    latch.offset = readOffset(reader, "offset", latchName, counter.base, counter.width);
    latch.value = static_cast<std::uint64_t>(
        reader.integer("value", {.least = 0, .most = static_cast<std::int64_t>(most)}));
    latch.wait = reader.time("wait", Ns{0}, Ns{0});
    if (latch.wait > longestWait) {
        reader.report("wait",
                      fmt::format("\"wait\" in {} is {}; it must be at most {}", latchName,
                                  timeText(latch.wait), timeText(longestWait)));
    }
    return latch;
}

void readHigh(TableReader& reader, MappedCounter& counter)
{
    counter.high = readOffset(reader, "high", mmioName, counter.base, counter.width);
    if (*counter.high == counter.offset) {
        reader.report("high",
                      fmt::format("\"high\" in {} is {:#x}, where the lower half is; it must be "
                                  "another place than \"offset\"",
                                  mmioName, *counter.high));
    }
    if (counter.width == widths.back()) {
        reader.report(
            "high",
            fmt::format("\"high\" in {} goes with a \"width\" of 8, 16 or 32 only: 64 bits "
                        "are a whole counter",
                        mmioName));
    }
}

} // namespace

MappedCounter readMmio(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 7> keys{
        "path", "base", "offset", "width", "high", "latch", "period_register"};
    TableReader reader(table, std::string(mmioName), keys, errors);
    MappedCounter counter;
    counter.path = reader.name("path");
    if (!counter.path.starts_with('/')) {
        reader.report("path",
                      fmt::format(R"("path" in {} is {}; it must begin with /, such as "/dev/mem")",
                                  mmioName, inQuotes(counter.path)));
    }
    counter.base = static_cast<std::uint64_t>(reader.integer("base", {}, 0));
    counter.width = reader.oneOf("width", widths, counter.width);
    counter.offset = readOffset(reader, "offset", mmioName, counter.base, counter.width);
    if (reader.has("high")) {
        readHigh(reader, counter);
    }
    if (reader.has("latch")) {
        counter.latch = readLatch(reader.table("latch"), counter, errors);
    }
    if (reader.has("period_register")) {
        counter.period
            = {readOffset(reader, "period_register", mmioName, counter.base, periodWidth)};
    }
    return counter;
}

} // namespace timerscope
