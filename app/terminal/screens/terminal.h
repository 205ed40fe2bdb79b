// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/terminal/screens/canvas.h"
#include "app/terminal/screens/input.h"
#include "app/terminal/screens/terminal_guard.h"

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>

#include <memory>

namespace timerscope::terminal {

/// The terminal that the program runs in: shows canvases, tells of keys and the mouse. It is found
/// out first what kind of terminal it is; ready() says so, mute() that it does not answer.
///
/// The only file that knows termpaint is this one's. Main thread only, one at a time.
class Terminal final : public QObject
{
    Q_OBJECT
public:
    /// Standard input and output must be a terminal.
    explicit Terminal(QObject* parent = nullptr);
    ~Terminal() override; ///< leaves it as it was

    struct Size
    {
        int width = 0;
        int height = 0;
    };
    /// As the terminal has it now.
    [[nodiscard]] static Size size();
    [[nodiscard]] bool isReady() const { return m_isReady; }

    /// Only what differs from the last one is sent. Before ready(), nothing.
    void show(const Canvas& canvas);
    /// Gives the terminal back and stops the program, as Ctrl-Z does; goes on where it was.
    void suspend();

signals:
    void ready();
    void mute();
    void entered(const timerscope::terminal::Input& input);
    void gone(); ///< nobody is there any more

private:
    struct Impl;
    void read();
    void start();
    std::unique_ptr<Impl> m_impl;
    QSocketNotifier m_notifier;
    QTimer m_patience{this}; ///< with a terminal that does not answer
    QTimer m_lull{this}; ///< tells a lone Escape from the beginning of a sequence
    bool m_isReady = false;
};

} // namespace timerscope::terminal
