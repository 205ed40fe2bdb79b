// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/style_sheet.h"

#include "app/views/fonts.h"

#include <QStyle>
#include <QVariant>

#include <array>

namespace timerscope {

namespace {

struct Look
{
    int pixels;
    Weight weight;
    const char* ink; ///< name for the style sheet
};

constexpr std::array looks{
    Look{11, Weight::Regular, "3"},       Look{12, Weight::Regular, "3"},
    Look{12, Weight::Regular, "1"},       Look{12, Weight::Regular, "2"},
    Look{13, Weight::Regular, "1"},       Look{13, Weight::Regular, "2"},
    Look{13, Weight::Bold, "1"},          Look{15, Weight::Bold, "1"},
    Look{17, Weight::Bold, "1"},          Look{12, Weight::Bold, "2"},
    Look{12, Weight::Regular, "warning"}, Look{13, Weight::Regular, "error"},
};

/// The sheet with names of colours: @name@ is replaced by its value.
constexpr const char* sheet = R"(
QWidget { color: @ink1@; }
QMainWindow, QDialog { background: @window@; }
QLabel { background: transparent; }
QLabel[ink="1"] { color: @ink1@; }
QLabel[ink="2"] { color: @ink2@; }
QLabel[ink="3"] { color: @ink3@; }
QLabel[ink="warning"] { color: @warning@; }
QLabel[ink="error"] { color: @error@; }
QLabel[keycap="true"] { color: @ink3@; background: @panel@; border: 1px solid @line@;
                        border-radius: 3px; }
QLabel[badge="true"] { color: @ink1@; background: @panel@; border: 1px solid @control@;
                       border-radius: 4px; padding: 1px 7px; }
QWidget[ground="panel"] { background: @panel@; }
QWidget[ground="header"] { background: @header@; }
QWidget[ground="line"] { background: @line@; }
QFrame[ground="line"] { background: @line@; border: none; }
QMainWindow::separator { background: @line@; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @control@; }
QMenuBar { background: @header@; color: @ink1@; padding: 0 6px; spacing: 0; }
QMenuBar::item { padding: 5px 11px 6px 11px; background: transparent; }
QMenuBar::item:selected { background: @line@; border-radius: 4px; }
QMenu { background: @panel@; color: @ink1@; border: 1px solid @control@; padding: 5px 0; }
QMenu::item { padding: 5px 28px 5px 26px; }
QMenu::item:selected { background: @selection@; color: @ink1@; }
QMenu::item:disabled { color: @ink3@; background: transparent; }
QMenu::separator { height: 1px; background: @line@; margin: 5px 0; }
QMenu::indicator { width: 14px; height: 14px; left: 7px; }
QToolTip { background: @panel@; color: @ink1@; border: 1px solid @control@; padding: 4px 6px; }
QPushButton { background: @panel@; color: @ink1@; border: 1px solid @control@; border-radius: 4px;
              padding: 4px 10px; min-height: 18px; }
QPushButton:hover { background: @header@; }
QPushButton:pressed { background: @line@; }
QPushButton:disabled { color: @ink3@; border-color: @line@; }
QPushButton:focus { border: 2px solid @focus@; padding: 3px 9px; }
QPushButton::menu-indicator { image: none; width: 0; }
QPushButton[chip="true"]:checked { background: @hrtimerTint@; border: 2px solid @hrtimer@;
                                   padding: 3px 9px; }
QPushButton[chip="true"] { border-color: @line@; padding: 4px 10px; }
QFrame[group="true"] { background: @panel@; border: 1px solid @control@; border-radius: 4px; }
QToolButton { background: transparent; border: none; padding: 0; color: @ink1@; }
QToolButton:hover { background: @line@; }
QToolButton:pressed { background: @selection@; }
QToolButton:checked { background: @selection@; }
QToolButton:focus { border: 2px solid @focus@; border-radius: 3px; }
QToolButton::menu-indicator { image: none; }
QScrollArea, QScrollArea > QWidget > QWidget[ground="panel"] { background: @panel@; border: none; }
QTableView { background: @panel@; alternate-background-color: @zebra@; border: none;
             selection-background-color: @selection@; selection-color: @ink1@; outline: none; }
QHeaderView { background: @panel@; border: none; }
QHeaderView::section { background: @panel@; color: @ink3@; border: none;
                       border-bottom: 1px solid @line@; padding: 0 8px; font-weight: normal; }
QHeaderView::section:first { padding-left: 16px; }
QHeaderView::section:last { padding-right: 16px; }
QTextBrowser { background: @panel@; color: @ink1@; border: none; }
QScrollBar:vertical { background: @panel@; width: 10px; margin: 0; }
QScrollBar:horizontal { background: @panel@; height: 10px; margin: 0; }
QScrollBar::handle { background: @scroll@; border-radius: 3px; margin: 2px; min-height: 24px;
                     min-width: 24px; }
QScrollBar::handle:hover { background: @control@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
)";

} // namespace

void setTextRole(QLabel& label, TextRole role, bool fixed)
{
    const Look& look = looks[static_cast<std::size_t>(role)];
    QFont font = fixed ? fixedFont(look.pixels, look.weight) : sansFont(look.pixels, look.weight);
    if (role == TextRole::DockTitle) {
        font.setLetterSpacing(QFont::AbsoluteSpacing, 0.6);
    }
    label.setFont(font);
    if (label.property("ink") != QVariant{look.ink}) {
        label.setProperty("ink", look.ink);
        label.style()->unpolish(&label); // the sheet's selector looks at the property once
        label.style()->polish(&label);
    }
}

QLabel* newLabel(TextRole role, QWidget* parent, const QString& text)
{
    auto* const label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    setTextRole(*label, role);
    return label;
}

QString styleSheetFor(const Theme& theme)
{
    QString result = sheet;
    const auto set = [&result](const char* name, const QColor& color) {
        result.replace(QString{"@%1@"}.arg(name), color.name());
    };
    set("window", theme.window);
    set("panel", theme.panel);
    set("header", theme.header);
    set("zebra", theme.zebra);
    set("selection", theme.selection);
    set("ink1", theme.ink1);
    set("ink2", theme.ink2);
    set("ink3", theme.ink3);
    set("line", theme.line);
    set("control", theme.control);
    set("focus", theme.focus);
    set("warning", theme.warning);
    set("error", theme.error);
    set("hrtimer", theme.hrtimer);
    set("hrtimerTint", theme.tint(theme.hrtimer));
    set("scroll", theme.tint(theme.ink1));
    return result;
}

} // namespace timerscope
