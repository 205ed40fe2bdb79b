// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/backends/counter_page.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <chrono>
#include <thread>

namespace timerscope::test {

/// A 32-bit counter of 1 MHz on a page, kept going by a thread, and a device file that describes
/// it: "page.toml" in devices/ of a folder that can be searched for resources.
class TickingPage
{
public:
    TickingPage()
        : m_folder(QFileInfo(m_page.sibling("x")).path() + "/resources")
        , m_device([this](const std::stop_token& stop) { count(stop); })
    {
        QDir().mkpath(m_folder + "/devices");
        QFile file(deviceFile());
        if (!file.open(QIODevice::WriteOnly) || file.write(description()) <= 0) {
            throw std::runtime_error("no file to describe the page in");
        }
    }

    [[nodiscard]] QString deviceFile() const { return m_folder + "/devices/page.toml"; }
    [[nodiscard]] QString resources() const { return m_folder; }
    /// Cuts the file short: the device is gone.
    bool vanish()
    {
        m_device.request_stop();
        m_device.join(); // or it would write behind the end
        return m_page.cut(0);
    }

private:
    static constexpr std::size_t position = 0x10;

    [[nodiscard]] QByteArray description() const
    {
        return "title = \"A counter on a page\"\nsource = \"a test\"\n[[counter]]\n"
               "name = \"page\"\nrate = 1_000_000\nbits = 32\nrating = 350\n"
               "flags = [\"continuous\"]\nsched_clock = true\n"
               "[counter.mmio]\noffset = 0x10\nwidth = 32\npath = \""
            + QByteArray::fromStdString(m_page.path()) + "\"\n";
    }
    void count(const std::stop_token& stop) const
    {
        using std::chrono::microseconds;
        const auto start = std::chrono::steady_clock::now();
        while (!stop.stop_requested()) {
            const auto passed = std::chrono::steady_clock::now() - start;
            const auto us = std::chrono::duration_cast<microseconds>(passed).count();
            m_page.at<std::uint32_t>(position).store(static_cast<std::uint32_t>(us));
            std::this_thread::sleep_for(microseconds(20));
        }
    }

    CounterPage m_page;
    QString m_folder;
    std::jthread m_device; // last: it writes into the page
};

} // namespace timerscope::test
