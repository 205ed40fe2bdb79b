// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/terminal/screens/canvas.h"
#include "app/terminal/screens/input.h"

#include <QString>

#include <optional>
#include <vector>

namespace timerscope::terminal {

/// Keys and what they do, for the foot line; a click on it presses one.
struct KeyHint
{
    QString keys;
    QString what;
    std::optional<KeyPress> press;
};

/// One of the tabs: draws what the models hold, and answers to keys that are its own.
class Screen
{
public:
    Screen() = default;
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    virtual ~Screen() = default;

    /// The key that comes here, and the tab's name.
    [[nodiscard]] virtual QString key() const = 0;
    [[nodiscard]] virtual QString title() const = 0;
    /// What of it is shown: "CPU 0 · monotonic · 7 queued".
    [[nodiscard]] virtual QString subject() const = 0;
    [[nodiscard]] virtual std::vector<KeyHint> hints() const = 0;

    /// Keeps what is chosen in sight, so it may scroll.
    virtual void draw(Pane pane) = 0;
    /// False: not its key.
    virtual bool take(const KeyPress& press) = 0;
    /// The models' tables are new.
    virtual void follow() { }
    /// Another source is shown from now on.
    virtual void startAnew() { }
};

} // namespace timerscope::terminal
