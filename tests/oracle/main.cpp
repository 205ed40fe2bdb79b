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
    const int code
        = app.got_subcommand("vectors") ? vectors(arguments.vectors) : answer(arguments.answerSet);
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
