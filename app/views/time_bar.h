// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/speed_text.h"
#include "app/models/window_model.h"
#include "app/views/menu_button.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

namespace timerscope {

/// The source, the controls of time and the time itself.
class TimeBar final : public QWidget
{
    Q_OBJECT
public:
    TimeBar(WindowModel& model, const Appearance& look, QWidget* parent);

    /// What the source button opens; filled by the window.
    [[nodiscard]] QMenu& sourceMenu() { return m_sources; }
    void openSourceMenu();

signals:
    void speedChosen(timerscope::Speed speed);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QHBoxLayout* readout();
    QWidget* sourceButton();
    QWidget* transport();
    QWidget* speedButton();
    static QToolButton* newControl(const QString& name, const QString& hint, QWidget* parent);
    void followFrame();
    void followSource();
    void refreshIcons();

    WindowModel& m_model;
    const Appearance& m_look;
    QMenu m_sources{this};
    QMenu m_speeds{this};
    QPushButton* m_source = nullptr;
    QLabel* m_sourceIcon = nullptr;
    QLabel* m_sourceName = nullptr;
    QLabel* m_sourceKind = nullptr;
    QLabel* m_chevron = nullptr;
    QToolButton* m_play = nullptr;
    QToolButton* m_step = nullptr;
    QToolButton* m_pause = nullptr;
    MenuButton* m_speed = nullptr;
    QLabel* m_live = nullptr;
    QLabel* m_time = nullptr;
    QLabel* m_monotonic = nullptr;
    QLabel* m_state = nullptr;
};

} // namespace timerscope
