#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing of the Debian 12 packages that the project needs; says first how much.
#
# usage: packaging/setup.sh [build|test|check]
#   build   to build and run the programs (the default)
#   test    and the test suite
#   check   and clang, clang-tidy, clang-format
# Exits 0 when all is there, 2 on wrong use, 3 when it may not or cannot install.
set -euo pipefail

buildPackages=(
    cmake ninja-build g++ ccache pkg-config
    qt6-base-dev qt6-charts-dev qt6-svg-dev qt6-serialport-dev
    libqt6opengl6-dev # QtCharts' CMake files ask for it, its package does not
    qt6-wayland # or the program finds no display on a desktop without X
    fonts-dejavu-core # or pictures made without a display have no letters
    libtomlplusplus-dev libcli11-dev libfmt-dev libexpected-dev
    libprotobuf-dev protobuf-compiler
    libtermpaint-dev libgpiod-dev
)
testPackages=(
    "${buildPackages[@]}" python3 librapidcheck-dev libbenchmark-dev libboost-dev xvfb xauth tmux
    gcc-arm-none-eabi qemu-system-arm # the STM32's firmware, and a board to run it on
)
checkPackages=("${testPackages[@]}" git clang-19 libclang-rt-19-dev clang-format-19 clang-tidy-19)

say() { printf 'set-up: %s\n' "$*"; }
fail() {
    printf 'set-up: %s\n' "$*" >&2
    exit 3
}

# The names among the arguments that are not installed, one a line.
missingOf() {
    local name status states
    local -A installed=()
    # Fails as soon as one is unknown, and says all the others.
    states=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null) || true
    while read -r name status; do
        [[ $status != installed ]] || installed[$name]=1
    done <<<"$states"
    for name in "$@"; do
        [[ -n ${installed[$name]:-} ]] || printf '%s\n' "$name"
    done
}

# What apt-get would do, in its own words. Changes nothing, so it needs neither root nor the lock.
planFor() {
    LC_ALL=C apt-get -o Debug::NoLocking=1 --assume-no --no-install-recommends install "$@" 2>&1 ||
        true # it always ends with "Abort."
}

isPlan() { grep -q ' newly installed' <<<"$1"; }

sayPlan() {
    local count need disk
    count=$(sed -nE 's/.* ([0-9]+) newly installed.*/\1/p' <<<"$1")
    need=$(sed -nE 's/^Need to get (.*) of archives\.$/\1/p' <<<"$1")
    disk=$(sed -nE 's/^After this operation, (.*) of additional disk space.*/\1/p' <<<"$1")
    say "$count Debian packages are missing: ${need:-0 MB} to fetch, ${disk:-0 MB} on disk"
}

# Without package lists apt-get can plan nothing; what a bare Debian 12 lacks has been measured.
sayRoughly() {
    say "$# packages and what they need are missing: on a bare Debian 12 about 245 packages and" \
        "0.8 GB to build, 330 and 1.8 GB with all checks"
}

# Fills asRoot with what a command needs in front of it; fails if nothing helps.
asRoot=()
becomeRoot() {
    ((EUID != 0)) || return 0
    sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v 2>/dev/null; } || return 1
    asRoot=(sudo)
}

failWithLine() {
    fail "needs root or sudo to install them; as root, run:
apt-get update && apt-get install --no-install-recommends -y $*"
}

# Runs apt-get as root, silent unless it fails; it never stops to ask.
aptGet() {
    local log status=0
    log=$(mktemp)
    "${asRoot[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        apt-get -y -q -o Dpkg::Use-Pty=0 "$@" </dev/null >"$log" 2>&1 || status=$?
    ((status == 0)) || tail -n 20 "$log" >&2
    rm -f "$log"
    return "$status"
}

updateLists() {
    say "fetching the package lists"
    aptGet update || fail "apt-get update failed: the packages cannot be fetched"
}

install() {
    local plan start=$SECONDS
    plan=$(planFor "$@")
    if isPlan "$plan"; then
        sayPlan "$plan"
        becomeRoot || failWithLine "$@"
    else
        becomeRoot || { sayRoughly "$@"; failWithLine "$@"; }
        updateLists
        plan=$(planFor "$@")
        isPlan "$plan" || fail "apt-get cannot install them: $(grep '^E:' <<<"$plan")"
        sayPlan "$plan"
    fi
    say "installing: $*"
    # Lists that are older than the mirror name files that it no longer has.
    if ! aptGet --no-install-recommends install "$@"; then
        updateLists
        aptGet --no-install-recommends install "$@" || fail "apt-get install failed"
    fi
    say "installed in $((SECONDS - start)) s"
}

main() {
    local -a wanted missing
    local names
    case ${1:-build} in
        build) wanted=("${buildPackages[@]}") ;;
        test) wanted=("${testPackages[@]}") ;;
        check) wanted=("${checkPackages[@]}") ;;
        *)
            printf 'set-up: unknown group "%s"; allowed: build, test, check\n' "$1" >&2
            exit 2
            ;;
    esac
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        fail "there is no apt-get: Timerscope is built on Debian 12, with ${wanted[*]}"
    fi
    names=$(missingOf "${wanted[@]}")
    [[ -n $names ]] || return 0
    mapfile -t missing <<<"$names"
    install "${missing[@]}"
}

main "$@"
