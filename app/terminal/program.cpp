// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/program.h"

#include "app/session/resources.h"
#include "app/terminal/command.h"
#include "app/terminal/streams.h"
#include "engine/base/wording.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope::terminal {

namespace {

constexpr std::string_view footer = R"(
TIME is 250ms, 1.5s, 50us; a plain number is seconds.
Exit codes: 0 fine, 1 a check of the scenario failed, 2 wrong use or bad input,
3 source not available or lost, 4 output could not be written, 130 interrupted.
Examples:
  tscope run ast2500-boot
  tscope run mfoc-boot --until 250ms --print state
  tscope run ast2500-boot --export boot.pftrace
  tscope host --print sysfs
  tscope why clocksource jiffies ast2500-boot --at 150ms
  tscope why timer hrtimer_wakeup granularity-100hz --expiry last
  tscope device eval --freq 24.75MHz --bits 32 --flags continuous
  tscope tui ast2500-boot)";

/// The program's command line and its subcommands.
struct CommandLine
{
    CLI::App program{"Shows how Linux picks its clocks, drives its ticks and fires its timers.",
                     "tscope"};
    std::array<Command, 9> commands{
        addRunCommand(program),    addTuiCommand(program),     addHostCommand(program),
        addAttachCommand(program), addWhyCommand(program),     addGpioCommand(program),
        addDeviceCommand(program), addDevicesCommand(program), addScenariosCommand(program)};

    CommandLine()
    {
        program.set_version_flag("--version", "tscope " TIMERSCOPE_VERSION,
                                 "Print the version and exit");
        program.footer(std::string(footer));
        program.allow_extras();
        // One command a line: "device" behind "why" is a topic, not the command of that name.
        program.require_subcommand(0, 1);
        for (const Command& command : commands) {
            command.line->allow_extras();
        }
    }

    /// The one that was asked for; null for none.
    [[nodiscard]] const Command* chosen() const
    {
        const auto found = std::ranges::find_if(
            commands, [](const Command& command) { return command.line->parsed(); });
        return found != commands.end() ? &*found : nullptr;
    }
};

/// Long option names of @p line, or the subcommands' names.
std::vector<std::string> knownWords(const CLI::App& line, bool options)
{
    std::vector<std::string> words;
    for (const CLI::Option* option : line.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words.push_back("--" + name);
        }
    }
    if (!options) {
        words.clear();
        for (const CLI::App* command : line.get_subcommands([](const CLI::App*) { return true; })) {
            words.push_back(command->get_name());
        }
    }
    return words;
}

ExitCode complainOfWord(const CLI::App& line, const std::string& word)
{
    const bool isOption = word.starts_with("-");
    const bool isProgram = line.get_parent() == nullptr;
    const std::vector<std::string> words = knownWords(line, isOption);
    const std::vector<std::string_view> known(words.begin(), words.end());
    const std::string met = word.substr(0, word.find('='));
    if (isOption || isProgram) {
        complain((isProgram ? "there is no " : line.get_name() + " has no ")
                 + std::string(isOption ? "option " : "command ") + inQuotes(met)
                 + hintFor(met, known));
    } else {
        complain(line.get_name() + " has no use for " + inQuotes(word));
    }
    return ExitCode::WrongUse;
}

ExitCode execute(const CommandLine& line)
{
    const Command* const command = line.chosen();
    const CLI::App& reader = command != nullptr ? *command->line : line.program;
    const std::vector<std::string> extras = reader.remaining();
    const std::vector<std::string> before = line.program.remaining();
    if (!before.empty()) {
        return complainOfWord(line.program, before.front());
    }
    if (!extras.empty()) {
        return complainOfWord(reader, extras.front());
    }
    if (command == nullptr) {
        complain("say what to do: run, tui, host, attach, why, gpio, device, devices or "
                 "scenarios; \"tscope --help\" explains them");
        return ExitCode::WrongUse;
    }
    return command->run(Resources::find());
}

ExitCode parseAndExecute(CommandLine& line, int argc, const char* const* argv)
{
    try {
        line.program.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        const Command* const command = line.chosen();
        return print((command != nullptr ? command->line : &line.program)->help());
    } catch (const CLI::CallForVersion& version) {
        return print(std::string(version.what()) + "\n");
    } catch (const CLI::ParseError& error) {
        complain(error.what());
        return ExitCode::WrongUse;
    }
    return execute(line);
}

} // namespace

int runProgram(int argc, const char* const* argv)
{
    prepareStreams();
    CommandLine line;
    return static_cast<int>(parseAndExecute(line, argc, argv));
}

} // namespace timerscope::terminal
