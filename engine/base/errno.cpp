// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/errno.h"

namespace timerscope {

std::string_view nameOf(Errno error)
{
    switch (error) {
    case Errno::Ok:
        return "0";
    case Errno::NotPermitted:
        return "EPERM";
    case Errno::NoEntry:
        return "ENOENT";
    case Errno::NoProcess:
        return "ESRCH";
    case Errno::Interrupted:
        return "EINTR";
    case Errno::Io:
        return "EIO";
    case Errno::NoAddress:
        return "ENXIO";
    case Errno::Again:
        return "EAGAIN";
    case Errno::NoMemory:
        return "ENOMEM";
    case Errno::Busy:
        return "EBUSY";
    case Errno::Exists:
        return "EEXIST";
    case Errno::NoDevice:
        return "ENODEV";
    case Errno::Invalid:
        return "EINVAL";
    case Errno::NoSys:
        return "ENOSYS";
    case Errno::Time:
        return "ETIME";
    case Errno::NotSupported:
        return "EOPNOTSUPP";
    case Errno::Canceled:
        return "ECANCELED";
    }
    return "?";
}

} // namespace timerscope
