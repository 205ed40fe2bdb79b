// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"

#include <cstdint>
#include <functional>
#include <string>

namespace timerscope {

/// A timer of the wheel (struct timer_list): jiffies resolution, cheap to arm and to cancel.
/// Owned by whoever arms it; must be deleted from its wheel before it goes away.
class WheelTimer
{
public:
    using Function = std::function<void(WheelTimer&)>;

    WheelTimer(std::uint32_t id, std::string functionName, Function function)
        : m_function(std::move(function))
        , m_functionName(std::move(functionName))
        , m_id(id)
    {
    }
    WheelTimer(const WheelTimer&) = delete;
    WheelTimer& operator=(const WheelTimer&) = delete;

    [[nodiscard]] std::uint32_t id() const { return m_id; }
    [[nodiscard]] const std::string& functionName() const { return m_functionName; }
    [[nodiscard]] const std::string& task() const { return m_task; }
    void setTask(std::string task) { m_task = std::move(task); }

    /// What was asked for.
    [[nodiscard]] Jiffies expires() const { return m_expires; }
    /// When it will fire: expires() rounded up to its bucket.
    [[nodiscard]] Jiffies bucketExpiry() const { return m_bucketExpiry; }
    [[nodiscard]] bool isPending() const { return m_pending; }
    /// Position on the wheel: level * 64 + bucket.
    [[nodiscard]] unsigned index() const { return m_index; }

    /// Calls the timer's function. For the wheel that runs it.
    void call() { m_function(*this); }

private:
    friend class TimerWheel;

    Function m_function;
    std::string m_functionName;
    std::string m_task;
    Jiffies m_expires;
    Jiffies m_bucketExpiry;
    WheelTimer* m_next = nullptr; // in its bucket
    WheelTimer* m_previous = nullptr;
    unsigned m_index = 0;
    std::uint32_t m_id;
    bool m_pending = false;
};

} // namespace timerscope
