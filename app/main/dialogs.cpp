// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main/dialogs.h"

#include "app/main/options.h"
#include "app/views/fonts.h"
#include "app/views/style_sheet.h"
#include "app/views/surface.h"

#include <QDialog>
#include <QGridLayout>
#include <QIcon>
#include <QPushButton>

#include <array>

namespace timerscope {

namespace {

struct Key
{
    const char* keys;
    const char* what;
};

constexpr std::array keyTable{
    Key{"Space", "play or pause"},
    Key{".", "step: one interrupt or scenario step"},
    Key{"1  2  3  9", "go to ratings, ticks, hrtimers, log"},
    Key{"↑  ↓", "choose another clocksource or timer"},
    Key{"Ctrl+O", "choose what is shown"},
    Key{"Ctrl+R", "start the scenario again"},
    Key{"Ctrl+C", "copy the view that has the focus"},
    Key{"Enter", "press the button that has the focus"},
    Key{"?", "these keys"},
    Key{"Ctrl+Q", "quit"},
};

/// A dialog that is gone once it is closed, with its column of contents.
QVBoxLayout* newDialog(QWidget* parent, const QString& title)
{
    auto* const dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    setGround(*dialog, Ground::Panel);
    auto* const column = new QVBoxLayout(dialog);
    column->setContentsMargins(24, 20, 24, 16);
    column->setSpacing(12);
    return column;
}

void finish(QVBoxLayout* column)
{
    QWidget* const dialog = column->parentWidget();
    auto* const close = new QPushButton(QObject::tr("Close"), dialog);
    close->setFont(sansFont(13));
    close->setDefault(true);
    QObject::connect(close, &QPushButton::clicked, dialog, &QWidget::close);
    column->addSpacing(4);
    column->addWidget(close, 0, Qt::AlignRight);
    dialog->show();
}

} // namespace

void showKeys(QWidget* parent)
{
    QVBoxLayout* const column = newDialog(parent, QObject::tr("Keys"));
    QWidget* const dialog = column->parentWidget();
    dialog->setObjectName("keys");
    auto* const grid = new QGridLayout;
    grid->setHorizontalSpacing(20);
    grid->setVerticalSpacing(8);
    for (const Key& key : keyTable) {
        const int row = grid->rowCount();
        QLabel* const cap = newLabel(TextRole::Strong, dialog, QString::fromUtf8(key.keys));
        grid->addWidget(cap, row, 0);
        grid->addWidget(newLabel(TextRole::Body, dialog, QString::fromUtf8(key.what)), row, 1);
    }
    column->addLayout(grid);
    finish(column);
}

void showAbout(QWidget* parent)
{
    QVBoxLayout* const column = newDialog(parent, QObject::tr("About Timerscope"));
    QWidget* const dialog = column->parentWidget();
    dialog->setObjectName("about");
    auto* const head = new QHBoxLayout;
    head->setSpacing(16);
    auto* const icon = new QLabel(dialog);
    icon->setPixmap(QIcon(":/icons/timerscope.svg").pixmap(64, 64));
    head->addWidget(icon, 0, Qt::AlignTop);
    auto* const texts = new QVBoxLayout;
    texts->setSpacing(4);
    texts->addWidget(newLabel(TextRole::Measure, dialog, "Timerscope"));
    texts->addWidget(newLabel(TextRole::Lead, dialog, versionText()));
    texts->addSpacing(8);
    for (const char* sentence :
         {"Shows how Linux picks its clocks, drives its ticks and fires its timers:",
          "on a model, on a board, or on the kernel that is running.",
          "Free software under the GNU General Public License, version 3 or later."}) {
        texts->addWidget(newLabel(TextRole::Body, dialog, sentence));
    }
    head->addLayout(texts);
    column->addLayout(head);
    finish(column);
}

} // namespace timerscope
