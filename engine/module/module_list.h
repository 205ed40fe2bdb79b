// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/module/module.h"

#include <deque>
#include <string_view>

namespace timerscope {

/// The modules that a kernel has, or once had, by their names.
///
/// As in the kernel, "-" and "_" are the same in a name. Threading: the engine's thread.
class ModuleList
{
public:
    explicit ModuleList(Tracer tracer)
        : m_tracer(tracer)
    {
    }

    /// The module called @p name; a new one, not loaded, when there is none. It stays where it is.
    [[nodiscard]] Module& get(std::string_view name);
    /// Null when nothing of this name was ever asked for.
    [[nodiscard]] Module* find(std::string_view name);
    /// In the order in which they were first loaded.
    [[nodiscard]] const std::deque<Module>& all() const { return m_modules; }

private:
    Tracer m_tracer;
    std::deque<Module> m_modules; // a deque: modules are known by address
};

/// A module's name as the kernel prints it: "timer-sun5i" is timer_sun5i.
[[nodiscard]] std::string kernelModuleName(std::string_view name);

} // namespace timerscope
