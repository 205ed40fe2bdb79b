// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace timerscope {

/// All keys, in one table.
void showKeys(QWidget* parent);
/// What this program is, its version and its licence.
void showAbout(QWidget* parent);

} // namespace timerscope
