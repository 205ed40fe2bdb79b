// SPDX-License-Identifier: GPL-3.0-or-later
//! The wheel's part of the engine's benchmarks by itself.
#include "tests/bench/wheel_bench.h"

#include <algorithm>
#include <iostream>

using namespace timerscope::bench;

int main()
{
    constexpr int repetitions = 7;
    const auto figures = measureWheel(repetitions);
    std::cout << tableOf(figures);
    return std::ranges::all_of(figures, &WheelFigure::isMet) ? 0 : 1;
}
