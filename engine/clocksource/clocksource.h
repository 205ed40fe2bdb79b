// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/errno.h"
#include "engine/base/kept_reading.h"
#include "engine/base/kernel_types.h"
#include "engine/clocksource/rate.h"
#include "engine/module/module.h"

#include <string>

namespace timerscope {

/// What a clocksource's read callback reads. Threading: the engine's thread.
class CounterReader
{
public:
    virtual ~CounterReader() = default;
    /// The counter now; reading may cost true time. Never fails: a board that vanished answers
    /// its last value and the machine stops by itself.
    [[nodiscard]] virtual Cycles readCounter() = 0;
    /// The counter as an onlooker sees it: costs nothing and changes nothing.
    [[nodiscard]] virtual Cycles observeCounter() const = 0;
    /// The same as readCounter(), without a call when the last reading is kept and still right.
    [[nodiscard]] Cycles read()
    {
        return m_kept != nullptr && m_kept->at == *m_now ? m_kept->value : readCounter();
    }

protected:
    CounterReader() = default;
    /// The last reading is in @p kept, null for nowhere, and true time in @p now. Both must
    /// outlive this.
    CounterReader(const KeptReading* kept, const TraceInstant* now)
        : m_kept(kept)
        , m_now(now)
    {
    }
    void readAlways() { m_kept = nullptr; }
    CounterReader(const CounterReader&) = default;
    CounterReader& operator=(const CounterReader&) = default;

private:
    const KeptReading* m_kept = nullptr;
    const TraceInstant* m_now = nullptr;
};

/// What a driver may want to hear of its clocksource. Threading: the engine's thread.
class ClocksourceCallbacks
{
public:
    virtual ~ClocksourceCallbacks() = default;
    /// The source is about to be counted by; anything but Ok leaves the present one in charge.
    virtual Errno enable() { return Errno::Ok; }
    /// Another source has taken over.
    virtual void disable() { }
    /// The machine goes to sleep, and has woken. Sources that count on meanwhile give neither.
    virtual void suspend() { }
    virtual void resume() { }
    /// The source has just been marked unstable, by the watchdog or its driver (mark_unstable).
    virtual void markedUnstable() { }
    /// The watchdog found the source right while it is the current one (tick_stable).
    virtual void tickStable() { }

protected:
    ClocksourceCallbacks() = default;
    ClocksourceCallbacks(const ClocksourceCallbacks&) = default;
    ClocksourceCallbacks& operator=(const ClocksourceCallbacks&) = default;
};

/// A clocksource as the kernel keeps it (struct clocksource). Owned by its driver; must outlive
/// its registration.
struct Clocksource
{
    std::string name;
    int rating = 0;
    std::uint32_t flags = 0; ///< bits of clocksource_flag
    ClocksourceRate rate;
    Hertz frequency; ///< 0 when the driver gave mult and shift itself
    unsigned bits = 64;
    Ns readCost{}; ///< for people
    CounterReader* counter = nullptr; ///< never null once registered
    ClocksourceCallbacks* callbacks = nullptr; ///< null: the driver wants to hear nothing
    Module* owner = nullptr; ///< held while this is the current one; null: built in, or not set
    /// The driver's module was unloaded and left this on the list: its memory is gone, whoever
    /// looks at it faults.
    bool isDangling = false;

    [[nodiscard]] bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
};

} // namespace timerscope
