// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 9: the kernel's tree of queued timers, and the engine's heap beside it.
#include "engine/hrtimer/expiry_heap.h"
#include "engine/trace/timer_tree.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

#include <map>

namespace timerscope::oracle {
namespace {

/// The tree for pictures and the heap that the engine queues in: both must tell the same order.
class Queues
{
public:
    bool add(TimerTree::Id id, std::int64_t key)
    {
        m_handles[id] = m_heap.add(key);
        return m_tree.insert(id, key);
    }
    bool remove(TimerTree::Id id)
    {
        m_heap.remove(m_handles[id]);
        m_handles.erase(id);
        static_cast<void>(m_tree.erase(id));
        return !m_tree.isEmpty();
    }
    [[nodiscard]] bool holds(TimerTree::Id id) const { return m_tree.contains(id); }
    [[nodiscard]] const TimerTree& tree() const { return m_tree; }

    [[nodiscard]] bool agree() const
    {
        std::vector<ExpiryHeap::Handle> handles;
        for (const TimerTree::Id id : m_tree.inOrder()) {
            handles.push_back(m_handles.at(id));
        }
        const auto first = m_tree.first();
        return m_heap.inOrder() == handles && m_heap.isEmpty() == !first
            && (!first || m_heap.first() == m_handles.at(*first));
    }

private:
    TimerTree m_tree;
    ExpiryHeap m_heap;
    std::map<TimerTree::Id, ExpiryHeap::Handle> m_handles;
};

Result<bool> carryOut(Queues& queues, const QJsonArray& step)
{
    const QString word = step.at(0).toString();
    const int id = step.at(1).toInt(-1);
    bool isKey = true;
    const std::int64_t key = word == "add" ? step.at(2).toString().toLongLong(&isKey) : 0;
    const auto timer = static_cast<TimerTree::Id>(id);
    const bool isWord = word == "add" || word == "del";
    if (!isWord || id < 0 || !isKey || queues.holds(timer) != (word == "del")) {
        return fail(ErrorCode::Corrupt,
                    "a step adds a new timer with a key or deletes a queued one: "
                        + jsonText(step));
    }
    return word == "add" ? queues.add(timer, key) : queues.remove(timer);
}

QJsonArray stateOf(bool answer, const TimerTree& tree)
{
    QJsonArray ids;
    for (const TimerTree::Id id : tree.inOrder()) {
        ids.append(number(id));
    }
    const auto first = tree.first();
    return {number(answer ? 1 : 0), number(first ? std::int64_t{*first} : -1), ids};
}

void addPreorder(QJsonArray& rows, const TimerTree& tree, std::uint32_t place)
{
    if (place == TimerTree::none) {
        rows.append(QJsonValue::Null);
        return;
    }
    const TimerTree::Node& node = tree.node(place);
    rows.append(QJsonArray{number(node.id), node.isRed ? "r" : "b"});
    addPreorder(rows, tree, node.child[0]);
    addPreorder(rows, tree, node.child[1]);
}

Result<QJsonObject> timerQueue(const QJsonObject& in)
{
    RowReader row(in);
    Queues queues;
    QJsonArray states;
    for (const QJsonValue step : row.list("steps")) {
        const auto answer = carryOut(queues, step.toArray());
        if (!answer) {
            return tl::unexpected<Error>(answer.error());
        }
        if (!queues.agree()) {
            return fail(ErrorCode::InvalidArgument,
                        "the engine's heap and the tree differ after " + jsonText(step));
        }
        states.append(stateOf(*answer, queues.tree()));
    }
    if (!row.ok()) {
        return row.failure();
    }
    QJsonArray preorder;
    addPreorder(preorder, queues.tree(), queues.tree().root());
    return QJsonObject{{"steps", states}, {"final_tree", preorder}};
}

constexpr OracleSet sets[] = {
    {"timerqueue_seq", timerQueue},
};

} // namespace

std::span<const OracleSet> timerQueueSets()
{
    return sets;
}

} // namespace timerscope::oracle
