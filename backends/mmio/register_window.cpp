// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/mmio/register_window.h"

#include <cerrno>
#include <sys/mman.h>
#include <unistd.h>

namespace timerscope {

namespace {

std::size_t pageSize()
{
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

template<typename Word>
volatile Word& wordAt(void* page, std::size_t within)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): memory becomes registers here
    return *reinterpret_cast<volatile Word*>(static_cast<std::byte*>(page) + within);
}

} // namespace

RegisterWindow::RegisterWindow(int file, std::uint64_t position, unsigned width, Access access)
    : m_within(position % pageSize())
    , m_width(width)
{
    const int protection = access == Access::Write ? PROT_READ | PROT_WRITE : PROT_READ;
    void* const page = ::mmap(nullptr, pageSize(), protection, MAP_SHARED, file,
                              static_cast<off_t>(position - m_within));
    if (page == MAP_FAILED) { // NOLINT(performance-no-int-to-ptr): the system's macro
        m_error = errno;
    } else {
        m_page = page;
    }
}

RegisterWindow::~RegisterWindow()
{
    if (m_page != nullptr) {
        ::munmap(m_page, pageSize());
    }
}

std::uint64_t RegisterWindow::read() const
{
    switch (m_width) {
    case 8:
        return wordAt<std::uint8_t>(m_page, m_within);
    case 16:
        return wordAt<std::uint16_t>(m_page, m_within);
    case 32:
        return wordAt<std::uint32_t>(m_page, m_within);
    default:
        return wordAt<std::uint64_t>(m_page, m_within);
    }
}

void RegisterWindow::write(std::uint64_t value) const
{
    switch (m_width) {
    case 8:
        wordAt<std::uint8_t>(m_page, m_within) = static_cast<std::uint8_t>(value);
        break;
    case 16:
        wordAt<std::uint16_t>(m_page, m_within) = static_cast<std::uint16_t>(value);
        break;
    case 32:
        wordAt<std::uint32_t>(m_page, m_within) = static_cast<std::uint32_t>(value);
        break;
    default:
        wordAt<std::uint64_t>(m_page, m_within) = value;
    }
}

} // namespace timerscope
