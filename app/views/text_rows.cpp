// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/text_rows.h"

#include "app/views/elided_label.h"
#include "app/views/style_sheet.h"

namespace timerscope {

TextRows::TextRows(QWidget* parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(0);
    m_grid->setColumnStretch(1, 1);
}

void TextRows::show(const std::vector<Row>& rows)
{
    grow(rows.size());
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        const auto [label, value] = m_labels[i];
        const bool used = i < rows.size();
        label->setVisible(used);
        value->setVisible(used);
        if (used) {
            label->setText(rows[i].label);
            value->setText(rows[i].value);
            setTextRole(*value, TextRole::Cell, rows[i].fixed);
        }
    }
}

void TextRows::grow(std::size_t rows)
{
    while (m_labels.size() < rows) {
        QLabel* const label = newLabel(TextRole::Label, this);
        auto* const value = new ElidedLabel(this); // a long one must not push the others out
        value->setTextFormat(Qt::PlainText);
        setTextRole(*value, TextRole::Cell);
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        const int row = static_cast<int>(m_labels.size());
        m_grid->addWidget(label, row, 0);
        m_grid->addWidget(value, row, 1);
        m_grid->setRowMinimumHeight(row, 20);
        m_labels.emplace_back(label, value);
    }
}

} // namespace timerscope
