// SPDX-License-Identifier: GPL-3.0-or-later
//! Hrtimer queues, trees and CPUs against models too simple to be wrong.
#include "engine/trace/hrtimer_trees.h"
#include "tests/support/hrtimer_bench.h"

#include <QTest>

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

using namespace timerscope;
using namespace timerscope::test;

namespace {

/// (expiry, order of entry) -> number.
class SortedSet
{
public:
    void add(std::uint32_t number, std::int64_t expires)
    {
        m_rows.insert({expires, m_entered++, number});
    }
    void remove(std::uint32_t number)
    {
        std::erase_if(m_rows, [&](const auto& row) { return std::get<2>(row) == number; });
    }
    [[nodiscard]] std::vector<std::uint32_t> inOrder() const
    {
        std::vector<std::uint32_t> numbers;
        for (const auto& row : m_rows) {
            numbers.push_back(std::get<2>(row));
        }
        return numbers;
    }

private:
    std::set<std::tuple<std::int64_t, std::uint64_t, std::uint32_t>> m_rows;
    std::uint64_t m_entered = 0;
};

/// Black nodes on every way down; asserts that they are equally many and no red one has a red
/// child.
int blackHeight(const TimerTree& tree, std::uint32_t place)
{
    if (place == TimerTree::none) {
        return 0;
    }
    const TimerTree::Node& node = tree.node(place);
    for (const std::uint32_t child : node.child) {
        RC_ASSERT(child == TimerTree::none || tree.node(child).parent == place);
        RC_ASSERT(!(node.isRed && child != TimerTree::none && tree.node(child).isRed));
    }
    const int left = blackHeight(tree, node.child[0]);
    RC_ASSERT(left == blackHeight(tree, node.child[1]));
    return left + (node.isRed ? 0 : 1);
}

/// Few different values, so that ties are common.
std::int64_t anyExpiry()
{
    return *rc::gen::inRange<std::int64_t>(-5, 30) * 10;
}

constexpr std::size_t cpuCount = 3;

/// Three CPUs, timers of all eight bases, and somebody who starts, cancels and lets time pass.
class Machine
{
public:
    Machine()
    {
        for (std::uint16_t cpu = 0; cpu < cpuCount; ++cpu) {
            hosts[cpu].now = at(1'000);
            cpus.emplace_back(hosts[cpu], trace.tracer(cpu), shared);
            cpus[cpu].activateHres();
        }
        for (std::uint32_t id = 0; id < 16; ++id) {
            const auto clock = static_cast<HrtimerClock>(id % hrtimerClocks);
            timers.emplace_back(id, clock, id >= 8, "t",
                                [this](Hrtimer& timer) { return fired(timer); });
            cpus[0].init(timers.back());
        }
    }
    ~Machine()
    {
        for (Hrtimer& timer : timers) {
            cpus[0].cancel(timer);
        }
    }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    void step()
    {
        HrtimerCpuBase& cpu = cpus[*rc::gen::inRange<std::size_t>(0, cpuCount)];
        Hrtimer& timer = timers[*rc::gen::inRange<std::size_t>(0, timers.size())];
        switch (*rc::gen::inRange(0, 8)) {
        case 0:
            RC_ASSERT(cpu.cancel(timer) == (starts.erase(timer.id()) > 0));
            break;
        case 1:
        case 2:
            runAll(Ns{*rc::gen::inRange(0, 400)});
            break;
        case 3:
            setClock();
            break;
        default:
            start(cpu, timer);
        }
    }
    void start(HrtimerCpuBase& cpu, Hrtimer& timer)
    {
        const std::size_t target = *rc::gen::inRange<std::size_t>(0, cpuCount);
        for (ScriptedHost& host : hosts) {
            host.target = &cpus[target];
        }
        const HrtimerInstant soft = cpu.clockNow(timer) + Ns{*rc::gen::inRange(-50, 500)};
        const Ns slack{*rc::gen::element(0, 0, 10, 100)};
        starts[timer.id()] = soft;
        cpu.start(timer, soft, slack,
                  *rc::gen::element(hrtimer_mode::absolute, hrtimer_mode::pinned));
    }
    HrtimerRestart fired(Hrtimer& timer)
    {
        RC_ASSERT(starts.contains(timer.id()));
        RC_ASSERT(cpus[0].clockNow(timer) >= starts[timer.id()]); // never before its soft expiry
        RC_ASSERT(cpus[0].tryToCancel(timer) == HrtimerCancel::CallbackRuns);
        starts.erase(timer.id());
        const int what = *rc::gen::inRange(0, 6);
        if (what == 0) {
            starts[timer.id()] = timer.softExpires() + Ns{1'000};
            timer.setExpires(starts[timer.id()], timer.slack());
            return HrtimerRestart::Yes;
        }
        if (what == 1) {
            start(cpus[*rc::gen::inRange<std::size_t>(0, cpuCount)], timer);
        }
        return *rc::gen::inRange(0, 2) == 0 || !timer.isQueued() ? HrtimerRestart::No
                                                                 : HrtimerRestart::Yes;
    }
    void runAll(Ns later)
    {
        const MonotonicInstant now = hosts[0].now + later;
        for (ScriptedHost& host : hosts) {
            host.now = now;
        }
        for (std::size_t cpu = 0; cpu < cpuCount; ++cpu) {
            while (cpus[cpu].expiresNext() <= now) {
                const int raised = hosts[cpu].softirqsRaised;
                cpus[cpu].interrupt();
                if (hosts[cpu].softirqsRaised != raised) {
                    cpus[cpu].runSoftirq();
                }
            }
        }
    }
    void setClock()
    {
        const Ns offset{*rc::gen::inRange(0, 1000)};
        for (ScriptedHost& host : hosts) {
            host.offsets[HrtimerClock::Realtime] = offset;
        }
        for (HrtimerCpuBase& cpu : cpus) {
            if (cpu.clockWasSet(clock_set::wall)) {
                cpu.reprogram();
            }
        }
    }

    TraceBench trace;
    HrtimerShared shared;
    std::array<ScriptedHost, cpuCount> hosts;
    std::deque<HrtimerCpuBase> cpus;
    std::deque<Hrtimer> timers;
    std::map<std::uint32_t, HrtimerInstant> starts; // what waits, and from when on it may fire
};

/// No timer is due before its CPU's device fires.
void checkDevices(const Machine& machine)
{
    for (const HrtimerCpuBase& cpu : machine.cpus) {
        for (std::size_t base = 0; base < hrtimerBases; ++base) {
            const Hrtimer* const first = cpu.queue(base).first();
            if (first != nullptr) {
                const Ns due = first->hardExpires().time_since_epoch() - cpu.offset(base);
                RC_ASSERT(cpu.expiresNext().time_since_epoch() <= std::max(due, Ns::zero()));
            }
        }
    }
}

/// Every queue is in order of hard expiry, and holds what the records say.
void checkQueues(const Machine& machine, const HrtimerTrees& trees)
{
    std::size_t queued = 0;
    for (const HrtimerCpuBase& cpu : machine.cpus) {
        for (unsigned base = 0; base < hrtimerBases; ++base) {
            const auto timers = cpu.queue(base).inOrder();
            std::vector<std::uint32_t> ids;
            for (const Hrtimer* timer : timers) {
                RC_ASSERT(timer->cpuBase() == &cpu);
                ids.push_back(timer->id());
            }
            RC_ASSERT(std::ranges::is_sorted(timers, {}, &Hrtimer::hardExpires));
            RC_ASSERT(ids == trees.tree({.cpu = cpu.cpu(), .base = base}).inOrder());
            queued += timers.size();
        }
    }
    RC_ASSERT(queued == machine.starts.size());
}

} // namespace

class HrtimerProperty : public QObject
{
    Q_OBJECT
private slots:
    void heapIsASortedSet();
    void heapKeepsItsOrderWhenItsCountOverflows();
    void treeIsASortedSetAndBalanced();
    void timersOfManyCpusFireInTimeAndNeverEarly();
    void timersOfADeadCpuAreAllKeptInOrder();
};

void HrtimerProperty::heapIsASortedSet()
{
    const bool holds = rc::check("heap = set ordered by (expiry, entry)", [] {
        ExpiryHeap heap(*rc::gen::element(0U, 4'294'967'270U));
        SortedSet model;
        std::vector<ExpiryHeap::Handle> queued;
        const int steps = *rc::gen::inRange(1, 200);
        for (int i = 0; i < steps; ++i) {
            if (queued.empty() || *rc::gen::inRange(0, 5) < 3) {
                const std::int64_t expires = anyExpiry();
                queued.push_back(heap.add(expires));
                model.add(queued.back(), expires);
            } else {
                const auto which = *rc::gen::inRange<std::size_t>(0, queued.size());
                heap.remove(queued[which]);
                model.remove(queued[which]);
                queued.erase(queued.begin() + static_cast<std::ptrdiff_t>(which));
            }
            const auto order = model.inOrder();
            RC_ASSERT(heap.size() == order.size());
            RC_ASSERT(heap.inOrder() == order);
            if (!order.empty()) {
                RC_ASSERT(heap.first() == order.front());
                if (*rc::gen::inRange(0, 4) == 0) {
                    RC_ASSERT(heap.firstAfter(order.front())
                              == (order.size() > 1 ? order[1] : ExpiryHeap::noHandle));
                }
            }
        }
    });
    QVERIFY(holds);
}

void HrtimerProperty::heapKeepsItsOrderWhenItsCountOverflows()
{
    const bool holds = rc::check("an overflow changes no order", [] {
        const auto expiries = *rc::gen::container<std::vector<std::int64_t>>(
            60, rc::gen::inRange<std::int64_t>(0, 8));
        const auto before = *rc::gen::inRange<std::uint32_t>(1, 60);
        ExpiryHeap heap(std::numeric_limits<std::uint32_t>::max() - before);
        ExpiryHeap other;
        for (const std::int64_t expires : expiries) {
            RC_ASSERT(heap.add(expires) == other.add(expires));
        }
        RC_ASSERT(heap.inOrder() == other.inOrder());
    });
    QVERIFY(holds);
}

void HrtimerProperty::treeIsASortedSetAndBalanced()
{
    const bool holds = rc::check("tree = set ordered by (key, entry), red and black", [] {
        TimerTree tree;
        SortedSet model;
        const int steps = *rc::gen::inRange(1, 150);
        for (int i = 0; i < steps; ++i) {
            const auto id = *rc::gen::inRange<std::uint32_t>(0, 40);
            if (tree.contains(id)) {
                RC_ASSERT(tree.erase(id));
                model.remove(id);
            } else {
                const std::int64_t key = anyExpiry();
                model.add(id, key);
                RC_ASSERT(tree.insert(id, key) == (model.inOrder().front() == id));
            }
            RC_ASSERT(tree.inOrder() == model.inOrder());
            RC_ASSERT(tree.isEmpty() || !tree.node(tree.root()).isRed);
            static_cast<void>(blackHeight(tree, tree.root()));
        }
    });
    QVERIFY(holds);
}

void HrtimerProperty::timersOfManyCpusFireInTimeAndNeverEarly()
{
    const bool holds = rc::check("starts, cancels, clock steps and moves between CPUs", [] {
        Machine machine;
        HrtimerTrees trees;
        std::size_t seen = 0;
        const int steps = *rc::gen::inRange(1, 60);
        for (int i = 0; i < steps; ++i) {
            machine.step();
            for (; seen < machine.trace.log().size(); ++seen) {
                trees.apply(machine.trace.log()[seen]);
            }
            checkQueues(machine, trees);
            checkDevices(machine);
        }
    });
    QVERIFY(holds);
}

void HrtimerProperty::timersOfADeadCpuAreAllKeptInOrder()
{
    const bool holds = rc::check("a queue that moves keeps its order", [] {
        Machine machine;
        const int steps = *rc::gen::inRange(1, 40);
        for (int i = 0; i < steps; ++i) {
            machine.step();
        }
        HrtimerCpuBase& dead = machine.cpus[0];
        HrtimerCpuBase& heir = machine.cpus[1];
        std::array<std::vector<const Hrtimer*>, hrtimerBases> expected;
        for (std::size_t base = 0; base < hrtimerBases; ++base) {
            // Behind the heir's own where they are equal.
            expected[base] = heir.queue(base).inOrder();
            const auto moved = dead.queue(base).inOrder();
            expected[base].insert(expected[base].end(), moved.begin(), moved.end());
            std::ranges::stable_sort(expected[base], {}, &Hrtimer::hardExpires);
        }
        dead.migrateTo(heir);
        for (std::size_t base = 0; base < hrtimerBases; ++base) {
            RC_ASSERT(heir.queue(base).inOrder() == expected[base]);
            RC_ASSERT(dead.queue(base).isEmpty());
        }
        checkDevices(machine);
    });
    QVERIFY(holds);
}

QTEST_GUILESS_MAIN(HrtimerProperty)
#include "hrtimer_property.moc"
