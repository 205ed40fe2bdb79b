// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QGridLayout>
#include <QLabel>
#include <QWidget>

#include <utility>
#include <vector>

namespace timerscope {

/// Rows of 20 pixels: a label at the left, its value at the right.
class TextRows final : public QWidget
{
    Q_OBJECT
public:
    struct Row
    {
        QString label;
        QString value;
        bool fixed = false; ///< an identifier
    };
    explicit TextRows(QWidget* parent = nullptr);

    void show(const std::vector<Row>& rows);

private:
    void grow(std::size_t rows);

    QGridLayout* m_grid;
    std::vector<std::pair<QLabel*, QLabel*>> m_labels;
};

} // namespace timerscope
