// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/window_model.h"

#include "app/models/number_text.h"
#include "app/session/backend_choice.h"

#include <QTimer>

#include <utility>

namespace timerscope {

namespace {

/// Records taken in at a time: about 2 ms of work, so that no frame waits for a long log.
constexpr std::size_t digestBudget = 300'000;

} // namespace

WindowModel::WindowModel(OpenFunction open, QObject* parent)
    : QObject(parent)
    , m_opener(std::move(open), m_bridge.callback(), this)
{
    connect(&m_bridge, &SessionBridge::frame, this, &WindowModel::frame);
    connect(&m_bridge, &SessionBridge::tables, this, &WindowModel::updateTables);
    connect(&m_opener, &SourceOpener::opened, this, &WindowModel::adopt);
    connect(&m_opener, &SourceOpener::failed, this, &WindowModel::openFailed);
}

void WindowModel::open(const QString& uri)
{
    // The same board cannot be opened while it is held.
    const bool isHeld = hasSource() && sharesDevice(uri.toStdString(), m_info.uri);
    m_opener.open(uri, isHeld ? session() : nullptr);
}

void WindowModel::reopen()
{
    if (hasSource()) {
        open(toQt(m_info.uri));
    }
}

void WindowModel::adopt(const std::shared_ptr<Session>& session)
{
    m_info = session->info();
    m_digest = {};
    m_selected.clear();
    m_bootLog.clear();
    m_opener.retire(m_bridge.adopt(session));
    emit opened();
}

void WindowModel::play()
{
    if (hasSource() && view().state == PlayState::Ended) {
        reopen();
    } else if (hasSource()) {
        m_bridge.session()->play();
    }
}

void WindowModel::pause()
{
    if (hasSource()) {
        m_bridge.session()->pause();
    }
}

void WindowModel::togglePlay()
{
    if (view().state == PlayState::Playing) {
        pause();
    } else {
        play();
    }
}

void WindowModel::step()
{
    if (hasSource()) {
        m_bridge.session()->step();
    }
}

void WindowModel::setSpeed(Speed speed)
{
    if (hasSource()) {
        m_bridge.session()->setSpeed(speed);
    }
}

void WindowModel::select(const QString& clocksource)
{
    if (m_selected != clocksource) {
        m_selected = clocksource;
        emit selectionChanged();
    }
}

QString WindowModel::selected() const
{
    if (m_ratings.rowOf(m_selected) >= 0) {
        return m_selected;
    }
    // A device by itself is nobody's current clocksource, and it is all there is to see.
    const bool isDevice = m_info.kind == SourceKind::Attached && !m_ratings.rows().empty();
    return isDevice ? m_ratings.rows().front().name : m_ratings.current();
}

Explanation WindowModel::explanation() const
{
    if (!hasSource()) {
        return {};
    }
    if (m_info.kind == SourceKind::Attached) {
        Explanation nobodyChooses;
        nobodyChooses.what = "It is watched by itself: no kernel runs here that could choose it. "
                             "Run a scenario on it to see what one would do.";
        return nobodyChooses;
    }
    return whyClocksource(*view().snapshot, selected().toStdString(), &m_bridge.session()->log(),
                          m_digest.lastSelection());
}

Glance WindowModel::glance() const
{
    return hasSource() ? glanceOf(*view().snapshot, m_digest) : Glance{};
}

void WindowModel::updateTables()
{
    const SnapshotPtr& snapshot = view().snapshot;
    const bool complete
        = m_digest.advance(m_bridge.session()->log(), snapshot->records, digestBudget);
    m_ratings.apply(snapshot);
    m_ticks.apply(*snapshot, m_digest);
    m_hrtimers.apply(snapshot);
    m_bootLog.apply(m_digest);
    emit tables();
    if (!complete) {
        QTimer::singleShot(0, this, &WindowModel::updateTables);
    }
}

} // namespace timerscope
