// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/hardware_adapters.h"

namespace timerscope {

Cycles HardwareCounter::readCounter()
{
    if (m_listener != nullptr) {
        m_listener->calledGoneCode(m_hardware->counters()[m_index].name);
        return m_last;
    }
    const auto read = m_hardware->read(m_index);
    if (read) {
        m_last = *read;
    } else {
        m_fault->note(read.error());
    }
    return m_last;
}

Errno HardwareEventDriver::answer(const Result<void>& result)
{
    if (result) {
        return Errno::Ok;
    }
    if (result.error().code == ErrorCode::NotSupported) {
        return Errno::NoSys;
    }
    // The kernel answers a refused event by trying a later one, for ever if need be. Hardware that
    // is gone must not keep it there: the machine stops after this interrupt.
    m_fault->note(result.error());
    return Errno::Ok;
}

bool HardwareEventDriver::isGone() const
{
    if (m_listener != nullptr) {
        m_listener->calledGoneCode(m_hardware->channels()[m_index].name);
    }
    return m_listener != nullptr;
}

Errno HardwareEventDriver::setState(ClockEventState state)
{
    return isGone() ? Errno::Ok : answer(m_hardware->set(m_index, state, m_periodTicks));
}

Errno HardwareEventDriver::setNextEvent(std::uint64_t ticks)
{
    return isGone() ? Errno::Ok : answer(m_hardware->program(m_index, ticks));
}

} // namespace timerscope
