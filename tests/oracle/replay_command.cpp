// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/commands.h"
#include "tests/oracle/replay/replay.h"

#include <QJsonDocument>

#include <fmt/format.h>

#include <ostream>

namespace timerscope::oracle {

Result<void> runReplay(const std::filesystem::path& file, std::ostream& results)
{
    const auto scenario = readScenario(file);
    if (!scenario) {
        return tl::unexpected<Error>(scenario.error());
    }
    const auto replayed = replay(*scenario);
    if (!replayed) {
        return tl::unexpected<Error>(replayed.error());
    }
    for (const StepAnswer& answer : replayed->answers) {
        const QJsonDocument document(answer.toJson());
        results << document.toJson(QJsonDocument::Compact).constData() << '\n';
    }
    results << std::flush;
    if (replayed->stop) {
        return fail(ErrorCode::NotSupported,
                    fmt::format("{}: step {}: {}", file.string(), replayed->stop->step,
                                replayed->stop->what));
    }
    return {};
}

} // namespace timerscope::oracle
