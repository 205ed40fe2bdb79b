// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// Where scenarios and devices are found: the user's files before the installed ones, so that a
/// user adds or replaces one without compiling.
///
/// Searched in order: $XDG_DATA_HOME/timerscope (default ~/.local/share), each of $XDG_DATA_DIRS
/// (default /usr/local/share and /usr/share), ../share/timerscope beside the program, and the
/// resources/ of the source tree when the program runs from a build tree below it.
class Resources
{
public:
    /// From the environment and the place of the running program.
    [[nodiscard]] static Resources find();
    explicit Resources(std::vector<std::filesystem::path> directories);

    struct Entry
    {
        std::string name; ///< without folder and ".toml"
        std::filesystem::path file;
    };
    /// Each name once, sorted; a name that several directories have is the first one's.
    [[nodiscard]] std::vector<Entry> scenarios() const;
    [[nodiscard]] std::vector<Entry> devices() const;

    /// Errors: NotFound; the sentence names the nearest known name.
    [[nodiscard]] Result<std::filesystem::path> scenario(std::string_view name) const;
    [[nodiscard]] Result<std::filesystem::path> device(std::string_view name) const;

    [[nodiscard]] const std::vector<std::filesystem::path>& directories() const
    {
        return m_directories;
    }

private:
    std::vector<std::filesystem::path> m_directories;
};

} // namespace timerscope
