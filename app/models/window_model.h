// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/boot_log_model.h"
#include "app/models/cpu_tick_model.h"
#include "app/models/glance.h"
#include "app/models/hrtimer_queue_model.h"
#include "app/models/log_digest.h"
#include "app/models/rating_model.h"
#include "app/models/session_bridge.h"
#include "app/models/source_opener.h"
#include "engine/why/why.h"

#include <QObject>

namespace timerscope {

/// Everything a window shows: one source, one selection, one time. GUI thread only.
class WindowModel final : public QObject
{
    Q_OBJECT
public:
    explicit WindowModel(OpenFunction open, QObject* parent = nullptr);

    /// Opens @p uri away from this thread; opened() or openFailed() answers.
    void open(const QString& uri);
    /// Opens what is shown once more, from its start.
    void reopen();

    /// From the end on, the source is opened once more: whoever listens to opened() plays it.
    void play();
    void pause();
    void togglePlay();
    void step();
    void setSpeed(Speed speed);

    /// Explains @p clocksource from now on; an empty name follows the current one.
    void select(const QString& clocksource);
    [[nodiscard]] QString selected() const;
    [[nodiscard]] Explanation explanation() const;

    [[nodiscard]] const SessionView& view() const { return m_bridge.view(); }
    [[nodiscard]] bool hasSource() const { return m_bridge.session() != nullptr; }
    [[nodiscard]] const SourceInfo& info() const { return m_info; }
    /// Null before the first source is open.
    [[nodiscard]] const std::shared_ptr<Session>& session() const { return m_bridge.shared(); }
    [[nodiscard]] Glance glance() const;
    [[nodiscard]] const LogDigest& digest() const { return m_digest; }

    [[nodiscard]] RatingModel& ratings() { return m_ratings; }
    [[nodiscard]] CpuTickModel& ticks() { return m_ticks; }
    [[nodiscard]] HrtimerQueueModel& hrtimers() { return m_hrtimers; }
    [[nodiscard]] BootLogModel& bootLog() { return m_bootLog; }

signals:
    void opened(); ///< info() and everything else is another source's
    void openFailed(const QString& uri, const QString& what);
    void frame(); ///< time and glance are new: at most 60 times a second
    void tables(); ///< the models have followed: at most 5 times a second
    void selectionChanged();

private:
    void adopt(const std::shared_ptr<Session>& session);
    void updateTables();

    SourceInfo m_info;
    QString m_selected;
    LogDigest m_digest;
    RatingModel m_ratings{this};
    CpuTickModel m_ticks{this};
    HrtimerQueueModel m_hrtimers{this};
    BootLogModel m_bootLog{this};
    SessionBridge m_bridge{this};
    SourceOpener m_opener; // after the bridge: what it runs calls the bridge
};

} // namespace timerscope
