// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/terminal/screens/screen.h"

namespace timerscope::terminal {

/// One CPU's tick device as the machine of its five states, and what else is known of its tick.
class TickScreen final : public Screen
{
public:
    explicit TickScreen(WindowModel& model)
        : m_model(model)
    {
    }
    [[nodiscard]] QString key() const override { return "2"; }
    [[nodiscard]] QString title() const override { return "TICKS"; }
    [[nodiscard]] QString subject() const override;
    [[nodiscard]] std::vector<KeyHint> hints() const override;
    void draw(Pane pane) override;
    bool take(const KeyPress& press) override;
    void startAnew() override { m_cpu = 0; }

private:
    [[nodiscard]] const CpuTick* shown() const;
    void chooseNext(int by);
    void drawCpus(Pane pane);
    void drawAll(Pane pane);

    WindowModel& m_model;
    unsigned m_cpu = 0;
};

} // namespace timerscope::terminal
