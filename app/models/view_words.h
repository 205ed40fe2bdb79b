// SPDX-License-Identifier: GPL-3.0-or-later
//! What a view says when it has nothing to show, and what a user has to be told: the same sentences
//! in the window and on the terminal.
#pragma once

#include "app/models/window_model.h"

#include <QString>

#include <optional>

namespace timerscope {

/// Why a view is empty, and what to do about it.
struct EmptyWords
{
    QString what;
    QString why;
};
[[nodiscard]] EmptyWords noClocksources();
[[nodiscard]] EmptyWords noTicks(const WindowModel& model);
/// Of the CPU and base that the queue's model shows.
[[nodiscard]] EmptyWords noHrtimers(WindowModel& model);
[[nodiscard]] EmptyWords noLogLines(const WindowModel& model);

/// What has to be read now.
struct UrgentNotice
{
    enum class Urgency : std::uint8_t
    {
        Note, ///< good to know
        Warning,
        Error, ///< the source failed
    };
    QString text;
    Urgency urgency = Urgency::Warning;
};
/// The source's error, or the worst of the snapshot's notices; empty when there is neither.
[[nodiscard]] std::optional<UrgentNotice> urgentNotice(const WindowModel& model);

} // namespace timerscope
