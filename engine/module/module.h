// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/trace/tracer.h"

#include <string>
#include <vector>

namespace timerscope {

/// One reference to a module: for what, by which of its devices.
struct ModuleHold
{
    HoldRole role = HoldRole::Other;
    std::string device; ///< the clocksource, event device or channel
    unsigned cpu = 0; ///< of a tick or wakeup device
    friend bool operator==(const ModuleHold&, const ModuleHold&) = default;
};

/// A kernel module: code that may go away unless somebody holds it.
///
/// Rules (kernel/module, Linux 6.1; seed 000; scenarios cs18, ce12, ce14): registering a device
/// takes no reference. Timekeeping takes one for the clocksource that it counts by, the tick layer
/// one for each device that it installs. A module that is held cannot be unloaded; one that is
/// going cannot be held any more. Threading: the engine's thread.
class Module
{
public:
    Module(std::string name, Tracer tracer)
        : m_name(std::move(name))
        , m_tracer(tracer)
    {
    }
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] bool isLoaded() const { return m_loaded; }
    /// Why it cannot be unloaded; empty when nobody holds it. In the order of taking.
    [[nodiscard]] const std::vector<ModuleHold>& holds() const { return m_holds; }

    /// Its code is there from now on. It must not be loaded yet (an invariant).
    void load();
    /// try_module_get(): false, and nothing held, when the module is not there.
    [[nodiscard]] bool tryGet(ModuleHold hold);
    /// module_put() of a reference that was taken for the same (an invariant).
    void put(const ModuleHold& hold);
    /// Whether delete_module(2) may go on: NoEntry when it is not there, Again while it is held.
    /// After Ok nobody can hold it any more; its exit function runs next, then it is gone.
    [[nodiscard]] Errno beginUnload();
    void finishUnload();

private:
    void recordReferences(const ModuleHold& hold);

    std::string m_name;
    Tracer m_tracer;
    std::vector<ModuleHold> m_holds;
    bool m_loaded = false;
    bool m_going = false;
};

/// Takes a reference on @p owner; a driver without owner (null) is never asked. False when the
/// owner is going.
[[nodiscard]] bool tryGetOwner(Module* owner, ModuleHold hold);
void putOwner(Module* owner, const ModuleHold& hold);

} // namespace timerscope
