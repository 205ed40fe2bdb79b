// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/source_opener.h"

#include "app/models/number_text.h"

#include <QMetaObject>

#include <utility>

namespace timerscope {

SourceOpener::SourceOpener(OpenFunction open, std::function<void()> changed, QObject* parent)
    : QObject(parent)
    , m_open(std::move(open))
    , m_changed(std::move(changed))
{
    m_pool.setMaxThreadCount(1);
}

SourceOpener::~SourceOpener()
{
    m_pool.waitForDone(); // what runs there uses this object
}

void SourceOpener::open(const QString& uri, std::shared_ptr<Session> before)
{
    const quint64 request = ++m_asked;
    m_pool.start([this, request, uri, before = std::move(before)]() mutable {
        if (before) {
            before->release();
            before.reset();
        }
        const Result<std::shared_ptr<Session>> result
            = m_open(uri.toStdString()).map([this](std::unique_ptr<Source>&& source) {
                  return std::make_shared<Session>(std::move(source), m_changed);
              });
        QMetaObject::invokeMethod(
            this, [this, request, uri, result] { answer(request, uri, result); },
            Qt::QueuedConnection);
    });
}

void SourceOpener::retire(std::shared_ptr<Session> session)
{
    if (session) {
        m_pool.start([session = std::move(session)]() mutable { session.reset(); });
    }
}

void SourceOpener::answer(quint64 request, const QString& uri,
                          const Result<std::shared_ptr<Session>>& result)
{
    if (request != m_asked) {
        return; // another source was asked for meanwhile
    }
    m_answered = request;
    if (result) {
        emit opened(*result);
    } else {
        emit failed(uri, toQt(result.error().what));
    }
}

} // namespace timerscope
