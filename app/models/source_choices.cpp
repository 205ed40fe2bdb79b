// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/source_choices.h"

namespace timerscope {

std::vector<SourceChoice> sourceChoices(const std::vector<std::string>& names)
{
    std::vector<SourceChoice> choices;
    for (const std::string& name : names) {
        const QString shown = QString::fromStdString(name);
        choices.push_back({.name = shown, .uri = "sim:" + shown});
    }
    choices.push_back({.name = "This computer (running kernel)", .uri = "linux:"});
    return choices;
}

QString sourceUri(const QString& written)
{
    const qsizetype colon = written.indexOf(':');
    return colon > 0 && !written.left(colon).contains('/') ? written : "sim:" + written;
}

} // namespace timerscope
