// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/rating_model.h"

#include "app/models/number_text.h"
#include "engine/base/wide.h"
#include "engine/why/number_text.h"

#include <QStringList>

namespace timerscope {

namespace {

const QString dot = QString::fromUtf8(" · ");

/// The steps in which a clock moves that no counter drives: a tick.
QString stepWords(const ClocksourceRow& row, const MachineRow& machine)
{
    return machine.tickRate && !row.rate ? spanNumber(machine.tickRate->period()) + " steps"
                                         : QString{};
}

QString flagWords(std::uint32_t flags)
{
    QStringList words;
    words << ((flags & clocksource_flag::continuous) != 0 ? "continuous" : "not continuous");
    if ((flags & clocksource_flag::validForHres) != 0) {
        words << "hres";
    }
    if ((flags & clocksource_flag::unstable) != 0) {
        words << "unstable";
    }
    return words.join(dot);
}

QString wordsFor(const ClocksourceRow& row, const MachineRow& machine)
{
    QStringList words;
    if (row.current) {
        words << "current";
    }
    if (row.flags) {
        words << flagWords(*row.flags);
    }
    if (!row.available) {
        words << "hidden";
    }
    if (row.bits && row.rate) {
        words << QString{"%1 bits"}.arg(*row.bits);
    } else if (const QString steps = stepWords(row, machine); !steps.isEmpty()) {
        words << steps;
    }
    if (!row.rating) {
        words << "rating not told";
    }
    return words.join(dot);
}

QString warningFor(std::optional<int> rating)
{
    if (!rating || !isOutsideBands(bandOf(*rating))) {
        return {};
    }
    const char* const side = bandOf(*rating) == RatingBand::Above ? "above" : "below";
    return QString::fromUtf8("%1 is %2 the kernel’s bands 1–499").arg(*rating).arg(side);
}

RatingRow rowFor(const ClocksourceRow& row, const MachineRow& machine)
{
    return {.name = toQt(row.name),
            .current = row.current,
            .rating = row.rating,
            .words = wordsFor(row, machine),
            .warning = warningFor(row.rating)};
}

QString periodText(Hertz rate)
{
    const auto picoseconds
        = static_cast<std::int64_t>((1'000'000'000'000 + rate.value / 2) / rate.value);
    const QString text = groupedNumber(picoseconds / 1000);
    return picoseconds % 1000 == 0
        ? text + " ns"
        : QString{"%1.%2 ns"}.arg(text).arg(picoseconds % 1000, 3, 10, QChar{'0'});
}

QString wrapText(unsigned bits, Hertz rate)
{
    const WideUnsigned ticks = WideUnsigned{counterMask(bits)} + 1;
    const WideUnsigned ns = ticks * static_cast<std::uint64_t>(nsPerSecond) / rate.value;
    constexpr std::uint64_t twoDays = std::uint64_t{2} * 86'400 * nsPerSecond;
    // Nobody counts the nanoseconds of weeks, and their digits do not fit beside the label.
    return ns < twoDays ? spanNumber(Ns{static_cast<std::int64_t>(ns)}) : toQt(longSpanText(ns));
}

QString moduleText(const ClocksourceRow& row)
{
    if (!row.module) {
        return {};
    }
    if (row.module->empty()) {
        return "none, built in";
    }
    return row.references ? QString{"%1, %2 held"}.arg(toQt(*row.module)).arg(*row.references)
                          : toQt(*row.module);
}

} // namespace

void RatingModel::apply(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
    std::vector<RatingRow> next;
    for (const ClocksourceRow& row : m_snapshot->clocksources) {
        next.push_back(rowFor(row, m_snapshot->machine));
    }
    replaceRows(std::move(next));
}

int RatingModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RatingModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const RatingRow& row = rows()[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == NameColumn ? QVariant{row.name}
            : index.column() == WordsColumn ? QVariant{row.words}
            : row.rating                    ? QVariant{*row.rating}
                                            : QVariant{"unknown"};
    case CurrentRole:
        return row.current;
    case RatingRole:
        return row.rating ? QVariant{*row.rating} : QVariant{};
    case WarningRole:
    case Qt::ToolTipRole:
        return row.warning.isEmpty() ? QVariant{} : QVariant{row.warning};
    default:
        return {};
    }
}

std::vector<NamedText> RatingModel::details(const QString& name) const
{
    std::vector<NamedText> result;
    const int at = rowOf(name);
    if (at < 0) {
        return result;
    }
    const ClocksourceRow& row = m_snapshot->clocksources[static_cast<std::size_t>(at)];
    const auto add = [&result](const char* label, const QString& value) {
        if (!value.isEmpty()) {
            result.emplace_back(label, value);
        }
    };
    const bool counts = row.rate && row.rate->value > 0;
    add("period", counts ? periodText(*row.rate) : QString{});
    add("mult / shift",
        row.mult && row.shift ? groupedNumber(*row.mult) + " / " + QString::number(*row.shift)
                              : QString{});
    add("max idle", row.maxIdle ? spanNumber(*row.maxIdle) : QString{});
    add("wraps after", counts && row.bits ? wrapText(*row.bits, *row.rate) : QString{});
    add("read cost",
        row.readCost && *row.readCost > Ns::zero() ? spanNumber(*row.readCost) : QString{});
    add("module reference", moduleText(row));
    return result;
}

int RatingModel::rowOf(const QString& name) const
{
    const auto found = std::ranges::find(rows(), name, &RatingRow::name);
    return found != rows().end() ? static_cast<int>(found - rows().begin()) : -1;
}

QString RatingModel::current() const
{
    const auto found = std::ranges::find(rows(), true, &RatingRow::current);
    return found != rows().end() ? found->name : QString{};
}

} // namespace timerscope
