#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds with g++ and runs the test suite; then the engine and backend
# tests once more under address and undefined-behaviour sanitizers.
#
# usage: packaging/test.sh
# One preset serves the whole suite: what users run is what is tested, and it is built once.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The labels that the target sanitized_tests is made of (cmake/TimerscopeBuild.cmake).
sanitizedLabels='^(unit|property|oracle|backends)$'

bootReachesItsClocksource() {
    local log
    log=$("$root/build/release/bin/tscope" run ast2500-boot)
    say "$log"
    if ! grep -q 'clocksource: Switched to clocksource FTTMR010-TIMER2' <<<"$log"; then
        warn "the boot log does not say that FTTMR010-TIMER2 took over"
        return 1
    fi
}

buildSanitized() {
    configure asan -DBUILD_TESTING=ON -DTIMERSCOPE_DESKTOP=OFF
    build asan sanitized_tests
}

neededPhase "set-up" "$root/packaging/setup.sh" test
neededPhase "configure" configure release -DBUILD_TESTING=ON
neededPhase "build" build release
phase "tests" runTests release
phase "boot from end to end" bootReachesItsClocksource
phase "build with sanitizers" buildSanitized
phase "engine and backend tests with sanitizers" runTests asan -L "$sanitizedLabels"
verdict
