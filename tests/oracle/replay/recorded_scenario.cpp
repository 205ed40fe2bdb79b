// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/recorded_scenario.h"

#include "tests/oracle/row_reader.h"

#include <QJsonDocument>
#include <QRegularExpression>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>

namespace timerscope::oracle {
namespace {

constexpr unsigned mostCpus = 64;

Result<QJsonObject> parseFile(const std::filesystem::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (stream.bad() || text.empty()) {
        return fail(ErrorCode::Corrupt, "the file is empty or cannot be read");
    }
    QJsonParseError problem;
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(text), &problem);
    if (problem.error != QJsonParseError::NoError) {
        return fail(ErrorCode::Corrupt,
                    fmt::format("the file is not JSON at byte {}: {}", problem.offset,
                                problem.errorString().toStdString()));
    }
    if (!document.isObject()) {
        return fail(ErrorCode::Corrupt, "the file is a JSON list; it must be an object");
    }
    return document.object();
}

Result<std::vector<std::string>> linesOf(const QJsonArray& list, std::string_view field)
{
    std::vector<std::string> lines;
    for (const auto& line : list) {
        if (!line.isString()) {
            return fail(ErrorCode::Corrupt,
                        fmt::format("'{}' holds {}; it must hold text", field, jsonText(line)));
        }
        lines.push_back(line.toString().toStdString());
    }
    return lines;
}

/// What was observed in a step, as far as it is there. Null counts as absent.
Result<void> readObserved(const QJsonObject& object, RecordedStep& step)
{
    RowReader row(object);
    const auto isGiven = [&](const char* field) {
        return row.has(field) && !object.value(QLatin1String(field)).isNull();
    };
    if (isGiven("output")) {
        step.output = row.list("output");
        if (auto lines = linesOf(*step.output, "output"); row.ok() && !lines) {
            return tl::unexpected<Error>(lines.error());
        }
    }
    if (isGiven("rc")) {
        step.rc = static_cast<int>(row.s64("rc", 0, 255));
    }
    if (isGiven("obs")) {
        step.obs = row.object("obs");
    }
    return row.ok() ? Result<void>{} : row.failure();
}

Result<RecordedStep> readStep(const QJsonValue& value)
{
    if (!value.isObject()) {
        return fail(ErrorCode::Corrupt,
                    fmt::format("a step is {}; it must be an object", jsonText(value)));
    }
    const QJsonObject object = value.toObject();
    RowReader row(object);
    RecordedStep step;
    step.number = row.s64("n", 0, std::numeric_limits<std::int32_t>::max());
    step.command = row.text("cmd");
    if (!row.ok()) {
        return row.failure();
    }
    if (auto read = readObserved(object, step); !read) {
        return fail(ErrorCode::Corrupt, fmt::format("step {}: {}", step.number, read.error().what));
    }
    return step;
}

Result<void> readSteps(const QJsonArray& list, RecordedScenario& scenario)
{
    for (const auto& value : list) {
        auto step = readStep(value);
        if (!step) {
            return tl::unexpected<Error>(step.error());
        }
        scenario.steps.push_back(std::move(*step));
    }
    if (scenario.steps.empty()) {
        return fail(ErrorCode::Corrupt, "'steps' is empty; it must hold at least one step");
    }
    return {};
}

Result<void> readMachine(const QJsonObject& object, RecordedScenario& scenario)
{
    RowReader machine(object);
    scenario.cpus = machine.u32("smp", 1, mostCpus);
    scenario.cpuModel = object.value("cpu").toString().toStdString();
    scenario.commandLine = machine.text("cmdline_extra");
    return machine.ok() ? Result<void>{} : machine.failure();
}

Result<RecordedScenario> readObject(const QJsonObject& object)
{
    RowReader row(object);
    RecordedScenario scenario;
    scenario.id = row.text("id");
    const QJsonObject machine = row.object("machine");
    const QJsonArray boot = row.list("boot_dmesg_time");
    const QJsonArray steps = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    scenario.complete = object.value("complete").toBool(true);
    auto lines = linesOf(boot, "boot_dmesg_time");
    if (!lines) {
        return tl::unexpected<Error>(lines.error());
    }
    scenario.bootLines = std::move(*lines);
    if (auto read = readMachine(machine, scenario); !read) {
        return tl::unexpected<Error>(read.error());
    }
    if (auto read = readSteps(steps, scenario); !read) {
        return tl::unexpected<Error>(read.error());
    }
    return scenario;
}

/// FORMAT.md: "table_file" counts from the folder that scenarios/ is in.
std::optional<std::filesystem::path> tableOf(const QJsonObject& object,
                                             const std::filesystem::path& scenario)
{
    const std::filesystem::path named = object.value("table_file").toString().toStdString();
    if (named.empty()) {
        return std::nullopt;
    }
    const std::filesystem::path folder = scenario.parent_path();
    for (const auto& path : {folder / ".." / named, folder / named, folder / named.filename()}) {
        if (std::error_code problem; std::filesystem::is_regular_file(path, problem)) {
            return path;
        }
    }
    return std::nullopt;
}

Result<void> readTable(const std::filesystem::path& path, bool isOfHrtimers,
                       RecordedScenario& scenario)
{
    if (isOfHrtimers) {
        auto hrtimers = readHrtimerRecording(path);
        if (!hrtimers) {
            return tl::unexpected<Error>(std::move(hrtimers.error()));
        }
        scenario.hrtimers = std::move(*hrtimers);
        return {};
    }
    auto wheel = readWheelRun(path);
    if (!wheel) {
        return tl::unexpected<Error>(std::move(wheel.error()));
    }
    scenario.wheel = std::move(*wheel);
    return {};
}

bool matchesAny(const std::string& name, std::span<const std::string> globs)
{
    const auto matches = [&](const std::string& glob) {
        const auto pattern
            = QRegularExpression::wildcardToRegularExpression(QString::fromStdString(glob));
        return QRegularExpression(pattern).match(QString::fromStdString(name)).hasMatch();
    };
    return globs.empty() || std::ranges::any_of(globs, matches);
}

} // namespace

bool RecordedScenario::hasObservations() const
{
    return std::ranges::any_of(steps,
                               [](const RecordedStep& step) { return step.obs.has_value(); });
}

Result<RecordedScenario> readScenario(const std::filesystem::path& path)
{
    const auto named = [&](const Error& error) {
        return fail(ErrorCode::Corrupt, fmt::format("{}: {}", path.string(), error.what));
    };
    const auto object = parseFile(path);
    if (!object) {
        return named(object.error());
    }
    auto scenario = readObject(*object);
    if (!scenario) {
        return named(scenario.error());
    }
    scenario->path = path;
    if (const auto table = tableOf(*object, path)) {
        const bool isOfHrtimers = object->value("table_file").toString().startsWith("hrtimer/");
        if (auto read = readTable(*table, isOfHrtimers, *scenario); !read) {
            return tl::unexpected<Error>(std::move(read.error())); // it names its own file
        }
    }
    return scenario;
}

Result<std::vector<std::filesystem::path>> listScenarios(const std::filesystem::path& directory,
                                                         std::span<const std::string> globs)
{
    std::error_code problem;
    std::vector<std::filesystem::path> paths;
    std::filesystem::directory_iterator entry(directory, problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        if (entry->path().extension() == ".json"
            && matchesAny(entry->path().stem().string(), globs)) {
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
                    fmt::format("the directory '{}' holds no such scenario; it must hold NAME.json "
                                "files{}",
                                directory.string(),
                                globs.empty() ? "" : " that match what --only asks for"));
    }
    std::ranges::sort(paths);
    return paths;
}

} // namespace timerscope::oracle
