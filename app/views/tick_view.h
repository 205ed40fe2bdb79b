// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/views/empty_state.h"
#include "app/views/menu_button.h"
#include "app/views/state_machine.h"
#include "app/views/text_rows.h"

#include <QMenu>
#include <QStackedLayout>

namespace timerscope {

/// One CPU's tick device: its states, how it came there, its mode and its next event.
class TickView final : public QWidget
{
    Q_OBJECT
public:
    TickView(WindowModel& model, const Appearance& look, QWidget* parent);

    [[nodiscard]] QString asText() const;
    [[nodiscard]] QString subject() const;

private:
    QWidget* content(const Appearance& look);
    void follow();
    void fillMenu();
    [[nodiscard]] const CpuTick* shown() const;

    WindowModel& m_model;
    unsigned m_cpu = 0;
    QWidget* m_choices = nullptr; ///< only with several CPUs
    MenuButton* m_choice = nullptr;
    QMenu m_cpus{this};
    StateMachine* m_machine = nullptr;
    TextRows* m_rows = nullptr;
    EmptyState* m_empty = nullptr;
    QStackedLayout* m_stack = nullptr;
};

} // namespace timerscope
