// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/command_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace timerscope::oracle {
namespace {

constexpr std::array names{
    std::pair{2, "ENOENT"},  std::pair{11, "EAGAIN"}, std::pair{16, "EBUSY"},
    std::pair{17, "EEXIST"}, std::pair{19, "ENODEV"}, std::pair{22, "EINVAL"},
    std::pair{38, "ENOSYS"}, std::pair{62, "ETIME"},
};

} // namespace

CommandResult accepted(std::size_t value)
{
    return {.lines = {fmt::format("ok ret={}", value)}, .rc = 0};
}

CommandResult refused(Errno error, const std::string& prefix)
{
    const int number = static_cast<int>(error);
    const auto known = std::ranges::find(names, number, &std::pair<int, const char*>::first);
    return {.lines = {fmt::format("{}errno={} {}", prefix, number,
                                  known != names.end() ? known->second : "?")},
            .rc = 1};
}

CommandResult answered(Errno error, std::size_t value)
{
    return error == Errno::Ok ? accepted(value) : refused(error);
}

CommandResult notFound()
{
    constexpr int shellNotFound = 127;
    return {.lines = {}, .rc = shellNotFound};
}

tl::unexpected<Error> notModelled(const std::string& command)
{
    return fail(ErrorCode::NotSupported,
                fmt::format("the command '{}' needs what this model does not have", command));
}

} // namespace timerscope::oracle
