// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/record_schema.h"
#include "engine/trace/trace_log.h"

#include <string>

namespace timerscope {

/// What a field is called in files: the schema's name with its unit, as "expires_ns".
[[nodiscard]] std::string fieldLabel(const FieldSchema& field);

/// Whether fields of @p type are written as words rather than as numbers.
[[nodiscard]] bool isWord(FieldType type);

/// Appends the value of a field: texts as they are, enumerations by name, bits as 0x…, everything
/// else as a decimal number. A value that its enumeration has no name for is written as a number,
/// so that nothing is lost.
void appendField(std::string& out, const TraceLog& log, FieldType type, std::int64_t value);

} // namespace timerscope
