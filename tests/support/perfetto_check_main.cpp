// SPDX-License-Identifier: GPL-3.0-or-later
//! perfetto_check FILE: prints what a Perfetto file holds, `key value` a line; exits 1 and says why
//! on stderr when it is not as it should be, 2 on wrong use.
#include "tests/support/perfetto_check.h"

#include <fmt/format.h>

#include <cstdio>

int main(int argc, char** argv)
{
    if (argc != 2) {
        fmt::print(stderr, "usage: perfetto_check FILE\n");
        return 2;
    }
    const auto found = timerscope::test::checkPerfetto(argv[1]);
    fmt::print("packets {}\nrecords {}\nderived {}\nftrace {}\ntracks {}\n", found.packets,
               found.recordPackets, found.derivedPackets, found.ftraceEvents, found.tracks);
    if (!found.problems.empty()) {
        fmt::print(stderr, "{}\n", found.text());
        return 1;
    }
    return 0;
}
