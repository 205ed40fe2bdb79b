// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/help_text.h"

#include <array>

namespace timerscope::terminal {

namespace {

struct HelpRow
{
    const char* keys;
    const char* what;
};

constexpr std::array helpRows{
    HelpRow{"Space", "play or pause; from the end, play again"},
    HelpRow{".", "step: one interrupt or scenario step"},
    HelpRow{"[  ]", "slower, faster"},
    HelpRow{"1  2  3  9", "go to ratings, ticks, hrtimers, log"},
    HelpRow{"Tab", "the next of them; with Shift the one before"},
    HelpRow{"↑  ↓", "choose another clocksource, CPU or timer; scroll the log"},
    HelpRow{"←  →", "choose another CPU (ticks) or base (hrtimers)"},
    HelpRow{"p  P", "choose the next CPU, the one before (hrtimers)"},
    HelpRow{"PgUp PgDn Home End", "scroll; End follows the log again"},
    HelpRow{"s  Ctrl+O", "choose what is shown"},
    HelpRow{"r  Ctrl+R", "start the scenario again"},
    HelpRow{"Ctrl+Z", "suspend; fg goes on"},
    HelpRow{"?  F1", "these keys"},
    HelpRow{"q  Ctrl+C", "quit"},
};

} // namespace

void drawHelp(Pane pane)
{
    pane.write(1, 0, "Keys", strong);
    int y = 2;
    for (const HelpRow& row : helpRows) {
        pane.write(1, y, QString::fromUtf8(row.keys), strong);
        pane.write(22, y, QString::fromUtf8(row.what));
        ++y;
    }
    pane.write(1, y + 1, "The mouse does it too: tabs, rows, choices, the keys below, the wheel.",
               quiet);
}

} // namespace timerscope::terminal
