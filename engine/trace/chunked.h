// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/reused_memory.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

namespace timerscope {

/// An append-only sequence: one thread writes, any thread reads what is published.
///
/// Elements never move and never change, so a reader needs no lock: it loads size() once and may
/// then look at every index below it for as long as the sequence lives. Its chunks are not zeroed:
/// touching fresh memory costs more than writing a record.
template<typename T, std::size_t perChunk, std::size_t chunksMax>
class Chunked
{
public:
    static constexpr std::size_t capacity = perChunk * chunksMax;

    /// @p memory has the chunks, before and after; null: they are its own.
    explicit Chunked(ReusedMemory* memory = nullptr)
        : m_memory(memory)
        , m_chunks(static_cast<T**>(std::calloc(chunksMax, sizeof(T*))))
    {
        if (!m_chunks) {
            throw std::bad_alloc();
        }
    }
    ~Chunked()
    {
        const std::size_t size = m_size.load(std::memory_order_relaxed);
        for (std::size_t begin = 0; begin < size; begin += perChunk) {
            T* const chunk = m_chunks[begin / perChunk];
            std::destroy_n(chunk, std::min(perChunk, size - begin));
            giveBack(chunk);
        }
    }
    Chunked(const Chunked&) = delete;
    Chunked& operator=(const Chunked&) = delete;

    /// Writer thread only. False when full: the element is then not kept.
    [[nodiscard]] bool append(const T& element)
    {
        const std::size_t index = m_size.load(std::memory_order_relaxed);
        if (m_next == m_chunkEnd && !beginChunk(index)) [[unlikely]] {
            return false;
        }
        std::construct_at(m_next, element);
        ++m_next;
        m_size.store(index + 1, std::memory_order_release); // publishes the element and its chunk
        return true;
    }

    [[nodiscard]] std::size_t size() const { return m_size.load(std::memory_order_acquire); }

    [[nodiscard]] const T& operator[](std::size_t index) const
    {
        assert(index < size());
        return m_chunks[index / perChunk][index % perChunk];
    }

private:
    static constexpr std::size_t chunkBytes = perChunk * sizeof(T);
    struct Free
    {
        void operator()(T** chunks) const { std::free(static_cast<void*>(chunks)); }
    };

    [[nodiscard, gnu::noinline, gnu::cold]] bool beginChunk(std::size_t index)
    {
        if (index == capacity) {
            return false;
        }
        T* const chunk = static_cast<T*>(m_memory != nullptr
                                             ? m_memory->take(chunkBytes)
                                             : ::operator new(chunkBytes, ReusedMemory::alignment));
        m_chunks[index / perChunk] = chunk;
        m_next = chunk;
        m_chunkEnd = chunk + perChunk;
        return true;
    }

    void giveBack(T* chunk)
    {
        if (m_memory != nullptr) {
            m_memory->giveBack(chunk);
        } else {
            ::operator delete(chunk, ReusedMemory::alignment);
        }
    }

    ReusedMemory* m_memory;
    // Made once, for growing would move it under readers; of calloc, which leaves the pages that
    // nobody needs untouched.
    std::unique_ptr<T*[], Free> m_chunks;
    T* m_next = nullptr; // the writer's: where the next element goes, …
    T* m_chunkEnd = nullptr; // … unless the chunk is full
    std::atomic<std::size_t> m_size{0};
};

} // namespace timerscope
