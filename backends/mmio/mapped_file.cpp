// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/mmio/mapped_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace timerscope {

FileKind kindOf(const struct stat& status)
{
    if (S_ISREG(status.st_mode)) {
        return FileKind::Regular;
    }
    if (!S_ISCHR(status.st_mode)) {
        return FileKind::Other;
    }
    const bool isMemory
        = major(status.st_rdev) == 1 && (minor(status.st_rdev) == 1 || minor(status.st_rdev) == 2);
    return isMemory ? FileKind::PhysicalMemory : FileKind::Device;
}

int MappedFile::find(const std::string& path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) {
        return errno;
    }
    m_kind = kindOf(status);
    m_filesystem = status.st_dev;
    m_number = status.st_ino;
    return 0;
}

int MappedFile::open(const std::string& path, Access access)
{
    const int mode = access == Access::Write ? O_RDWR : O_RDONLY;
    // O_SYNC makes the kernel map /dev/mem uncached: each read goes to the device.
    const int uncached = m_kind == FileKind::PhysicalMemory ? O_SYNC : 0;
    m_descriptor = ::open(path.c_str(), mode | uncached | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (m_descriptor < 0) {
        return errno;
    }
    struct stat status = {};
    const bool isSame = ::fstat(m_descriptor, &status) == 0 && kindOf(status) == m_kind
        && status.st_dev == m_filesystem && status.st_ino == m_number;
    return isSame ? 0 : ESTALE;
}

void MappedFile::close()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
        m_descriptor = -1;
    }
}

std::uint64_t MappedFile::size() const
{
    struct stat status = {};
    return ::fstat(m_descriptor, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

} // namespace timerscope
