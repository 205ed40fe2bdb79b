// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/chunked.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace timerscope {

/// The names and texts that records refer to by number. Index 0 is the empty string.
///
/// Threading: one writer; any thread may read an index that it took from a published record.
class StringTable
{
public:
    StringTable() { static_cast<void>(m_strings.append(std::string{})); }

    /// The number of @p text, which is added if it is new. Writer thread only. When the table is
    /// full (67 million strings) every new text gets number 0.
    std::uint32_t intern(std::string_view text)
    {
        if (const auto found = m_index.find(text); found != m_index.end()) {
            return found->second;
        }
        const auto number = static_cast<std::uint32_t>(m_strings.size());
        if (!m_strings.append(std::string{text})) {
            return 0;
        }
        m_index.emplace(m_strings[number], number); // views the stored string, which never moves
        return number;
    }

    [[nodiscard]] std::string_view operator[](std::uint32_t number) const
    {
        return number < m_strings.size() ? std::string_view{m_strings[number]} : std::string_view{};
    }
    [[nodiscard]] std::size_t size() const { return m_strings.size(); }

private:
    Chunked<std::string, 1024, 65536> m_strings;
    std::unordered_map<std::string_view, std::uint32_t> m_index{{std::string_view{}, 0}};
};

} // namespace timerscope
