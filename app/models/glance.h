// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/log_digest.h"
#include "engine/trace/snapshot.h"

#include <QString>

namespace timerscope {

/// One answer of the glance bar.
struct GlanceCell
{
    QString caption; ///< "Clock in charge"
    QString value; ///< "FTTMR010-TIMER2"
    QString detail; ///< "24 750 000 Hz · rating 300 of 2 clocks"
    friend bool operator==(const GlanceCell&, const GlanceCell&) = default;
};

/// What one look must answer: which clock is in charge, what the tick does, what fires next.
struct Glance
{
    GlanceCell clock;
    GlanceCell tick;
    GlanceCell next;
    friend bool operator==(const Glance&, const Glance&) = default;
};

[[nodiscard]] Glance glanceOf(const Snapshot& snapshot, const LogDigest& digest);

} // namespace timerscope
