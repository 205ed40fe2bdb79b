// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/views/theme.h"

#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <optional>

namespace timerscope {

/// Why the selected clocksource is, or is not, in charge: what, numbered reasons, what followed,
/// what would change it. Rebuilt only when the explanation has changed.
class WhyPanel final : public QWidget
{
    Q_OBJECT
public:
    WhyPanel(WindowModel& model, const Appearance& look, QWidget* parent);

    [[nodiscard]] QString asText() const;
    [[nodiscard]] static QString subject();

private:
    void follow();
    void rebuild();
    [[nodiscard]] QWidget* page() const;
    QWidget* buttons();
    void refreshIcons();

    WindowModel& m_model;
    const Appearance& m_look;
    QScrollArea* m_scroll = nullptr;
    QPushButton* m_copy = nullptr;
    QString m_topic;
    Explanation m_shown;
};

} // namespace timerscope
