// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/replay_run.h"

#include "tests/oracle/replay/kernel_calls.h"
#include "tests/oracle/replay/observation.h"
#include "tests/oracle/replay/sysfs_listing.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope::oracle {
namespace {

/// From a command to what is looked at after it: a tick and more.
constexpr Ns lookDelay = std::chrono::milliseconds{6};
/// How much longer than it should a sleep may take before it is given up for ever.
constexpr Ns patience = std::chrono::seconds{30};
/// A clock may count in steps, and its last one be far off.
constexpr Ns shortestWait = std::chrono::microseconds{20};
constexpr std::string_view systemFolder = "/sys/devices/system/";
/// The machine was saved with this module loaded.
constexpr char savedModule = 'a';

QJsonArray jsonLines(const std::vector<std::string>& lines)
{
    QJsonArray list;
    for (const std::string& line : lines) {
        list.append(QString::fromStdString(line));
    }
    return list;
}

bool startsWithLoad(const RecordedScenario& scenario)
{
    return scenario.steps.front().command.starts_with(fmt::format("load {}", savedModule));
}

} // namespace

ReplayRun::ReplayRun(const RecordedScenario& scenario, const BootFacts& facts,
                     const StepTimes& times, PcMachine& pc)
    : m_scenario(&scenario)
    , m_facts(&facts)
    , m_times(&times)
    , m_pc(&pc)
    , m_logIsCollected(startsWithLoad(scenario))
{
    for (const char letter : {'a', 'b', 'c'}) {
        m_modules.emplace(letter, std::make_unique<TestModule>(pc, scenario, letter));
    }
    for (const auto& [letter, module] : m_modules) {
        module->setSiblings(m_modules);
    }
    if (!startsWithLoad(scenario)) {
        static_cast<void>(m_modules.at(savedModule)->load(false));
    }
}

Result<ReplayedScenario> ReplayRun::run()
{
    ReplayedScenario replayed;
    Ns at = m_times->first();
    const auto& steps = m_scenario->steps;
    for (std::size_t place = 0; place < steps.size(); ++place) {
        const auto command = parseCommand(steps[place].command);
        if (!command) {
            return fail(ErrorCode::Corrupt,
                        fmt::format("{}: step {}: {}", m_scenario->path.string(),
                                    steps[place].number, command.error().what));
        }
        const bool isObserved = StepTimes::isObserved(*m_scenario, place);
        if (const auto moment = m_times->wheelMoment(place); moment && !m_pc->hasDied()) {
            if (auto ran = m_pc->runToJiffy(*moment, command->cpu); !ran) {
                return tl::unexpected<Error>(std::move(ran.error()));
            }
        }
        const auto outcome = carryOut(*command, at, isObserved ? lookDelay : Ns::zero());
        if (!outcome) {
            replayed.stop = {.step = steps[place].number, .what = outcome.error().what};
            return replayed;
        }
        replayed.answers.push_back(answer(steps[place], *outcome));
        if (outcome->died) {
            return replayed;
        }
        if (isObserved) {
            replayed.answers.back().obs = observe();
            if (m_pc->hasDied()) {
                replayed.answers.back().fault = m_pc->machine().fault()->text;
                return replayed;
            }
        }
        if (place + 1 < steps.size()) {
            // A sleep that was held up holds up what comes after it.
            const Ns next = m_times->next(place, at, outcome->result.rc == 0);
            at = std::max(next, m_pc->stamp());
        }
    }
    return replayed;
}

void ReplayRun::takeDumps(ReplayedScenario& replayed) const
{
    for (const auto& [letter, module] : m_modules) {
        if (module->wheelDump()) {
            replayed.wheel = module->wheelDump();
        }
        if (module->hrtimerDump()) {
            replayed.hrtimers = module->hrtimerDump();
        }
    }
}

Result<ReplayRun::Outcome> ReplayRun::carryOut(const KernelCommand& command, Ns at, Ns delay)
{
    if (auto ran = m_pc->runTo(at); !ran) {
        return tl::unexpected<Error>(std::move(ran.error()));
    }
    Outcome outcome;
    if (!m_pc->hasDied()) {
        auto result = issue(command);
        if (!result) {
            return tl::unexpected<Error>(std::move(result.error()));
        }
        outcome.result = std::move(*result);
    }
    m_pc->tidyUp();
    m_pc->machine().settle();
    if (auto ran = m_pc->runTo(m_pc->stamp() + delay); !ran) {
        return tl::unexpected<Error>(std::move(ran.error()));
    }
    if (!m_pc->hasDied()) {
        m_pc->tidyUp();
    }
    outcome.died = m_hangs || m_pc->hasDied();
    return outcome;
}

StepAnswer ReplayRun::answer(const RecordedStep& step, const Outcome& outcome) const
{
    StepAnswer answer{.number = step.number, .output = {}, .rc = {}, .obs = {}, .fault = {}};
    if (!outcome.died) {
        answer.output = jsonLines(outcome.result.lines);
        answer.rc = outcome.result.rc;
        return answer;
    }
    const auto& fault = m_pc->machine().fault();
    answer.fault = fault ? fault->text : "the sleep does not end";
    if (fault && fault->kind == FaultKind::Oops) {
        constexpr int killed = 137; // as a shell tells SIGKILL
        answer.output = {"Killed"};
        answer.rc = killed;
    } else {
        answer.output = {""};
    }
    return answer;
}

QJsonObject ReplayRun::observe()
{
    QJsonObject obs = machineObservation(m_pc->machine());
    QJsonObject modules;
    for (const auto& [letter, module] : m_modules) {
        if (module->isLoaded()) {
            const auto references = static_cast<int>(module->module().holds().size());
            modules.insert(QString::fromStdString(module->module().name()), references);
            obs.insert(QString("log_%1").arg(QChar(letter)), jsonLines(module->takeLog()));
        }
    }
    obs.insert("modules", modules);
    obs.insert("dmesg", jsonLines(takeKernelLog()));
    return obs;
}

/// The recording of a saved machine read the kernel's log into the boot's lines once, at its first
/// observation; each later one has what is new since then.
std::vector<std::string> ReplayRun::takeKernelLog()
{
    std::vector<std::string> lines;
    for (std::string& line : m_pc->takeLog()) {
        const auto& told = m_facts->lateLines;
        if (m_toldByBoot < told.size()
            && parseLogLine(line)->text == parseLogLine(told[m_toldByBoot])->text) {
            ++m_toldByBoot;
        } else if (m_logIsCollected) {
            lines.push_back(std::move(line));
        }
    }
    m_logIsCollected = true;
    return lines;
}

// --- commands ----------------------------------------------------------------------------------

Result<TestModule*> ReplayRun::moduleNamed(std::string_view letter)
{
    const auto found = letter.size() == 1 ? m_modules.find(letter.front()) : m_modules.end();
    if (found == m_modules.end()) {
        return notModelled(fmt::format("load {}", letter));
    }
    return found->second.get();
}

Result<CommandResult> ReplayRun::issue(const KernelCommand& command)
{
    constexpr std::string_view folder = "clocksource/clocksource0/";
    const bool isBare = command.word(1) == "nonl";
    const std::string text = fmt::format("{}{}", command.word(0), isBare ? "" : "\n");
    if (command.module != 0) {
        return m_modules.at(command.module)->carryOut(command);
    }
    if (command.verb == "sleep") {
        return sleep(command);
    }
    if (command.verb == "load") {
        return loadModule(command);
    }
    if (command.verb == "unload") {
        return unloadModule(command);
    }
    if (command.verb == "override") {
        return writeSysfs(fmt::format("{}current_clocksource", folder), text);
    }
    if (command.verb == "unbindcs") {
        return writeSysfs(fmt::format("{}unbind_clocksource", folder), text);
    }
    if (command.verb == "unbindce") {
        return unbindDevice(command);
    }
    if (command.verb == "ls") {
        return listSysfs(command);
    }
    if (command.verb == "ks") {
        return kernelCall(command);
    }
    if (command.verb.starts_with('@')) {
        return notFound(); // a slip of the recording's script: no shell has such a command
    }
    return notModelled(command.verb);
}

/// A sleep is counted by the kernel's own clock.
Result<CommandResult> ReplayRun::sleep(const KernelCommand& command)
{
    const auto span = parseSeconds(command.word(0));
    if (!span) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("sleep needs seconds, '{}' are none", command.word(0)));
    }
    const Ns until = monotonic() + *span;
    const Ns givenUp = m_pc->stamp() + *span + patience;
    m_pc->setShellSleeping(true);
    while (monotonic() < until && m_pc->stamp() < givenUp && !m_pc->hasDied()) {
        const Ns left = std::max(until - monotonic(), shortestWait);
        if (auto ran = m_pc->runTo(m_pc->stamp() + left); !ran) {
            return tl::unexpected<Error>(std::move(ran.error()));
        }
    }
    m_pc->setShellSleeping(false);
    m_hangs = monotonic() < until;
    return CommandResult{};
}

Ns ReplayRun::monotonic()
{
    return m_pc->machine().timekeeper().monotonicNow().time_since_epoch();
}

Result<CommandResult> ReplayRun::loadModule(const KernelCommand& command)
{
    auto module = moduleNamed(command.word(0));
    if (!module) {
        return tl::unexpected<Error>(std::move(module.error()));
    }
    return (*module)->load(command.word(1) == "nocleanup=1");
}

Result<CommandResult> ReplayRun::unloadModule(const KernelCommand& command)
{
    auto module = moduleNamed(command.word(0));
    if (!module) {
        return tl::unexpected<Error>(std::move(module.error()));
    }
    return (*module)->unload();
}

Result<CommandResult> ReplayRun::writeSysfs(std::string_view file, std::string_view text)
{
    const Errno answer = m_pc->machine().writeSysfs(file, text);
    if (answer == Errno::NoEntry) {
        return notModelled(fmt::format("write {}", file));
    }
    return answered(answer, text.size());
}

/// `unbindce DEV NAME`. A folder without such a file cannot even be opened.
Result<CommandResult> ReplayRun::unbindDevice(const KernelCommand& command)
{
    const std::string text = fmt::format("{}\n", command.word(1));
    const Errno answer = m_pc->machine().writeSysfs(
        fmt::format("clockevents/{}/unbind_device", command.word(0)), text);
    return answer == Errno::NoEntry ? refused(answer, "open ") : answered(answer, text.size());
}

Result<CommandResult> ReplayRun::kernelCall(const KernelCommand& command)
{
    if (command.word(0) == "w" && command.word(1).starts_with(systemFolder)) {
        return writeSystemFile(command);
    }
    return carryOutCall(m_pc->machine(), command);
}

Result<CommandResult> ReplayRun::writeSystemFile(const KernelCommand& command)
{
    return writeSysfs(command.word(1).substr(systemFolder.size()),
                      fmt::format("{}\n", command.word(2)));
}

// --- the whole ---------------------------------------------------------------------------------

Result<ReplayedScenario> replay(const RecordedScenario& scenario)
{
    const BootFacts facts = readBootFacts(scenario.bootLines);
    const StepTimes times(scenario, facts);
    const auto pc = PcMachine::boot(scenario, facts, times.first());
    if (!pc) {
        ReplayedScenario replayed;
        replayed.stop = {.step = 0, .what = pc.error().what};
        return replayed;
    }
    ReplayRun run(scenario, facts, times, **pc);
    auto replayed = run.run();
    if (replayed) {
        run.takeDumps(*replayed);
    }
    return replayed;
}

} // namespace timerscope::oracle
