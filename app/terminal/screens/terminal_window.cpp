// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/terminal_window.h"

#include "app/models/number_text.h"
#include "app/models/speed_text.h"
#include "app/models/view_words.h"
#include "app/terminal/screens/cell_text.h"
#include "app/terminal/screens/help_text.h"
#include "app/terminal/screens/parts.h"
#include "app/terminal/screens/status_rows.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace timerscope::terminal {

namespace {

constexpr int tallEnough = 32; ///< for the log's last lines below another screen
constexpr int tailRows = 5; ///< of them, with the line above

} // namespace

TerminalWindow::TerminalWindow(OpenFunction open, SourceOffers offers, QObject* parent)
    : QObject(parent)
    , m_model(std::move(open))
    , m_picker(std::move(offers), [this](const QString& uri) { this->open(uri); })
{
    connectModel();
}

void TerminalWindow::connectModel()
{
    connect(&m_model, &WindowModel::frame, this, &TerminalWindow::changed);
    connect(&m_model, &WindowModel::tables, this, [this] {
        for (Screen* screen : m_screens) {
            screen->follow();
        }
        emit changed();
    });
    connect(&m_model, &WindowModel::selectionChanged, this, [this] {
        m_rating.follow();
        emit changed();
    });
    connect(&m_model, &WindowModel::opened, this, &TerminalWindow::followSource);
    connect(&m_model, &WindowModel::openFailed, this,
            [this](const QString& uri, const QString& what) {
                m_opening.clear();
                m_failure = uri + ": " + what;
                if (!m_model.hasSource() && m_layer == Layer::Screen) {
                    pickSource();
                }
                emit changed();
            });
}

void TerminalWindow::open(const QString& uri)
{
    m_opening = uri;
    m_failure.clear();
    m_model.open(uri);
    emit changed();
}

void TerminalWindow::followSource()
{
    m_opening.clear();
    m_failure.clear();
    m_layer = m_layer == Layer::Picker ? Layer::Screen : m_layer;
    for (Screen* screen : m_screens) {
        screen->startAnew();
    }
    m_model.setSpeed(m_speed);
    if (m_playsOnOpen) {
        m_model.play();
    }
    emit changed();
}

void TerminalWindow::pickSource()
{
    m_picker.start(m_model.hasSource() ? toQt(m_model.info().uri) : QString{});
    m_layer = Layer::Picker;
    emit changed();
}

void TerminalWindow::show(std::size_t screen)
{
    m_shown = screen;
    m_layer = Layer::Screen;
}

void TerminalWindow::take(const Input& input)
{
    std::visit([this](const auto& what) { act(what); }, input);
    emit changed();
}

void TerminalWindow::act(const KeyPress& press)
{
    if (takeAlways(press) || takeOnLayer(press) || takeView(press) || takeRun(press)) {
        return;
    }
    m_screens.at(m_shown)->take(press);
}

/// What works wherever one is.
bool TerminalWindow::takeAlways(const KeyPress& press)
{
    if (press.isControl("c")) {
        emit quitAsked();
    } else if (press.isControl("z")) {
        emit suspendAsked();
    } else {
        return false;
    }
    return true;
}

bool TerminalWindow::takeOnLayer(const KeyPress& press)
{
    if (m_layer == Layer::Help) {
        m_layer = m_model.hasSource() ? Layer::Screen : Layer::Picker;
        return !press.isText("q");
    }
    if (m_layer != Layer::Picker) {
        return false;
    }
    if (press.key == Key::Escape && m_model.hasSource()) {
        m_layer = Layer::Screen;
    } else if (press.key == Key::F1) {
        m_layer = Layer::Help;
    } else {
        m_picker.take(press);
    }
    return true;
}

bool TerminalWindow::takeView(const KeyPress& press)
{
    const auto wanted = std::ranges::find_if(m_screens, [&press](const Screen* screen) {
        return press.isText(screen->key().toUtf8().constData());
    });
    if (wanted != m_screens.end()) {
        show(static_cast<std::size_t>(wanted - m_screens.begin()));
    } else if (press.key == Key::Tab) {
        const std::size_t by = press.shift ? m_screens.size() - 1 : 1;
        show((m_shown + by) % m_screens.size());
    } else if (press.isText("?") || press.key == Key::F1) {
        m_layer = Layer::Help;
    } else if (press.isText("s") || press.isControl("o")) {
        pickSource();
    } else if (press.isText("q")) {
        emit quitAsked();
    } else {
        return false;
    }
    return true;
}

bool TerminalWindow::takeRun(const KeyPress& press)
{
    if (press.isText(" ")) {
        m_model.togglePlay();
    } else if (press.isText(".")) {
        m_model.step();
    } else if (press.isText("[") || press.isText("]")) {
        changeSpeed(press.isText("[") ? -1 : 1);
    } else if (press.isText("r") || press.isControl("r")) {
        m_model.reopen();
    } else {
        return false;
    }
    return true;
}

void TerminalWindow::changeSpeed(int by)
{
    const auto& speeds = offeredSpeeds();
    const auto at = std::ranges::find(speeds, m_speed, &NamedSpeed::speed) - speeds.begin();
    const auto to = std::clamp<std::ptrdiff_t>(at + by, 0, std::ssize(speeds) - 1);
    m_speed = speeds[static_cast<std::size_t>(to)].speed;
    m_model.setSpeed(m_speed);
}

void TerminalWindow::act(const Click& click)
{
    for (const Spot& spot : m_spots | std::views::reverse) {
        if (spot.click && spot.box.has(click.x, click.y)) {
            const auto action = spot.click; // it may open what draws anew
            action();
            return;
        }
    }
}

void TerminalWindow::act(const Wheel& wheel)
{
    for (const Spot& spot : m_spots | std::views::reverse) {
        if (spot.wheel && spot.box.has(wheel.x, wheel.y)) {
            spot.wheel(wheel.by);
            return;
        }
    }
}

void TerminalWindow::act(const Paste& paste)
{
    if (m_layer == Layer::Picker) {
        m_picker.paste(paste.text);
    }
}

void TerminalWindow::draw(Canvas& canvas)
{
    const Pane pane(canvas);
    if (pane.width() < leastWidth || pane.height() < leastHeight) {
        drawSmall(pane);
    } else {
        drawHead(pane.rows(0, 1), m_model,
                 m_opening.isEmpty() ? m_opening : "opening " + m_opening);
        drawGlance(pane.rows(1, 1), m_model.glance());
        drawTabs(pane.rows(2, 1));
        const int end = pane.height() - 2 - drawMessages(pane.rows(3, pane.height() - 5));
        drawBody(pane.rows(3, end - 3));
        drawCounts(pane.rows(pane.height() - 2, 1), m_model);
        drawHints(pane.rows(pane.height() - 1, 1), hints(),
                  [this](const KeyPress& press) { act(press); });
    }
    m_spots = canvas.takeSpots();
}

void TerminalWindow::drawSmall(Pane pane)
{
    int y = 0;
    const QString sentence
        = QString::fromUtf8("Timerscope needs %1×%2 characters; this terminal has %3×%4.")
              .arg(leastWidth)
              .arg(leastHeight)
              .arg(pane.width())
              .arg(pane.height());
    for (const QString& line : wrapped(sentence, pane.width())) {
        pane.write(0, y++, line);
    }
}

void TerminalWindow::drawTabs(Pane pane)
{
    pane.fill({0, 0, pane.width(), 1}, U'─', quiet);
    int x = 1;
    for (std::size_t i = 0; i < m_screens.size(); ++i) {
        const bool chosen = i == m_shown && m_layer == Layer::Screen;
        const QString text = ' ' + m_screens.at(i)->key() + ' ' + m_screens.at(i)->title() + ' ';
        pane.onClick({x, 0, cellsOf(text), 1}, [this, i] { show(i); });
        x = pane.write(x, 0, text, {.bold = chosen, .selected = chosen}) + 1;
    }
    if (m_layer == Layer::Screen && m_model.hasSource()) {
        pane.writeRight(pane.width() - 1, 0, ' ' + m_screens.at(m_shown)->subject() + ' ', {},
                        pane.width() - x - 2);
    }
}

/// What must be read now, most urgent first.
std::vector<std::pair<QString, Style>> TerminalWindow::messages() const
{
    constexpr Style error{.ink = Ink::Error, .bold = true};
    std::vector<std::pair<QString, Style>> found;
    if (!m_failure.isEmpty()) {
        found.emplace_back(QString::fromUtf8("✗ ") + m_failure, error);
    }
    const auto notice = urgentNotice(m_model);
    if (!notice) {
        return found;
    }
    switch (notice->urgency) {
    case UrgentNotice::Urgency::Error:
        found.emplace_back(QString::fromUtf8("✗ ") + notice->text, error);
        break;
    case UrgentNotice::Urgency::Warning:
        found.emplace_back(QString::fromUtf8("⚠ ") + notice->text, Style{.ink = Ink::Warning});
        break;
    case UrgentNotice::Urgency::Note:
        found.emplace_back(notice->text, Style{});
        break;
    }
    return found;
}

/// At the bottom of @p pane, on as many rows as they need, three at most. Returns how many.
int TerminalWindow::drawMessages(Pane pane) const
{
    std::vector<std::pair<QString, Style>> rows;
    for (const auto& [text, style] : messages()) {
        for (const QString& line : wrapped(text, pane.width() - 2)) {
            rows.emplace_back(line, style);
        }
    }
    const int count = std::min(static_cast<int>(rows.size()), 3);
    for (int i = 0; i < count; ++i) {
        const auto& [text, style] = rows[static_cast<std::size_t>(i)];
        pane.write(1, pane.height() - count + i, text, style);
    }
    return count;
}

void TerminalWindow::drawBody(Pane pane)
{
    if (m_layer == Layer::Help) {
        drawHelp(pane);
    } else if (m_layer == Layer::Picker) {
        m_picker.draw(pane);
    } else if (m_model.hasSource()) {
        drawScreen(pane);
    }
}

void TerminalWindow::drawScreen(Pane pane)
{
    Screen& screen = *m_screens.at(m_shown);
    if (pane.height() < tallEnough || &screen == &m_log) {
        screen.draw(pane);
        return;
    }
    const int end = pane.height() - tailRows;
    screen.draw(pane.rows(0, end));
    Pane tail = pane.rows(end, tailRows);
    drawRule(tail, 0, m_log.key() + ' ' + m_log.title() + "  " + m_log.subject());
    m_log.drawTail(tail.rows(1, tailRows - 1));
}

std::vector<KeyHint> TerminalWindow::hints() const
{
    if (m_layer == Layer::Help) {
        return {{"any key", "back", pressed(Key::Escape)}};
    }
    if (m_layer == Layer::Picker) {
        return SourcePicker::hints(m_model.hasSource());
    }
    const bool has = m_model.hasSource();
    const bool playing = has && m_model.view().state == PlayState::Playing;
    std::vector<KeyHint> all{{"Space", playing ? "pause" : "play", typed(" ")},
                             {".", "step", typed(".")}};
    for (const KeyHint& hint : m_screens.at(m_shown)->hints()) {
        all.push_back(hint);
    }
    all.insert(all.end(),
               {{"s", "source", typed("s")}, {"?", "keys", typed("?")}, {"q", "quit", typed("q")}});
    if (has && m_model.info().kind == SourceKind::Model) {
        all.push_back({"[ ]", "speed", {}});
        all.push_back({"r", "start again", typed("r")});
    }
    return all;
}

} // namespace timerscope::terminal
