// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/views/theme.h"

#include <QWidget>

#include <optional>

namespace timerscope {

/// The kernel's five bands of ratings, with the band of one rating marked. A rating outside of
/// them gets a sixth cell with a sign.
class BandStrip final : public QWidget
{
    Q_OBJECT
public:
    BandStrip(const Appearance& look, QWidget* parent);
    void show(std::optional<int> rating);
    [[nodiscard]] QSize sizeHint() const override { return {268, 36}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Appearance& m_look;
    std::optional<int> m_rating;
};

} // namespace timerscope
