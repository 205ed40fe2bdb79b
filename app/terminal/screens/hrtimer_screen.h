// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/terminal/screens/screen.h"

#include <optional>

namespace timerscope::terminal {

/// The hrtimers queued on one base of one CPU, in the order in which they expire.
class HrtimerScreen final : public Screen
{
public:
    explicit HrtimerScreen(WindowModel& model)
        : m_model(model)
    {
    }
    [[nodiscard]] QString key() const override { return "3"; }
    [[nodiscard]] QString title() const override { return "HRTIMERS"; }
    [[nodiscard]] QString subject() const override;
    [[nodiscard]] std::vector<KeyHint> hints() const override;
    void draw(Pane pane) override;
    bool take(const KeyPress& press) override;
    void startAnew() override;

private:
    [[nodiscard]] HrtimerQueueModel& queue() const { return m_model.hrtimers(); }
    [[nodiscard]] int chosenRow() const;
    [[nodiscard]] std::vector<unsigned> basesInSight() const;
    void choose(int row);
    void chooseNextCpu(int by);
    void chooseNextBase(int by);
    void drawChoices(Pane pane);
    void drawTable(Pane pane);
    void drawRow(Pane& pane, int y, int row) const;
    void drawChosen(Pane pane) const;

    WindowModel& m_model;
    std::optional<QueuedTimer::Key> m_chosen;
    int m_first = 0;
    int m_page = 1;
};

} // namespace timerscope::terminal
