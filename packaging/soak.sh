#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds what it needs and runs the simulation test for many seeds: random machines with random
# faults, and what must always hold (tests/property/simulation/README.md).
#
# usage: packaging/soak.sh [--seeds N] [--first S]
# N is 10000 unless said, S is 1. All cores share the seeds. A seed that fails is printed with what
# broke and the command that runs it alone; with one seed the last records are shown as well.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seeds=10000
first=1

usage() {
    warn "usage: packaging/soak.sh [--seeds N] [--first S]"
    exit 2
}

# numberOf TEXT: TEXT if it is a whole number.
numberOf() {
    [[ ${1:-} =~ ^[0-9]+$ ]] || usage
    say "$1"
}

while (($# > 0)); do
    case $1 in
        --seeds) seeds=$(numberOf "${2:-}") ;;
        --first) first=$(numberOf "${2:-}") ;;
        *) usage ;;
    esac
    shift 2
done

buildSimulation() {
    configure release -DBUILD_TESTING=ON
    build release simulation_run
}

program=$root/build/release/tests/bin/simulation_run

runSeeds() {
    local lanes=$jobs lane status=0 results
    if ((seeds == 1)); then
        "$program" --first "$first" --seeds 1 --describe --records 60
        return
    fi
    ((lanes <= seeds)) || lanes=$seeds
    results=$(mktemp -d)
    local pids=()
    # Lane K runs seeds first+K, first+K+lanes, …: none is left out, none runs twice.
    for ((lane = 0; lane < lanes; ++lane)); do
        "$program" --first $((first + lane)) --seeds $((seeds - lane)) --step "$lanes" \
            >"$results/$lane" &
        pids+=("$!")
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || status=1
    done
    grep -hv '^total:' "$results"/* || true
    sumOf "$results"/*
    rm -rf "$results"
    return "$status"
}

# sumOf FILE...: the lanes' last lines as one.
sumOf() {
    awk '/^total:/ { seeds += $2; failed += $4; faults += $6; expiries += $14; records += $16 }
        END { printf "%d seeds, %d failed, %d ended by a fault of the kernel, %d expiries, %d " \
                     "records\n", seeds, failed, faults, expiries, records }' "$@"
}

neededPhase "set-up" "$root/packaging/setup.sh" test
neededPhase "build" buildSimulation
phase "seeds $first to $((first + seeds - 1))" runSeeds
verdict
