// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/text_file.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace timerscope {

namespace {

constexpr std::size_t longest = std::size_t{64} << 20U;

class Descriptor
{
public:
    explicit Descriptor(const std::filesystem::path& path)
        : m_number(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY))
    {
    }
    ~Descriptor()
    {
        if (m_number >= 0) {
            ::close(m_number);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return m_number; }

private:
    int m_number;
};

/// 0 at the end of the file, else an errno.
int readAll(int descriptor, std::string& text)
{
    std::array<char, 16384> buffer{};
    while (text.size() <= longest) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count == 0) {
            return 0;
        }
        if (count < 0 && errno != EINTR) {
            return errno;
        }
        text.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return EFBIG;
}

} // namespace

std::string TextFile::reason() const
{
    switch (error) {
    case 0:
        return "was read";
    case ENOENT:
    case ENOTDIR:
        return "does not exist";
    case EACCES:
    case EPERM:
        return "is not readable (permission denied)";
    default:
        return fmt::format("cannot be read ({})", std::generic_category().message(error));
    }
}

TextFile readTextFile(const std::filesystem::path& path)
{
    TextFile file;
    file.path = path;
    const Descriptor descriptor{path};
    file.error = descriptor.number() < 0 ? errno : readAll(descriptor.number(), file.text);
    return file;
}

} // namespace timerscope
