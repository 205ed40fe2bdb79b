// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/row_file.h"

#include "tests/oracle/row_reader.h"

#include <QJsonDocument>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace timerscope::oracle {
namespace {

Result<VectorRow> parseRow(std::string_view line)
{
    const auto row = parseLine(line);
    if (!row) {
        return tl::unexpected<Error>(row.error());
    }
    auto in = objectField(*row, "in");
    auto out = objectField(*row, "out");
    if (!in || !out) {
        return tl::unexpected<Error>(in ? out.error() : in.error());
    }
    return VectorRow{.in = std::move(*in), .out = std::move(*out)};
}

} // namespace

Result<QJsonObject> parseLine(std::string_view line)
{
    QJsonParseError problem;
    const auto document = QJsonDocument::fromJson(
        QByteArray::fromRawData(line.data(), static_cast<qsizetype>(line.size())), &problem);
    if (problem.error != QJsonParseError::NoError) {
        return fail(ErrorCode::Corrupt,
                    fmt::format("the line is not JSON at byte {}: {}", problem.offset,
                                problem.errorString().toStdString()));
    }
    if (!document.isObject()) {
        return fail(ErrorCode::Corrupt, "the line is a JSON list; it must be an object");
    }
    return document.object();
}

Result<QJsonObject> objectField(const QJsonObject& row, const char* field)
{
    RowReader reader(row);
    auto object = reader.object(field);
    if (!reader.ok()) {
        return reader.failure();
    }
    return object;
}

Result<SetFile> readSetFile(const std::filesystem::path& path)
{
    SetFile file{.name = path.stem().string(), .path = path, .rows = {}};
    std::ifstream stream(path, std::ios::binary);
    for (std::string line; std::getline(stream, line);) {
        auto row = parseRow(line);
        if (!row) {
            return fail(
                ErrorCode::Corrupt,
                fmt::format("{}:{}: {}", path.string(), file.rows.size() + 1, row.error().what));
        }
        file.rows.push_back(std::move(*row));
    }
    if (file.rows.empty() || stream.bad()) {
        return fail(ErrorCode::Corrupt,
                    fmt::format("{}:1: the file is empty or cannot be read; it must hold a row a "
                                "line",
                                path.string()));
    }
    return file;
}

Result<std::vector<std::filesystem::path>> listSetFiles(const std::filesystem::path& directory)
{
    std::error_code problem;
    std::vector<std::filesystem::path> paths;
    std::filesystem::directory_iterator entry(directory, problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        if (entry->path().extension() == ".jsonl") {
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
                    fmt::format("the directory '{}' holds no set; it must hold NAME.jsonl files",
                                directory.string()));
    }
    std::ranges::sort(paths);
    return paths;
}

} // namespace timerscope::oracle
