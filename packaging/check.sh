#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The longer round, before calling an issue resolved: clang, sanitizers on everything, the labels
# kernel and hil, fuzzers, clang-tidy and formatting. Every phase runs, also after one that failed.
#
# usage: packaging/check.sh [--all] [PHASE]...
#   --all     clang-tidy on the whole tree instead of what changed since TIMERSCOPE_BASE (default:
#             where this branch left origin/main, else the first commit)
#   PHASE     only these: format clang asan tsan fingerprints labels fuzz tidy
# TIMERSCOPE_FUZZ_SECONDS (default 30) is how long each fuzzer runs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

allPhases=(format clang asan tsan fingerprints labels fuzz tidy)
fuzzSeconds=${TIMERSCOPE_FUZZ_SECONDS:-30}
tidyArguments=()

checkFormat() {
    cd "$root"
    git ls-files -z -- '*.h' '*.c' '*.cpp' | xargs -0 -r clang-format-19 --dry-run -Werror
}

# buildAll PRESET: everything, the desktop program and the tests too.
buildAll() {
    configure "$1" -DBUILD_TESTING=ON -DTIMERSCOPE_DESKTOP=ON
    build "$1"
}

checkClang() {
    buildAll clang
    runTests clang
}

checkAsan() {
    buildAll asan
    runTests asan
}

checkTsan() {
    local -a fixedAddresses=()
    buildAll tsan
    # g++ 12's run time cannot live with kernels that place programs at very random addresses.
    if setarch -R true 2>/dev/null; then
        fixedAddresses=(setarch -R)
    fi
    cd "$root"
    "${fixedAddresses[@]}" ctest --preset tsan
    saySkipped tsan
}

# Every scenario leaves the same log, whichever compiler built the engine.
checkFingerprints() {
    local file name ours theirs different=0
    configure clang
    build clang tscope
    configure asan
    build asan tscope
    for file in "$root"/resources/scenarios/*.toml; do
        name=$(basename "$file" .toml)
        ours=$("$root/build/asan/bin/tscope" run "$name" --print fingerprint)
        theirs=$("$root/build/clang/bin/tscope" run "$name" --print fingerprint)
        say "$name: $ours"
        if [[ $ours != "$theirs" ]]; then
            warn "$name: g++ and clang differ: $ours, $theirs"
            different=1
        fi
    done
    return "$different"
}

# What needs a kernel of its own or a board. The presets leave these labels out.
checkLabels() {
    buildAll clang
    ctest --test-dir "$root/build/clang" -L '^(kernel|hil)$' --output-on-failure --no-tests=ignore
    saySkipped clang
}

# runFuzzer PROGRAM: from its seeds, if it has some; what it finds stays for the next round.
runFuzzer() {
    local name
    local -a corpora
    name=$(basename "$1")
    corpora=("$root/build/fuzz/corpus/$name")
    mkdir -p "${corpora[0]}"
    [[ ! -d $root/tests/fuzz/corpus/$name ]] || corpora+=("$root/tests/fuzz/corpus/$name")
    say "$name: $fuzzSeconds s"
    quietly "$1" -max_total_time="$fuzzSeconds" -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$root/build/fuzz/$name-" "${corpora[@]}"
}

checkFuzz() {
    local program broken=0 count=0
    configure fuzz
    build fuzz fuzzers
    for program in "$root"/build/fuzz/bin/fuzz_*; do
        [[ -x $program ]] || continue
        count=$((count + 1))
        runFuzzer "$program" || broken=1
    done
    say "$count fuzzers"
    return "$broken"
}

checkTidy() {
    # Generated headers and the database have to be there, and as new as the sources.
    buildAll clang
    "$root/packaging/tidy.py" "${tidyArguments[@]}" "$root" "$root/build/clang"
}

runPhase() {
    case $1 in
        format) phase "formatting" checkFormat ;;
        clang) phase "clang 19, all tests" checkClang ;;
        asan) phase "address and undefined-behaviour sanitizers, all tests" checkAsan ;;
        tsan) phase "thread sanitizer, all tests" checkTsan ;;
        fingerprints) phase "the same log from both compilers" checkFingerprints ;;
        labels) phase "labels kernel and hil" checkLabels ;;
        fuzz) phase "fuzzers" checkFuzz ;;
        tidy) phase "clang-tidy" checkTidy ;;
        *)
            warn "unknown phase \"$1\"; allowed: ${allPhases[*]}"
            exit 2
            ;;
    esac
}

main() {
    local -a chosen=()
    local name
    for name in "$@"; do
        case $name in
            --all) tidyArguments=(--all) ;;
            *) chosen+=("$name") ;;
        esac
    done
    ((${#chosen[@]} > 0)) || chosen=("${allPhases[@]}")
    neededPhase "set-up" "$root/packaging/setup.sh" check
    for name in "${chosen[@]}"; do
        runPhase "$name"
    done
    verdict
}

main "$@"
