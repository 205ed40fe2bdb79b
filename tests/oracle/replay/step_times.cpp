// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/step_times.h"

#include "tests/oracle/replay/kernel_command.h"

#include <algorithm>

namespace timerscope::oracle {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// What a step took on the recording machine, its observation included (means over all one-CPU
// recordings; they spread by about 0.5 ms, loading by 5 ms).
constexpr Ns plainStep = microseconds{11'600};
constexpr Ns stateStep = microseconds{13'400};
constexpr Ns unobservedStep = microseconds{4'850};
constexpr Ns firstObservation = milliseconds{13}; ///< more than the later ones
constexpr Ns moduleLoad = milliseconds{106};
constexpr Ns moduleUnload = milliseconds{38};
constexpr Ns sleepOverhead = milliseconds{5};
/// From a boot's last line to its first command.
constexpr Ns bootToCommands = milliseconds{591};
/// When the saved machine's first commands ran, where nothing in the file tells.
constexpr Ns savedMachine = milliseconds{1'627'566};
/// How far a stamp that something else may have printed can be from what is expected.
constexpr Ns tolerance = milliseconds{6};

bool isSleep(const RecordedStep& step)
{
    return step.command.starts_with("sleep");
}

std::optional<KernelCommand> commandOf(const RecordedStep& step)
{
    auto command = parseCommand(step.command);
    return command ? std::optional{std::move(*command)} : std::nullopt;
}

std::vector<std::string> linesOf(const QJsonObject& obs, QLatin1String field)
{
    std::vector<std::string> lines;
    for (const auto& line : obs.value(field).toArray()) {
        lines.push_back(line.toString().toStdString());
    }
    return lines;
}

/// What the module that @p command went to logged in its step.
std::vector<std::string> logOf(const RecordedStep& step, const KernelCommand& command)
{
    const auto log = QLatin1String(command.module == 'b'       ? "log_b"
                                       : command.module == 'c' ? "log_c"
                                                               : "log_a");
    return linesOf(step.obs.value_or(QJsonObject{}), log);
}

/// The number behind @p key: "hr 0 armed at mono=1627582478054 soft=..."
std::optional<std::int64_t> numberIn(std::string_view line, std::string_view key)
{
    const std::size_t place = line.find(key);
    if (place == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view rest = line.substr(place + key.size());
    return parseNumber(rest.substr(0, rest.find(' ')));
}

} // namespace

StepTimes::StepTimes(const RecordedScenario& scenario, const BootFacts& facts)
    : m_scenario(&scenario)
    , m_facts(&facts)
    , m_shown(scenario.steps.size())
    , m_wheelMoments(scenario.steps.size())
{
    while (m_firstObserved + 1 < scenario.steps.size() && !isObserved(scenario, m_firstObserved)) {
        ++m_firstObserved;
    }
    findShown();
    m_first = start();
}

bool StepTimes::isObserved(const RecordedScenario& scenario, std::size_t place)
{
    const RecordedStep& step = scenario.steps[place];
    return scenario.hasObservations() ? step.obs.has_value() : !isSleep(step);
}

void StepTimes::findShown()
{
    findSwitches();
    findClocks();
    findRegistrations();
    findJiffies();
    findTables();
}

/// A registration prints its clocksource's line at once. A step that was not observed has it in
/// the observation after it, the first steps of a saved machine in the boot's lines.
void StepTimes::findRegistrations()
{
    struct Line
    {
        std::string text;
        std::size_t observedBy = 0;
    };
    std::vector<Line> lines;
    for (const std::string& text : m_facts->lateLines) {
        lines.push_back({.text = text, .observedBy = m_firstObserved});
    }
    const auto& steps = m_scenario->steps;
    for (std::size_t place = 0; place < steps.size(); ++place) {
        for (auto& text :
             linesOf(steps[place].obs.value_or(QJsonObject{}), QLatin1String("dmesg"))) {
            lines.push_back({.text = std::move(text), .observedBy = place});
        }
    }
    auto from = lines.begin();
    for (std::size_t place = 0; place < steps.size(); ++place) {
        const auto command = commandOf(steps[place]);
        if (!command || !command->isToModule("cs_reg")) {
            continue;
        }
        const auto line = std::find_if(from, lines.end(), [&](const Line& candidate) {
            const auto parsed = parseLogLine(candidate.text);
            return candidate.observedBy >= place && parsed
                && registeredName(parsed->text) == command->word(1);
        });
        if (line != lines.end()) {
            m_shown[place] = Shown{.at = parseLogLine(line->text)->stamp, .isCertain = true};
            from = line + 1;
        }
    }
}

/// "jiffies" reads the clocks; a timer that is armed shows when.
void StepTimes::findClocks()
{
    const auto& steps = m_scenario->steps;
    for (std::size_t place = 0; place < steps.size(); ++place) {
        const auto command = commandOf(steps[place]);
        const bool reads = command
            && (command->isToModule("jiffies")
                || (command->isToModule("hr") && command->word(0) == "arm"));
        if (!reads || !steps[place].obs) {
            continue;
        }
        for (const std::string& line : logOf(steps[place], *command)) {
            const auto mono = numberIn(line, command->verb == "hr" ? " armed at mono=" : " mono ");
            if (mono && Ns{*mono} > m_facts->monotonicAhead) {
                m_shown[place]
                    = Shown{.at = Ns{*mono} - m_facts->monotonicAhead, .isCertain = false};
            }
        }
    }
}

/// "tw mod id=0 … jiffies=4294893895 … base_clk=4294893896 …"
void StepTimes::findJiffies()
{
    const auto& steps = m_scenario->steps;
    for (std::size_t place = 0; place < steps.size(); ++place) {
        const auto command = commandOf(steps[place]);
        if (!command || !command->isToModule("tw")) {
            continue;
        }
        for (const std::string& line : logOf(steps[place], *command)) {
            const auto jiffies = numberIn(line, " jiffies=");
            const auto clk = numberIn(line, " base_clk=");
            if (line.starts_with("tw ") && jiffies && clk) {
                m_wheelMoments[place]
                    = {.at = static_cast<std::uint64_t>(*jiffies), .clockIsAhead = *clk > *jiffies};
                m_shown[place] = beforeJiffy(m_wheelMoments[place]->at);
            }
        }
    }
}

/// The first timers of a table: the others are armed in the same step.
void StepTimes::findTables()
{
    for (std::size_t place = 0; place < m_scenario->steps.size(); ++place) {
        const auto command = commandOf(m_scenario->steps[place]);
        if (command && command->isToModule("tw_rand") && m_scenario->wheel) {
            m_shown[place] = beforeJiffy(m_scenario->wheel->armings.front().armed.count);
        }
        if (command && command->isToModule("hr_rand") && m_scenario->hrtimers) {
            const MonotonicInstant first = m_scenario->hrtimers->timers.front().armed;
            m_shown[place] = Shown{.at = first.time_since_epoch() - m_facts->monotonicAhead,
                                   .isCertain = true};
        }
    }
}

/// Early enough for a timer that fires in that jiffy.
StepTimes::Shown StepTimes::beforeJiffy(std::uint64_t jiffy) const
{
    return {.at = m_facts->stampOfJiffy(jiffy) - recordedTickRate.period() * 3 / 2,
            .isCertain = true};
}

/// A choice is told at once, but the watchdog may have made it: only lines close to the time that
/// is expected are taken for the step's own.
void StepTimes::findSwitches()
{
    const auto& steps = m_scenario->steps;
    for (std::size_t place = 1; place < steps.size(); ++place) {
        if (!steps[place].obs || !steps[place - 1].obs) {
            continue;
        }
        const auto lines = linesOf(*steps[place].obs, QLatin1String("dmesg"));
        const auto line = lines.empty() ? std::nullopt : parseLogLine(lines.front());
        if (line && line->text.starts_with("clocksource: ")) {
            m_shown[place] = Shown{.at = line->stamp, .isCertain = false};
        }
    }
}

/// The first step that shows its time, less what the steps before it took.
Ns StepTimes::start() const
{
    Ns before{};
    for (std::size_t place = 0; place < m_shown.size(); ++place) {
        if (m_shown[place]) {
            return m_shown[place]->at - before;
        }
        before += duration(place, true);
    }
    const bool isSavedMachine = !m_scenario->steps.front().command.starts_with("load a");
    return isSavedMachine ? savedMachine : m_facts->end + bootToCommands;
}

Ns StepTimes::duration(std::size_t place, bool succeeded) const
{
    const auto command = commandOf(m_scenario->steps[place]);
    if (!command) {
        return Ns::zero();
    }
    if (command->verb == "sleep") {
        return parseSeconds(command->word(0)).value_or(Ns::zero()) + sleepOverhead;
    }
    const Ns extra = place == m_firstObserved ? firstObservation : Ns::zero();
    if (succeeded && command->module == 0 && command->verb == "load") {
        return moduleLoad + extra;
    }
    if (succeeded && command->module == 0 && command->verb == "unload") {
        return moduleUnload + extra;
    }
    if (!isObserved(*m_scenario, place)) {
        return unobservedStep;
    }
    return (command->isToModule("state") ? stateStep : plainStep) + extra;
}

Ns StepTimes::next(std::size_t place, Ns at, bool succeeded) const
{
    const Ns expected = at + duration(place, succeeded);
    const auto& shown = m_shown[place + 1];
    if (!shown || shown->at <= at) {
        return expected;
    }
    const bool isClose = std::chrono::abs(shown->at - expected) <= tolerance;
    return shown->isCertain || isClose ? shown->at : expected;
}

} // namespace timerscope::oracle
