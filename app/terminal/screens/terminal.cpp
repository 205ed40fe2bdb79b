// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/terminal.h"

#include <QByteArray>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <sys/ioctl.h>
#include <termpaint.h>
#include <unistd.h>

namespace timerscope::terminal {

namespace {

constexpr int patienceMs = 5000;
constexpr int lullMs = 50;

std::string_view environment(const char* name)
{
    const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before threads
    return value != nullptr ? value : "";
}

Key keyOf(std::string_view atom)
{
    struct Named
    {
        const char* atom;
        Key key;
    };
    static const std::array names{
        Named{termpaint_input_enter(), Key::Enter},
        Named{termpaint_input_numpad_enter(), Key::Enter},
        Named{termpaint_input_tab(), Key::Tab},
        Named{termpaint_input_backspace(), Key::Backspace},
        Named{termpaint_input_escape(), Key::Escape},
        Named{termpaint_input_arrow_up(), Key::Up},
        Named{termpaint_input_arrow_down(), Key::Down},
        Named{termpaint_input_arrow_left(), Key::Left},
        Named{termpaint_input_arrow_right(), Key::Right},
        Named{termpaint_input_page_up(), Key::PageUp},
        Named{termpaint_input_page_down(), Key::PageDown},
        Named{termpaint_input_home(), Key::Home},
        Named{termpaint_input_end(), Key::End},
        Named{termpaint_input_f1(), Key::F1},
    };
    for (const Named& named : names) {
        if (atom == named.atom) {
            return named.key;
        }
    }
    return Key::Text;
}

QString textOf(const char* data, unsigned length)
{
    return QString::fromUtf8(data, static_cast<qsizetype>(length));
}

KeyPress pressOf(Key key, const QString& text, int modifier)
{
    return {.key = key,
            .text = text,
            .control = (modifier & TERMPAINT_MOD_CTRL) != 0,
            .shift = (modifier & TERMPAINT_MOD_SHIFT) != 0};
}

std::optional<Input> keyInput(const termpaint_event& event)
{
    const std::string_view atom(event.key.atom, event.key.length);
    if (atom == termpaint_input_space()) {
        return pressOf(Key::Text, " ", event.key.modifier);
    }
    const Key key = keyOf(atom);
    return key != Key::Text ? std::optional<Input>{pressOf(key, {}, event.key.modifier)}
                            : std::nullopt;
}

std::optional<Input> mouseInput(const termpaint_event& event)
{
    constexpr int left = 0;
    constexpr int wheelUp = 4;
    constexpr int wheelDown = 5;
    const auto& mouse = event.mouse;
    if (mouse.action != TERMPAINT_MOUSE_PRESS) {
        return {};
    }
    if (mouse.button == wheelUp || mouse.button == wheelDown) {
        return Wheel{.x = mouse.x, .y = mouse.y, .by = mouse.button == wheelUp ? -1 : 1};
    }
    return mouse.button == left ? std::optional<Input>{Click{.x = mouse.x, .y = mouse.y}}
                                : std::nullopt;
}

/// What @p event means to us; nothing for what is termpaint's own affair.
std::optional<Input> inputOf(const termpaint_event& event)
{
    switch (event.type) {
    case TERMPAINT_EV_CHAR:
        return pressOf(Key::Text, textOf(event.c.string, event.c.length), event.c.modifier);
    case TERMPAINT_EV_KEY:
        return keyInput(event);
    case TERMPAINT_EV_MOUSE:
        return mouseInput(event);
    case TERMPAINT_EV_PASTE:
        return Paste{.text = textOf(event.paste.string, event.paste.length)};
    default:
        return {};
    }
}

unsigned colourOf(Rgb rgb, ColourDepth depth)
{
    return depth == ColourDepth::True
        ? TERMPAINT_RGB_COLOR(rgb.red, rgb.green, rgb.blue)
        : static_cast<unsigned>(TERMPAINT_INDEXED_COLOR + indexOf(rgb));
}

/// How a style looks with so many colours.
struct Look
{
    unsigned text = TERMPAINT_DEFAULT_COLOR;
    unsigned ground = TERMPAINT_DEFAULT_COLOR;
    int bits = 0;
};

Look lookOf(Style style, ColourDepth depth)
{
    Look look{.bits = style.bold ? TERMPAINT_STYLE_BOLD : 0};
    const bool many = depth >= ColourDepth::Indexed;
    if (style.selected && many) {
        look.text = colourOf(selectionText, depth);
        look.ground = colourOf(selectionGround, depth);
    } else if (style.selected) {
        look.bits |= TERMPAINT_STYLE_INVERSE;
    } else if (style.ink != Ink::Text && many) {
        look.text = colourOf(rgbOf(style.ink), depth);
    } else if (style.ink != Ink::Text && depth == ColourDepth::Sixteen) {
        look.text = static_cast<unsigned>(TERMPAINT_NAMED_COLOR + namedColourOf(style.ink));
    }
    return look;
}

void writeAll(const char* data, int length)
{
    while (length > 0) {
        const ssize_t written = ::write(STDOUT_FILENO, data, static_cast<std::size_t>(length));
        if (written < 0 && errno == EAGAIN) {
            ::usleep(1000);
        } else if (written < 0 && errno != EINTR) {
            return; // nobody is there: reading will say so
        }
        data += std::max<ssize_t>(written, 0);
        length -= static_cast<int>(std::max<ssize_t>(written, 0));
    }
}

} // namespace

/// termpaint's objects; what it calls back.
struct Terminal::Impl
{
    termpaint_integration integration{}; // first: termpaint hands its address back
    Terminal* owner = nullptr;
    TerminalGuard guard{STDIN_FILENO};
    termpaint_terminal* terminal = nullptr;
    termpaint_attr* brush = nullptr;
    ColourDepth depth
        = colourDepth(environment("NO_COLOR"), environment("COLORTERM"), environment("TERM"));
    bool isDetected = false;

    static Impl& of(termpaint_integration* integration)
    {
        return *reinterpret_cast<Impl*>(integration);
    }
    void take(const termpaint_event& event);
    void draw(const Canvas& canvas, int y) const;
};

void Terminal::Impl::take(const termpaint_event& event)
{
    if (event.type == TERMPAINT_EV_AUTO_DETECT_FINISHED) {
        isDetected = true;
    } else if (const auto input = inputOf(event); input && owner->m_isReady) {
        emit owner->entered(*input);
    }
}

/// Runs of one style at a time; a wide glyph ends its run, lest two opinions of its width add up.
void Terminal::Impl::draw(const Canvas& canvas, int y) const
{
    termpaint_surface* const surface = termpaint_terminal_get_surface(terminal);
    for (int x = 0; x < canvas.width();) {
        const Style style = canvas.at(x, y).style;
        const int start = x;
        std::u32string run;
        bool wide = false;
        while (x < canvas.width() && canvas.at(x, y).style == style && !wide) {
            run += canvas.at(x++, y).glyph;
            wide = x < canvas.width() && canvas.at(x, y).glyph == 0;
        }
        x += wide ? 1 : 0;
        const Look look = lookOf(style, depth);
        termpaint_attr_set_fg(brush, look.text);
        termpaint_attr_set_bg(brush, look.ground);
        termpaint_attr_reset_style(brush);
        termpaint_attr_set_style(brush, look.bits);
        const QByteArray text
            = QString::fromUcs4(run.data(), static_cast<qsizetype>(run.size())).toUtf8();
        termpaint_surface_write_with_attr(surface, start, y, text.constData(), brush);
    }
}

Terminal::Terminal(QObject* parent)
    : QObject(parent)
    , m_impl(std::make_unique<Impl>())
    , m_notifier(STDIN_FILENO, QSocketNotifier::Read)
{
    m_impl->owner = this;
    termpaint_integration* const link = &m_impl->integration;
    termpaint_integration_init(
        link, [](termpaint_integration*) {},
        [](termpaint_integration*, const char* data, int length) { writeAll(data, length); },
        [](termpaint_integration*) {});
    termpaint_integration_set_restore_sequence_updated(
        link, [](termpaint_integration*, const char* data, int length) {
            TerminalGuard::setSequence({data, static_cast<std::size_t>(length)});
        });
    termpaint_integration_set_request_callback(
        link, [](termpaint_integration* self) { Impl::of(self).owner->m_lull.start(); });
    m_impl->terminal = termpaint_terminal_new(link);
    m_impl->brush = termpaint_attr_new(TERMPAINT_DEFAULT_COLOR, TERMPAINT_DEFAULT_COLOR);
    termpaint_terminal_set_event_cb(
        m_impl->terminal,
        [](void* self, termpaint_event* event) { static_cast<Impl*>(self)->take(*event); },
        m_impl.get());
    connect(&m_notifier, &QSocketNotifier::activated, this, &Terminal::read);
    m_lull.setSingleShot(true);
    m_lull.setInterval(lullMs);
    connect(&m_lull, &QTimer::timeout, this,
            [this] { termpaint_terminal_callback(m_impl->terminal); });
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &Terminal::mute);
    m_patience.start(patienceMs);
    m_impl->guard.makeRaw();
    termpaint_terminal_auto_detect(m_impl->terminal);
}

Terminal::~Terminal()
{
    m_notifier.setEnabled(false);
    termpaint_attr_free(m_impl->brush);
    termpaint_terminal_free_with_restore(m_impl->terminal);
    termpaint_integration_deinit(&m_impl->integration);
    TerminalGuard::setSequence({}); // it has just been written
}

Terminal::Size Terminal::size()
{
    winsize answer = {};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &answer) != 0 || answer.ws_col == 0) {
        return {.width = 80, .height = 24}; // a serial line does not tell
    }
    return {.width = answer.ws_col, .height = answer.ws_row};
}

void Terminal::read()
{
    std::array<char, 512> part{};
    const ssize_t got = ::read(STDIN_FILENO, part.data(), part.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (got <= 0) {
        m_notifier.setEnabled(false); // or it would call for ever
        emit gone();
        return;
    }
    m_lull.stop();
    termpaint_terminal_add_input_data(m_impl->terminal, part.data(), static_cast<unsigned>(got));
    if (m_impl->isDetected && !m_isReady) {
        start();
    }
}

/// The terminal is known by now: takes its whole screen.
void Terminal::start()
{
    m_patience.stop();
    termpaint_terminal* const terminal = m_impl->terminal;
    termpaint_terminal_auto_detect_apply_input_quirks(terminal,
                                                      m_impl->guard.erasesWithBackspace());
    const Size now = size();
    termpaint_terminal_setup_fullscreen(terminal, now.width, now.height, "");
    termpaint_terminal_set_cursor_visible(terminal, false);
    termpaint_terminal_set_mouse_mode(terminal, TERMPAINT_MOUSE_MODE_CLICKS);
    termpaint_terminal_handle_paste(terminal, true);
    termpaint_terminal_request_tagged_paste(terminal, true);
    if (m_impl->depth != ColourDepth::None && termpaint_terminal_should_use_truecolor(terminal)) {
        m_impl->depth = ColourDepth::True;
    }
    m_isReady = true;
    emit ready();
}

void Terminal::show(const Canvas& canvas)
{
    if (!m_isReady) {
        return;
    }
    termpaint_surface* const surface = termpaint_terminal_get_surface(m_impl->terminal);
    const bool resized = termpaint_surface_width(surface) != canvas.width()
        || termpaint_surface_height(surface) != canvas.height();
    if (resized) {
        termpaint_surface_resize(surface, canvas.width(), canvas.height());
    }
    for (int y = 0; y < canvas.height(); ++y) {
        m_impl->draw(canvas, y);
    }
    termpaint_terminal_flush(m_impl->terminal, resized);
}

void Terminal::suspend()
{
    termpaint_terminal_pause(m_impl->terminal);
    m_impl->guard.makeCooked();
    struct sigaction before = {};
    struct sigaction usual = {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGTSTP, &usual, &before);
    ::raise(SIGTSTP); // here the program stands until SIGCONT
    ::sigaction(SIGTSTP, &before, nullptr);
    m_impl->guard.makeRaw();
    termpaint_terminal_unpause(m_impl->terminal);
    termpaint_terminal_flush(m_impl->terminal, true);
}

} // namespace timerscope::terminal
