// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/view_words.h"

#include "app/models/number_text.h"

#include <algorithm>

namespace timerscope {

namespace {

constexpr const char* putItOnADevice = "Open a scenario and run it on the device.";

bool shows(const WindowModel& model, SourceKind kind)
{
    return model.hasSource() && model.info().kind == kind;
}

} // namespace

EmptyWords noClocksources()
{
    return {.what = "No clocksource yet.",
            .why = "None is registered. Play or step on: the first one, jiffies or a driver's, "
                   "comes early in the boot."};
}

EmptyWords noTicks(const WindowModel& model)
{
    if (shows(model, SourceKind::Attached)) {
        return {.what = "No CPU to show.",
                .why = QString{"A device by itself ticks for nobody. "} + putItOnADevice};
    }
    return {.what = "No CPU to show.",
            .why = "This source does not tell about tick devices. On a live kernel, "
                   "/proc/timer_list does; it is readable by root."};
}

EmptyWords noHrtimers(WindowModel& model)
{
    const HrtimerQueueModel& queue = model.hrtimers();
    if (shows(model, SourceKind::Attached)) {
        return {.what = "No hrtimers.",
                .why = QString{"A device by itself queues nothing. "} + putItOnADevice};
    }
    if (!queue.isVisible()) {
        return {.what = "The queues cannot be seen.",
                .why = shows(model, SourceKind::LiveKernel)
                    ? "Only /proc/timer_list shows them, and root alone may read it. Start this "
                      "program as root to see them."
                    : "No CPU has hrtimer bases yet. Play or step on."};
    }
    return {.what = QString{"No hrtimers on CPU %1, %2."}
                        .arg(queue.cpu())
                        .arg(toQt(hrtimerBaseName(queue.base()))),
            .why = queue.deviceSentence()
                + " Choose another base above, or play on until one is armed."};
}

EmptyWords noLogLines(const WindowModel& model)
{
    if (shows(model, SourceKind::LiveKernel)) {
        return {.what = "No log lines.",
                .why = "A running kernel's messages are not read. dmesg prints them."};
    }
    if (shows(model, SourceKind::Attached)) {
        return {.what = "No log lines.",
                .why = QString{"A device by itself has no kernel that prints. "} + putItOnADevice};
    }
    return {.what = "No log lines yet.",
            .why = "The kernel has printed nothing so far. Press Space to play or . to step."};
}

std::optional<UrgentNotice> urgentNotice(const WindowModel& model)
{
    if (!model.hasSource()) {
        return std::nullopt;
    }
    using enum UrgentNotice::Urgency;
    const SessionView& view = model.view();
    if (view.error) {
        return UrgentNotice{.text = toQt(view.error->what), .urgency = Error};
    }
    const auto& notices = view.snapshot->notices;
    const auto worst = std::ranges::max_element(notices, {}, &Notice::severity);
    if (worst == notices.end()) {
        return std::nullopt;
    }
    return UrgentNotice{.text = toQt(worst->text),
                        .urgency = worst->severity == Severity::Info ? Note : Warning};
}

} // namespace timerscope
