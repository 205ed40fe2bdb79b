// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trace/timer_tree.h"

#include "engine/base/invariant.h"

namespace timerscope {

// --- moving nodes ------------------------------------------------------------------------------

std::uint32_t TimerTree::newPlace(const Node& node)
{
    if (m_freePlaces.empty()) {
        m_nodes.push_back(node);
        return static_cast<std::uint32_t>(m_nodes.size() - 1);
    }
    const std::uint32_t place = m_freePlaces.back();
    m_freePlaces.pop_back();
    m_nodes[place] = node;
    return place;
}

TimerTree::Side TimerTree::sideOf(std::uint32_t place) const
{
    return m_nodes[m_nodes[place].parent].child[Left] == place ? Left : Right;
}

/// The last node on the way down from @p place to @p side.
std::uint32_t TimerTree::farthest(std::uint32_t place, Side side) const
{
    while (m_nodes[place].child[side] != none) {
        place = m_nodes[place].child[side];
    }
    return place;
}

/// Makes @p place, which may be `none`, the child of @p parent on @p side.
void TimerTree::hang(std::uint32_t place, std::uint32_t parent, Side side)
{
    m_nodes[parent].child[side] = place;
    if (place != none) {
        m_nodes[place].parent = parent;
    }
}

/// The parent of @p place gets @p heir, which may be `none`, as its child instead.
void TimerTree::replace(std::uint32_t place, std::uint32_t heir)
{
    const std::uint32_t parent = m_nodes[place].parent;
    if (parent != none) {
        hang(heir, parent, sideOf(place));
        return;
    }
    m_root = heir;
    if (heir != none) {
        m_nodes[heir].parent = none;
    }
}

/// @p place goes down to @p side; its child of the other side takes its place.
void TimerTree::rotate(std::uint32_t place, Side side)
{
    const std::uint32_t riser = m_nodes[place].child[other(side)];
    replace(place, riser);
    hang(m_nodes[riser].child[side], place, other(side));
    hang(place, riser, side);
}

// --- inserting ---------------------------------------------------------------------------------

bool TimerTree::insert(Id id, std::int64_t key)
{
    if (contains(id)) {
        return false;
    }
    const std::uint32_t place = newPlace({.key = key, .id = id});
    m_places[id] = place;
    bool isFirst = true;
    std::uint32_t parent = none;
    Side side = Left;
    for (std::uint32_t below = m_root; below != none; below = m_nodes[parent].child[side]) {
        parent = below;
        side = key < m_nodes[below].key ? Left : Right;
        isFirst = isFirst && side == Left;
    }
    if (parent == none) {
        m_root = place;
    } else {
        hang(place, parent, side);
    }
    mendAfterInsertion(place);
    return isFirst;
}

/// A red node must not have a red child, and @p place is red.
void TimerTree::mendAfterInsertion(std::uint32_t place)
{
    while (isRed(m_nodes[place].parent)) {
        std::uint32_t parent = m_nodes[place].parent;
        const std::uint32_t grandparent = m_nodes[parent].parent;
        const Side side = sideOf(parent);
        const std::uint32_t uncle = m_nodes[grandparent].child[other(side)];
        if (isRed(uncle)) {
            m_nodes[parent].isRed = false;
            m_nodes[uncle].isRed = false;
            m_nodes[grandparent].isRed = true;
            place = grandparent;
            continue;
        }
        if (sideOf(place) != side) {
            rotate(parent, side);
            parent = place;
        }
        m_nodes[parent].isRed = false;
        m_nodes[grandparent].isRed = true;
        rotate(grandparent, other(side));
        break;
    }
    m_nodes[m_root].isRed = false;
}

// --- erasing -----------------------------------------------------------------------------------

bool TimerTree::erase(Id id)
{
    const auto found = m_places.find(id);
    if (found == m_places.end()) {
        return false;
    }
    const std::uint32_t place = found->second;
    m_places.erase(found);
    const auto [left, right] = m_nodes[place].child;
    // Where a node goes missing below: under `parent`, on `side`.
    std::uint32_t parent = m_nodes[place].parent;
    Side side = parent != none ? sideOf(place) : Left;
    bool losesBlack = !isRed(place);
    std::uint32_t successor = left == none ? right : left;
    if (left != none && right != none) {
        successor = farthest(right, Left);
        losesBlack = !isRed(successor);
        const bool isChild = successor == right;
        parent = isChild ? successor : m_nodes[successor].parent;
        side = isChild ? Right : Left;
        if (!isChild) {
            hang(m_nodes[successor].child[Right], parent, Left);
            hang(right, successor, Right);
        }
        hang(left, successor, Left);
        m_nodes[successor].isRed = isRed(place);
        replace(place, successor);
    } else {
        replace(place, successor);
    }
    m_freePlaces.push_back(place);
    if (losesBlack) {
        mendAfterRemoval(parent, side);
    }
    return true;
}

/// The paths through @p side of @p parent have one black node too few.
void TimerTree::mendAfterRemoval(std::uint32_t parent, Side side)
{
    while (parent != none && !isRed(m_nodes[parent].child[side])) {
        const std::uint32_t sibling = mendSibling(parent, side);
        if (sibling == none) {
            // Now the paths through the parent are all one short.
            const std::uint32_t above = m_nodes[parent].parent;
            const bool isMended = isRed(parent);
            m_nodes[parent].isRed = false;
            if (isMended || above == none) {
                return;
            }
            side = sideOf(parent);
            parent = above;
            continue;
        }
        m_nodes[sibling].isRed = isRed(parent);
        m_nodes[parent].isRed = false;
        m_nodes[m_nodes[sibling].child[other(side)]].isRed = false;
        rotate(parent, side);
        return;
    }
    // A red node can make up for it by turning black; without a parent it is the root.
    const std::uint32_t spare = parent != none ? m_nodes[parent].child[side] : m_root;
    m_nodes[spare].isRed = false;
}

/// Brings a black sibling with a red outer child to stand opposite of @p side below @p parent, and
/// returns it; or, where there is no red one to lend, makes the sibling red and returns `none`.
std::uint32_t TimerTree::mendSibling(std::uint32_t parent, Side side)
{
    const Side far = other(side);
    if (const std::uint32_t sibling = m_nodes[parent].child[far]; isRed(sibling)) {
        m_nodes[sibling].isRed = false;
        m_nodes[parent].isRed = true;
        rotate(parent, side);
    }
    const std::uint32_t sibling = m_nodes[parent].child[far];
    invariant(sibling != none);
    if (isRed(m_nodes[sibling].child[far])) {
        return sibling;
    }
    const std::uint32_t inner = m_nodes[sibling].child[side];
    if (!isRed(inner)) {
        m_nodes[sibling].isRed = true;
        return none;
    }
    m_nodes[inner].isRed = false;
    m_nodes[sibling].isRed = true;
    rotate(sibling, far);
    return inner;
}

// --- looking -----------------------------------------------------------------------------------

std::optional<TimerTree::Id> TimerTree::first() const
{
    if (isEmpty()) {
        return std::nullopt;
    }
    return m_nodes[farthest(m_root, Left)].id;
}

std::vector<TimerTree::Id> TimerTree::inOrder() const
{
    std::vector<Id> ids;
    ids.reserve(size());
    std::vector<std::uint32_t> open;
    for (std::uint32_t at = m_root; at != none || !open.empty();) {
        if (at != none) {
            open.push_back(at);
            at = m_nodes[at].child[Left];
        } else {
            at = open.back();
            open.pop_back();
            ids.push_back(m_nodes[at].id);
            at = m_nodes[at].child[Right];
        }
    }
    return ids;
}

} // namespace timerscope
