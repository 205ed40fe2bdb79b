// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/perfetto/packet_stream.h"

#include <algorithm>
#include <array>
#include <google/protobuf/io/coded_stream.h>

namespace timerscope {

void PacketStream::write(const perfetto::TracePacket& packet)
{
    using google::protobuf::io::CodedOutputStream;
    constexpr std::uint8_t packetTag = 0x0a; // field 1 of Trace, length-delimited
    std::array<std::uint8_t, 12> head{packetTag};
    const std::size_t size = packet.ByteSizeLong(); // also keeps the sizes of all parts
    const std::uint8_t* const headEnd
        = CodedOutputStream::WriteVarint64ToArray(size, head.data() + 1);
    const auto headSize = static_cast<std::size_t>(headEnd - head.data());
    auto* const room = reinterpret_cast<std::uint8_t*>(m_out.claim(headSize + size));
    std::copy_n(head.data(), headSize, room);
    packet.SerializeWithCachedSizesToArray(room + headSize);
}

} // namespace timerscope
