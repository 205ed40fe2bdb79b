// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace timerscope {

/// An append-only sequence: one thread writes, any thread reads what is published.
///
/// Elements never move and never change, so a reader needs no lock: it loads size() once and may
/// then look at every index below it for as long as the sequence lives.
template<typename T, std::size_t perChunk, std::size_t chunksMax>
class Chunked
{
public:
    static constexpr std::size_t capacity = perChunk * chunksMax;

    Chunked()
        : m_chunks(chunksMax)
    {
    }

    /// Writer thread only. False when full: the element is then not kept.
    [[nodiscard]] bool append(T element)
    {
        const std::size_t index = m_size.load(std::memory_order_relaxed);
        if (index == capacity) {
            return false;
        }
        auto& chunk = m_chunks[index / perChunk];
        if (!chunk) {
            chunk = std::make_unique<Chunk>();
        }
        (*chunk)[index % perChunk] = std::move(element);
        m_size.store(index + 1, std::memory_order_release); // publishes the element and its chunk
        return true;
    }

    [[nodiscard]] std::size_t size() const { return m_size.load(std::memory_order_acquire); }

    [[nodiscard]] const T& operator[](std::size_t index) const
    {
        assert(index < size());
        return (*m_chunks[index / perChunk])[index % perChunk];
    }

private:
    using Chunk = std::array<T, perChunk>;
    std::vector<std::unique_ptr<Chunk>> m_chunks; // sized once: growing would move it under readers
    std::atomic<std::size_t> m_size{0};
};

} // namespace timerscope
