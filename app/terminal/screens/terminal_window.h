// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/terminal/screens/hrtimer_screen.h"
#include "app/terminal/screens/log_screen.h"
#include "app/terminal/screens/rating_screen.h"
#include "app/terminal/screens/source_picker.h"
#include "app/terminal/screens/tick_screen.h"

#include <QObject>

#include <array>

namespace timerscope::terminal {

/// The window of the terminal program: bars above and below, one screen at a time between them.
/// It knows no terminal: input comes in, a canvas is drawn. Main thread only.
class TerminalWindow final : public QObject
{
    Q_OBJECT
public:
    static constexpr int leastWidth = 80;
    static constexpr int leastHeight = 24;

    TerminalWindow(OpenFunction open, SourceOffers offers, QObject* parent = nullptr);

    /// Opens @p uri; it plays at once unless playsOnOpen() was turned off.
    void open(const QString& uri);
    void setPlaysOnOpen(bool plays) { m_playsOnOpen = plays; }
    void pickSource();

    void take(const Input& input);
    /// Draws everything; the canvas remembers what answers to the mouse.
    void draw(Canvas& canvas);

    [[nodiscard]] WindowModel& model() { return m_model; }

signals:
    void changed(); ///< what draw() would draw is new
    void quitAsked();
    void suspendAsked();

private:
    enum class Layer : std::uint8_t
    {
        Screen,
        Picker,
        Help,
    };
    void connectModel();
    void act(const KeyPress& press);
    void act(const Click& click);
    void act(const Wheel& wheel);
    void act(const Paste& paste);
    bool takeAlways(const KeyPress& press);
    bool takeOnLayer(const KeyPress& press);
    bool takeView(const KeyPress& press);
    bool takeRun(const KeyPress& press);
    void changeSpeed(int by);
    void show(std::size_t screen);
    void followSource();
    [[nodiscard]] std::vector<std::pair<QString, Style>> messages() const;
    [[nodiscard]] std::vector<KeyHint> hints() const;
    static void drawSmall(Pane pane);
    void drawTabs(Pane pane);
    [[nodiscard]] int drawMessages(Pane pane) const;
    void drawBody(Pane pane);
    void drawScreen(Pane pane);

    WindowModel m_model;
    RatingScreen m_rating{m_model};
    TickScreen m_ticks{m_model};
    HrtimerScreen m_hrtimers{m_model};
    LogScreen m_log{m_model};
    std::array<Screen*, 4> m_screens{&m_rating, &m_ticks, &m_hrtimers, &m_log};
    std::size_t m_shown = 0;
    SourcePicker m_picker;
    Layer m_layer = Layer::Screen;
    QString m_opening; ///< URI that is under way
    QString m_failure; ///< why the last one could not be opened
    Speed m_speed{1, 10};
    bool m_playsOnOpen = true;
    std::vector<Spot> m_spots; ///< of what was drawn last
};

} // namespace timerscope::terminal
