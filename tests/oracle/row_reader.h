// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <QJsonArray>
#include <QJsonObject>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace timerscope::oracle {

/// Takes typed fields out of a row's object. The first field that is missing, of a wrong type or
/// out of range is remembered; from then on every reading answers 0, so that a set reads all its
/// fields first and asks once:
///
///     RowReader row(in);
///     const auto from = row.u32("from", 1);
///     if (!row.ok()) { return row.failure(); }
///
/// Integers are taken from a number or from a decimal string: FORMAT.md uses either by size.
class RowReader
{
public:
    /// @param in must outlive the reader.
    explicit RowReader(const QJsonObject& in)
        : m_in(in)
    {
    }

    [[nodiscard]] bool has(const char* field) const { return m_in.contains(QLatin1String(field)); }

    [[nodiscard]] std::uint32_t u32(const char* field, std::uint32_t least = 0,
                                    std::uint32_t most = std::numeric_limits<std::uint32_t>::max());
    [[nodiscard]] std::uint64_t u64(const char* field, std::uint64_t least = 0,
                                    std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
    [[nodiscard]] std::int64_t s64(const char* field,
                                   std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                   std::int64_t most = std::numeric_limits<std::int64_t>::max());
    [[nodiscard]] std::string text(const char* field);
    [[nodiscard]] QJsonArray list(const char* field);
    [[nodiscard]] QJsonObject object(const char* field);

    [[nodiscard]] bool ok() const { return !m_problem.has_value(); }
    /// The first problem, code Corrupt. @pre !ok()
    [[nodiscard]] tl::unexpected<Error> failure() const;

private:
    template<typename Integer>
    Integer integer(const char* field, Integer least, Integer most);
    void complain(const char* field, const std::string& allowed);

    const QJsonObject& m_in;
    std::optional<Error> m_problem;
};

/// How rows write integers that may pass 2^53: as a decimal string.
[[nodiscard]] QJsonValue decimal(std::uint64_t value);
[[nodiscard]] QJsonValue decimal(std::int64_t value);
/// How rows write all others.
[[nodiscard]] QJsonValue number(std::int64_t value);

/// @p value as compact JSON, for messages.
[[nodiscard]] std::string jsonText(const QJsonValue& value);

} // namespace timerscope::oracle
