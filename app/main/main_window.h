// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/main/options.h"
#include "app/models/source_choices.h"
#include "app/models/window_model.h"
#include "app/views/dock.h"
#include "app/views/glance_bar.h"
#include "app/views/status_line.h"
#include "app/views/theme.h"
#include "app/views/time_bar.h"

#include <QActionGroup>
#include <QMainWindow>
#include <QMenuBar>

#include <functional>

namespace timerscope {

/// The window: bars above, docks in the middle, the honest line below.
class MainWindow final : public QWidget
{
    Q_OBJECT
public:
    MainWindow(OpenFunction open, SourceOffers offers, ThemeChoice theme);

    /// Opens @p uri. It plays at once unless playsOnOpen() was turned off.
    void open(const QString& uri);
    void setPlaysOnOpen(bool plays) { m_playsOnOpen = plays; }
    void setTheme(ThemeChoice theme);
    /// Docks where they are in a new window.
    void arrange();

    [[nodiscard]] WindowModel& model() { return m_model; }

protected:
    void changeEvent(QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    /// A view in its dock.
    struct Place
    {
        Dock* dock = nullptr;
        QWidget* view = nullptr;
        std::function<QString()> subject;
        std::function<QString()> text;
    };
    template<typename View>
    void addView(Place& place, const QString& title, const QString& key);
    void layOut();
    void buildDocks();
    void buildMenus();
    QMenu* addSourceMenu();
    void addBackendMenu();
    void fillBackendMenu();
    void addRunMenu();
    void addViewMenu();
    void addThemeMenu(QMenu& views);
    void addHelpMenu();
    void connectModel();
    void applyTheme();
    void followSubjects();
    void followSource();
    static void goTo(const Place& place);
    static void copy(const Place& place);
    void copyFocused();
    void setSpeed(Speed speed);
    void savePicture();

    ThemeChoice m_themeChoice;
    Appearance m_look;
    WindowModel m_model;
    SourceOffers m_offers;
    Speed m_speed{1, 10};
    bool m_playsOnOpen = true;
    bool m_isArranged = false;
    QMenuBar* m_menus = nullptr;
    QMenu* m_backends = nullptr; ///< "Run on", of both source menus
    QActionGroup* m_backendGroup = nullptr; ///< one of them is checked
    TimeBar* m_timeBar = nullptr;
    GlanceBar* m_glance = nullptr;
    QMainWindow* m_docks = nullptr;
    StatusLine* m_status = nullptr;
    Place m_rating, m_ticks, m_hrtimers, m_why, m_log;
    std::vector<Place*> m_places;
};

} // namespace timerscope
