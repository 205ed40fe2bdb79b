// SPDX-License-Identifier: GPL-3.0-or-later
//! How long an export takes. A million records have to take less than a second.
#include "app/export/exporter.h"

#include <benchmark/benchmark.h>
#include <cstdint>
#include <filesystem>
#include <unistd.h>

using namespace timerscope;

namespace {

/// What a busy machine with four CPUs logs: ticks that re-arm themselves, with their interrupts.
void fillTicks(TraceLog& log, std::size_t records)
{
    using Kind = RecordKind;
    const std::uint32_t irq = log.intern("arch_timer");
    const std::uint32_t device = log.intern("lapic-deadline");
    constexpr std::uint32_t timers = 100;
    std::int64_t at = 0;
    std::uint16_t cpu = 0;
    const auto add = [&](Kind kind, std::uint32_t subject, std::int64_t a, std::int64_t b) {
        at += 100;
        log.append({.at = TraceInstant{Ns{at}},
                    .a = a,
                    .b = b,
                    .subject = subject,
                    .cpu = cpu,
                    .kind = kind});
    };
    for (std::uint32_t timer = 0; timer < timers; ++timer) {
        add(Kind::HrtimerInit, timer, log.intern("tick_sched_timer"), 1);
    }
    for (std::uint32_t tick = 0; log.size() < records; ++tick) {
        const std::uint32_t timer = tick % timers;
        cpu = static_cast<std::uint16_t>(tick % 4);
        add(Kind::IrqHandlerEntry, irq, 27, 0);
        add(Kind::HrtimerExpireEntry, timer, at, at - 500);
        add(Kind::SoftirqRaise, 1, 0, 0);
        add(Kind::JiffiesUpdate, 0, tick, 1);
        add(Kind::HrtimerExpireExit, timer, 0, 0);
        add(Kind::HrtimerStart, timer, at + 10'000, at + 10'000);
        add(Kind::ClockEventProgram, device, at + 10'000, 2400);
        add(Kind::IrqHandlerExit, irq, 27, 0);
        add(Kind::SoftirqEntry, 1, 0, 0);
        add(Kind::SoftirqExit, 1, 0, 0);
    }
}

void exportMillion(benchmark::State& state, const char* suffix)
{
    constexpr std::size_t million = 1'000'000;
    TraceLog log;
    fillTicks(log, million);
    ExportContext context;
    context.records = million;
    const auto path = std::filesystem::temp_directory_path()
        / ("timerscope-bench-" + std::to_string(::getpid()) + suffix);
    for (auto turn : state) {
        static_cast<void>(turn);
        if (const auto result = exportLog(log, context, path); !result) {
            state.SkipWithError(result.error().what.c_str());
        }
    }
    std::filesystem::remove(path);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(million));
}

BENCHMARK_CAPTURE(exportMillion, csv, ".csv")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(exportMillion, perfetto, ".pftrace")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

} // namespace

BENCHMARK_MAIN();
