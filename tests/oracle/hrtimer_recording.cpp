// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/hrtimer_recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>

namespace timerscope::oracle {
namespace {

enum Column : std::size_t
{
    Id,
    Clock,
    Mode,
    Slack,
    ArmedOn,
    ArmedAt,
    Soft,
    Hard,
    Fired,
    Context,
    FiredOn,
    Order,
    Columns,
};
constexpr std::int64_t hardInterrupt = 1;
constexpr std::int64_t softInterrupt = 2;
constexpr std::int64_t mostCpus = 65'535;
constexpr std::int64_t modeBits = 0x0f;

using Fields = std::vector<std::string_view>;

Fields splitAtTabs(std::string_view line)
{
    Fields fields;
    for (std::size_t tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
        fields.push_back(line.substr(0, tab));
        line.remove_prefix(tab + 1);
    }
    fields.push_back(line);
    return fields;
}

/// Takes numbers out of fields; the first that is none, or out of its range, is remembered.
class RowFields
{
public:
    explicit RowFields(const Fields& fields)
        : m_fields(fields)
    {
    }
    std::int64_t number(Column column, std::int64_t least, std::int64_t most)
    {
        std::string_view text = m_fields[column];
        const bool isHex = text.starts_with("0x");
        text.remove_prefix(isHex ? 2 : 0);
        std::int64_t value = 0;
        const auto [end, problem]
            = std::from_chars(text.data(), text.data() + text.size(), value, isHex ? 16 : 10);
        if (problem != std::errc{} || end != text.data() + text.size() || value < least
            || value > most) {
            complain(column, fmt::format("a number from {} to {}", least, most));
            return least;
        }
        return value;
    }
    Ns time(Column column) { return Ns{number(column, 0, Ns::max().count())}; }
    HrtimerClock clock()
    {
        constexpr std::array names{"mono", "real", "boot", "tai"};
        const auto known = std::ranges::find(names, m_fields[Clock]);
        if (known == names.end()) {
            complain(Clock, "mono, real, boot or tai");
            return HrtimerClock::Monotonic;
        }
        return static_cast<HrtimerClock>(known - names.begin());
    }
    [[nodiscard]] const std::optional<std::string>& problem() const { return m_problem; }

private:
    void complain(Column column, std::string_view allowed)
    {
        if (!m_problem) {
            m_problem = fmt::format("field {} is '{}'; it must be {}", column + 1, m_fields[column],
                                    allowed);
        }
    }

    const Fields& m_fields;
    std::optional<std::string> m_problem;
};

} // namespace

Result<RecordedHrtimer> parseHrtimerRow(std::string_view line)
{
    const Fields fields = splitAtTabs(line);
    if (fields.size() != Columns) {
        return fail(ErrorCode::Corrupt,
                    fmt::format("the row has {} fields; it must have {}", fields.size(),
                                std::size_t{Columns}));
    }
    RowFields row(fields);
    RecordedHrtimer timer;
    timer.id
        = static_cast<std::uint32_t>(row.number(Id, 0, std::numeric_limits<std::int32_t>::max()));
    timer.kind.clock = row.clock();
    timer.kind.mode = static_cast<std::uint8_t>(row.number(Mode, 0, modeBits));
    timer.slack = row.time(Slack);
    timer.armedOn = static_cast<unsigned>(row.number(ArmedOn, 0, mostCpus));
    timer.armed = MonotonicInstant{row.time(ArmedAt)};
    timer.softExpires = MonotonicInstant{row.time(Soft)};
    timer.hardExpires = MonotonicInstant{row.time(Hard)};
    timer.fired = MonotonicInstant{row.time(Fired)};
    const std::int64_t leastContext = timer.hasFired() ? hardInterrupt : 0;
    timer.inSoftirq = row.number(Context, leastContext, softInterrupt) == softInterrupt;
    timer.cpu = static_cast<unsigned>(row.number(FiredOn, timer.hasFired() ? 0 : -1, mostCpus));
    timer.order = row.number(Order, -1, std::numeric_limits<std::int32_t>::max());
    if (row.problem()) {
        return fail(ErrorCode::Corrupt, *row.problem());
    }
    return timer;
}

Result<HrtimerRecording> readHrtimerRecording(const std::filesystem::path& path)
{
    HrtimerRecording recording{.name = path.stem().string(), .timers = {}};
    std::ifstream stream(path, std::ios::binary);
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        if (line.starts_with('#')) {
            continue;
        }
        auto timer = parseHrtimerRow(line);
        if (!timer) {
            return fail(ErrorCode::Corrupt,
                        fmt::format("{}:{}: {}", path.string(), number, timer.error().what));
        }
        if (!recording.timers.empty() && timer->id <= recording.timers.back().id) {
            return fail(ErrorCode::Corrupt,
                        fmt::format("{}:{}: timer {} follows timer {}; ids must rise",
                                    path.string(), number, timer->id, recording.timers.back().id));
        }
        recording.timers.push_back(*timer);
    }
    if (recording.timers.empty() || stream.bad()) {
        return fail(ErrorCode::Corrupt,
                    fmt::format("{}:1: the file holds no timer or cannot be read; it must hold a "
                                "timer a line",
                                path.string()));
    }
    return recording;
}

Result<std::vector<std::filesystem::path>>
listHrtimerRecordings(const std::filesystem::path& directory)
{
    std::error_code problem;
    std::vector<std::filesystem::path> paths;
    std::filesystem::directory_iterator entry(directory, problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        if (entry->path().extension() == ".tsv") {
            paths.push_back(entry->path());
        }
    }
    if (problem) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the directory '{}' cannot be read: {}", directory.string(),
                                problem.message()));
    }
    if (paths.empty()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the directory '{}' holds no recording; it must hold NAME.tsv "
                                "files",
                                directory.string()));
    }
    std::ranges::sort(paths);
    return paths;
}

} // namespace timerscope::oracle
