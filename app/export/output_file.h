// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace timerscope {

/// A file that becomes visible under its name only when it is complete.
///
/// Until commit() the bytes live in a hidden file in the same directory; the destructor removes it
/// when commit() was not reached or failed. Writes go through a buffer, and the first failure
/// sticks, so that callers may write freely and ask now and then.
class OutputFile
{
public:
    /// Errors: WriteFailed when the directory cannot be written, or when @p target exists and is
    /// not a regular file or may not be written.
    [[nodiscard]] static Result<OutputFile> create(const std::filesystem::path& target);

    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile();

    void write(std::string_view bytes);

    /// Room for exactly @p size bytes that the caller fills before the next call.
    [[nodiscard]] char* claim(std::size_t size);

    /// The first failure of a write, if there was one.
    [[nodiscard]] Result<void> state() const;

    /// Puts the bytes on the disk and the file in its place. Nothing may be written afterwards.
    [[nodiscard]] Result<void> commit();

private:
    OutputFile(std::filesystem::path target, std::filesystem::path temporary, int descriptor);
    void flush();
    void writeOut(const char* bytes, std::size_t size);
    void keepError(bool isFine);
    void closeDescriptor();

    std::filesystem::path m_target;
    std::filesystem::path m_temporary; ///< empty once renamed or moved from
    std::vector<char> m_buffer;
    std::size_t m_used = 0;
    int m_descriptor = -1;
    int m_error = 0; ///< errno of the first failure
};

} // namespace timerscope
