// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <sys/stat.h>

namespace timerscope {

enum class FileKind : std::uint8_t
{
    Regular,
    PhysicalMemory, ///< /dev/mem and /dev/kmem, by device number
    Device, ///< any other character device
    Other, ///< a folder, a pipe, a socket, a disk: nothing that a counter is in
};

/// What kind of file @p status is of. Physical memory is known by its device number (Linux's list
/// of them: 1:1 is /dev/mem, 1:2 /dev/kmem), as a name proves nothing.
[[nodiscard]] FileKind kindOf(const struct stat& status);

/// The file that a counter is in.
class MappedFile
{
public:
    enum class Access : std::uint8_t
    {
        Read,
        Write, ///< as well
    };

    MappedFile() = default;
    ~MappedFile() { close(); }
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    /// What @p path names; nothing is opened, as opening alone makes some devices act (a watchdog
    /// starts). Answers an errno, 0 for success.
    [[nodiscard]] int find(const std::string& path);
    /// Opens what find() found; ESTALE when the path names something else by now.
    [[nodiscard]] int open(const std::string& path, Access access);
    void close();

    [[nodiscard]] FileKind kind() const { return m_kind; }
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    /// Of an open file, in bytes; 0 when it cannot be told. Means nothing for a device.
    [[nodiscard]] std::uint64_t size() const;

private:
    int m_descriptor = -1;
    FileKind m_kind = FileKind::Other;
    std::uint64_t m_filesystem = 0; ///< and m_number: what tells files apart
    std::uint64_t m_number = 0;
};

} // namespace timerscope
