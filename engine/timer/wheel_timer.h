// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"

#include <cstdint>
#include <functional>
#include <string>

namespace timerscope {

class TimerBase;

/// A timer of the wheel (struct timer_list): jiffies resolution, cheap to arm and to cancel.
/// Owned by whoever arms it; must be deleted from its wheel before it goes away.
/// What a wheel touches when it moves a timer fits one cache line.
class alignas(64) WheelTimer
{
public:
    using Function = std::function<void(WheelTimer&)>;

    /// @p flags are bits of timer_flag and stay for life.
    WheelTimer(std::uint32_t id, std::string functionName, Function function,
               std::uint8_t flags = 0)
        : m_id(id)
        , m_flags(flags)
        , m_function(std::move(function))
        , m_functionName(std::move(functionName))
    {
    }
    WheelTimer(const WheelTimer&) = delete;
    WheelTimer& operator=(const WheelTimer&) = delete;

    [[nodiscard]] std::uint32_t id() const { return m_id; }
    [[nodiscard]] std::uint8_t flags() const { return m_flags; }
    [[nodiscard]] bool has(std::uint8_t flag) const { return (m_flags & flag) != 0; }
    [[nodiscard]] const std::string& functionName() const { return m_functionName; }
    [[nodiscard]] const std::string& task() const { return m_task; }
    void setTask(std::string task) { m_task = std::move(task); }

    /// What was asked for.
    [[nodiscard]] Jiffies expires() const { return m_expires; }
    /// When it will fire: expires() rounded up to its bucket.
    [[nodiscard]] Jiffies bucketExpiry() const { return m_bucketExpiry; }
    /// Whether it waits to fire (timer_pending). While its function runs it no longer does.
    [[nodiscard]] bool isPending() const { return m_link != nullptr; }
    /// Position on the wheel: level * 64 + bucket. Of a timer that is not pending, the last one.
    [[nodiscard]] unsigned index() const { return m_index; }

    /// Calls the timer's function. For the wheel that runs it.
    void call() { m_function(*this); }

private:
    friend class TimerBase;
    friend class TimerWheel;

    WheelTimer* m_next = nullptr; // in its bucket
    WheelTimer** m_link = nullptr; // what points here: the bucket, or the timer before
    TimerBase* m_base = nullptr; // where it was last; null: never armed
    Jiffies m_expires;
    Jiffies m_bucketExpiry;
    std::uint32_t m_id;
    std::uint16_t m_index = 0;
    std::uint8_t m_flags;

    Function m_function;
    std::string m_functionName;
    std::string m_task;
};

} // namespace timerscope
