// SPDX-License-Identifier: GPL-3.0-or-later
//! A real window on real sources: what the tests of the desktop program share.
#pragma once

#include "app/main/main_window.h"

#include <memory>

namespace timerscope::test {

/// Style and fonts as main() sets them up.
void prepareApplication();

/// Opens sim: scenarios of the source tree, and linux: on the kernel of a fixture tree.
[[nodiscard]] OpenFunction openForTests();

/// Besides the source tree's scenarios and devices, the windows find those of @p folder.
void alsoFindIn(const QString& folder);

/// A shown window on @p uri that does not play by itself; waits until it is open.
[[nodiscard]] std::unique_ptr<MainWindow>
windowOn(const QString& uri, ThemeChoice theme = ThemeChoice::Light, QSize size = {1600, 1000});

/// Runs the window's model to @p ns and waits until all views show it.
void runTo(MainWindow& window, std::int64_t ns);

/// Sentences about texts that do not fit their label or button; empty when all do.
[[nodiscard]] QStringList clippedTexts(const QWidget& window);

/// Where pictures of this run are kept, below the build folder.
[[nodiscard]] QString artefact(const QString& name);

} // namespace timerscope::test
