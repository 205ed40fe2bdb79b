// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/csv_exporter.h"

#include "app/export/checkpoint.h"
#include "app/export/field_text.h"
#include "app/export/timer_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

namespace timerscope {

namespace {

enum class Part : std::uint8_t
{
    Subject,
    Function, ///< of the timer that is the subject: known from its init record
    A,
    B,
    Flags,
};

/// One cell that a kind of record fills.
struct Cell
{
    std::size_t column = 0;
    Part part{};
    FieldType type{};
};

/// Which columns there are, and which of them each kind of record fills.
class CsvLayout
{
public:
    CsvLayout()
    {
        for (const RecordSchema& schema : recordSchemas()) {
            m_cells[static_cast<std::size_t>(schema.kind)] = cellsOf(schema);
        }
        const std::vector<Cell> unknown = cellsOf(schemaOf(RecordKind::None));
        for (std::vector<Cell>& cells : m_cells) {
            if (cells.empty()) {
                cells = unknown;
            }
        }
    }

    [[nodiscard]] const std::vector<std::string>& columns() const { return m_columns; }
    /// In order of their columns.
    [[nodiscard]] const std::vector<Cell>& cellsOf(RecordKind kind) const
    {
        return m_cells[static_cast<std::size_t>(kind)];
    }

private:
    std::vector<Cell> cellsOf(const RecordSchema& schema)
    {
        std::vector<Cell> cells;
        const auto add = [&](const FieldSchema& field, Part part) {
            if (field.type != FieldType::Absent) {
                cells.push_back({columnOf(fieldLabel(field)), part, field.type});
            }
        };
        add(schema.subject, Part::Subject);
        const bool saysFunction = schema.a.name == "function";
        if (schema.subject.type == FieldType::Timer && !saysFunction) {
            add({.name = "function", .type = FieldType::Text}, Part::Function);
        }
        add(schema.a, Part::A);
        add(schema.b, Part::B);
        add(schema.flags, Part::Flags);
        std::ranges::sort(cells, {}, &Cell::column);
        return cells;
    }

    std::size_t columnOf(const std::string& label)
    {
        const auto found = std::ranges::find(m_columns, label);
        if (found == m_columns.end()) {
            m_columns.push_back(label);
            return m_columns.size() - 1;
        }
        return static_cast<std::size_t>(found - m_columns.begin());
    }

    std::vector<std::string> m_columns{"record", "time_ns", "cpu", "event"};
    std::array<std::vector<Cell>, std::numeric_limits<std::uint8_t>::max() + 1> m_cells;
};

/// Quotes what was appended to @p out from @p start on, if it needs it (RFC 4180, 2.5 to 2.7).
void quoteFrom(std::string& out, std::size_t start)
{
    if (out.find_first_of("\",\r\n", start) == std::string::npos) {
        return;
    }
    for (auto at = out.find('"', start); at != std::string::npos; at = out.find('"', at + 2)) {
        out.insert(at, 1, '"');
    }
    out.insert(start, 1, '"');
    out += '"';
}

class CsvWriter
{
public:
    CsvWriter(const TraceLog& log, const ExportContext& context, OutputFile& out)
        : m_log(log)
        , m_context(context)
        , m_out(out)
        , m_names(log, context.end.get())
    {
    }

    [[nodiscard]] Result<void> run()
    {
        writeHeader();
        for (std::size_t index = 0; index < m_context.records; ++index) {
            if (auto going = checkpoint(m_context, m_out, index); !going) {
                return going;
            }
            m_names.learn(m_log[index]);
            writeRow(index, m_log[index]);
        }
        writeLoss();
        return m_out.state();
    }

private:
    void writeHeader()
    {
        m_row = fmt::format("{}\n", fmt::join(m_layout.columns(), ","));
        m_out.write(m_row);
    }

    void writeRow(std::size_t index, const TraceRecord& record)
    {
        m_row.clear();
        appendNumber(index);
        m_row += ',';
        appendNumber(nsOf(record.at));
        m_row += ',';
        appendNumber(record.cpu);
        m_row += ',';
        appendEvent(record.kind);
        std::size_t column = eventColumn;
        for (const Cell& cell : m_layout.cellsOf(record.kind)) {
            m_row.append(cell.column - column, ',');
            column = cell.column;
            appendCell(cell, record);
        }
        finishRow(column);
    }

    void finishRow(std::size_t column)
    {
        m_row.append(m_layout.columns().size() - 1 - column, ',');
        m_row += '\n';
        m_out.write(m_row);
    }

    /// What never became a record still has to be seen in the file: a row without a number.
    void writeLoss()
    {
        const std::uint64_t lost = m_log.lost();
        if (lost == 0) {
            return;
        }
        const std::size_t count = m_context.records;
        m_row = fmt::format(",{},,data_loss", count == 0 ? 0 : nsOf(m_log[count - 1].at));
        std::size_t column = eventColumn;
        for (const Cell& cell : m_layout.cellsOf(RecordKind::DataLoss)) {
            m_row.append(cell.column - column, ',');
            column = cell.column;
            m_row += cell.part == Part::Subject ? "records that never reached the log"
                                                : fmt::to_string(lost);
        }
        finishRow(column);
    }

    void appendEvent(RecordKind kind)
    {
        const RecordSchema& schema = schemaOf(kind);
        m_row += schema.name;
        if (schema.kind != kind) { // of a newer version: keep its number
            m_row += fmt::format("_{}", static_cast<unsigned>(kind));
        }
    }

    void appendCell(const Cell& cell, const TraceRecord& record)
    {
        const std::size_t start = m_row.size();
        switch (cell.part) {
        case Part::Subject:
            appendField(m_row, m_log, cell.type, record.subject);
            break;
        case Part::Function:
            m_row += m_names.functionOf(record).name;
            break;
        case Part::A:
            appendField(m_row, m_log, cell.type, record.a);
            break;
        case Part::B:
            appendField(m_row, m_log, cell.type, record.b);
            break;
        case Part::Flags:
            appendField(m_row, m_log, cell.type, record.flags);
            break;
        }
        if (cell.type == FieldType::Text) {
            quoteFrom(m_row, start);
        }
    }

    template<typename Number>
    void appendNumber(Number value)
    {
        const fmt::format_int text{value};
        m_row.append(text.data(), text.size());
    }

    static constexpr std::size_t eventColumn = 3;
    const TraceLog& m_log;
    const ExportContext& m_context;
    OutputFile& m_out;
    TimerNames m_names;
    CsvLayout m_layout;
    std::string m_row;
};

} // namespace

Result<void> writeCsv(const TraceLog& log, const ExportContext& context, OutputFile& out)
{
    return CsvWriter{log, context, out}.run();
}

} // namespace timerscope
