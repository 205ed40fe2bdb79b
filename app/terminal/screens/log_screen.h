// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/terminal/screens/screen.h"

#include <optional>

namespace timerscope::terminal {

/// The lines of the boot log. Follows the end until somebody scrolls back; long lines are wrapped.
class LogScreen final : public Screen
{
public:
    explicit LogScreen(WindowModel& model)
        : m_model(model)
    {
    }
    [[nodiscard]] QString key() const override { return "9"; }
    [[nodiscard]] QString title() const override { return "LOG"; }
    [[nodiscard]] QString subject() const override;
    [[nodiscard]] std::vector<KeyHint> hints() const override;
    void draw(Pane pane) override;
    bool take(const KeyPress& press) override;
    void startAnew() override { m_first.reset(); }

    /// The last lines, each on one row, for a strip below another screen.
    void drawTail(Pane pane) const;

private:
    [[nodiscard]] int count() const { return m_model.bootLog().rowCount(); }
    [[nodiscard]] QString text(int line, int column) const;
    [[nodiscard]] int rowsOf(int line, int width) const;
    [[nodiscard]] int firstAtEnd(Pane pane) const;
    [[nodiscard]] int drawLine(Pane pane, int y, int line) const;
    void scroll(int by);

    WindowModel& m_model;
    std::optional<int> m_first; ///< the line on the first row; empty while it follows the end
    int m_firstAtEnd = 0;
    int m_page = 1;
};

} // namespace timerscope::terminal
