// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/ink.h"

#include <array>

namespace timerscope::terminal {

namespace {

struct Colours
{
    Rgb rgb;
    int named;
};

/// In Ink's order. The hues are the window's, at the one lightness that stands out as much from
/// black as from white: 4.5 and more against each.
constexpr std::array<Colours, 7> colours{{
    {{0x75, 0x75, 0x75}, 7}, // Text has no colour; never asked for
    {{0x75, 0x75, 0x75}, 8},
    {{0xd8, 0x30, 0x73}, 5},
    {{0xb4, 0x5f, 0x06}, 3},
    {{0x8d, 0x58, 0xdc}, 4},
    {{0xa0, 0x6a, 0x00}, 3},
    {{0xde, 0x30, 0x30}, 1},
}};

const Colours& coloursOf(Ink ink)
{
    return colours.at(static_cast<std::size_t>(ink));
}

/// The steps of a channel in the cube of 6 by 6 by 6: 0, 95, 135, 175, 215, 255.
int cubeStep(std::uint8_t channel)
{
    return channel < 48 ? 0 : channel < 115 ? 1 : (channel - 35) / 40;
}

} // namespace

ColourDepth colourDepth(std::string_view noColor, std::string_view colorTerm, std::string_view term)
{
    if (!noColor.empty() || term == "dumb") {
        return ColourDepth::None;
    }
    if (colorTerm == "truecolor" || colorTerm == "24bit" || term.ends_with("-direct")) {
        return ColourDepth::True;
    }
    return term.find("256color") != std::string_view::npos ? ColourDepth::Indexed
                                                           : ColourDepth::Sixteen;
}

Rgb rgbOf(Ink ink)
{
    return coloursOf(ink).rgb;
}

int indexOf(Rgb colour)
{
    return 16 + 36 * cubeStep(colour.red) + 6 * cubeStep(colour.green) + cubeStep(colour.blue);
}

int namedColourOf(Ink ink)
{
    return coloursOf(ink).named;
}

} // namespace timerscope::terminal
