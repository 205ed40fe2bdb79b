// SPDX-License-Identifier: GPL-3.0-or-later
//! Lateness in words. What is a part of it, and how long it took, is judged in lateness.cpp.
#include "engine/why/why_timer.h"

#include "engine/why/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

namespace timerscope {

namespace {

struct CauseText
{
    LatenessCause cause{};
    std::string_view meaning;
    std::string_view function; ///< of the kernel, which decides
    std::string_view change; ///< what would shorten it; may be empty
};

constexpr std::array texts{
    CauseText{LatenessCause::StartedLate, "it was started when its time had passed already",
              "hrtimer_start_range_ns", "Start it earlier, or forward it past now before that"},
    CauseText{LatenessCause::Slack, "it may fire later, so that several timers share an interrupt",
              "hrtimer_set_expires_range_ns",
              "Give it less slack: prctl(PR_SET_TIMERSLACK), or a real-time policy"},
    CauseText{LatenessCause::WheelRounding,
              "a bucket is run when all of its jiffies are over, so that none fires early",
              "calc_wheel_index", "Use an hrtimer, or a shorter timeout: near jiffies are exact"},
    CauseText{LatenessCause::MachineSlept, "the machine was suspended", "timekeeping_resume",
              "Use an alarm timer, which wakes the machine"},
    CauseText{LatenessCause::TickWait, "only a tick looks at it", "hrtimer_run_queues",
              "Let the CPU go to high resolution: \"why tick\" says what keeps it from that"},
    CauseText{LatenessCause::JiffiesLate, "jiffies were counted late: ticks were missed",
              "tick_do_update_jiffies64",
              "Find what kept the CPU that counts jiffies from its ticks"},
    CauseText{LatenessCause::Deferred, "a deferrable timer waits until its CPU wakes by itself",
              "get_next_timer_interrupt", "Do not make it deferrable"},
    CauseText{LatenessCause::SetLate, "the device was set too late", "tick_program_event",
              "Let the functions that run in its CPU's interrupts be shorter"},
    CauseText{LatenessCause::HangPause, "handlers took so long that the kernel left the CPU air",
              "hrtimer_interrupt", "Let the functions of its CPU's hrtimers be shorter"},
    CauseText{LatenessCause::MinDelta, "the device cannot fire sooner", "clockevents_program_event",
              "Use a device with a shorter minimum delta"},
    CauseText{LatenessCause::DeviceRounding, "the device counts in ticks of its own",
              "clockevents_program_event", "Clock the device faster"},
    CauseText{LatenessCause::ClockRounding, "the clock counts in ticks of its own", "ktime_get",
              "Use a faster clocksource"},
    CauseText{LatenessCause::ClockAhead,
              "the clock went faster than the device, which was set for the right span",
              "ktime_get", "Look at the clocksource: it drifts, jumps or is disciplined by NTP"},
    CauseText{LatenessCause::BroadcastRelay,
              "its CPU's own timer stood; another CPU had to send the interrupt",
              "tick_handle_oneshot_broadcast", "Use a timer that goes on in deep idle"},
    CauseText{LatenessCause::IdleExit, "its CPU had to leave its idle state", "cpuidle_enter_state",
              "Forbid the deeper idle states: /dev/cpu_dma_latency"},
    CauseText{LatenessCause::InterruptLatency,
              "from when the device fired until its handler began; interrupts were off, or the "
              "interrupt itself took it",
              "", "Find what ran with interrupts off then: the irqsoff tracer"},
    CauseText{LatenessCause::HandlerEntry, "what the handler does before it comes to its timers",
              "hrtimer_interrupt", "Use a clocksource that is read faster"},
    CauseText{LatenessCause::LateSoftirq, "from when the softirq was raised until it ran",
              "raise_softirq_irqoff",
              "Find the handlers and softirqs that came before; or use a hard hrtimer"},
    CauseText{LatenessCause::EarlierHandlers,
              "functions of other timers came first, the tick's among them", "__run_hrtimer",
              "Let those functions be shorter, or pin them to another CPU"},
    CauseText{LatenessCause::Unexplained, "no record tells what it was spent on", "",
              "Record more: interrupts, softirqs and idle states"},
};

const CauseText& textOf(LatenessCause cause)
{
    return *std::ranges::find(texts, cause, &CauseText::cause);
}

std::string capitalised(std::string_view text)
{
    std::string result(text);
    if (!result.empty() && result.front() >= 'a' && result.front() <= 'z') {
        result.front() = static_cast<char>(result.front() - 'a' + 'A');
    }
    return result;
}

std::string callOf(const KnownTimer& timer)
{
    const std::string_view kind = timer.isWheel ? "wheel timer" : "hrtimer";
    return timer.function.empty() ? fmt::format("{} {}", kind, timer.id)
                                  : fmt::format("{} {} ({})", kind, timer.id, timer.function);
}

/// "slack 50 µs + handler entry 100 ns"
std::string sumText(const TimerExpiry& expiry)
{
    std::string sum;
    for (const LatenessPart& part : expiry.parts) {
        sum += fmt::format("{}{} {}", sum.empty() ? "" : " + ", nameOf(part.cause),
                           spanText(part.span));
    }
    return sum;
}

Reason reasonOf(const LatenessPart& part)
{
    const CauseText& text = textOf(part.cause);
    return {.head = fmt::format("{}, {}", capitalised(nameOf(part.cause)), spanText(part.span)),
            .detail = capitalised(text.meaning)
                + (part.evidence.empty() ? "." : fmt::format("; {}.", part.evidence)),
            .function = std::string(text.function)};
}

Reason sumOf(const TimerExpiry& expiry)
{
    const Ns unexplained = expiry.spanOf(LatenessCause::Unexplained);
    return {.head = "Together",
            .detail = fmt::format("{} = {}; {}.", sumText(expiry), spanText(expiry.late),
                                  unexplained == Ns::zero()
                                      ? std::string("nothing is unexplained")
                                      : spanText(unexplained) + " of it is unexplained"),
            .function = {}};
}

/// The timers that are asked about, and what became of them.
class TimerCase
{
public:
    TimerCase(const Snapshot& snapshot, const TraceLog& log, std::span<const std::uint32_t> ids)
        : m_log(log)
        , m_count(std::min(snapshot.records, log.size()))
        , m_expiries(timerExpiries(snapshot, log, ids))
    {
        const std::set<std::uint32_t> wanted(ids.begin(), ids.end());
        for (KnownTimer& timer : knownTimers(log, m_count)) {
            if (wanted.contains(timer.id)) {
                m_timers.push_back(std::move(timer));
            }
        }
    }

    [[nodiscard]] Explanation explain(WhichExpiry which) const
    {
        if (m_timers.empty()) {
            return {.what = "There is no such timer.",
                    .reasons = {},
                    .followed = {},
                    .wouldChange = {}};
        }
        if (m_expiries.empty()) {
            return explainPending();
        }
        return which == WhichExpiry::All ? explainAll() : explainOne(chosen(which));
    }

private:
    [[nodiscard]] const KnownTimer& timer(std::uint32_t id) const
    {
        return *std::ranges::lower_bound(m_timers, id, {}, &KnownTimer::id);
    }
    [[nodiscard]] const TimerExpiry& worst() const
    {
        return *std::ranges::max_element(m_expiries, {}, &TimerExpiry::late);
    }
    [[nodiscard]] const TimerExpiry& chosen(WhichExpiry which) const
    {
        return which == WhichExpiry::Last ? m_expiries.back() : worst();
    }

    [[nodiscard]] Explanation explainOne(const TimerExpiry& expiry) const
    {
        Explanation answer;
        const std::string call = capitalised(callOf(timer(expiry.timer)));
        const std::string where
            = fmt::format("on CPU {} at {}", expiry.cpu, instantText(nsOf(expiry.began)));
        answer.what = expiry.late == Ns::zero()
            ? fmt::format("{} ran in time {}.", call, where)
            : fmt::format("{} was {} late {}: asked for {}.", call, spanText(expiry.late), where,
                          instantText(nsOf(expiry.began - expiry.late)));
        for (const LatenessPart& part : expiry.parts) {
            answer.reasons.push_back(reasonOf(part));
        }
        answer.reasons.push_back(expiry.parts.empty()
                                     ? Reason{.head = "In time",
                                              .detail = "Its function began when it was asked to.",
                                              .function = {}}
                                     : sumOf(expiry));
        answer.followed = {otherExpiries(expiry)};
        addChange(answer, expiry);
        return answer;
    }

    [[nodiscard]] std::string otherExpiries(const TimerExpiry& expiry) const
    {
        const std::string all = m_timers.size() == 1
            ? fmt::format("its {} expiries", m_expiries.size())
            : fmt::format("{} expiries of the {} timers with {}", m_expiries.size(),
                          m_timers.size(), m_timers.front().function);
        const TimerExpiry& last = m_expiries.back();
        if (m_expiries.size() == 1) {
            return "It is the only expiry so far";
        }
        if (&expiry == &last && &expiry == &worst()) {
            return fmt::format("It is the last of {}, and the worst", all);
        }
        const TimerExpiry& other = &expiry == &last ? worst() : last;
        return fmt::format("It is one of {}; the {} one was {} late, at {}", all,
                           &expiry == &last ? "worst" : "last", spanText(other.late),
                           instantText(nsOf(other.began)));
    }

    /// Of the largest part only: more would be a list of everything.
    static void addChange(Explanation& answer, const TimerExpiry& expiry)
    {
        const auto largest = std::ranges::max_element(expiry.parts, {}, &LatenessPart::span);
        if (largest != expiry.parts.end()) {
            answer.wouldChange.emplace_back(textOf(largest->cause).change);
        }
    }

    [[nodiscard]] Explanation explainAll() const
    {
        const TimerExpiry& latest = worst();
        Explanation answer;
        answer.what = fmt::format("{} has expired {} {}; the worst was {} late, at {}.",
                                  m_timers.size() == 1 ? capitalised(callOf(m_timers.front()))
                                                       : m_timers.front().function,
                                  m_expiries.size(), m_expiries.size() == 1 ? "time" : "times",
                                  spanText(latest.late), instantText(nsOf(latest.began)));
        for (const TimerExpiry& expiry : m_expiries) {
            const std::string who
                = m_timers.size() == 1 ? std::string() : fmt::format(", timer {}", expiry.timer);
            answer.reasons.push_back(
                {.head = fmt::format("At {}{}", instantText(nsOf(expiry.began)), who),
                 .detail = expiry.parts.empty()
                     ? std::string("in time")
                     : fmt::format("{} late = {}", spanText(expiry.late), sumText(expiry)),
                 .function = {}});
        }
        return answer;
    }

    [[nodiscard]] Explanation explainPending() const
    {
        const KnownTimer& first = m_timers.front();
        return {.what = fmt::format("No expiry of {} is recorded.", callOf(first)),
                .reasons = {{.head = "What is known", .detail = lastStart(first), .function = {}}},
                .followed = {},
                .wouldChange = {}};
    }

    [[nodiscard]] std::string lastStart(const KnownTimer& timer) const
    {
        for (std::size_t i = m_count; i-- > 0;) {
            const TraceRecord& record = m_log[i];
            if (record.subject != timer.id) {
                continue;
            }
            const std::string at = instantText(nsOf(record.at));
            if (record.kind == RecordKind::HrtimerStart) {
                return fmt::format("It was started at {}, for {} on its clock.", at,
                                   instantText(record.b));
            }
            if (record.kind == RecordKind::TimerStart) {
                return fmt::format("It was started at {}, for jiffy {}.", at,
                                   groupedText(record.a));
            }
            if (record.kind == RecordKind::HrtimerCancel
                || record.kind == RecordKind::TimerCancel) {
                return fmt::format("It was cancelled at {}.", at);
            }
        }
        return "It was never started.";
    }

    const TraceLog& m_log;
    std::size_t m_count;
    std::vector<TimerExpiry> m_expiries;
    std::vector<KnownTimer> m_timers; // by id
};

std::optional<std::uint32_t> idOf(std::string_view digits, int base)
{
    std::uint32_t id = 0;
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): it is given the end as well
    const char* const begin = digits.data();
    const char* const end = begin + digits.size();
    const auto [stop, error] = std::from_chars(begin, end, id, base);
    return error == std::errc{} && stop == end ? std::optional{id} : std::nullopt;
}

/// What @p name may mean as an id, the likelier one first. /proc/timer_list prints addresses in
/// hexadecimal without 0x, with all their zeros.
std::array<std::optional<std::uint32_t>, 2> idsOf(std::string_view name)
{
    static constexpr std::size_t addressDigits = 8;
    if (name.starts_with('<') && name.ends_with('>')) {
        name = name.substr(1, name.size() - 2);
    }
    if (name.starts_with("0x")) {
        return {idOf(name.substr(2), 16), std::nullopt};
    }
    return {idOf(name, 10), name.size() >= addressDigits ? idOf(name, 16) : std::nullopt};
}

} // namespace

std::vector<std::uint32_t> timersCalled(std::span<const KnownTimer> known, std::string_view name)
{
    for (const auto& id : idsOf(name)) {
        if (id && std::ranges::find(known, *id, &KnownTimer::id) != known.end()) {
            return {*id};
        }
    }
    std::vector<std::uint32_t> ids;
    for (const KnownTimer& timer : known) {
        if (!name.empty() && timer.function == name) {
            ids.push_back(timer.id);
        }
    }
    return ids;
}

Explanation whyTimer(const Snapshot& snapshot, const TraceLog& log,
                     std::span<const std::uint32_t> timers, WhichExpiry which)
{
    return TimerCase(snapshot, log, timers).explain(which);
}

} // namespace timerscope
