// SPDX-License-Identifier: GPL-3.0-or-later
//! oracle_check: judges the engine by what a real kernel answered.
#include "tests/oracle/commands.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>

using namespace timerscope;
using namespace timerscope::oracle;

namespace {

enum ExitCode : int
{
    AllFine = 0,
    CheckFailed = 1,
    BadInput = 2,
    OutputLost = 4,
};

struct Arguments
{
    VectorsRequest vectors;
    std::string answerSet;
    ScenariosRequest scenarios;
    std::string replayFile;
    std::string wheelDirectory;
    std::string hrtimerDirectory;
};

int complain(std::string_view sentence)
{
    std::cerr << "oracle_check: " << sentence << '\n';
    return BadInput;
}

int vectors(const VectorsRequest& request)
{
    const auto passed = runVectors(request, std::cout, std::cerr);
    if (!passed) {
        return complain(passed.error().what);
    }
    return *passed ? AllFine : CheckFailed;
}

int answer(const std::string& set)
{
    const auto done = runAnswer(set, std::cin, std::cout);
    return done ? AllFine : complain(done.error().what);
}

int scenarios(const ScenariosRequest& request)
{
    const auto passed = runScenarios(request, std::cout, std::cerr);
    if (!passed) {
        return complain(passed.error().what);
    }
    return *passed ? AllFine : CheckFailed;
}

int replayOne(const std::string& file)
{
    const auto done = runReplay(file, std::cout);
    return done ? AllFine : complain(done.error().what);
}

int wheelRuns(const std::string& directory)
{
    const auto passed = runWheel(directory, std::cout, std::cerr);
    if (!passed) {
        return complain(passed.error().what);
    }
    return *passed ? AllFine : CheckFailed;
}

int hrtimers(const std::string& directory)
{
    const auto passed = runHrtimers(directory, std::cout, std::cerr);
    if (!passed) {
        return complain(passed.error().what);
    }
    return *passed ? AllFine : CheckFailed;
}

void declare(CLI::App& app, Arguments& arguments)
{
    app.require_subcommand(1);
    auto* vectors = app.add_subcommand("vectors", "Answer every row and compare");
    vectors->add_option("DIR", arguments.vectors.directory, "Holds NAME.jsonl files")->required();
    vectors->add_option("--set", arguments.vectors.set, "Only this set");
    vectors->add_flag("--only-known", arguments.vectors.onlyKnown,
                      "Leave out the sets that the engine cannot answer");
    auto* answer = app.add_subcommand("answer", "Answer rows that hold only `in`");
    answer->add_option("SET", arguments.answerSet, "Name of the rows' set")->required();
    auto* scenarios = app.add_subcommand("scenarios", "Replay recorded scenarios and compare");
    scenarios->add_option("DIR", arguments.scenarios.directory, "Holds NAME.json files")
        ->required();
    scenarios->add_option("--only", arguments.scenarios.only, "Only names that match, as cs1*")
        ->allow_extra_args(false);
    auto* replay = app.add_subcommand("replay", "Answer the steps of one scenario");
    replay->add_option("FILE", arguments.replayFile, "A scenario; answers in it are not read")
        ->required();
    auto* wheel = app.add_subcommand("wheel", "Replay recorded runs of the timer wheel");
    wheel->add_option("DIR", arguments.wheelDirectory, "Holds NAME.tsv files")->required();
    auto* hrtimers = app.add_subcommand("hrtimer", "Arm recorded hrtimers and compare");
    hrtimers->add_option("DIR", arguments.hrtimerDirectory, "Holds NAME.tsv files")->required();
}

int dispatch(const CLI::App& app, const Arguments& arguments)
{
    if (app.got_subcommand("vectors")) {
        return vectors(arguments.vectors);
    }
    if (app.got_subcommand("answer")) {
        return answer(arguments.answerSet);
    }
    if (app.got_subcommand("wheel")) {
        return wheelRuns(arguments.wheelDirectory);
    }
    if (app.got_subcommand("hrtimer")) {
        return hrtimers(arguments.hrtimerDirectory);
    }
    return app.got_subcommand("scenarios") ? scenarios(arguments.scenarios)
                                           : replayOne(arguments.replayFile);
}

int run(int argc, char** argv)
{
    CLI::App app("Judges the engine by what a real kernel answered.", "oracle_check");
    Arguments arguments;
    declare(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& wrongUse) {
        return complain(wrongUse.what());
    }
    const int code = dispatch(app, arguments);
    return std::cout ? code : OutputLost;
}

} // namespace

int main(int argc, char** argv)
{
    // A reader that goes away is an answer that could not be written, not a reason to die.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return run(argc, argv);
    } catch (const std::exception& unexpected) {
        return complain(unexpected.what());
    }
}
