// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string>
#include <vector>

namespace timerscope {

/// One entry of the window's source menu and of the terminal's source picker.
struct SourceChoice
{
    QString name;
    QString uri;
};

/// The scenarios by their @p names, then this computer's running kernel.
[[nodiscard]] std::vector<SourceChoice> sourceChoices(const std::vector<std::string>& names);

/// What a person wrote for a source as a URI: "ast2500-boot" and "my.toml" are short for sim:…; a
/// URI stays what it is.
[[nodiscard]] QString sourceUri(const QString& written);

} // namespace timerscope
