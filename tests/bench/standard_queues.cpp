// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/queue_work.h"

#include <queue>

#include <map>
#include <set>

namespace timerscope::bench {
namespace {

/// Nodes are taken out and put back, so nothing is allocated on the way.
class MultimapQueue
{
public:
    explicit MultimapQueue(std::uint32_t timers)
        : m_places(timers)
        , m_spare(timers)
    {
    }
    void insert(std::uint32_t timer, std::int64_t expires)
    {
        if (m_spare[timer].empty()) {
            m_places[timer] = m_queue.emplace(expires, timer);
            return;
        }
        m_spare[timer].key() = expires;
        m_places[timer] = m_queue.insert(std::move(m_spare[timer]));
    }
    std::pair<std::uint32_t, std::int64_t> popFirst()
    {
        const auto first = m_queue.begin();
        const std::pair popped{first->second, first->first};
        m_spare[first->second] = m_queue.extract(first);
        return popped;
    }
    void cancel(std::uint32_t timer) { m_spare[timer] = m_queue.extract(m_places[timer]); }

private:
    using Map = std::multimap<std::int64_t, std::uint32_t>;
    Map m_queue;
    std::vector<Map::iterator> m_places;
    std::vector<Map::node_type> m_spare;
};

struct SetEntry
{
    std::int64_t expires;
    std::uint32_t sequence;
    std::uint32_t timer;
    bool operator<(const SetEntry& other) const
    {
        return expires != other.expires ? expires < other.expires : sequence < other.sequence;
    }
};

class SetQueue
{
public:
    explicit SetQueue(std::uint32_t timers)
        : m_places(timers)
        , m_spare(timers)
    {
    }
    void insert(std::uint32_t timer, std::int64_t expires)
    {
        const SetEntry entry{expires, m_sequence++, timer};
        if (m_spare[timer].empty()) {
            m_places[timer] = m_queue.insert(entry).first;
            return;
        }
        m_spare[timer].value() = entry;
        m_places[timer] = m_queue.insert(std::move(m_spare[timer])).position;
    }
    std::pair<std::uint32_t, std::int64_t> popFirst()
    {
        const SetEntry first = *m_queue.begin();
        m_spare[first.timer] = m_queue.extract(m_queue.begin());
        return {first.timer, first.expires};
    }
    void cancel(std::uint32_t timer) { m_spare[timer] = m_queue.extract(m_places[timer]); }

private:
    std::set<SetEntry> m_queue;
    std::vector<std::set<SetEntry>::iterator> m_places;
    std::vector<std::set<SetEntry>::node_type> m_spare;
    std::uint32_t m_sequence = 0;
};

struct Later
{
    bool operator()(const SetEntry& a, const SetEntry& b) const { return b < a; }
};

/// A cancel only marks; what is marked goes when it comes first.
class LazyHeapQueue
{
public:
    explicit LazyHeapQueue(std::uint32_t timers)
        : m_valid(timers, 0)
    {
    }
    void insert(std::uint32_t timer, std::int64_t expires)
    {
        m_valid[timer] = ++m_sequence;
        m_queue.push({expires, m_sequence, timer});
    }
    std::pair<std::uint32_t, std::int64_t> popFirst()
    {
        while (m_valid[m_queue.top().timer] != m_queue.top().sequence) {
            m_queue.pop();
        }
        const SetEntry first = m_queue.top();
        m_queue.pop();
        return {first.timer, first.expires};
    }
    void cancel(std::uint32_t timer) { m_valid[timer] = 0; }

private:
    std::priority_queue<SetEntry, std::vector<SetEntry>, Later> m_queue;
    std::vector<std::uint32_t> m_valid; // the sequence of the entry that counts
    std::uint32_t m_sequence = 0;
};

} // namespace

std::vector<QueuePeer> standardQueues()
{
    return {{"std::multimap", makeQueue<MultimapQueue>},
            {"std::set", makeQueue<SetQueue>},
            {"std::priority_queue, lazy delete", makeQueue<LazyHeapQueue>}};
}

} // namespace timerscope::bench
