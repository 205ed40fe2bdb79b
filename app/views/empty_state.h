// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/view_words.h"

#include <QLabel>
#include <QWidget>

namespace timerscope {

/// Says why a view is empty: what, why, and what to do.
class EmptyState final : public QWidget
{
    Q_OBJECT
public:
    explicit EmptyState(QWidget* parent = nullptr);
    void say(const EmptyWords& words);

private:
    QLabel* m_what;
    QLabel* m_why;
};

} // namespace timerscope
