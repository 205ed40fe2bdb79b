// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace timerscope {

/// The answers of kernel functions. Values are Linux's (asm-generic/errno.h), without the sign.
enum class Errno : std::uint16_t
{
    Ok = 0,
    NotPermitted = 1, ///< EPERM
    NoEntry = 2, ///< ENOENT
    NoProcess = 3, ///< ESRCH
    Interrupted = 4, ///< EINTR
    Io = 5, ///< EIO: a file that cannot be read, or written, at all
    NoAddress = 6, ///< ENXIO
    Again = 11, ///< EAGAIN
    NoMemory = 12, ///< ENOMEM
    Busy = 16, ///< EBUSY
    Exists = 17, ///< EEXIST
    NoDevice = 19, ///< ENODEV
    Invalid = 22, ///< EINVAL
    NoSys = 38, ///< ENOSYS
    Time = 62, ///< ETIME: the moment asked for has passed
    NotSupported = 95, ///< EOPNOTSUPP
    Canceled = 125, ///< ECANCELED
};

/// As kernel functions return it: 0, or the negative number.
[[nodiscard]] constexpr int returnValue(Errno error)
{
    return -static_cast<int>(error);
}

/// "EBUSY"; "0" for Ok.
[[nodiscard]] std::string_view nameOf(Errno error);

} // namespace timerscope
