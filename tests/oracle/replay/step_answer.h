// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonObject>

#include <cstdint>
#include <optional>
#include <string>

namespace timerscope::oracle {

/// What the model answers to one step, in the form of a recording's step.
struct StepAnswer
{
    std::int64_t number = 0;
    QJsonArray output;
    std::optional<int> rc; ///< empty: the step never came back
    std::optional<QJsonObject> obs; ///< empty: nobody looks after this step
    std::string fault; ///< why the machine died in it, one sentence; empty: it did not

    [[nodiscard]] QJsonObject toJson() const;
};

} // namespace timerscope::oracle
