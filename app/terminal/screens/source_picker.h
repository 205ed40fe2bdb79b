// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/source_choices.h"
#include "app/terminal/screens/screen.h"

#include <functional>

namespace timerscope::terminal {

/// The list of what can be shown. Typing filters it; what none of it matches can be opened as it
/// was typed, so that a scenario's file or any URI can be given.
class SourcePicker
{
public:
    SourcePicker(std::vector<SourceChoice> choices, std::function<void(const QString& uri)> open);

    void start();
    void draw(Pane pane, const QString& shownUri);
    bool take(const KeyPress& press);
    void paste(const QString& text);
    [[nodiscard]] static std::vector<KeyHint> hints(bool canGoBack);

private:
    [[nodiscard]] std::vector<SourceChoice> matches() const;
    void filter(const QString& text);
    void openAt(int row);

    std::vector<SourceChoice> m_choices;
    std::function<void(const QString&)> m_open;
    QString m_filter;
    int m_chosen = 0;
    int m_first = 0;
    int m_page = 1;
};

} // namespace timerscope::terminal
