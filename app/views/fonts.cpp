// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/fonts.h"

#include <QFontDatabase>
#include <QGuiApplication>

namespace timerscope {

namespace {

/// Without a desktop nobody has chosen a font, and the first that happens to be installed is
/// taken. Then the design's own fonts are preferred, where they are there.
QFont systemFont(QFontDatabase::SystemFont kind, const QString& preferred)
{
    QFont font = QFontDatabase::systemFont(kind);
    if (QGuiApplication::platformName() == "offscreen" && QFontDatabase::hasFamily(preferred)) {
        font.setFamily(preferred);
    }
    return font;
}

QFont sized(QFont font, int pixels, Weight weight)
{
    font.setPixelSize(pixels);
    font.setBold(weight == Weight::Bold);
    return font;
}

} // namespace

QFont sansFont(int pixels, Weight weight)
{
    static const QFont font = systemFont(QFontDatabase::GeneralFont, "Noto Sans");
    return sized(font, pixels, weight);
}

QFont fixedFont(int pixels, Weight weight)
{
    static const QFont font = systemFont(QFontDatabase::FixedFont, "Noto Sans Mono");
    return sized(font, pixels, weight);
}

} // namespace timerscope
