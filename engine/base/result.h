// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace timerscope {

/// What went wrong, for code to branch on. Add a value only when some caller acts on it.
enum class ErrorCode : std::uint8_t
{
    InvalidArgument, ///< wrong use or bad input: exit code 2
    OutOfRange, ///< a value outside its range: exit code 2
    NotFound, ///< no such scenario, device or file: exit code 2
    Corrupt, ///< a file or a frame that cannot be understood: exit code 2
    NotSupported, ///< known, but this version or this backend cannot do it: exit code 2
    Unavailable, ///< the source is not there or may not be read: exit code 3
    DeviceLost, ///< the source went away while attached: exit code 3
    WriteFailed, ///< the output could not be written: exit code 4
};

/// A failure that the caller is expected to handle. Broken invariants are assertions, not errors.
struct [[nodiscard]] Error
{
    ErrorCode code{};
    std::string what; ///< One sentence for a person: the thing, the value met, the value allowed.
};

/// A T, or the Error that stopped it. tl::expected 1.0.0 may be dropped silently; this may not.
/// With a C++23 library, the base becomes std::expected and nothing else changes.
template<typename T>
class [[nodiscard]] Result : public tl::expected<T, Error>
{
public:
    using tl::expected<T, Error>::expected;
    // Implicit on purpose: map() and friends return the base.
    Result(tl::expected<T, Error> base) // NOLINT(google-explicit-constructor)
        : tl::expected<T, Error>(std::move(base))
    {
    }
};

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string what)
{
    return tl::unexpected<Error>(Error{.code = code, .what = std::move(what)});
}

} // namespace timerscope
