// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/views/empty_state.h"
#include "app/views/expiry_strip.h"
#include "app/views/menu_button.h"

#include <QButtonGroup>
#include <QLabel>
#include <QMenu>
#include <QStackedLayout>
#include <QTableView>

namespace timerscope {

/// The queued hrtimers of one CPU and base: how far away, and each in a row.
class HrtimerView final : public QWidget
{
    Q_OBJECT
public:
    HrtimerView(WindowModel& model, const Appearance& look, QWidget* parent);

    [[nodiscard]] QString asText() const;
    [[nodiscard]] QString subject() const;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* choices();
    QWidget* table();
    void follow();
    void followChoices();
    void fillCpus(const std::vector<unsigned>& cpus);
    [[nodiscard]] HrtimerQueueModel& queue() const { return m_model.hrtimers(); }

    WindowModel& m_model;
    const Appearance& m_look;
    MenuButton* m_cpu = nullptr;
    QMenu m_cpus{this};
    QButtonGroup m_bases{this};
    ExpiryStrip* m_strip = nullptr;
    QTableView* m_table = nullptr;
    QLabel* m_device = nullptr;
    EmptyState* m_empty = nullptr;
    QStackedLayout* m_stack = nullptr;
};

} // namespace timerscope
