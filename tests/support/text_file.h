// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

#include <string>

namespace timerscope::test {

/// A path below the source tree (TIMERSCOPE_SOURCE_DIR, which CTest sets).
inline QString sourcePath(const QString& path)
{
    return QString::fromLocal8Bit(qgetenv("TIMERSCOPE_SOURCE_DIR")) + u'/' + path;
}

/// The whole file, or nothing when it cannot be read: tests then fail on what is missing.
inline std::string textOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

} // namespace timerscope::test
