// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/open_source.h"
#include "app/terminal/command.h"
#include "app/terminal/interrupt.h"
#include "app/terminal/streams.h"
#include "app/terminal/watch.h"
#include "app/terminal/whole_number.h"
#include "app/terminal/wrapped_text.h"
#include "engine/base/time_text.h"
#include "engine/base/wording.h"
#include "engine/why/why.h"
#include "engine/why/why_timer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

namespace timerscope::terminal {

namespace {

struct WhyOptions
{
    std::string topic;
    std::string name;
    std::string source;
    std::string at;
    std::string expiry;
};

/// What a source had come to when it was asked.
struct Moment
{
    const Snapshot& snapshot;
    const TraceLog& log;
    WhichExpiry expiry = WhichExpiry::Worst; ///< where a timer is asked about
};

/// Something that can be asked about: how it is called, and the answer to "why?".
struct Topic
{
    std::string_view name; ///< "clocksource"
    std::string_view example; ///< of a line that asks: behind "why "
    /// Errors: NotFound when there is nothing of that name; the sentence tells the known ones.
    Result<Explanation> (*explain)(const Moment& moment, std::string_view name);
};

template<typename Row>
std::vector<std::string_view> namesOf(const std::vector<Row>& rows)
{
    std::vector<std::string_view> names(rows.size());
    std::ranges::transform(rows, names.begin(), &Row::name);
    return names;
}

Result<Explanation> explainClocksource(const Moment& moment, std::string_view name)
{
    Explanation answer = whyClocksource(moment.snapshot, name, &moment.log);
    const std::vector<std::string_view> known = namesOf(moment.snapshot.clocksources);
    // One that was there once, or is waited for, has a story all the same.
    if (answer.reasons.empty() && std::ranges::find(known, name) == known.end()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("no clocksource called {} is registered{}", inQuotes(name),
                                hintFor(name, known)));
    }
    return answer;
}

Result<Explanation> explainModule(const Moment& moment, std::string_view name)
{
    Explanation answer = whyModule(moment.snapshot, name);
    if (!answer.reasons.empty()) {
        return answer;
    }
    if (moment.snapshot.modules.empty()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("no module called {} is known: none was loaded", inQuotes(name)));
    }
    return fail(ErrorCode::NotFound,
                fmt::format("no module called {} was loaded{}", inQuotes(name),
                            hintFor(name, namesOf(moment.snapshot.modules))));
}

Result<Explanation> explainDevice(const Moment& moment, std::string_view name)
{
    Explanation answer = whyDevice(moment.snapshot, name);
    if (answer.reasons.empty()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("no clock event device called {} is registered{}", inQuotes(name),
                                hintFor(name, namesOf(moment.snapshot.clockEvents))));
    }
    return answer;
}

Result<Explanation> explainTick(const Moment& moment, std::string_view name)
{
    const std::size_t cpus = moment.snapshot.cpus.size();
    const auto cpu = wholeNumber("CPU", name, {.least = 0, .most = CpuMask::capacity - 1});
    Explanation answer;
    if (cpu) {
        answer = whyTick(moment.snapshot, static_cast<unsigned>(*cpu), &moment.log);
    }
    if (answer.reasons.empty()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no CPU {}; the machine has {}", inQuotes(name),
                                cpus == 1 ? "only CPU 0" : fmt::format("0 to {}", cpus - 1)));
    }
    return answer;
}

/// "1 (sched_clock_poll), 2 (tick_sched_timer) and 9 others"
std::string listOf(std::span<const KnownTimer> timers)
{
    static constexpr std::size_t shownMost = 12;
    std::string list;
    for (std::size_t i = 0; i < std::min(timers.size(), shownMost); ++i) {
        list += fmt::format("{}{}", i == 0 ? "" : ", ", timers[i].id);
        list += timers[i].function.empty() ? "" : fmt::format(" ({})", timers[i].function);
    }
    return timers.size() > shownMost
        ? list + fmt::format(" and {} others", timers.size() - shownMost)
        : list;
}

std::vector<std::string_view> functionsOf(std::span<const KnownTimer> timers)
{
    std::vector<std::string_view> functions(timers.size());
    std::ranges::transform(timers, functions.begin(), &KnownTimer::function);
    std::ranges::sort(functions);
    const auto repeated = std::ranges::unique(functions);
    functions.erase(repeated.begin(), repeated.end());
    return functions;
}

Result<Explanation> explainTimer(const Moment& moment, std::string_view name)
{
    const std::vector<KnownTimer> known
        = knownTimers(moment.log, std::min(moment.snapshot.records, moment.log.size()));
    const std::vector<std::uint32_t> asked = timersCalled(known, name);
    if (!asked.empty()) {
        return whyTimer(moment.snapshot, moment.log, asked, moment.expiry);
    }
    if (known.empty()) {
        return fail(ErrorCode::NotFound,
                    "the source tells of no timer that was started or expired");
    }
    const std::string meant = hintFor(name, functionsOf(known));
    return fail(
        ErrorCode::NotFound,
        fmt::format("no timer has the id or the function {}{}", inQuotes(name),
                    meant.starts_with("; did you") ? meant : "; known are " + listOf(known)));
}

constexpr std::array<Topic, 5> topics{{
    {.name = "clocksource",
     .example = "clocksource jiffies ast2500-boot",
     .explain = explainClocksource},
    {.name = "device", .example = "device SysTick stm32h750-unbind", .explain = explainDevice},
    {.name = "tick", .example = "tick 0 ast2500-boot", .explain = explainTick},
    {.name = "timer", .example = "timer 3 ast2500-boot", .explain = explainTimer},
    {.name = "module", .example = "module timer_sun5i my.toml", .explain = explainModule},
}};

ExitCode refuse(std::string_view sentence)
{
    complain(sentence);
    return ExitCode::WrongUse;
}

/// "ast2500-boot" and "my.toml" are short for sim:…; a URI stays what it is.
std::string uriOf(const std::string& written)
{
    const std::size_t colon = written.find(':');
    const bool isUri = colon != std::string::npos && colon > 0
        && written.find('/') > colon; // a path may hold a colon, too
    return isUri ? written : "sim:" + written;
}

std::string textOf(const Explanation& answer)
{
    std::string text;
    for (const std::string& line : linesOf(answer)) {
        const bool isReason = !line.empty() && line.front() >= '0' && line.front() <= '9'
            && line.find(". ") != std::string::npos;
        const std::size_t label = isReason ? line.find(". ") + 2 : 0;
        if (isReason) {
            addLabelled(text, line.substr(0, label), line.substr(label),
                        std::max<std::size_t>(label, 3));
        } else {
            addWrapped(text, line, 0);
        }
    }
    return text;
}

Result<std::optional<Ns>> momentOf(const WhyOptions& options)
{
    if (options.at.empty()) {
        return std::optional<Ns>{};
    }
    const auto at = parseTime(options.at);
    return at ? Result<std::optional<Ns>>(*at)
              : Result<std::optional<Ns>>(fail(at.error().code, "--at: " + at.error().what));
}

Result<WhichExpiry> expiryOf(const WhyOptions& options)
{
    static constexpr std::array<std::string_view, 3> names{"worst", "last", "all"}; // in its order
    if (options.expiry.empty()) {
        return WhichExpiry::Worst;
    }
    if (options.topic != "timer") {
        return fail(ErrorCode::InvalidArgument, "--expiry goes with \"why timer\" only");
    }
    const auto* const found = std::ranges::find(names, options.expiry);
    if (found == names.end()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("--expiry is {}; it must be one of {}", inQuotes(options.expiry),
                                quotedList(names)));
    }
    return static_cast<WhichExpiry>(found - names.begin());
}

/// A kernel is only seen as it is now, and a device by itself has none.
Result<void> checkKind(SourceKind kind, bool hasMoment)
{
    if (kind == SourceKind::Attached) {
        return fail(ErrorCode::InvalidArgument,
                    "why needs a kernel that chooses; a device that is attached by itself has "
                    "none: run a scenario on it instead");
    }
    if (kind == SourceKind::LiveKernel && hasMoment) {
        return fail(ErrorCode::InvalidArgument,
                    "--at goes with a model only: a running kernel is seen as it is now");
    }
    return {};
}

ExitCode explain(Source& source, const Topic& topic, const WhyOptions& options,
                 std::optional<Ns> at, WhichExpiry expiry)
{
    if (auto ran = runSource(source, at); !ran) {
        return complain(ran.error());
    }
    if (interruptions() > 0) {
        complain("interrupted; nothing is explained");
        return ExitCode::Interrupted;
    }
    const SnapshotPtr snapshot = source.snapshot();
    complainOfNotices(source, *snapshot, at);
    const auto answer = topic.explain(
        {.snapshot = *snapshot, .log = source.log(), .expiry = expiry}, options.name);
    return answer ? print(textOf(*answer)) : complain(answer.error());
}

ExitCode ask(const Topic& topic, const WhyOptions& options, const Resources& resources)
{
    if (options.name.empty() || options.source.empty()) {
        return refuse(fmt::format("why {} needs a name and a source, as in \"tscope why {}\"",
                                  topic.name, topic.example));
    }
    const auto at = momentOf(options);
    if (!at) {
        return complain(at.error());
    }
    const auto expiry = expiryOf(options);
    if (!expiry) {
        return complain(expiry.error());
    }
    auto source = openSource(uriOf(options.source), resources);
    if (!source) {
        return complain(source.error());
    }
    if (auto possible = checkKind((*source)->info().kind, at->has_value()); !possible) {
        return complain(possible.error());
    }
    catchInterrupts();
    return explain(**source, topic, options, *at, *expiry);
}

ExitCode runWhy(const WhyOptions& options, const Resources& resources)
{
    std::array<std::string_view, topics.size()> names{};
    std::ranges::transform(topics, names.begin(), &Topic::name);
    if (options.topic.empty()) {
        return refuse("why needs a topic; known are " + quotedList(names)
                      + fmt::format(", as in \"tscope why {}\"", topics.front().example));
    }
    const auto* const topic = std::ranges::find(topics, options.topic, &Topic::name);
    return topic != topics.end()
        ? ask(*topic, options, resources)
        : refuse("why has no topic " + inQuotes(options.topic) + hintFor(options.topic, names));
}

} // namespace

Command addWhyCommand(CLI::App& program)
{
    const auto options = std::make_shared<WhyOptions>();
    CLI::App* const line
        = program.add_subcommand("why", "Explain why something is as it is, rule by rule");
    line->add_option(
        "TOPIC", options->topic,
        "clocksource: why it is, or is not, the current one; what an override would "
        "come to. device: what a clock event device is used for, and whether it can be "
        "unbound. tick: what a CPU's tick has become. timer: why its function began late, in "
        "parts that add up. module: whether it can be unloaded, and who holds it");
    line->add_option("NAME", options->name,
                     "Its name, the CPU's number, or the timer's id or function: tsc, lapic, "
                     "timer_sun5i, 0, hrtimer_wakeup");
    line->add_option("SOURCE", options->source,
                     "sim:NAME, or NAME alone (a scenario, by its name or its file), or linux: "
                     "(the running kernel)");
    line->add_option("--at", options->at,
                     "The state at this model time: 250ms, 1.5s, a plain number is seconds; else "
                     "at the end of the run")
        ->type_name("TIME");
    line->add_option("--expiry", options->expiry,
                     "Of a timer: its worst expiry (usual), its last, or all, one a line")
        ->type_name("WHICH");
    return {line, [options](const Resources& resources) { return runWhy(*options, resources); }};
}

} // namespace timerscope::terminal
