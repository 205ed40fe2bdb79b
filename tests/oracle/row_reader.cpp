// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/row_reader.h"

#include <QJsonDocument>

#include <fmt/format.h>

#include <charconv>

namespace timerscope::oracle {
namespace {

/// The digits of an integer value: of a string as they stand, of a number when it is whole.
std::optional<std::string> digitsOf(const QJsonValue& value)
{
    if (value.isString()) {
        return value.toString().toStdString();
    }
    // A fraction, or a number outside 64 bits, gives two defaults that differ.
    if (value.isDouble() && value.toInteger(0) == value.toInteger(1)) {
        return std::to_string(value.toInteger());
    }
    return std::nullopt;
}

template<typename Integer>
std::optional<Integer> parseInteger(const QJsonValue& value)
{
    const auto digits = digitsOf(value);
    if (!digits) {
        return std::nullopt;
    }
    Integer parsed = 0;
    const char* const end = digits->data() + digits->size();
    const auto result = std::from_chars(digits->data(), end, parsed);
    return result.ec == std::errc{} && result.ptr == end ? std::optional(parsed) : std::nullopt;
}

} // namespace

template<typename Integer>
Integer RowReader::integer(const char* field, Integer least, Integer most)
{
    const auto parsed = parseInteger<Integer>(m_in.value(QLatin1String(field)));
    if (!parsed || *parsed < least || *parsed > most) {
        complain(field, fmt::format("an integer from {} to {}", least, most));
        return 0;
    }
    return ok() ? *parsed : 0;
}

std::uint32_t RowReader::u32(const char* field, std::uint32_t least, std::uint32_t most)
{
    return static_cast<std::uint32_t>(integer<std::uint64_t>(field, least, most));
}

std::uint64_t RowReader::u64(const char* field, std::uint64_t least, std::uint64_t most)
{
    return integer<std::uint64_t>(field, least, most);
}

std::int64_t RowReader::s64(const char* field, std::int64_t least, std::int64_t most)
{
    return integer<std::int64_t>(field, least, most);
}

std::string RowReader::text(const char* field)
{
    const QJsonValue value = m_in.value(QLatin1String(field));
    if (!value.isString()) {
        complain(field, "a string");
    }
    return value.toString().toStdString();
}

QJsonArray RowReader::list(const char* field)
{
    const QJsonValue value = m_in.value(QLatin1String(field));
    if (!value.isArray()) {
        complain(field, "a list");
    }
    return value.toArray();
}

QJsonObject RowReader::object(const char* field)
{
    const QJsonValue value = m_in.value(QLatin1String(field));
    if (!value.isObject()) {
        complain(field, "an object");
    }
    return value.toObject();
}

void RowReader::complain(const char* field, const std::string& allowed)
{
    if (!ok()) {
        return;
    }
    const std::string met = has(field) ? "is " + jsonText(m_in.value(QLatin1String(field)))
                                       : std::string("is missing");
    m_problem = Error{.code = ErrorCode::Corrupt,
                      .what = fmt::format("field '{}' {}; it must be {}", field, met, allowed)};
}

tl::unexpected<Error> RowReader::failure() const
{
    return tl::unexpected<Error>(m_problem.value_or(Error{}));
}

QJsonValue decimal(std::uint64_t value)
{
    return QString::number(value);
}

QJsonValue decimal(std::int64_t value)
{
    return QString::number(value);
}

QJsonValue number(std::int64_t value)
{
    return {static_cast<qint64>(value)};
}

std::string jsonText(const QJsonValue& value)
{
    // A document's root must be a list or an object: print a list of one and drop its brackets.
    const QByteArray text = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return text.mid(1, text.size() - 2).toStdString();
}

} // namespace timerscope::oracle
