// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace timerscope {

/// The kernel's red-black tree of queued timers, shape and colours: for pictures. The engine itself
/// queues in something faster of the same order.
///
/// Rules: equal keys go to the right, so they leave first in, first out. After an insertion a red
/// uncle is recoloured and anything else rotated; what is erased from between two children gives
/// its place and colour to its in-order successor (oracle set timerqueue_seq, with final_tree).
class TimerTree
{
public:
    using Id = std::uint32_t; ///< of a timer, unique within the tree

    /// One timer's place. Links are places in nodes(); `none` where there is nothing.
    struct Node
    {
        std::int64_t key = 0;
        Id id = 0;
        bool isRed = true;
        std::uint32_t parent = 0;
        std::array<std::uint32_t, 2> child{}; ///< left, right
        friend bool operator==(const Node&, const Node&) = default;
    };
    static constexpr std::uint32_t none = 0;

    TimerTree()
        : m_nodes(1, Node{.isRed = false})
    {
    }

    [[nodiscard]] bool isEmpty() const { return m_root == none; }
    [[nodiscard]] std::size_t size() const { return m_places.size(); }
    [[nodiscard]] bool contains(Id id) const { return m_places.contains(id); }
    /// The place of the top node; `none` when empty.
    [[nodiscard]] std::uint32_t root() const { return m_root; }
    /// @p place must be one that the tree gave out since it was last changed.
    [[nodiscard]] const Node& node(std::uint32_t place) const { return m_nodes[place]; }
    /// The timer that expires first.
    [[nodiscard]] std::optional<Id> first() const;
    /// All timers, first to expire first.
    [[nodiscard]] std::vector<Id> inOrder() const;

    /// Returns whether it has become the first. False also when @p id is there already: then
    /// nothing changes.
    bool insert(Id id, std::int64_t key);
    /// Returns whether @p id was there.
    bool erase(Id id);

private:
    enum Side : std::size_t
    {
        Left = 0,
        Right = 1,
    };
    static Side other(Side side) { return side == Left ? Right : Left; }

    [[nodiscard]] std::uint32_t newPlace(const Node& node);
    [[nodiscard]] Side sideOf(std::uint32_t place) const;
    [[nodiscard]] std::uint32_t farthest(std::uint32_t place, Side side) const;
    [[nodiscard]] bool isRed(std::uint32_t place) const { return m_nodes[place].isRed; }
    void hang(std::uint32_t place, std::uint32_t parent, Side side);
    void replace(std::uint32_t place, std::uint32_t heir);
    void rotate(std::uint32_t place, Side side);
    void mendAfterInsertion(std::uint32_t place);
    void mendAfterRemoval(std::uint32_t parent, Side side);
    [[nodiscard]] std::uint32_t mendSibling(std::uint32_t parent, Side side);

    std::vector<Node> m_nodes; // the first is nobody: black, and every leaf's missing child
    std::vector<std::uint32_t> m_freePlaces;
    std::unordered_map<Id, std::uint32_t> m_places;
    std::uint32_t m_root = none;
};

} // namespace timerscope
