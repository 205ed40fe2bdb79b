// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/module/module_list.h"

#include <algorithm>

namespace timerscope {

std::string kernelModuleName(std::string_view name)
{
    std::string printed{name};
    std::ranges::replace(printed, '-', '_');
    return printed;
}

Module* ModuleList::find(std::string_view name)
{
    const auto found = std::ranges::find(m_modules, kernelModuleName(name), &Module::name);
    return found != m_modules.end() ? &*found : nullptr;
}

Module& ModuleList::get(std::string_view name)
{
    Module* const known = find(name);
    return known != nullptr ? *known : m_modules.emplace_back(kernelModuleName(name), m_tracer);
}

} // namespace timerscope
