// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/hrtimer_queue_model.h"

#include "app/models/number_text.h"

namespace timerscope {

namespace {

using Model = HrtimerQueueModel;

bool isTick(const QueuedTimer& timer)
{
    return timer.function == "tick_sched_timer" || timer.function == "tick_nohz_handler";
}

QString slackText(const QueuedTimer& timer)
{
    const Ns slack = timer.hard - timer.soft;
    return slack == Ns::zero() ? QString{"0"} : spanNumber(slack);
}

QString softText(const QueuedTimer& timer)
{
    return timer.soft == timer.hard ? QString{"= hard"} : instantWithoutUnit(nsOf(timer.soft));
}

QString displayText(const QueuedTimer& timer, int column)
{
    switch (column) {
    case Model::NumberColumn:
        return QString::number(timer.number);
    case Model::FunctionColumn:
        return timer.function;
    case Model::TaskColumn:
        return timer.task;
    case Model::SoftColumn:
        return softText(timer);
    case Model::HardColumn:
        return instantWithoutUnit(nsOf(timer.hard));
    case Model::SlackColumn:
        return slackText(timer);
    case Model::LeftColumn:
        return roundedSpanNumber(timer.left);
    default:
        return {};
    }
}

QString exactText(const QueuedTimer& timer, int column)
{
    switch (column) {
    case Model::SoftColumn:
        return plainCopy(instantNumber(nsOf(timer.soft)));
    case Model::HardColumn:
        return plainCopy(instantNumber(nsOf(timer.hard)));
    case Model::LeftColumn:
        return plainCopy(spanNumber(timer.left));
    default:
        return plainCopy(displayText(timer, column));
    }
}

} // namespace

void HrtimerQueueModel::apply(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
    refresh();
}

void HrtimerQueueModel::show(unsigned cpu, unsigned base)
{
    m_cpu = cpu;
    m_base = base;
    refresh();
}

const CpuRow* HrtimerQueueModel::cpuRow() const
{
    const auto found = std::ranges::find(m_snapshot->cpus, m_cpu, &CpuRow::index);
    return found != m_snapshot->cpus.end() ? &*found : nullptr;
}

const HrtimerBaseRow* HrtimerQueueModel::baseRow() const
{
    const CpuRow* cpu = cpuRow();
    if (cpu == nullptr) {
        return nullptr;
    }
    const auto found = std::ranges::find(cpu->hrtimerBases, m_base, &HrtimerBaseRow::index);
    return found != cpu->hrtimerBases.end() ? &*found : nullptr;
}

void HrtimerQueueModel::refresh()
{
    std::vector<QueuedTimer> next;
    if (const HrtimerBaseRow* base = baseRow()) {
        for (const HrtimerRow& timer : base->timers) {
            next.push_back({.identity = {.base = m_base, .id = timer.id},
                            .number = static_cast<int>(next.size()) + 1,
                            .function = toQt(timer.function),
                            .task = toQt(timer.task),
                            .soft = timer.softExpires,
                            .hard = timer.hardExpires,
                            .left = base->left(timer, m_snapshot->monotonic)});
        }
    }
    replaceRows(std::move(next));
}

std::array<int, Model::bases> HrtimerQueueModel::counts() const
{
    std::array<int, bases> result{};
    if (const CpuRow* cpu = cpuRow()) {
        for (const HrtimerBaseRow& base : cpu->hrtimerBases) {
            if (base.index < bases) {
                result[base.index] = static_cast<int>(base.timers.size());
            }
        }
    }
    return result;
}

std::vector<unsigned> HrtimerQueueModel::cpus() const
{
    std::vector<unsigned> result;
    for (const CpuRow& cpu : m_snapshot->cpus) {
        result.push_back(cpu.index);
    }
    return result;
}

bool HrtimerQueueModel::isVisible() const
{
    const CpuRow* cpu = cpuRow();
    return cpu != nullptr && !cpu->hrtimerBases.empty();
}

QString HrtimerQueueModel::deviceSentence() const
{
    const CpuRow* cpu = cpuRow();
    if (cpu == nullptr || !cpu->tickDevice || cpu->tickDevice->empty()) {
        return "No event device serves this CPU yet.";
    }
    const QString name = toQt(*cpu->tickDevice);
    const ClockEventRow* device = m_snapshot->clockEvent(*cpu->tickDevice, m_cpu);
    const auto next = device != nullptr ? device->nextEvent : std::nullopt;
    if (!next) {
        return name + ": its next event is not known.";
    }
    if (device->state == ClockEventState::Periodic) {
        const auto rate = m_snapshot->machine.tickRate;
        const QString period = rate ? " every " + spanNumber(rate->period()) : QString{};
        return name + " reloads itself" + period + "; timers wait for its interrupts.";
    }
    if (*next == never<MonotonicClock>) {
        return name + " has nothing programmed.";
    }
    const Ns left = *next - m_snapshot->monotonic;
    if (left < Ns::zero()) {
        return QString{"%1 was programmed for %2, %3 ago; its interrupt is due."}.arg(
            name, instantNumber(nsOf(*next)), spanNumber(-left));
    }
    return QString{"%1 is programmed for %2, %3 from now."}.arg(name, instantNumber(nsOf(*next)),
                                                                spanNumber(left));
}

int HrtimerQueueModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant HrtimerQueueModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const QueuedTimer& timer = rows()[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return displayText(timer, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(
            Qt::AlignVCenter | (index.column() >= SoftColumn ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ToolTipRole:
    case CopyRole:
        return exactText(timer, index.column());
    case LeftNsRole:
        return QVariant::fromValue<qint64>(timer.left.count());
    case IsTickRole:
        return isTick(timer);
    default:
        return {};
    }
}

QVariant HrtimerQueueModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const std::array<QString, ColumnCount> heads{"#",
                                                        "function",
                                                        "task",
                                                        "soft expiry, s",
                                                        "hard expiry, s",
                                                        "slack",
                                                        QString::fromUtf8("left ≈")};
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::AlignVCenter
                                   | (section >= SoftColumn ? Qt::AlignRight : Qt::AlignLeft));
    }
    return role == Qt::DisplayRole ? QVariant{heads[static_cast<std::size_t>(section)]}
                                   : QVariant{};
}

} // namespace timerscope
