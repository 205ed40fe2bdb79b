// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>
#include <QtGlobal>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace timerscope::test {

/// A folder with sys/ and proc/ as a kernel would fill them, gone with the object.
class LinuxTree
{
public:
    static constexpr const char* clocksource = "sys/devices/system/clocksource/clocksource0/";

    void write(const std::filesystem::path& file, const std::string& text) const
    {
        std::filesystem::create_directories((root() / file).parent_path());
        std::ofstream{root() / file} << text;
    }
    void remove(const std::filesystem::path& file) const
    {
        std::filesystem::remove_all(root() / file);
    }
    void close(const std::filesystem::path& file) const
    {
        std::filesystem::permissions(root() / file, std::filesystem::perms::none);
    }
    void writeClocksources(const std::string& available, const std::string& current) const
    {
        const std::filesystem::path folder{clocksource};
        write(folder / "available_clocksource", available + " \n");
        write(folder / "current_clocksource", current + "\n");
    }
    void writeDevice(const std::string& name, const std::string& device) const
    {
        write("sys/bus/clockevents/devices/" + name + "/current_device", device);
    }
    [[nodiscard]] std::filesystem::path root() const { return m_folder.path().toStdString(); }

private:
    QTemporaryDir m_folder;
};

/// An ordinary user for the time of its life: root may read every file, whatever its mode.
class OrdinaryUser
{
public:
    OrdinaryUser()
        : m_wasRoot(::geteuid() == 0)
    {
        if (m_wasRoot && ::seteuid(nobody) != 0) {
            qFatal("root could not become an ordinary user: run the tests with CAP_SETUID, or as "
                   "an ordinary user");
        }
    }
    ~OrdinaryUser()
    {
        if (m_wasRoot && ::seteuid(0) != 0) {
            std::abort(); // no later test could be trusted
        }
    }
    OrdinaryUser(const OrdinaryUser&) = delete;
    OrdinaryUser& operator=(const OrdinaryUser&) = delete;

private:
    static constexpr uid_t nobody = 65534;
    bool m_wasRoot;
};

} // namespace timerscope::test
