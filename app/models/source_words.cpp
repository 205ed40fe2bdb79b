// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/source_words.h"

#include "app/models/number_text.h"

namespace timerscope {

QString kindWords(const SourceInfo& info, const MachineRow& machine)
{
    QString words;
    switch (info.kind) {
    case SourceKind::Model:
        words = "model";
        break;
    case SourceKind::Hardware:
        words = "real timers";
        break;
    case SourceKind::LiveKernel:
        words = "live Linux";
        break;
    case SourceKind::Recording:
        words = "recording";
        break;
    case SourceKind::Attached:
        words = "device";
        break;
    }
    if (info.kind == SourceKind::LiveKernel) {
        return machine.kernel.empty() ? words : words + ' ' + toQt(machine.kernel);
    }
    return machine.tickRate ? words + QString{", HZ %1"}.arg(machine.tickRate->hz) : words;
}

QString stateWords(PlayState state)
{
    switch (state) {
    case PlayState::Paused:
        return "paused";
    case PlayState::Playing:
        return "playing";
    case PlayState::Ended:
        return "ended, play starts again";
    case PlayState::Failed:
        return "stopped, the source failed";
    }
    return {};
}

} // namespace timerscope
