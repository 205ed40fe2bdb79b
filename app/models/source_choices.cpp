// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/source_choices.h"

#include "app/session/backend_choice.h"

namespace timerscope {

std::vector<SourceChoice> sourceChoices(const std::vector<std::string>& names)
{
    std::vector<SourceChoice> choices;
    for (const std::string& name : names) {
        const QString shown = QString::fromStdString(name);
        choices.push_back({.name = shown, .uri = "sim:" + shown});
    }
    choices.push_back({.name = "This computer (running kernel)", .uri = "linux:"});
    return choices;
}

QString sourceUri(const QString& written)
{
    const qsizetype colon = written.indexOf(':');
    return colon > 0 && !written.left(colon).contains('/') ? written : "sim:" + written;
}

QString backendOf(const QString& uri)
{
    const std::string text = uri.toStdString();
    if (!text.starts_with("sim:")) {
        return {};
    }
    const std::string_view backend = splitPlace(text).backend;
    return QString::fromUtf8(backend.data(), static_cast<qsizetype>(backend.size()));
}

QString uriOnBackend(const QString& uri, const QString& backend)
{
    return QString::fromStdString(onBackend(uri.toStdString(), backend.toStdString()));
}

std::vector<BackendChoice> backendChoices(const Resources& resources)
{
    std::vector<BackendChoice> choices;
    for (const BackendOffer& offer : offeredBackends(resources)) {
        choices.push_back({.name = QString::fromStdString(offer.title),
                           .backend = QString::fromStdString(offer.backend)});
    }
    return choices;
}

SourceOffers sourceOffers(const Resources& resources)
{
    std::vector<std::string> names;
    for (const Resources::Entry& entry : resources.scenarios()) {
        names.push_back(entry.name);
    }
    return {.sources = sourceChoices(names),
            .backends = [&resources] { return backendChoices(resources); }};
}

} // namespace timerscope
