// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes at all on the line must be taken without a crash; what is found to be a message must
// be one that this side could have sent itself, and must still be found behind all that noise.
#include "backends/stm32/protocol/frame.h"
#include "engine/base/invariant.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

using namespace timerscope;

namespace {

bool isSame(const TsMessage& a, const TsMessage& b)
{
    return a.id == b.id && a.tag == b.tag && a.size == b.size
        && std::equal(a.body, a.body + a.size, b.body);
}

/// Sends @p message to @p receiver, which may be in the middle of anything but a frame's end.
void checkThatItArrives(const TsMessage& message, TsReceiver receiver)
{
    std::array<std::uint8_t, TsMaxFrame> frame{};
    const std::size_t size = tsEncodeFrame(&message, frame.data());
    invariant(size <= frame.size());
    TsMessage arrived{};
    tsReceive(&receiver, 0, &arrived);
    for (std::size_t i = 0; i + 1 < size; ++i) {
        invariant(frame[i] != 0 && tsReceive(&receiver, frame[i], &arrived) == TsNothingYet);
    }
    invariant(tsReceive(&receiver, 0, &arrived) == TsMessageCame);
    invariant(isSame(arrived, message));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    TsReceiver receiver{};
    TsMessage message{};
    for (std::size_t i = 0; i < size; ++i) {
        if (tsReceive(&receiver, data[i], &message) == TsMessageCame) {
            invariant(message.size <= TsMaxBody);
            checkThatItArrives(message, receiver);
        }
        invariant(receiver.size <= TsMaxFrame);
    }
    // The bytes as a message, too: most of them never get past the CRC.
    message = {};
    message.size = static_cast<std::uint8_t>(std::min<std::size_t>(size, TsMaxBody));
    std::copy_n(data, message.size, message.body);
    checkThatItArrives(message, receiver);
    return 0;
}
