// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDeadlineTimer>
#include <QFile>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QThread>

#include <csignal>

namespace timerscope::test {

/// What a run of tscope left behind.
struct Answer
{
    int code = -1; ///< 128 and more: what a shell would say of a signal
    QByteArray out;
    QByteArray err;
};

inline QString tscopePath()
{
    return QString::fromLocal8Bit(qgetenv("TIMERSCOPE_BIN_DIR")) + "/tscope";
}

/// The user's own scenarios must not change what tests see.
inline QProcessEnvironment plainEnvironment()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_DATA_HOME", "/nonexistent");
    environment.insert("XDG_DATA_DIRS", "/nonexistent");
    return environment;
}

inline Answer answerOf(QProcess& process)
{
    process.waitForFinished(60'000);
    const bool crashed = process.exitStatus() == QProcess::CrashExit;
    return {.code = process.exitCode() + (crashed ? 128 : 0),
            .out = process.readAllStandardOutput(),
            .err = process.readAllStandardError()};
}

inline Answer tscope(const QStringList& arguments, const QString& program = tscopePath())
{
    QProcess process;
    process.setProcessEnvironment(plainEnvironment());
    process.start(program, arguments);
    return answerOf(process);
}

/// Through a shell: @p line has tscope as "$0".
inline Answer shell(const QString& line)
{
    QProcess process;
    process.setProcessEnvironment(plainEnvironment());
    process.start("/bin/bash", {"-c", line, tscopePath()});
    return answerOf(process);
}

/// Waits until the program counts SIGINT itself: bit 1 of SigCgt in its /proc file. Before it is
/// tscope it is a copy of the test, which catches signals as well.
inline bool waitUntilItCatchesInterrupts(const QProcess& process)
{
    const QString path = QString("/proc/%1/status").arg(process.processId());
    for (const QDeadlineTimer limit(30'000); !limit.hasExpired(); QThread::msleep(5)) {
        QFile file(path);
        const QByteArray text = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        const auto at = text.indexOf("SigCgt:\t");
        if (at >= 0 && text.startsWith("Name:\ttscope\n")
            && (text.mid(at + 8, 16).toULongLong(nullptr, 16) & (1U << (SIGINT - 1))) != 0) {
            return true;
        }
    }
    return false;
}

/// Starts tscope, interrupts it as Ctrl-C would once it is at work, and waits for its end.
inline Answer interrupted(const QStringList& arguments)
{
    QProcess process;
    process.setProcessEnvironment(plainEnvironment());
    process.start(tscopePath(), arguments);
    process.waitForStarted();
    if (!waitUntilItCatchesInterrupts(process)) {
        process.kill();
        return answerOf(process);
    }
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    return answerOf(process);
}

} // namespace timerscope::test
