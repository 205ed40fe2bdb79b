// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/empty_state.h"

#include "app/views/style_sheet.h"
#include "app/views/surface.h"

#include <QVBoxLayout>

namespace timerscope {

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent)
    , m_what(newLabel(TextRole::Strong, this))
    , m_why(newLabel(TextRole::Lead, this))
{
    setGround(*this, Ground::Panel);
    m_what->setWordWrap(true);
    m_why->setWordWrap(true);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(4);
    column->addWidget(m_what);
    column->addWidget(m_why);
    column->addStretch(1);
}

void EmptyState::say(const EmptyWords& words)
{
    m_what->setText(words.what);
    m_why->setText(words.why);
}

} // namespace timerscope
