// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/queue_work.h"

#include <boost/heap/d_ary_heap.hpp>
#include <boost/intrusive/set.hpp>

namespace timerscope::bench {
namespace {

struct TreeNode : boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>>
{
    std::int64_t expires = 0;
    std::uint32_t timer = 0;
    friend bool operator<(const TreeNode& a, const TreeNode& b) { return a.expires < b.expires; }
};

/// Equal keys go behind each other: first in, first out.
class IntrusiveQueue
{
public:
    explicit IntrusiveQueue(std::uint32_t timers)
        : m_nodes(timers)
    {
        for (std::uint32_t timer = 0; timer < timers; ++timer) {
            m_nodes[timer].timer = timer;
        }
    }
    IntrusiveQueue(const IntrusiveQueue&) = delete;
    IntrusiveQueue& operator=(const IntrusiveQueue&) = delete;
    ~IntrusiveQueue() { m_queue.clear(); }

    void insert(std::uint32_t timer, std::int64_t expires)
    {
        m_nodes[timer].expires = expires;
        m_queue.insert(m_nodes[timer]);
    }
    std::pair<std::uint32_t, std::int64_t> popFirst()
    {
        const TreeNode& first = *m_queue.begin();
        const std::pair popped{first.timer, first.expires};
        m_queue.erase(m_queue.begin());
        return popped;
    }
    void cancel(std::uint32_t timer) { m_queue.erase(m_queue.iterator_to(m_nodes[timer])); }

private:
    std::vector<TreeNode> m_nodes;
    boost::intrusive::multiset<TreeNode, boost::intrusive::constant_time_size<false>> m_queue;
};

struct HeapEntry
{
    std::int64_t expires;
    std::uint32_t sequence;
    std::uint32_t timer;
};

/// Boost's heaps have the greatest on top.
struct LaterEntry
{
    bool operator()(const HeapEntry& a, const HeapEntry& b) const
    {
        return a.expires != b.expires ? a.expires > b.expires : a.sequence > b.sequence;
    }
};

class QuaternaryHeapQueue
{
public:
    explicit QuaternaryHeapQueue(std::uint32_t timers)
        : m_handles(timers)
    {
    }
    void insert(std::uint32_t timer, std::int64_t expires)
    {
        m_handles[timer] = m_queue.push({expires, m_sequence++, timer});
    }
    std::pair<std::uint32_t, std::int64_t> popFirst()
    {
        const std::pair popped{m_queue.top().timer, m_queue.top().expires};
        m_queue.pop();
        return popped;
    }
    void cancel(std::uint32_t timer) { m_queue.erase(m_handles[timer]); }

private:
    using Heap
        = boost::heap::d_ary_heap<HeapEntry, boost::heap::arity<4>, boost::heap::mutable_<true>,
                                  boost::heap::compare<LaterEntry>>;
    Heap m_queue;
    std::vector<Heap::handle_type> m_handles;
    std::uint32_t m_sequence = 0;
};

} // namespace

std::vector<QueuePeer> boostQueues()
{
    return {{"boost::intrusive rbtree", makeQueue<IntrusiveQueue>},
            {"boost::heap d-ary 4", makeQueue<QuaternaryHeapQueue>}};
}

} // namespace timerscope::bench
