// SPDX-License-Identifier: GPL-3.0-or-later
//! What a person does at the terminal, in our own words: no screen knows which library reads it.
#pragma once

#include <QString>

#include <cstdint>
#include <variant>

namespace timerscope::terminal {

enum class Key : std::uint8_t
{
    Text, ///< KeyPress::text is what was typed, a space too
    Enter,
    Tab,
    Backspace,
    Escape,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    F1,
};

struct KeyPress
{
    Key key = Key::Text;
    QString text; ///< only with Key::Text
    bool control = false;
    bool shift = false;
    [[nodiscard]] bool isText(const char* wanted) const
    {
        return key == Key::Text && !control && text == QString::fromUtf8(wanted);
    }
    [[nodiscard]] bool isControl(const char* wanted) const
    {
        return key == Key::Text && control && text == QString::fromUtf8(wanted);
    }
};

[[nodiscard]] inline KeyPress pressed(Key key)
{
    return {.key = key, .text = {}};
}
[[nodiscard]] inline KeyPress typed(const char* text)
{
    return {.key = Key::Text, .text = QString::fromUtf8(text)};
}

/// The left button went down; cells from the upper left, from 0.
struct Click
{
    int x = 0;
    int y = 0;
};

/// The wheel turned by one notch.
struct Wheel
{
    int x = 0;
    int y = 0;
    int by = 0; ///< -1 up, 1 down
};

/// Text from the clipboard: never a command.
struct Paste
{
    QString text;
};

using Input = std::variant<KeyPress, Click, Wheel, Paste>;

} // namespace timerscope::terminal
