// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/terminal/screens/parts.h"
#include "app/terminal/screens/screen.h"

namespace timerscope::terminal {

/// The clocksources with their ratings as bars, and why the chosen one is or is not in charge.
class RatingScreen final : public Screen
{
public:
    explicit RatingScreen(WindowModel& model)
        : m_model(model)
    {
    }
    [[nodiscard]] QString key() const override { return "1"; }
    [[nodiscard]] QString title() const override { return "RATING"; }
    [[nodiscard]] QString subject() const override;
    [[nodiscard]] std::vector<KeyHint> hints() const override;
    void draw(Pane pane) override;
    bool take(const KeyPress& press) override;
    void follow() override;
    void startAnew() override;

private:
    void choose(int row);
    void drawList(Pane pane);
    void drawRow(Pane pane, int row);
    void drawBar(Pane& pane, const RatingRow& row) const;
    [[nodiscard]] std::vector<TextLine> whyLines(int width) const;

    WindowModel& m_model;
    Explanation m_why;
    QString m_topic;
    TextScroll m_scroll;
    int m_first = 0;
};

} // namespace timerscope::terminal
