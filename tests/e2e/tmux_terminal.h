// SPDX-License-Identifier: GPL-3.0-or-later
//! A terminal for programs under test: tmux without a person, on a server of its own.
#pragma once

#include "tests/e2e/tscope_process.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QUuid>

#include <functional>

namespace timerscope::test {

/// A shell in a terminal of the size asked for. Everything is waited for, nothing slept over.
class TmuxTerminal
{
public:
    TmuxTerminal(int width, int height, const QString& environment = {})
    {
        // The prompt tells when the shell is ready for the next command, and how the last ended.
        order({"-f", "/dev/null", "new-session", "-d", "-x", QString::number(width), "-y",
               QString::number(height),
               "env " + environment
                   + " XDG_DATA_HOME=/nonexistent XDG_DATA_DIRS=/nonexistent PS1='[$?]ready ' "
                     "bash --norc --noprofile -i"});
    }
    ~TmuxTerminal() { order({"kill-server"}); }
    TmuxTerminal(const TmuxTerminal&) = delete;
    TmuxTerminal& operator=(const TmuxTerminal&) = delete;

    /// Whether @p text comes into sight within some seconds.
    [[nodiscard]] bool shows(const QString& text) const
    {
        return becomes([&] { return screen().contains(text); });
    }
    [[nodiscard]] bool hides(const QString& text) const
    {
        return becomes([&] { return !screen().contains(text); });
    }
    /// What is on the screen now.
    [[nodiscard]] QString screen() const { return ask({"capture-pane", "-p"}); }
    [[nodiscard]] QStringList lines() const { return screen().split('\n'); }
    /// The same with the sequences that colour it.
    [[nodiscard]] QString coloured() const { return ask({"capture-pane", "-p", "-e"}); }

    /// Keys by tmux's names: "Space", "C-c", "BTab", "x".
    void press(const QStringList& keys) const { order(QStringList{"send-keys"} + keys); }
    void type(const QString& text) const { order({"send-keys", "-l", text}); }
    void enter(const QString& line) const
    {
        type(line);
        press({"Enter"});
    }
    /// The left button, on a cell counted from 0; as xterm reports it.
    void click(int x, int y) const { report(0, x, y); }
    void turnWheel(int x, int y, bool down) const { report(down ? 65 : 64, x, y); }
    void resize(int width, int height) const
    {
        order({"resize-window", "-x", QString::number(width), "-y", QString::number(height)});
    }

    /// Whether a full-screen program has given everything back.
    [[nodiscard]] bool isPlain() const
    {
        return becomes([this] {
            return ask({"display-message", "-p",
                        "#{alternate_on}#{mouse_any_flag}#{mouse_sgr_flag}#{cursor_flag}"})
                       .trimmed()
                == "0001";
        });
    }
    /// The process in front, once it is called @p name.
    [[nodiscard]] qint64 foreground(const QString& name) const
    {
        qint64 found = 0;
        becomes([&] {
            const QString shell = ask({"display-message", "-p", "#{pane_pid}"}).trimmed();
            QFile children(QString("/proc/%1/task/%1/children").arg(shell));
            const QByteArray first = children.open(QIODevice::ReadOnly)
                ? children.readAll().split(' ').value(0)
                : QByteArray();
            QFile comm("/proc/" + first + "/comm");
            if (comm.open(QIODevice::ReadOnly) && comm.readAll().trimmed() == name) {
                found = first.toLongLong();
            }
            return found > 0;
        });
        return found;
    }

    static bool becomes(const std::function<bool()>& condition)
    {
        for (const QDeadlineTimer limit(20'000); !limit.hasExpired(); QThread::msleep(20)) {
            if (condition()) {
                return true;
            }
        }
        return condition();
    }

private:
    void report(int button, int x, int y) const
    {
        type(QString("\x1b[<%1;%2;%3M").arg(button).arg(x + 1).arg(y + 1));
    }
    /// As ask(), for what answers nothing.
    void order(const QStringList& arguments) const { static_cast<void>(ask(arguments)); }
    [[nodiscard]] QString ask(const QStringList& arguments) const
    {
        QProcess process;
        process.start("tmux", QStringList{"-L", m_server} + arguments);
        process.waitForFinished(20'000);
        return QString::fromUtf8(process.readAllStandardOutput());
    }

    QString m_server = "timerscope-test-" + QUuid::createUuid().toString(QUuid::Id128);
};

} // namespace timerscope::test
