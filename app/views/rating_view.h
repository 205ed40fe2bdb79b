// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/views/band_strip.h"
#include "app/views/empty_state.h"
#include "app/views/rating_bars.h"
#include "app/views/text_rows.h"

#include <QLabel>
#include <QStackedLayout>

namespace timerscope {

/// Which clocksource is current, how the others rate, and what the selected one is made of.
class RatingView final : public QWidget
{
    Q_OBJECT
public:
    RatingView(WindowModel& model, const Appearance& look, QWidget* parent);

    /// The table and the details as text, for the clipboard.
    [[nodiscard]] QString asText() const;
    [[nodiscard]] QString subject() const;

private:
    QWidget* content(const Appearance& look);
    void follow();

    WindowModel& m_model;
    RatingBars* m_bars = nullptr;
    QLabel* m_warning = nullptr;
    BandStrip* m_bands = nullptr;
    TextRows* m_details = nullptr;
    EmptyState* m_empty = nullptr;
    QStackedLayout* m_stack = nullptr;
};

} // namespace timerscope
