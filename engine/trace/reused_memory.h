// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace timerscope {

/// Keeps the memory of sequences that are gone for those that come: memory that was never touched
/// costs several times what writing a record to it does.
///
/// Its blocks are all of one size. Threading: one thread at a time. It must outlive who uses it.
class ReusedMemory
{
public:
    static constexpr std::align_val_t alignment{64}; ///< a cache line

    ReusedMemory() = default;
    ~ReusedMemory()
    {
        for (void* const block : m_free) {
            ::operator delete(block, alignment);
        }
    }
    ReusedMemory(const ReusedMemory&) = delete;
    ReusedMemory& operator=(const ReusedMemory&) = delete;

    /// @p bytes, the same in each call, not zeroed.
    [[nodiscard]] void* take(std::size_t bytes)
    {
        if (m_free.empty()) {
            return ::operator new(bytes, alignment);
        }
        void* const block = m_free.back();
        m_free.pop_back();
        return block;
    }
    void giveBack(void* block) { m_free.push_back(block); }
    [[nodiscard]] std::size_t kept() const { return m_free.size(); }

private:
    std::vector<void*> m_free;
};

} // namespace timerscope
