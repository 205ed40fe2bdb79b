// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main/main_window.h"

#include "app/models/number_text.h"
#include "app/views/fonts.h"
#include "app/views/hrtimer_view.h"
#include "app/views/log_view.h"
#include "app/views/rating_view.h"
#include "app/views/style_sheet.h"
#include "app/views/tick_view.h"
#include "app/views/why_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QFileDialog>
#include <QIcon>
#include <QVBoxLayout>

/// A static library's resources have to be asked for, and outside of any namespace: the macro
/// declares a function in the one it stands in.
static void initIcons() // NOLINT(misc-use-anonymous-namespace)
{
    Q_INIT_RESOURCE(icons);
}

namespace timerscope {

namespace {

Theme themeFor(ThemeChoice choice)
{
    switch (choice) {
    case ThemeChoice::Light:
        return Theme::light();
    case ThemeChoice::Dark:
        return Theme::forDark();
    case ThemeChoice::System:
        break;
    }
    return Theme::fromPalette(QApplication::palette());
}

} // namespace

MainWindow::MainWindow(OpenFunction open, SourceOffers offers, ThemeChoice theme)
    : m_themeChoice(theme)
    , m_look(themeFor(theme))
    , m_model(std::move(open))
    , m_offers(std::move(offers))
{
    initIcons();
    setWindowTitle("Timerscope");
    setWindowIcon(QIcon(":/icons/timerscope.svg"));
    setFont(sansFont(13));
    setFocusPolicy(Qt::ClickFocus);
    setFocus(); // no control has the focus before somebody gives it one
    resize(1600, 1000);
    layOut();
    buildDocks();
    buildMenus();
    connectModel();
    applyTheme();
    connect(&m_look, &Appearance::changed, this, &MainWindow::applyTheme);
}

void MainWindow::layOut()
{
    m_menus = new QMenuBar(this);
    m_menus->setFont(sansFont(13));
    m_timeBar = new TimeBar(m_model, m_look, this);
    m_glance = new GlanceBar(m_look, this);
    m_docks = new QMainWindow(this);
    m_docks->setWindowFlags(Qt::Widget); // the constructor always makes it a window
    m_docks->setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks);
    m_status = new StatusLine(m_model, m_look, this);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_menus);
    column->addWidget(m_timeBar);
    column->addWidget(m_glance);
    column->addWidget(m_docks, 1);
    column->addWidget(m_status);
}

template<typename View>
void MainWindow::addView(Place& place, const QString& title, const QString& key)
{
    place.dock = new Dock(title, key, m_look, m_docks);
    auto* const view = new View(m_model, m_look, place.dock);
    place.view = view;
    place.subject = [view] { return view->subject(); };
    place.text = [view] { return view->asText(); };
    place.dock->setWidget(view);
    QMenu& menu = place.dock->menu();
    auto* const copyAction = new QAction(tr("Copy as text"), place.dock);
    connect(copyAction, &QAction::triggered, this, [&place] { copy(place); });
    menu.insertAction(menu.actions().front(), copyAction);
    m_places.push_back(&place);
}

void MainWindow::buildDocks()
{
    addView<RatingView>(m_rating, tr("Rating"), "1");
    addView<TickView>(m_ticks, tr("Ticks"), "2");
    addView<HrtimerView>(m_hrtimers, tr("Hrtimers"), "3");
    addView<WhyPanel>(m_why, tr("Why?"), {});
    addView<LogView>(m_log, tr("Log"), "9");
}

void MainWindow::arrange()
{
    for (const Place* place : m_places) {
        place->dock->setFloating(false);
        m_docks->removeDockWidget(place->dock);
    }
    m_docks->addDockWidget(Qt::LeftDockWidgetArea, m_rating.dock);
    m_docks->splitDockWidget(m_rating.dock, m_hrtimers.dock, Qt::Horizontal);
    m_docks->splitDockWidget(m_hrtimers.dock, m_why.dock, Qt::Horizontal);
    m_docks->splitDockWidget(m_rating.dock, m_ticks.dock, Qt::Vertical);
    m_docks->splitDockWidget(m_hrtimers.dock, m_log.dock, Qt::Vertical);
    for (const Place* place : m_places) {
        place->dock->show();
    }
    const int middle = std::max(width() - 300 - 336 - 2, 300);
    m_docks->resizeDocks({m_rating.dock, m_hrtimers.dock, m_why.dock}, {300, middle, 336},
                         Qt::Horizontal);
    const int height = m_docks->height();
    const int rating = std::max(370, height - 392); // all of the ticks, then all of the ratings
    m_docks->resizeDocks({m_rating.dock, m_ticks.dock}, {rating, height - rating - 1},
                         Qt::Vertical);
    m_docks->resizeDocks({m_hrtimers.dock, m_log.dock}, {height - 221, 220}, Qt::Vertical);
}

void MainWindow::connectModel()
{
    connect(&m_model, &WindowModel::frame, this, [this] { m_glance->show(m_model.glance()); });
    connect(&m_model, &WindowModel::tables, this, &MainWindow::followSubjects);
    connect(&m_model, &WindowModel::opened, this, &MainWindow::followSource);
    connect(&m_model, &WindowModel::openFailed, this,
            [this](const QString& uri, const QString& what) {
                m_status->say(tr("%1: %2").arg(uri, what));
            });
    connect(m_timeBar, &TimeBar::speedChosen, this, &MainWindow::setSpeed);
}

void MainWindow::open(const QString& uri)
{
    m_model.open(uri);
}

void MainWindow::followSource()
{
    setWindowTitle(tr("%1 – Timerscope").arg(toQt(m_model.info().title)));
    m_status->say({});
    m_model.setSpeed(m_speed);
    if (m_playsOnOpen) {
        m_model.play();
    }
}

void MainWindow::followSubjects()
{
    for (const Place* place : m_places) {
        place->dock->setSubject(place->subject());
    }
    m_glance->show(m_model.glance()); // the digest behind it may have caught up
}

void MainWindow::setSpeed(Speed speed)
{
    m_speed = speed;
    m_model.setSpeed(speed);
}

void MainWindow::setTheme(ThemeChoice theme)
{
    m_themeChoice = theme;
    m_look.setTheme(themeFor(theme));
}

void MainWindow::applyTheme()
{
    setPalette(m_look.theme().palette());
    setStyleSheet(styleSheetFor(m_look.theme()));
}

/// The desktop went from light to dark, or back.
void MainWindow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange && m_themeChoice == ThemeChoice::System
        && m_look.theme().dark != themeFor(ThemeChoice::System).dark) {
        setTheme(ThemeChoice::System);
    }
}

void MainWindow::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (!m_isArranged) {
        m_isArranged = true;
        layout()->activate(); // sizes are shared out of the real one
        arrange();
    }
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_model.pause();
    event->accept();
}

void MainWindow::goTo(const Place& place)
{
    place.dock->show();
    place.dock->raise();
    for (QWidget* child : place.view->findChildren<QWidget*>()) {
        if (child->focusPolicy() == Qt::StrongFocus && child->isVisible() && child->isEnabled()) {
            child->setFocus(Qt::ShortcutFocusReason);
            return;
        }
    }
}

void MainWindow::copy(const Place& place)
{
    QApplication::clipboard()->setText(place.text());
}

void MainWindow::copyFocused()
{
    for (const Place* place : m_places) {
        if (place->view->isAncestorOf(QApplication::focusWidget())) {
            copy(*place);
            return;
        }
    }
}

void MainWindow::savePicture()
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Save a picture of the window"),
                                                      "timerscope.png", tr("Pictures (*.png)"));
    if (!file.isEmpty() && !grab().save(file)) {
        m_status->say(tr("%1 could not be written.").arg(file));
    }
}

} // namespace timerscope
