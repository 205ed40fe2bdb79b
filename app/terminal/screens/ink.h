// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace timerscope::terminal {

/// What a text or mark is, not how it looks. No meaning hangs on colour alone.
enum class Ink : std::uint8_t
{
    Text, ///< the terminal's own
    Quiet, ///< captions, units, what is less important
    Clocksource,
    Tick,
    Hrtimer,
    Warning, ///< always with a sign
    Error, ///< always with a sign
};

struct Style
{
    Ink ink = Ink::Text;
    bool bold = false;
    bool selected = false;
    friend bool operator==(const Style&, const Style&) = default;
};

inline constexpr Style strong{.ink = Ink::Text, .bold = true};
inline constexpr Style quiet{.ink = Ink::Quiet};

/// How many colours a terminal has.
enum class ColourDepth : std::uint8_t
{
    None,
    Sixteen,
    Indexed, ///< 256
    True, ///< 24 bits
};

/// What the environment asks for: NO_COLOR before anything else (no-color.org), then COLORTERM,
/// then TERM. Empty texts stand for variables that are not set.
[[nodiscard]] ColourDepth colourDepth(std::string_view noColor, std::string_view colorTerm,
                                      std::string_view term);

struct Rgb
{
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    friend bool operator==(const Rgb&, const Rgb&) = default;
};

/// The colour of an ink that has one: not Ink::Text. Readable on black and on white alike, for
/// nobody tells which of the two a terminal has.
[[nodiscard]] Rgb rgbOf(Ink ink);
/// The selection brings its own ground and text.
inline constexpr Rgb selectionGround{0xff, 0xe7, 0xa3};
inline constexpr Rgb selectionText{0x16, 0x1b, 0x22};

/// The nearest of the 216 colours of the usual 256: 16 to 231.
[[nodiscard]] int indexOf(Rgb colour);
/// The one of the eight named colours that stands for @p ink: 0 to 7; 8 is dark grey.
[[nodiscard]] int namedColourOf(Ink ink);

} // namespace timerscope::terminal
