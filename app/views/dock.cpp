// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/dock.h"

#include "app/views/fonts.h"
#include "app/views/icons.h"
#include "app/views/style_sheet.h"
#include "app/views/surface.h"

#include <QHBoxLayout>

namespace timerscope {

namespace {

constexpr int headerHeight = 28;

/// A plain widget that a style sheet's ground shows through on, with a line below.
class HeaderBar final : public QWidget
{
public:
    HeaderBar()
    {
        setGround(*this, Ground::Header);
        setFixedHeight(headerHeight);
    }
    // QDockWidget gives its title what it hints at, whatever is fixed.
    [[nodiscard]] QSize sizeHint() const override { return {120, headerHeight}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, headerHeight}; }
};

} // namespace

Dock::Dock(const QString& title, const QString& key, const Appearance& look, QWidget* parent)
    : QDockWidget(title, parent)
    , m_look(look)
{
    setObjectName(title.toLower());
    setTitleBarWidget(header(title, key));
    m_menu.addAction(tr("Float"), this, [this] { setFloating(!isFloating()); });
    m_menu.addAction(tr("Hide"), this, &QWidget::hide);
    connect(&look, &Appearance::changed, this, &Dock::refreshIcons);
    refreshIcons();
}

QWidget* Dock::header(const QString& title, const QString& key)
{
    auto* const bar = new HeaderBar;
    auto* const row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 0, 8, 0);
    row->setSpacing(10);
    row->addWidget(newLabel(TextRole::DockTitle, bar, title.toUpper()));
    m_subject = new ElidedLabel(bar);
    setTextRole(*m_subject, TextRole::Label);
    row->addWidget(m_subject, 1);
    if (!key.isEmpty()) {
        QLabel* const cap = newLabel(TextRole::Caption, bar, key);
        cap->setProperty("keycap", true);
        cap->setAlignment(Qt::AlignCenter);
        cap->setFixedSize(18, 18);
        cap->setToolTip(tr("Press %1 to go to this view").arg(key));
        row->addWidget(cap);
    }
    m_more = new QToolButton(bar);
    m_more->setFixedSize(22, 20);
    m_more->setIconSize({16, 16});
    m_more->setMenu(&m_menu);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setAccessibleName(tr("Menu of %1").arg(title));
    m_more->setToolTip(tr("Copy, float, hide"));
    row->addWidget(m_more);
    return bar;
}

void Dock::setSubject(const QString& subject)
{
    m_subject->setText(subject);
}

void Dock::refreshIcons()
{
    m_more->setIcon(glyphIcon(Glyph::Dots, m_look.theme().ink3, m_look.theme().line));
}

} // namespace timerscope
