// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/session_bridge.h"

#include <QMetaObject>

#include <utility>

namespace timerscope {

namespace {

constexpr qint64 tablePeriodMs = 200;

} // namespace

std::function<void()> SessionBridge::callback()
{
    return [this] {
        if (!m_pending.exchange(true)) {
            QMetaObject::invokeMethod(this, &SessionBridge::fetch, Qt::QueuedConnection);
        }
    };
}

std::shared_ptr<Session> SessionBridge::adopt(std::shared_ptr<Session> session)
{
    auto previous = std::exchange(m_session, std::move(session));
    m_tableTimer.setSingleShot(true);
    disconnect(&m_tableTimer, nullptr, this, nullptr);
    connect(&m_tableTimer, &QTimer::timeout, this, [this] { offerTables(true); });
    m_view = m_session->view();
    emit frame();
    offerTables(true);
    return previous;
}

void SessionBridge::fetch()
{
    m_pending = false; // before the view is taken: a change after that asks again
    if (!m_session) {
        return;
    }
    const PlayState before = m_view.state;
    m_view = m_session->view();
    emit frame();
    offerTables(m_view.state != before || m_view.state != PlayState::Playing);
}

void SessionBridge::offerTables(bool atOnce)
{
    const qint64 passed = m_sinceTables.isValid() ? m_sinceTables.elapsed() : tablePeriodMs;
    if (atOnce || passed >= tablePeriodMs) {
        m_tableTimer.stop();
        m_sinceTables.start();
        emit tables();
    } else if (!m_tableTimer.isActive()) {
        m_tableTimer.start(static_cast<int>(tablePeriodMs - passed));
    }
}

} // namespace timerscope
