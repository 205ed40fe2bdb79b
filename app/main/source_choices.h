// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <vector>

namespace timerscope {

/// One entry of the source menu.
struct SourceChoice
{
    QString name;
    QString uri;
};

/// The scenarios by their @p names, then this computer's running kernel.
[[nodiscard]] std::vector<SourceChoice> sourceChoices(const std::vector<std::string>& names);

} // namespace timerscope
