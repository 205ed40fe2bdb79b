// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace timerscope {

/// @p text with every byte that is not part of UTF-8 replaced by U+FFFD: a kernel's texts may hold
/// anything, and readers reject a protobuf string that is not UTF-8.
[[nodiscard]] std::string asUtf8(std::string_view text);

/// Numbers for texts that repeat, so that a file holds each of them once.
class InternedText
{
public:
    struct Entry
    {
        std::uint64_t iid = 0; ///< from 1; a text keeps its number for the whole file
        bool isNew = false; ///< the reader has to be told what the number stands for
    };

    [[nodiscard]] Entry intern(std::string_view text);

    /// From here on the reader knows no text any more: each is new once again.
    void forgetTold() { ++m_generation; }

private:
    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view>{}(text);
        }
    };
    struct Known
    {
        std::uint64_t iid = 0;
        std::uint32_t toldIn = 0;
    };
    std::unordered_map<std::string, Known, Hash, std::equal_to<>> m_known;
    std::uint32_t m_generation = 1;
};

} // namespace timerscope
