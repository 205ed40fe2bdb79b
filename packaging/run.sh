#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds the programs and starts Timerscope.
#
# usage: packaging/run.sh [SCENARIO] [ARGUMENT]...
# The arguments go to timerscope; without any it opens ast2500-boot. With no display the scenario
# runs headless: a timeline and a picture are written to ./timerscope-out/.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=$root/build/release/bin

hasDisplay() { [[ -n ${DISPLAY:-} || -n ${WAYLAND_DISPLAY:-} ]]; }

buildPrograms() {
    # Someone who only wants to see the program need not have what the tests are built with.
    if [[ -e $root/build/release/CMakeCache.txt ]]; then
        configure release
    else
        configure release -DBUILD_TESTING=OFF
    fi
    build release timerscope tscope
}

# The first argument if it names a scenario, else the default one.
scenarioOf() {
    case ${1:-} in
        '' | -*) say ast2500-boot ;;
        *) say "$1" ;;
    esac
}

runHeadless() {
    local scenario name out=$PWD/timerscope-out
    scenario=$(scenarioOf "$@")
    name=$(basename "$scenario" .toml)
    warn "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set): $name runs headless."
    mkdir -p "$out"
    "$bin/tscope" run "$scenario" --export "$out/$name.pftrace" --export "$out/$name.csv"
    QT_QPA_PLATFORM=offscreen "$bin/timerscope" "$@" --screenshot "$out/$name.png"
    warn "Written to $out: $name.pftrace (for ui.perfetto.dev), $name.csv, $name.png"
}

"$root/packaging/setup.sh" build >&2
buildPrograms >&2
if hasDisplay; then
    exec "$bin/timerscope" "$@"
fi
runHeadless "$@"
