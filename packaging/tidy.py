#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs clang-tidy 19 on what changed and remembers what was clean.

Usage: tidy.py [--all] ROOT BUILD. BUILD is a configured and built clang tree. What changed is
counted from TIMERSCOPE_BASE, by default from where this branch left origin/main, else from the
first commit. A file is looked at again when it, a header of ours that it includes, or a .clang-tidy
changed. Exits 0 when all is clean, 1 when not, 2 when it cannot tell.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys
from typing import NamedTuple

TIDY = "clang-tidy-19"


class Unit(NamedTuple):
    """One source file as the compiler sees it."""
    source: pathlib.Path
    command: str
    headers: tuple  # of ours only


def output(*command: str, cwd: pathlib.Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def baseOf(root: pathlib.Path) -> str:
    """The commit that "changed" is counted from."""
    named = os.environ.get("TIMERSCOPE_BASE")
    if named:
        return output("git", "rev-parse", "--verify", named, cwd=root).strip()
    head = output("git", "rev-parse", "HEAD", cwd=root).strip()
    fork = subprocess.run(("git", "merge-base", "HEAD", "origin/main"), cwd=root, check=False,
                          capture_output=True, text=True).stdout.strip()
    if fork and fork != head:
        return fork
    return output("git", "rev-list", "--max-parents=0", "HEAD", cwd=root).split()[-1]


def changedFiles(root: pathlib.Path) -> set:
    """Files that differ from the base, committed or not, and new ones."""
    differing = output("git", "diff", "--name-only", "-z", baseOf(root), cwd=root)
    untracked = output("git", "ls-files", "-z", "--others", "--exclude-standard", cwd=root)
    return {root / name for name in (differing + untracked).split("\0") if name}


def headersOfObjects(root: pathlib.Path, build: pathlib.Path) -> dict:
    """Object file -> our headers it was compiled from, as ninja recorded them."""
    headers: dict = {}
    current: list = []
    for line in output("ninja", "-C", str(build), "-t", "deps", cwd=root).splitlines():
        if line and not line.startswith(" "):
            current = headers.setdefault(line.split(": ")[0], [])
        elif line.strip():
            path = pathlib.Path(os.path.normpath(build / line.strip()))
            if path.is_relative_to(root) and not path.is_relative_to(root / "build"):
                current.append(path)
    return headers


def unitsIn(root: pathlib.Path, build: pathlib.Path) -> list:
    headers = headersOfObjects(root, build)
    units = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        # What the build makes (moc, protobuf) is not ours to tidy.
        if source.is_relative_to(root) and not source.is_relative_to(root / "build"):
            found = headers.get(entry.get("output", ""), [])
            units[source] = Unit(source, entry["command"], tuple(sorted(found)))
    return [units[source] for source in sorted(units)]


def unitsTouchedBy(changed: set, units: list) -> list:
    """The changed sources, and one user of each changed header that none of those includes."""
    chosen = [unit for unit in units if unit.source in changed]
    seen = {header for unit in chosen for header in unit.headers}
    for unit in units:
        unseen = changed.intersection(unit.headers) - seen
        if unit not in chosen and unseen:
            chosen.append(unit)
            seen |= unseen
    return chosen


def stampOf(root: pathlib.Path, unit: Unit, version: str) -> str:
    """Changes whenever clang-tidy might say something else."""
    digest = hashlib.sha256(f"{version}\0{unit.command}\0".encode())
    for path in (root / ".clang-tidy", root / "tests/.clang-tidy", unit.source, *unit.headers):
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def isClean(root: pathlib.Path, build: pathlib.Path, unit: Unit) -> bool:
    """Prints what clang-tidy finds, if anything."""
    run = subprocess.run((TIDY, "-p", str(build), "--quiet", str(unit.source)), cwd=root,
                         check=False, capture_output=True, text=True)
    if run.returncode != 0:
        print(run.stdout + run.stderr, flush=True)
    return run.returncode == 0


def tidy(root: pathlib.Path, build: pathlib.Path, units: list) -> int:
    """How many of the files are not clean."""
    version = output(TIDY, "--version", cwd=root)
    stamps = build / "tidy"
    stamps.mkdir(exist_ok=True)
    waiting = [(unit, stamp) for unit in units
               if not (stamp := stamps / stampOf(root, unit, version)).exists()]
    print(f"{len(units)} files, {len(units) - len(waiting)} known to be clean", flush=True)
    dirty = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = pool.map(lambda task: isClean(root, build, task[0]), waiting)
        for (unit, stamp), clean in zip(waiting, results):
            if clean:
                stamp.touch()
            else:
                print(f"not clean: {unit.source.relative_to(root)}", flush=True)
                dirty += 1
    return dirty


def main(arguments: list) -> int:
    everything = "--all" in arguments
    folders = [pathlib.Path(a).resolve() for a in arguments if a != "--all"]
    if len(folders) != 2 or not (folders[1] / "compile_commands.json").is_file():
        print("usage: tidy.py [--all] ROOT BUILD (BUILD has a compile_commands.json)",
              file=sys.stderr)
        return 2
    root, build = folders
    try:
        units = unitsIn(root, build)
        chosen = units if everything else unitsTouchedBy(changedFiles(root), units)
        dirty = tidy(root, build, chosen)
    except subprocess.CalledProcessError as error:
        print(f"{error.cmd[0]}: {(error.stderr or '').strip()}", file=sys.stderr)
        return 2
    print(f"{dirty} files not clean")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
