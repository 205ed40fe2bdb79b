// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/source_choices.h"
#include "app/terminal/screens/screen.h"

#include <functional>

namespace timerscope::terminal {

/// The list of what can be shown, and what a scenario of it shall run on. Typing filters it; what
/// none of it matches can be opened as it was typed, so that a scenario's file or any URI can be
/// given.
class SourcePicker
{
public:
    SourcePicker(SourceOffers offers, std::function<void(const QString& uri)> open);

    /// Begins anew while @p shownUri is shown (empty: nothing is).
    void start(const QString& shownUri);
    void draw(Pane pane);
    bool take(const KeyPress& press);
    void paste(const QString& text);
    [[nodiscard]] static std::vector<KeyHint> hints(bool canGoBack);

private:
    [[nodiscard]] std::vector<SourceChoice> matches() const;
    void filter(const QString& text);
    void openAt(int row);
    void chooseBackend(int by);
    void drawBackends(Pane pane);
    void drawRow(Pane& list, int y, const SourceChoice& choice) const;

    SourceOffers m_offers;
    std::vector<BackendChoice> m_backends;
    std::size_t m_backend = 0; ///< of m_backends
    QString m_shownUri;
    std::function<void(const QString&)> m_open;
    QString m_filter;
    int m_chosen = 0;
    int m_first = 0;
    int m_page = 1;
};

} // namespace timerscope::terminal
