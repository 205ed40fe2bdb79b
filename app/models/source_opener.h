// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <string>

namespace timerscope {

/// Opens what a URI names; called on a thread of the opener's.
using OpenFunction = std::function<Result<std::unique_ptr<Source>>(const std::string& uri)>;

/// Opens sources and lets go of sessions away from the GUI thread, one after another.
class SourceOpener final : public QObject
{
    Q_OBJECT
public:
    SourceOpener(OpenFunction open, std::function<void()> changed, QObject* parent);
    ~SourceOpener() override;

    /// Answers with opened() or failed(); an older request that is still under way is forgotten.
    /// @p before gives back first what only one may hold, where it has such a thing; may be null.
    void open(const QString& uri, std::shared_ptr<Session> before = {});
    /// Ends @p session without waiting for it.
    void retire(std::shared_ptr<Session> session);
    [[nodiscard]] bool isBusy() const { return m_answered != m_asked; }

signals:
    void opened(const std::shared_ptr<timerscope::Session>& session);
    void failed(const QString& uri, const QString& what);

private:
    void answer(quint64 request, const QString& uri,
                const Result<std::shared_ptr<Session>>& result);

    OpenFunction m_open;
    std::function<void()> m_changed;
    quint64 m_asked = 0;
    quint64 m_answered = 0;
    QThreadPool m_pool;
};

} // namespace timerscope
