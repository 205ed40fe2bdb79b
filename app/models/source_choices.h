// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/resources.h"

#include <QString>

#include <functional>
#include <string>
#include <vector>

namespace timerscope {

/// One entry of the window's source menu and of the terminal's source picker.
struct SourceChoice
{
    QString name;
    QString uri;
};

/// What a scenario can run on: one entry of the menu "Run on".
struct BackendChoice
{
    QString name;
    QString backend; ///< "sim", "host", "stm32:/dev/ttyACM0"
};

/// Everything that a person can choose from.
struct SourceOffers
{
    std::vector<SourceChoice> sources;
    /// Asked each time, because boards come and go.
    std::function<std::vector<BackendChoice>()> backends;
};

/// The scenarios by their @p names, then this computer's running kernel.
[[nodiscard]] std::vector<SourceChoice> sourceChoices(const std::vector<std::string>& names);

/// What a person wrote for a source as a URI: "ast2500-boot" and "my.toml" are short for sim:…; a
/// URI stays what it is.
[[nodiscard]] QString sourceUri(const QString& written);

/// Of a source that is open: what its scenario runs on. Empty when it is no scenario.
[[nodiscard]] QString backendOf(const QString& uri);
/// The same scenario on @p backend.
[[nodiscard]] QString uriOnBackend(const QString& uri, const QString& backend);

/// offeredBackends() for a menu.
[[nodiscard]] std::vector<BackendChoice> backendChoices(const Resources& resources);

/// All scenarios and backends of @p resources, which must outlive what is asked of the answer.
[[nodiscard]] SourceOffers sourceOffers(const Resources& resources);

} // namespace timerscope
