// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/linux_source.h"

#include "backends/linux/change_recorder.h"
#include "backends/linux/kernel_look.h"
#include "backends/linux/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

namespace timerscope {

namespace {

MonotonicInstant hostMonotonic()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return MonotonicInstant{Ns{now.tv_sec * nsPerSecond + now.tv_nsec}};
}

class LinuxSource final : public Source
{
public:
    explicit LinuxSource(const std::filesystem::path& root)
        : m_root(root.lexically_normal())
        , m_isHost(m_root == "/")
        , m_title(findTitle())
    {
    }

    /// The first look.
    Result<void> open();

    [[nodiscard]] SourceInfo info() const override
    {
        return {.uri = "linux:", .title = m_title, .kind = SourceKind::LiveKernel, .end = {}};
    }
    [[nodiscard]] const TraceLog& log() const override { return m_log; }
    [[nodiscard]] Result<Progress> advance(TraceInstant limit) override;
    [[nodiscard]] Result<Progress> step() override { return advance({}); }
    [[nodiscard]] SnapshotPtr snapshot() override { return m_snapshot; }

private:
    [[nodiscard]] std::string findTitle() const;
    /// What earlier looks could read and @p look could not; null when there is nothing.
    [[nodiscard]] const TextFile* findLost(const KernelLook& look) const;
    void take(KernelLook look);

    std::filesystem::path m_root;
    bool m_isHost; ///< whose clock goes on between looks
    std::string m_title;
    TraceLog m_log;
    ChangeRecorder m_recorder;
    TraceInstant m_at;
    bool m_hasClocksources = false;
    bool m_hasTimerList = false;
    SnapshotPtr m_snapshot = std::make_shared<const Snapshot>();
};

std::string LinuxSource::findTitle() const
{
    const TextFile hostname = readTextFile(m_root / "proc/sys/kernel/hostname");
    std::string name{scan::trim(hostname.text)};
    if (!name.empty()) {
        return name;
    }
    return m_isHost ? "this computer" : m_root.string();
}

Result<void> LinuxSource::open()
{
    KernelLook look = lookAtKernel(m_root);
    if (!look.clocksources.isReadable() && !look.timerList.isReadable()) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("The kernel cannot be observed: {} {} and {} {}; one of them is "
                                "needed.",
                                look.clocksources.path.string(), look.clocksources.reason(),
                                look.timerList.path.string(), look.timerList.reason()));
    }
    take(std::move(look));
    return {};
}

const TextFile* LinuxSource::findLost(const KernelLook& look) const
{
    if (m_hasClocksources && !look.clocksources.isReadable()) {
        return &look.clocksources;
    }
    return m_hasTimerList && !look.timerList.isReadable() ? &look.timerList : nullptr;
}

Result<Progress> LinuxSource::advance(TraceInstant /*limit*/)
{
    KernelLook look = lookAtKernel(m_root);
    const TextFile* const lost = findLost(look);
    if (lost != nullptr) {
        return fail(ErrorCode::DeviceLost,
                    fmt::format("The kernel can no longer be observed: {}, which was readable "
                                "before, {}.",
                                lost->path.string(), lost->reason()));
    }
    take(std::move(look));
    return Progress::MoreToCome;
}

void LinuxSource::take(KernelLook look)
{
    Snapshot& now = look.snapshot;
    if (!look.hasTime && m_isHost) {
        now.monotonic = hostMonotonic();
    }
    // The log's axis never runs backwards, even when somebody swaps the files of a tree.
    m_at = std::max(m_at, TraceInstant{now.monotonic.time_since_epoch()});
    now.at = m_at;
    m_recorder.record(now, m_log);
    now.records = m_log.size();
    m_hasClocksources = look.clocksources.isReadable();
    m_hasTimerList = look.timerList.isReadable();
    m_snapshot = std::make_shared<const Snapshot>(std::move(now));
}

} // namespace

Result<std::unique_ptr<Source>> openLinux(const std::filesystem::path& root)
{
    auto source = std::make_unique<LinuxSource>(root);
    return source->open().map([&]() -> std::unique_ptr<Source> { return std::move(source); });
}

} // namespace timerscope
