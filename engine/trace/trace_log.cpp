// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trace/trace_log.h"

#include "engine/trace/record_schema.h"

namespace timerscope {

namespace {

/// FNV-1a, 64 bits, over values taken apart by shifts: independent of byte order and padding.
class Hash
{
public:
    void add(std::uint64_t value, int bytes)
    {
        for (int i = 0; i < bytes; ++i) {
            m_state = (m_state ^ ((value >> (8 * i)) & 0xff)) * prime;
        }
    }
    void add(std::string_view text)
    {
        for (const char c : text) {
            add(static_cast<unsigned char>(c), 1);
        }
        add(0, 1);
    }
    [[nodiscard]] std::uint64_t value() const { return m_state; }

private:
    static constexpr std::uint64_t prime = 0x100000001b3;
    std::uint64_t m_state = 0xcbf29ce484222325;
};

/// Strings are hashed by content, so the numbers that the table happened to give do not count.
void addField(Hash& hash, const TraceLog& log, FieldType type, std::int64_t value)
{
    if (type == FieldType::Text) {
        hash.add(log.string(static_cast<std::uint32_t>(value)));
    } else {
        hash.add(static_cast<std::uint64_t>(value), 8);
    }
}

} // namespace

std::uint64_t fingerprint(const TraceLog& log, std::size_t count)
{
    Hash hash;
    for (std::size_t i = 0; i < count && i < log.size(); ++i) {
        const TraceRecord& record = log[i];
        const RecordSchema& schema = schemaOf(record.kind);
        hash.add(static_cast<std::uint64_t>(nsOf(record.at)), 8);
        hash.add(static_cast<std::uint64_t>(record.kind), 1);
        hash.add(record.flags, 1);
        hash.add(record.cpu, 2);
        addField(hash, log, schema.subject.type, record.subject);
        addField(hash, log, schema.a.type, record.a);
        addField(hash, log, schema.b.type, record.b);
    }
    return hash.value();
}

} // namespace timerscope
