// SPDX-License-Identifier: GPL-3.0-or-later
//! The menus of the window, and with them its keys.
#include "app/main/dialogs.h"
#include "app/main/main_window.h"
#include "app/models/number_text.h"

namespace timerscope {

void MainWindow::buildMenus()
{
    QMenu* const file = m_menus->addMenu(tr("&File"));
    file->addAction(tr("Save picture…"), this, &MainWindow::savePicture);
    file->addAction(tr("Copy view"), QKeySequence::Copy, this, &MainWindow::copyFocused);
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence{"Ctrl+Q"}, this, &QWidget::close);
    addSourceMenu();
    addRunMenu();
    addViewMenu();
    addHelpMenu();
}

QMenu* MainWindow::addSourceMenu()
{
    QMenu* const menu = m_menus->addMenu(tr("&Source"));
    menu->addAction(tr("Choose…"), QKeySequence{"Ctrl+O"}, m_timeBar, &TimeBar::openSourceMenu);
    menu->addSeparator();
    for (const SourceChoice& choice : m_offers.sources) {
        if (choice.uri == "linux:") {
            menu->addSeparator();
            m_timeBar->sourceMenu().addSeparator();
        }
        auto* const action = new QAction(choice.name, this);
        action->setObjectName(choice.uri);
        connect(action, &QAction::triggered, this, [this, uri = choice.uri] { open(uri); });
        menu->addAction(action);
        m_timeBar->sourceMenu().addAction(action);
    }
    addBackendMenu();
    for (QMenu* const each : {menu, &m_timeBar->sourceMenu()}) {
        each->addSeparator();
        each->addMenu(m_backends);
    }
    return menu;
}

void MainWindow::addBackendMenu()
{
    m_backends = new QMenu(tr("Run on"), this);
    m_backends->setObjectName("backends");
    m_backendGroup = new QActionGroup(m_backends);
    connect(m_backends, &QMenu::aboutToShow, this, &MainWindow::fillBackendMenu);
}

void MainWindow::fillBackendMenu()
{
    const QString uri = m_model.hasSource() ? toQt(m_model.info().uri) : QString{};
    const QString chosen = backendOf(uri);
    m_backends->clear();
    for (const BackendChoice& choice : m_offers.backends()) {
        QAction* const action
            = m_backends->addAction(choice.name, this, [this, uri, backend = choice.backend] {
                  open(uriOnBackend(uri, backend));
              });
        action->setObjectName(choice.backend);
        action->setCheckable(true);
        action->setChecked(choice.backend == chosen);
        action->setEnabled(!chosen.isEmpty());
        m_backendGroup->addAction(action);
    }
}

void MainWindow::addRunMenu()
{
    QMenu* const menu = m_menus->addMenu(tr("&Run"));
    menu->addAction(tr("Play or pause"), QKeySequence{Qt::Key_Space}, &m_model,
                    &WindowModel::togglePlay);
    menu->addAction(tr("Step"), QKeySequence{Qt::Key_Period}, &m_model, &WindowModel::step);
    menu->addAction(tr("Start again"), QKeySequence{"Ctrl+R"}, &m_model, &WindowModel::reopen);
    QMenu* const speeds = menu->addMenu(tr("Speed"));
    for (const NamedSpeed& offered : offeredSpeeds()) {
        speeds->addAction(offered.name, this, [this, speed = offered.speed] { setSpeed(speed); });
    }
}

void MainWindow::addViewMenu()
{
    QMenu* const menu = m_menus->addMenu(tr("&View"));
    const auto addGoTo = [&](const QString& name, int key, Place& place) {
        menu->addAction(name, QKeySequence{key}, this, [&place] { goTo(place); });
    };
    addGoTo(tr("Go to ratings"), Qt::Key_1, m_rating);
    addGoTo(tr("Go to ticks"), Qt::Key_2, m_ticks);
    addGoTo(tr("Go to hrtimers"), Qt::Key_3, m_hrtimers);
    addGoTo(tr("Go to the log"), Qt::Key_9, m_log);
    menu->addSeparator();
    for (const Place* place : m_places) {
        menu->addAction(place->dock->toggleViewAction());
    }
    menu->addAction(tr("First layout"), this, &MainWindow::arrange);
    menu->addSeparator();
    addThemeMenu(*menu);
}

void MainWindow::addThemeMenu(QMenu& views)
{
    QMenu* const menu = views.addMenu(tr("Colours"));
    auto* const group = new QActionGroup(menu);
    const auto add = [&](const QString& name, ThemeChoice choice) {
        QAction* const action = menu->addAction(name, this, [this, choice] { setTheme(choice); });
        action->setCheckable(true);
        action->setChecked(choice == m_themeChoice);
        group->addAction(action);
    };
    add(tr("As the desktop"), ThemeChoice::System);
    add(tr("Light"), ThemeChoice::Light);
    add(tr("Dark"), ThemeChoice::Dark);
}

void MainWindow::addHelpMenu()
{
    QMenu* const menu = m_menus->addMenu(tr("&Help"));
    QAction* const keys = menu->addAction(tr("Keys"), this, [this] { showKeys(this); });
    // Which of the two a keyboard sends for a shifted sign depends on its layout.
    keys->setShortcuts({QKeySequence{"?"}, QKeySequence{"Shift+?"}, QKeySequence{"F1"}});
    menu->addAction(tr("About Timerscope"), this, [this] { showAbout(this); });
}

} // namespace timerscope
