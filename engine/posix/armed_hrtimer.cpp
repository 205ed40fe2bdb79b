// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/armed_hrtimer.h"

#include "engine/base/invariant.h"

namespace timerscope {

ArmedHrtimer::ArmedHrtimer(PosixHost& host, std::string function, Hrtimer::Function call)
    : m_host(&host)
    , m_function(std::move(function))
    , m_call(std::move(call))
    , m_id(host.nextTimerId())
{
}

Hrtimer& ArmedHrtimer::timer()
{
    invariant(m_timer != nullptr);
    return *m_timer;
}

const Hrtimer& ArmedHrtimer::timer() const
{
    invariant(m_timer != nullptr);
    return *m_timer;
}

void ArmedHrtimer::init(HrtimerClock clock, std::string_view function)
{
    invariant(!isQueued());
    m_timer = std::make_unique<Hrtimer>(m_id, clock, false, m_function, m_call);
    m_timer->setTask(m_task);
    m_base = &m_host->hrtimers();
    m_base->init(*m_timer, function);
}

HrtimerInstant ArmedHrtimer::now()
{
    return m_host->hrtimers().clockNow(timer());
}

HrtimerInstant ArmedHrtimer::after(Ns span)
{
    return HrtimerInstant{ktimeAddSafe(span, now().time_since_epoch())};
}

void ArmedHrtimer::setExpires(HrtimerInstant at)
{
    timer().setExpires(at);
}

void ArmedHrtimer::start(HrtimerInstant at, Ns slack, std::uint8_t mode)
{
    HrtimerCpuBase& base = m_host->hrtimers();
    if (m_base != &base) {
        static_cast<void>(cancel());
        m_base = &base;
    }
    base.start(timer(), at, slack, mode);
}

void ArmedHrtimer::restart()
{
    const Hrtimer& expired = timer();
    start(expired.softExpires(), expired.hardExpires() - expired.softExpires());
}

bool ArmedHrtimer::cancel()
{
    return isQueued() && m_base->cancel(*m_timer);
}

std::uint64_t ArmedHrtimer::forward(HrtimerInstant at, Ns interval)
{
    return timer().forward(at, interval, m_host->hrtimerResolution());
}

std::uint64_t ArmedHrtimer::forwardExactly(HrtimerInstant at, Ns interval)
{
    return timer().forward(at, interval, Ns{1});
}

} // namespace timerscope
