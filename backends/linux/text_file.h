// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace timerscope {

/// What one file held, or why it could not be read.
struct TextFile
{
    std::filesystem::path path;
    std::string text;
    int error = 0; ///< errno of the open or read that failed; 0 when it was read

    [[nodiscard]] bool isReadable() const { return error == 0; }
    /// "does not exist", "is not readable (permission denied)", …
    [[nodiscard]] std::string reason() const;
};

/// Reads all of @p path, whose size need not be known before (/proc and /sys say 0). At most
/// 64 MiB: what is longer is no file of a kernel and fails with EFBIG. Never blocks on a pipe.
[[nodiscard]] TextFile readTextFile(const std::filesystem::path& path);

} // namespace timerscope
