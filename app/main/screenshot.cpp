// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main/screenshot.h"

#include <QCoreApplication>
#include <QTextStream>
#include <QTimer>

namespace timerscope {

namespace {

void endWith(int code, const QString& sentence = {})
{
    if (!sentence.isEmpty()) {
        QTextStream(stderr) << "timerscope: " << sentence << '\n';
    }
    QCoreApplication::exit(code);
}

/// Waits for the model to stand still at its time, then for the last fingerprint, and shoots.
class Photographer final : public QObject
{
public:
    Photographer(MainWindow& window, Options options)
        : QObject(&window)
        , m_window(window)
        , m_options(std::move(options))
    {
        const WindowModel& model = m_window.model();
        connect(&model, &WindowModel::opened, this, &Photographer::run);
        connect(&model, &WindowModel::openFailed, this,
                [](const QString& uri, const QString& what) {
                    endWith(uri.startsWith("linux:") ? 3 : 2, uri + ": " + what);
                });
        connect(&model, &WindowModel::tables, this, &Photographer::look);
    }

private:
    void run()
    {
        Session& session = *m_window.model().session();
        m_running = true;
        if (m_window.model().info().kind == SourceKind::LiveKernel) {
            session.step();
        } else {
            const auto end = m_window.model().info().end;
            session.runUntil(m_options.at.value_or(end.value_or(TraceInstant{Ns{nsPerSecond}})));
        }
    }

    void look()
    {
        const SessionView& view = m_window.model().view();
        const bool begun = view.snapshot->records > 0 || view.state != PlayState::Paused;
        if (!m_running || !begun || view.state == PlayState::Playing || m_shooting) {
            return;
        }
        m_shooting = true;
        if (view.error) {
            endWith(3, QString::fromStdString(view.error->what));
            return;
        }
        QTimer::singleShot(300, this, &Photographer::shoot); // the fingerprint comes by a thread
    }

    void shoot()
    {
        const bool written = m_window.grab().save(m_options.screenshot);
        endWith(written ? 0 : 4,
                written ? QString{} : m_options.screenshot + " could not be written");
    }

    MainWindow& m_window;
    Options m_options;
    bool m_running = false;
    bool m_shooting = false;
};

} // namespace

void takeScreenshot(MainWindow& window, const Options& options)
{
    new Photographer(window, options);
    window.setPlaysOnOpen(false);
    window.resize(options.size);
    window.show();
    window.open(options.source);
}

} // namespace timerscope
