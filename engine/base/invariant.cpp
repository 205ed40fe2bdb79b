// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace timerscope {

void invariantBroken(const std::source_location& where)
{
    static_cast<void>(std::fprintf(stderr, "%s:%u: invariant broken in %s\n", where.file_name(),
                                   static_cast<unsigned>(where.line()), where.function_name()));
    std::abort();
}

} // namespace timerscope
