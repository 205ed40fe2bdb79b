// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/theme.h"

#include <algorithm>
#include <cmath>

namespace timerscope {

namespace {

constexpr double tintShare = 0.22;

QColor mix(const QColor& over, const QColor& under, double share)
{
    const auto channel = [share](int a, int b) {
        return static_cast<int>(std::lround(a * share + b * (1 - share)));
    };
    return {channel(over.red(), under.red()), channel(over.green(), under.green()),
            channel(over.blue(), under.blue())};
}

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

} // namespace

Theme Theme::light()
{
    Theme theme;
    theme.window = {"#ECEEF1"};
    theme.panel = {"#FFFFFF"};
    theme.header = {"#F4F5F7"};
    theme.zebra = {"#F8F9FA"};
    theme.selection = {"#FFE7A3"};
    theme.ink1 = {"#161B22"};
    theme.ink2 = {"#454E59"};
    theme.ink3 = {"#626C78"};
    theme.line = {"#D9DDE2"};
    theme.control = {"#7F8894"};
    theme.focus = {"#0B57D0"};
    theme.interrupt = {"#173690"};
    theme.tick = {"#D77207"};
    theme.hrtimer = {"#6F44C5"};
    theme.wheel = {"#1D754A"};
    theme.softirq = {"#0097C6"};
    theme.task = {"#555000"};
    theme.clocksource = {"#74084E"};
    theme.idle = {"#757D87"};
    theme.error = {"#B8141F"};
    theme.warning = {"#8F4E00"};
    return theme;
}

Theme Theme::forDark()
{
    Theme theme;
    theme.dark = true;
    theme.window = {"#0E1114"};
    theme.panel = {"#16191E"};
    theme.header = {"#1D2127"};
    theme.zebra = {"#1A1D23"};
    theme.selection = {"#5A4710"};
    theme.ink1 = {"#E9EDF2"};
    theme.ink2 = {"#BCC4CE"};
    theme.ink3 = {"#959FAC"};
    theme.line = {"#2F353D"};
    theme.control = {"#78828F"};
    theme.focus = {"#8AB4FF"};
    theme.interrupt = {"#4373E0"};
    theme.tick = {"#F0914A"};
    theme.hrtimer = {"#C68AF4"};
    theme.wheel = {"#6EC090"};
    theme.softirq = {"#40D1F7"};
    theme.task = {"#EACC24"};
    theme.clocksource = {"#D93778"};
    theme.idle = {"#8B94A1"};
    theme.error = {"#FF7A7A"};
    theme.warning = {"#F2B53C"};
    return theme;
}

Theme Theme::fromPalette(const QPalette& palette)
{
    const bool isDark = luminance(palette.color(QPalette::Window))
        < luminance(palette.color(QPalette::WindowText));
    return isDark ? forDark() : light();
}

QColor Theme::tint(const QColor& kind) const
{
    return mix(kind, panel, tintShare);
}

QPalette Theme::palette() const
{
    QPalette result;
    result.setColor(QPalette::Window, window);
    result.setColor(QPalette::WindowText, ink1);
    result.setColor(QPalette::Base, panel);
    result.setColor(QPalette::AlternateBase, zebra);
    result.setColor(QPalette::Text, ink1);
    result.setColor(QPalette::PlaceholderText, ink3);
    result.setColor(QPalette::Button, panel);
    result.setColor(QPalette::ButtonText, ink1);
    result.setColor(QPalette::ToolTipBase, panel);
    result.setColor(QPalette::ToolTipText, ink1);
    result.setColor(QPalette::Highlight, selection);
    result.setColor(QPalette::HighlightedText, ink1);
    result.setColor(QPalette::Link, ink1);
    result.setColor(QPalette::Mid, line);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        result.setColor(QPalette::Disabled, role, ink3);
    }
    return result;
}

std::vector<Theme::TextPair> Theme::textPairs() const
{
    std::vector<TextPair> pairs{
        {"selected", ink1, selection},
        {"on the clocksource tint", ink1, tint(clocksource)},
        {"on the tick tint", ink1, tint(tick)},
        {"on the hrtimer tint", ink1, tint(hrtimer)},
    };
    for (const QColor& ground : {panel, header, window, zebra}) {
        pairs.push_back({"ink 1", ink1, ground});
        pairs.push_back({"ink 2", ink2, ground});
    }
    for (const QColor& ground : {panel, header, zebra}) {
        pairs.push_back({"ink 3", ink3, ground});
        pairs.push_back({"error", error, ground});
        pairs.push_back({"warning", warning, ground});
    }
    return pairs;
}

double contrast(const QColor& a, const QColor& b)
{
    // The list form: the one of two arguments would keep references to numbers that are gone.
    const auto [darker, lighter] = std::minmax({luminance(a), luminance(b)});
    return (lighter + 0.05) / (darker + 0.05);
}

} // namespace timerscope
