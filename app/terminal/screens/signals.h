// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace timerscope::terminal {

/// Turns signals into Qt signals: a handler may do next to nothing, the event loop everything.
/// One at a time, on the main thread.
class Signals final : public QObject
{
    Q_OBJECT
public:
    explicit Signals(QObject* parent = nullptr);
    ~Signals() override; ///< signals do again what they did before

signals:
    void endAsked(int signal); ///< SIGINT, SIGTERM, SIGHUP
    void resized(); ///< SIGWINCH
    void suspendAsked(); ///< SIGTSTP

private:
    void read();
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace timerscope::terminal
