// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>

namespace timerscope {

/// Carries a session's news to the GUI thread: finished values by a queued call, at the session's
/// pace for what moves (frame) and at most five times a second for tables (tables).
///
/// Threading: callback() may be called by any thread; everything else is the GUI thread's.
class SessionBridge final : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// What to give a Session as its `changed`. It may outlive calls, not the bridge.
    [[nodiscard]] std::function<void()> callback();

    /// Shows @p session from now on. Returns the one shown before: letting go of it waits for its
    /// thread, so that is for another thread to do.
    std::shared_ptr<Session> adopt(std::shared_ptr<Session> session);

    [[nodiscard]] Session* session() const { return m_session.get(); }
    [[nodiscard]] const std::shared_ptr<Session>& shared() const { return m_session; }
    /// The view that was signalled last. Its snapshot is null before the first adopt().
    [[nodiscard]] const SessionView& view() const { return m_view; }

signals:
    void frame(); ///< view() is new
    void tables(); ///< tables should follow view()

private:
    void fetch();
    void offerTables(bool atOnce);

    std::shared_ptr<Session> m_session;
    SessionView m_view;
    std::atomic<bool> m_pending{false}; // one queued call at a time: a slow GUI is not flooded
    QTimer m_tableTimer{this};
    QElapsedTimer m_sinceTables;
};

} // namespace timerscope
