// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

#include <string>
#include <vector>

namespace timerscope::oracle {

/// A place where an answer is not what the kernel gave.
struct Difference
{
    std::string field; ///< path from the `out` object: "mult", "steps[3].clc[0]"
    std::string expected; ///< as JSON, or "nothing"
    std::string got;
};

/// Every difference between two `out` objects.
///
/// Values compare as JSON values: the string "5" is not the number 5, and a field too many counts
/// as much as one too few. Only a list that is empty may be absent on either side (FORMAT.md).
[[nodiscard]] std::vector<Difference> differences(const QJsonObject& expected,
                                                  const QJsonObject& got);

} // namespace timerscope::oracle
