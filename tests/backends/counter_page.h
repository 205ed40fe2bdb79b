// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends/mmio/mmio_block.h"

#include <QByteArray>
#include <QFile>
#include <QTemporaryDir>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace timerscope::test {

/// A file with registers in it, mapped here as well: what a device's side of a counter would do,
/// the test does.
class CounterPage
{
public:
    static constexpr qint64 pageSize = 4096;

    explicit CounterPage(qint64 size = pageSize)
        : m_file(m_folder.filePath("registers"))
    {
        const bool isOpen = m_file.open(QIODevice::ReadWrite) && m_file.resize(size);
        m_memory = isOpen ? m_file.map(0, size) : nullptr;
        if (m_memory == nullptr) {
            throw std::runtime_error("no file to map registers from");
        }
    }

    /// The register at @p position, as the device writes and reads it.
    template<typename Word>
    [[nodiscard]] std::atomic_ref<Word> at(std::size_t position) const
    {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): memory becomes registers
        return std::atomic_ref<Word>(*reinterpret_cast<Word*>(m_memory + position));
    }

    [[nodiscard]] std::string path() const { return m_file.fileName().toStdString(); }
    [[nodiscard]] QString sibling(const QString& name) const { return m_folder.filePath(name); }
    bool cut(qint64 size) { return m_file.resize(size); }
    bool remove() { return QFile::remove(m_file.fileName()); }

private:
    QTemporaryDir m_folder;
    QFile m_file;
    uchar* m_memory = nullptr;
};

/// A 32-bit counter at the start of @p path, at 1 MHz.
inline MmioConfig plainConfig(const std::string& path)
{
    MmioConfig config;
    config.name = "c";
    config.rate = {1'000'000};
    config.where.path = path;
    return config;
}

/// What opening failed with.
inline QByteArray sentenceOf(const Result<std::unique_ptr<AttachedBlock>>& block)
{
    return block ? QByteArray("(no error)") : QByteArray::fromStdString(block.error().what);
}

} // namespace timerscope::test
