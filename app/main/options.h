// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"

#include <QSize>
#include <QString>
#include <QStringList>

#include <optional>

namespace timerscope {

enum class ThemeChoice : std::uint8_t
{
    System,
    Light,
    Dark,
};

/// What the command line asked for.
struct Options
{
    bool help = false;
    bool version = false;
    QString source = "sim:ast2500-boot"; ///< a URI
    QString screenshot; ///< file to write; empty: a window is shown
    std::optional<TraceInstant> at; ///< when the picture is taken; empty: at the scenario's end
    QSize size{1600, 1000};
    ThemeChoice theme = ThemeChoice::System;
    int scale = 1; ///< pixels for each of the window's
};

/// @p arguments with the program's name first. Needs no QCoreApplication, hence no display.
/// Errors: InvalidArgument, with the option, the value met and what is allowed.
[[nodiscard]] Result<Options> parseOptions(const QStringList& arguments);

/// What --help prints.
[[nodiscard]] QString helpText();
/// "timerscope 0.1.0".
[[nodiscard]] QString versionText();

} // namespace timerscope
