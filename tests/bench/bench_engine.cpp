// SPDX-License-Identifier: GPL-3.0-or-later
//! bench_engine: how fast the engine's parts are, beside what others offer for the same work.
#include "tests/bench/hrtimer_queue_bench.h"
#include "tests/bench/wheel_bench.h"
#include "tests/bench/whole_machine_bench.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <fstream>
#include <iostream>

using namespace timerscope::bench;

namespace {

struct Report
{
    std::string table; ///< for a person
    std::string json; ///< objects joined by commas
};

Report hrtimerQueue(const Effort& effort)
{
    const std::vector<Figure> figures = hrtimerQueueFigures(effort);
    return {.table = tableOf(figures), .json = jsonOf(figures)};
}

Report wheel(const Effort& effort)
{
    const std::vector<WheelFigure> figures = measureWheel(effort.rounds);
    return {.table = tableOf(figures), .json = jsonOf(figures)};
}

Report wholeMachine(const Effort& effort)
{
    const MachineFigures figures = measureMachines(effort);
    return {.table = tableOf(figures), .json = jsonOf(figures)};
}

/// A further part measures in a file of its own, says what it found in a function like those above,
/// and has a row here.
using Part = Report (*)(const Effort& effort);
constexpr Part parts[] = {
    hrtimerQueue,
    wheel,
    wholeMachine,
};

struct Arguments
{
    Effort effort;
    std::string jsonFile;
};

/// True when it could be written.
bool write(const std::string& jsonFile, const std::string& rows)
{
    std::ofstream file(jsonFile);
    file << "{\n  \"figures\": [\n    " << rows << "\n  ]\n}\n";
    if (!file.flush()) {
        std::cerr << "bench_engine: the file '" << jsonFile << "' cannot be written\n";
        return false;
    }
    return true;
}

int run(const Arguments& arguments)
{
    std::string rows;
    for (const Part part : parts) {
        const Report report = part(arguments.effort);
        std::cout << report.table << std::flush;
        rows += (rows.empty() ? "" : ",\n    ") + report.json;
    }
    return arguments.jsonFile.empty() || write(arguments.jsonFile, rows) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Measures the engine's parts against their peers.", "bench_engine");
    Arguments arguments;
    app.add_option("--json", arguments.jsonFile, "Also write the figures to this file");
    app.add_option("--runs", arguments.effort.runs, "All of them have to meet a target")
        ->check(CLI::PositiveNumber);
    app.add_option("--rounds", arguments.effort.rounds, "Of each run; the median counts")
        ->check(CLI::PositiveNumber);
    app.add_option("--scale", arguments.effort.scale, "Of the operations of a round")
        ->check(CLI::PositiveNumber);
    app.add_option("--ns3", arguments.effort.ns3, "The program bench_peer_ns3, a further peer")
        ->check(CLI::ExistingFile);
    try {
        app.parse(argc, argv);
        return run(arguments);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem);
    } catch (const std::exception& unexpected) {
        std::cerr << "bench_engine: " << unexpected.what() << '\n';
        return 1;
    }
}
