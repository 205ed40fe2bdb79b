// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/step_place.h"

#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

Names deviceNames(const Scenario& scenario)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        names.emplace_back(device.name);
    }
    return names;
}

std::string knownName(const ConfigValue& met, std::string_view what, const Names& known,
                      FileErrors& errors)
{
    if (std::ranges::find(known, met.text) == known.end()) {
        const std::string hint = known.empty()
            ? fmt::format("; the scenario's devices have no {}", what)
            : hintFor(met.text, known, "the scenario has");
        errors.report(met.line, fmt::format("unknown {} {}{}", what, inQuotes(met.text), hint));
    }
    return met.text;
}

ConfigValue nameIn(TableReader& reader, std::string_view key)
{
    ConfigValue value;
    value.line = reader.lineOf(key);
    value.text = reader.name(key);
    return value;
}

ConfigValue tableOf(const Place& place, std::string_view key)
{
    ConfigValue table = place.step.table(key);
    table.line = place.value.line;
    return table;
}

} // namespace timerscope
