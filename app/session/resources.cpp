// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/resources.h"

#include "engine/base/wording.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <system_error>

namespace timerscope {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".toml";
constexpr std::string_view program = "timerscope";

/// A variable of the environment, or @p fallback when it is unset or empty.
std::string variable(const char* name, std::string fallback)
{
    // Read before any thread is started that could change it.
    const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return value == nullptr || *value == '\0' ? std::move(fallback) : std::string(value);
}

/// The XDG base directory specification: relative paths in these variables are to be ignored.
void addAbsolute(std::vector<fs::path>& directories, const fs::path& base)
{
    if (base.is_absolute()) {
        directories.push_back(base / program);
    }
}

void addXdg(std::vector<fs::path>& directories)
{
    const std::string home = variable("HOME", "");
    const std::string local = home.empty() ? "" : home + "/.local/share";
    addAbsolute(directories, variable("XDG_DATA_HOME", local));
    const std::string all = variable("XDG_DATA_DIRS", "/usr/local/share:/usr/share");
    for (std::size_t from = 0; from <= all.size();) {
        const std::size_t end = std::min(all.find(':', from), all.size());
        addAbsolute(directories, all.substr(from, end - from));
        from = end + 1;
    }
}

/// The resources of the source tree that @p folder was built in. Build trees are
/// build/PRESET/bin and build/PRESET/tests/bin below it.
void addSourceTree(std::vector<fs::path>& directories, fs::path folder)
{
    constexpr int deepest = 5;
    std::error_code ignored;
    for (int level = 0; level < deepest && folder.has_relative_path(); ++level) {
        folder = folder.parent_path();
        if (fs::exists(folder / "CMakePresets.json", ignored)
            && fs::is_directory(folder / "resources" / "scenarios", ignored)) {
            directories.push_back(folder / "resources");
            return;
        }
    }
}

/// Every NAME.toml in the folders called @p kind, the first directory's before the others'.
std::vector<Resources::Entry> entriesOf(const std::vector<fs::path>& directories,
                                        std::string_view kind)
{
    std::vector<Resources::Entry> entries;
    for (const fs::path& directory : directories) {
        std::error_code error;
        for (fs::directory_iterator at(directory / kind, error), end; !error && at != end;
             at.increment(error)) {
            std::error_code ignored;
            const fs::path& file = at->path();
            const std::string name = file.stem().string();
            if (file.extension() == suffix && !fs::is_directory(file, ignored)
                && std::ranges::find(entries, name, &Resources::Entry::name) == entries.end()) {
                entries.push_back({name, file});
            }
        }
    }
    std::ranges::sort(entries, {}, &Resources::Entry::name);
    return entries;
}

// More names than a sentence can hold: whoever reads it wants the list.
constexpr std::size_t mostNamed = 12;

std::string hintOf(std::string_view what, std::string_view name,
                   std::span<const std::string_view> known)
{
    if (known.size() <= mostNamed || !nearestName(name, known).empty()) {
        return hintFor(name, known);
    }
    return "; \"tscope " + std::string(what) + "s\" lists the " + std::to_string(known.size())
        + " that there are";
}

Result<fs::path> findEntry(const Resources& resources, std::string_view what, std::string_view name,
                           const std::vector<Resources::Entry>& entries)
{
    const auto found = std::ranges::find(entries, name, &Resources::Entry::name);
    if (found != entries.end()) {
        return found->file;
    }
    std::vector<std::string_view> known;
    known.reserve(entries.size());
    for (const Resources::Entry& entry : entries) {
        known.emplace_back(entry.name);
    }
    std::string sentence
        = "no " + std::string(what) + " is called " + inQuotes(name) + hintOf(what, name, known);
    if (known.empty()) {
        sentence += "; there are none below";
        for (const fs::path& directory : resources.directories()) {
            sentence += " " + directory.string();
        }
    }
    return fail(ErrorCode::NotFound, std::move(sentence));
}

} // namespace

Resources::Resources(std::vector<std::filesystem::path> directories)
    : m_directories(std::move(directories))
{
}

Resources Resources::find()
{
    std::vector<fs::path> directories;
    addXdg(directories);
    std::error_code error;
    const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
    if (!error) {
        directories.push_back(folder.parent_path() / "share" / program);
        addSourceTree(directories, folder);
    }
    return Resources(std::move(directories));
}

std::vector<Resources::Entry> Resources::scenarios() const
{
    return entriesOf(m_directories, "scenarios");
}

std::vector<Resources::Entry> Resources::devices() const
{
    return entriesOf(m_directories, "devices");
}

Result<std::filesystem::path> Resources::scenario(std::string_view name) const
{
    return findEntry(*this, "scenario", name, scenarios());
}

Result<std::filesystem::path> Resources::device(std::string_view name) const
{
    return findEntry(*this, "device", name, devices());
}

} // namespace timerscope
