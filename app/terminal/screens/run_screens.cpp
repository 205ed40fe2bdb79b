// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/run_screens.h"

#include "app/session/open_source.h"
#include "app/terminal/screens/signals.h"
#include "app/terminal/screens/terminal.h"
#include "app/terminal/screens/terminal_window.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTimer>

#include <array>
#include <csignal>

namespace timerscope::terminal {

namespace {

constexpr int leastMsBetweenDrawings = 33;

/// Draws the window on the terminal whenever it has changed, thirty times a second at most.
class Painter final : public QObject
{
public:
    Painter(TerminalWindow& window, Terminal& terminal)
        : m_window(window)
        , m_terminal(terminal)
    {
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, &Painter::paint);
        connect(&window, &TerminalWindow::changed, this, &Painter::ask);
        connect(&terminal, &Terminal::ready, this, &Painter::ask);
    }

    void ask()
    {
        if (!m_timer.isActive()) {
            const auto passed = m_sinceLast.isValid() ? m_sinceLast.elapsed() : qint64{1000};
            m_timer.start(static_cast<int>(std::max<qint64>(leastMsBetweenDrawings - passed, 0)));
        }
    }

private:
    void paint()
    {
        m_sinceLast.start();
        const Terminal::Size size = Terminal::size();
        Canvas canvas(size.width, size.height);
        m_window.draw(canvas);
        m_terminal.show(canvas);
    }

    TerminalWindow& m_window;
    Terminal& m_terminal;
    QTimer m_timer;
    QElapsedTimer m_sinceLast;
};

void start(TerminalWindow& window, const ScreensRequest& request)
{
    window.setPlaysOnOpen(!request.isPaused);
    if (request.source.empty()) {
        window.pickSource();
    } else {
        window.open(sourceUri(QString::fromStdString(request.source)));
    }
}

} // namespace

ScreensEnd runScreens(const ScreensRequest& request, const Resources& resources)
{
    int argc = 1;
    std::array<char, 7> name{"tscope"};
    std::array<char*, 2> argv{name.data(), nullptr};
    const QCoreApplication application(argc, argv.data());
    ScreensEnd end;
    Terminal terminal;
    const Signals caught;
    TerminalWindow window(
        [&resources](const std::string& uri) { return openSource(uri, resources); },
        sourceOffers(resources));
    const Painter painter(window, terminal);
    const auto quit = [] { QCoreApplication::quit(); };
    QObject::connect(&window, &TerminalWindow::quitAsked, quit);
    QObject::connect(&window, &TerminalWindow::suspendAsked, &terminal, &Terminal::suspend);
    QObject::connect(&terminal, &Terminal::entered, &window,
                     [&window](const Input& input) { window.take(input); });
    QObject::connect(&terminal, &Terminal::gone, quit);
    QObject::connect(&terminal, &Terminal::mute, [&] {
        end.isMute = true;
        quit();
    });
    QObject::connect(&caught, &Signals::resized, &painter, &Painter::ask);
    QObject::connect(&caught, &Signals::suspendAsked, &terminal, &Terminal::suspend);
    QObject::connect(&caught, &Signals::endAsked, [&](int signal) {
        end.signal = signal;
        quit();
    });
    start(window, request);
    QCoreApplication::exec();
    return end;
}

} // namespace timerscope::terminal
