# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the scripts of this folder share; sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc)
# A fresh clone in another folder finds what an earlier one compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

failedPhases=()

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }

# Runs a command and shows what it printed only when it failed.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    ((status == 0)) || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

# configure PRESET [ARGUMENT]...
configure() (
    cd "$root"
    quietly cmake --preset "$@"
)

# build PRESET [TARGET]...; without a target, everything.
build() {
    local preset=$1
    shift
    cmake --build "$root/build/$preset" -j "$jobs" ${1:+--target "$@"}
}

# saySkipped PRESET: CTest counts a test as passed that left out a part, and hides why.
saySkipped() {
    sed -n 's/^SKIP   : /not run here: /p' "$root/build/$1/Testing/Temporary/LastTest.log"
}

# runTests PRESET [ARGUMENT]...
runTests() (
    local status=0
    cd "$root"
    ctest --preset "$@" || status=$?
    saySkipped "$1"
    return "$status"
)

# phase NAME COMMAND [ARGUMENT]...: runs it, says how it ended and after how long. A failure is kept
# for the verdict and the script goes on. Not for conditions: those would turn "set -e" off inside.
phase() {
    local name=$1 start=$SECONDS status
    shift
    printf '\n== %s\n' "$name"
    set +e
    (
        set -e
        "$@"
    )
    status=$?
    set -e
    if ((status == 0)); then
        say "-- $name: passed in $((SECONDS - start)) s"
    else
        say "-- $name: FAILED after $((SECONDS - start)) s (exit $status)"
        failedPhases+=("$name")
    fi
}

# As phase, for what the rest cannot do without: its failure ends the script.
neededPhase() {
    phase "$@"
    ((${#failedPhases[@]} == 0)) || verdict
}

# Says how the script ended and leaves with 0, or with 1 if a phase failed.
verdict() {
    local name all
    name=packaging/$(basename "$0")
    printf '\n'
    if ((${#failedPhases[@]} == 0)); then
        say "$name: PASSED in $SECONDS s"
        exit 0
    fi
    printf -v all '%s, ' "${failedPhases[@]}"
    say "$name: FAILED after $SECONDS s: ${all%, }"
    exit 1
}
