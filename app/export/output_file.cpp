// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/output_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace timerscope {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t bufferSize = std::size_t{256} * 1024;

tl::unexpected<Error> writeFailed(const fs::path& path, std::string_view reason)
{
    return fail(ErrorCode::WriteFailed, fmt::format("cannot write {}: {}", path.string(), reason));
}

tl::unexpected<Error> writeFailed(const fs::path& path, int error)
{
    return writeFailed(path, std::generic_category().message(error));
}

/// Renaming would replace anything, a device or a read-only file too: so it is asked before.
Result<void> mayReplace(const fs::path& target)
{
    std::error_code ignored;
    const fs::file_status status = fs::status(target, ignored);
    if (!fs::exists(status)) {
        return {};
    }
    if (fs::is_directory(status)) {
        return writeFailed(target, EISDIR);
    }
    if (!fs::is_regular_file(status)) {
        return writeFailed(target, "it is not a regular file");
    }
    if (::access(target.c_str(), W_OK) != 0) {
        return writeFailed(target, errno);
    }
    return {};
}

/// The file behind @p target's links, so that a link stays a link.
fs::path followed(const fs::path& target)
{
    std::error_code error;
    const fs::path real = fs::canonical(target, error);
    return error ? target : real;
}

/// A name that is short whatever the target's is, and that no other export of ours has.
fs::path temporaryName(const fs::path& target)
{
    static std::atomic<unsigned> count{0};
    const unsigned number = count.fetch_add(1, std::memory_order_relaxed);
    return target.parent_path() / fmt::format(".timerscope-{}-{}.part", ::getpid(), number);
}

int openNew(const fs::path& name)
{
    constexpr mode_t readWriteForAll = 0666; // the umask takes away what the user does not want
    return ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, readWriteForAll);
}

/// Makes the new name last through a power cut. A directory that cannot be synced is no failure:
/// the file itself is complete.
void syncDirectory(const fs::path& file)
{
    const fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path{"."};
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        static_cast<void>(::fsync(descriptor));
        static_cast<void>(::close(descriptor));
    }
}

} // namespace

Result<OutputFile> OutputFile::create(const fs::path& target)
{
    if (const auto allowed = mayReplace(target); !allowed) {
        return tl::unexpected(allowed.error());
    }
    fs::path real = followed(target);
    for (;;) {
        fs::path temporary = temporaryName(real);
        const int descriptor = openNew(temporary);
        if (descriptor >= 0) {
            return OutputFile{std::move(real), std::move(temporary), descriptor};
        }
        if (errno != EEXIST) { // left behind by a process of the same number: take the next name
            return writeFailed(target, errno);
        }
    }
}

OutputFile::OutputFile(fs::path target, fs::path temporary, int descriptor)
    : m_target(std::move(target))
    , m_temporary(std::move(temporary))
    , m_buffer(bufferSize)
    , m_descriptor(descriptor)
{
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : m_target(std::move(other.m_target))
    , m_temporary(std::exchange(other.m_temporary, fs::path{}))
    , m_buffer(std::move(other.m_buffer))
    , m_used(std::exchange(other.m_used, 0))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_error(other.m_error)
{
}

OutputFile::~OutputFile()
{
    closeDescriptor();
    if (!m_temporary.empty()) {
        static_cast<void>(::unlink(m_temporary.c_str()));
    }
}

void OutputFile::write(std::string_view bytes)
{
    std::memcpy(claim(bytes.size()), bytes.data(), bytes.size());
}

char* OutputFile::claim(std::size_t size)
{
    if (size > m_buffer.size() - m_used) {
        flush();
        m_buffer.resize(std::max(m_buffer.size(), size));
    }
    return m_buffer.data() + std::exchange(m_used, m_used + size);
}

Result<void> OutputFile::state() const
{
    if (m_error != 0) {
        return writeFailed(m_target, m_error);
    }
    return {};
}

Result<void> OutputFile::commit()
{
    flush();
    keepError(::fsync(m_descriptor) == 0 || errno == EINVAL); // EINVAL: it has no disk to wait for
    closeDescriptor();
    if (m_error == 0) {
        keepError(::rename(m_temporary.c_str(), m_target.c_str()) == 0);
    }
    if (m_error != 0) {
        return writeFailed(m_target, m_error);
    }
    m_temporary.clear();
    syncDirectory(m_target);
    return {};
}

void OutputFile::flush()
{
    writeOut(m_buffer.data(), std::exchange(m_used, 0));
}

void OutputFile::writeOut(const char* bytes, std::size_t size)
{
    while (m_error == 0 && size > 0) {
        const ssize_t written = ::write(m_descriptor, bytes, size);
        if (written >= 0) {
            bytes += written;
            size -= static_cast<std::size_t>(written);
        } else {
            keepError(errno == EINTR);
        }
    }
}

void OutputFile::keepError(bool isFine)
{
    if (!isFine && m_error == 0) {
        m_error = errno;
    }
}

void OutputFile::closeDescriptor()
{
    if (m_descriptor >= 0) {
        // Some file systems report a full disk or a quota only here.
        keepError(::close(std::exchange(m_descriptor, -1)) == 0);
    }
}

} // namespace timerscope
