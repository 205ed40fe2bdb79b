// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/views/empty_state.h"
#include "app/views/theme.h"

#include <QStackedLayout>
#include <QTableView>

namespace timerscope {

/// The boot log. It follows its end for as long as the user looks at the end.
class LogView final : public QWidget
{
    Q_OBJECT
public:
    LogView(WindowModel& model, const Appearance& look, QWidget* parent);

    [[nodiscard]] QString asText() const;
    [[nodiscard]] QString subject() const;

private:
    void setUp(const Appearance& look);
    void follow();

    WindowModel& m_model;
    QTableView* m_table;
    EmptyState* m_empty;
    QStackedLayout* m_stack;
    bool m_atEnd = true;
};

} // namespace timerscope
