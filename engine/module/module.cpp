// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/module/module.h"

#include "engine/base/invariant.h"

#include <algorithm>
#include <utility>

namespace timerscope {

void Module::load()
{
    invariant(!m_loaded);
    m_loaded = true;
    m_tracer.record(RecordKind::ModuleLoad, m_tracer.name(m_name));
}

void Module::recordReferences(const ModuleHold& hold)
{
    m_tracer.record(RecordKind::ModuleReference, m_tracer.name(m_name),
                    static_cast<std::int64_t>(m_holds.size()), m_tracer.name(hold.device),
                    static_cast<std::uint8_t>(hold.role));
}

bool Module::tryGet(ModuleHold hold)
{
    if (!m_loaded || m_going) {
        return false;
    }
    m_holds.push_back(std::move(hold));
    recordReferences(m_holds.back());
    return true;
}

void Module::put(const ModuleHold& hold)
{
    const auto held = std::ranges::find(m_holds, hold);
    invariant(held != m_holds.end());
    const ModuleHold released = std::move(*held);
    m_holds.erase(held);
    recordReferences(released);
}

Errno Module::beginUnload()
{
    if (!m_loaded || m_going) {
        return Errno::NoEntry;
    }
    if (!m_holds.empty()) {
        return Errno::Again;
    }
    m_going = true;
    return Errno::Ok;
}

void Module::finishUnload()
{
    invariant(m_going);
    m_loaded = false;
    m_going = false;
    m_tracer.record(RecordKind::ModuleUnload, m_tracer.name(m_name));
}

bool tryGetOwner(Module* owner, ModuleHold hold)
{
    return owner == nullptr || owner->tryGet(std::move(hold));
}

void putOwner(Module* owner, const ModuleHold& hold)
{
    if (owner != nullptr) {
        owner->put(hold);
    }
}

} // namespace timerscope
