#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs packaging/run.sh and packaging/test.sh from nothing: in a fresh Debian 12 that holds only
# what debootstrap's minbase puts there. Prints how long each took.
#
# usage: packaging/debootstrap-trial.sh [SCRIPT]...   (default: run.sh test.sh)
# Needs root and debootstrap. The mirror is the one that this machine's apt uses. The folder is made
# below TMPDIR and removed at the end, unless TIMERSCOPE_KEEP_TRIAL is set.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

suite=bookworm
trial=

# The archives that apt reads here, as one-line sources: whichever form they are written in.
sourcesOfThisMachine() {
    # shellcheck disable=SC2016 # apt-get fills these in
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' | grep -E " $suite(-updates|-security)? " | sort -u
}

mirrorOfThisMachine() {
    sourcesOfThisMachine | awk -v suite="$suite" '$3 == suite { print $2; exit }'
}

unmountTrial() {
    local name
    for name in sys dev/shm dev proc; do
        if mountpoint -q "$trial/$name"; then
            umount "$trial/$name" || umount -l "$trial/$name"
        fi
    done
}

removeTrial() {
    unmountTrial
    if [[ -n ${TIMERSCOPE_KEEP_TRIAL:-} ]]; then
        say "kept: $trial"
    else
        # What is still mounted is not ours to delete.
        rm -rf --one-file-system "$trial"
    fi
}

makeTrial() {
    debootstrap --variant=minbase "$suite" "$trial" "$(mirrorOfThisMachine)"
}

# The fresh system reaches its mirror as this one does.
copyAptSetup() {
    sourcesOfThisMachine >"$trial/etc/apt/sources.list"
    rm -rf "$trial/etc/apt/apt.conf.d" "$trial/etc/apt/trusted.gpg.d"
    cp -rL /etc/apt/apt.conf.d /etc/apt/trusted.gpg.d "$trial/etc/apt/"
    cp -rL /etc/apt/auth.conf.d "$trial/etc/apt/" 2>/dev/null || true
    cp -L /etc/resolv.conf /etc/hosts "$trial/etc/"
    # The lists that debootstrap left would hide whether the set-up fetches its own.
    rm -rf "${trial:?}/var/lib/apt/lists"
}

mountSystem() {
    mount -t proc proc "$trial/proc"
    mount -t sysfs -o ro sysfs "$trial/sys"
    mount --bind /dev "$trial/dev"
    mkdir -p "$trial/dev/shm"
    mount -t tmpfs tmpfs "$trial/dev/shm"
}

# What is committed, and nothing that an earlier build left.
copySources() {
    mkdir -p "$trial/home/timerscope"
    git -C "$root" archive HEAD | tar -x -C "$trial/home/timerscope"
}

runInTrial() {
    chroot "$trial" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
        bash -c "cd /home/timerscope && packaging/$1"
}

prepareTrial() {
    copyAptSetup
    mountSystem
    copySources
}

main() {
    local script
    ((EUID == 0)) || { warn "needs root, for debootstrap and chroot"; exit 3; }
    command -v debootstrap >/dev/null || { warn "debootstrap is not installed"; exit 3; }
    (($# > 0)) || set -- run.sh test.sh
    trial=$(mktemp -d)
    chmod 755 "$trial"
    trap removeTrial EXIT
    neededPhase "debootstrap" quietly makeTrial
    neededPhase "mirror, mounts, sources" prepareTrial
    for script in "$@"; do
        phase "$script" runInTrial "$script"
    done
    verdict
}

main "$@"
