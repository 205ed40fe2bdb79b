// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/stm32/open_stm32.h"

#include "backends/stm32/stm32_block.h"
#include "backends/stm32/stm32_ports.h"

namespace timerscope {

namespace {

Result<std::unique_ptr<AttachedBlock>> attached(const std::string& port)
{
    auto block = std::make_unique<Stm32Block>(port.starts_with('/') ? port : "/dev/" + port);
    if (const auto done = block->attach(); !done) {
        // Whatever goes wrong while opening, to the caller it is a board that is not there.
        return fail(ErrorCode::Unavailable, done.error().what);
    }
    return block;
}

} // namespace

Result<std::unique_ptr<AttachedBlock>> openStm32(const std::string& port)
{
    if (port != "auto") {
        return attached(port);
    }
    const auto only = onlyPort(stm32Ports());
    return only ? attached(*only) : tl::unexpected{only.error()};
}

} // namespace timerscope
