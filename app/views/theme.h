// SPDX-License-Identifier: GPL-3.0-or-later
//! Colours as values: what they mean, for a light and a dark desktop.
#pragma once

#include <QColor>
#include <QObject>
#include <QPalette>

#include <string_view>
#include <vector>

namespace timerscope {

/// One set of colours. Every text colour has a contrast of 4.5 or more on every ground that it
/// may stand on (textPairs() lists them; a test measures them).
struct Theme
{
    bool dark = false;
    // Grounds.
    QColor window, panel, header, zebra, selection;
    // Ink: what is said, what explains it, what labels it.
    QColor ink1, ink2, ink3;
    // Strokes.
    QColor line, control, focus;
    // Kinds; a kind's tint is 22 % of it on the panel.
    QColor interrupt, tick, hrtimer, wheel, softirq, task, clocksource, idle;
    // Always with a sign.
    QColor error, warning;

    [[nodiscard]] static Theme light();
    [[nodiscard]] static Theme forDark();
    /// Light or dark, as the desktop's palette is.
    [[nodiscard]] static Theme fromPalette(const QPalette& palette);

    /// 22 % of @p kind on the panel: the ground for text of that kind.
    [[nodiscard]] QColor tint(const QColor& kind) const;
    [[nodiscard]] QPalette palette() const;

    struct TextPair
    {
        std::string_view name;
        QColor ink;
        QColor ground;
    };
    /// Every pair of text and ground that the program draws.
    [[nodiscard]] std::vector<TextPair> textPairs() const;
};

/// WCAG 2 contrast of two opaque colours: 1 to 21.
[[nodiscard]] double contrast(const QColor& a, const QColor& b);

/// The theme that is in force, for all widgets of a window. GUI thread only.
class Appearance final : public QObject
{
    Q_OBJECT
public:
    explicit Appearance(const Theme& theme, QObject* parent = nullptr)
        : QObject(parent)
        , m_theme(theme)
    {
    }
    [[nodiscard]] const Theme& theme() const { return m_theme; }
    void setTheme(const Theme& theme)
    {
        m_theme = theme;
        emit changed();
    }
signals:
    void changed();

private:
    Theme m_theme;
};

} // namespace timerscope
