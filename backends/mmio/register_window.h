// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace timerscope {

/// A register of a file or device, through a mapping of the one page that it is in.
///
/// Every access is a single load or store of exactly the width given: a device may act on what it
/// sees, and halves of an access would be two. (64 bits are two on a 32-bit machine.)
class RegisterWindow
{
public:
    enum class Access : std::uint8_t
    {
        Read,
        Write,
    };

    /// Maps the page of @p file around @p position, which is a multiple of @p width / 8.
    /// @p width: 8, 16, 32 or 64. A mapping outlives the descriptor.
    RegisterWindow(int file, std::uint64_t position, unsigned width, Access access);
    ~RegisterWindow();
    RegisterWindow(const RegisterWindow&) = delete;
    RegisterWindow& operator=(const RegisterWindow&) = delete;

    /// errno of the mapping; 0 when it is there. Any other: nothing may be read or written.
    [[nodiscard]] int error() const { return m_error; }

    [[nodiscard]] std::uint64_t read() const;
    void write(std::uint64_t value) const;

private:
    void* m_page = nullptr;
    std::size_t m_within = 0; ///< of the register in its page, bytes
    unsigned m_width;
    int m_error = 0;
};

} // namespace timerscope
