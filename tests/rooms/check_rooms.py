#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a file breaks the rules that a compiler cannot see.

Usage: check_rooms.py ROOT. Prints one `file:line: sentence` per finding; exits 1 if there is any,
2 when ROOT is not a source tree.
"""
import pathlib
import re
import sys
from typing import Iterator, NamedTuple, Optional

import rooms

CODE = {".h", ".c", ".cpp"}
LICENSED = CODE | {".py", ".sh", ".cmake", ".toml", ".proto", ".yml"}
TOP_FOLDERS = ("engine", "backends", "app", "tests", "cmake", "packaging", "resources", ".ci")
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
MAX_LINES = 600
MAX_COLUMNS = 100

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
# What a build makes is not in the tree, so its place cannot be looked up.
GENERATED = re.compile(r"(\.moc|\.pb\.h)$|^(moc|ui)_\w+\.(cpp|h)$")
QT_HEADER = re.compile(r"^(Qt?[A-Z]\w*)(/|$)")
COMMENT_OR_STRING = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'
    r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'", re.S)


class Finding(NamedTuple):
    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


def roomOf(path: str) -> Optional[str]:
    """The room that a path from the root lies in; None when the house plan has no such room."""
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        room = "/".join(parts[:depth])
        if room in rooms.MAY_INCLUDE:
            return room
    return None


def blanked(text: str, keepIncludes: bool) -> str:
    """The text without comments and string contents; line numbers stay as they were."""
    def blank(match: "re.Match[str]") -> str:
        found = match[0]
        lineStart = text.rfind("\n", 0, match.start()) + 1
        isInclude = re.match(r"\s*#\s*include\s*$", text[lineStart:match.start()])
        if keepIncludes and found[0] == '"' and isInclude:
            return found
        return "\n" * found.count("\n") or " "
    return COMMENT_OR_STRING.sub(blank, text)


def sourceFiles(root: pathlib.Path) -> Iterator[pathlib.Path]:
    for folder in TOP_FOLDERS:
        yield from sorted(p for p in (root / folder).rglob("*") if p.is_file())
    yield root / "CMakeLists.txt"


def isLicensed(path: pathlib.Path) -> bool:
    return path.suffix in LICENSED or path.name == "CMakeLists.txt" or path.parent.name == ".ci"


def checkShape(name: str, path: pathlib.Path, lines: list) -> Iterator[Finding]:
    """Licence line, length, width and include guard."""
    # A script's first line belongs to the kernel that starts it.
    first = 1 if lines and lines[0].startswith("#!") else 0
    if SPDX not in "".join(lines[first:first + 1]):
        yield Finding(name, first + 1, f'the first line has to say "{SPDX}"')
    if len(lines) > MAX_LINES:
        yield Finding(name, MAX_LINES + 1, f"{len(lines)} lines, the limit is {MAX_LINES}")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS and "://" not in line:
            yield Finding(name, number, f"{len(line)} columns, the limit is {MAX_COLUMNS}")
    if path.suffix == ".h" and not any(line.strip() == "#pragma once" for line in lines):
        yield Finding(name, 1, "a header needs #pragma once")


def roomSentence(room: str, target: str) -> Optional[str]:
    """Why a file of `room` must not include `target`, a header of ours."""
    targetRoom = roomOf(target)
    if targetRoom is None:
        return f"{target} lies in no room of tests/rooms/rooms.py"
    if targetRoom == room or targetRoom in rooms.MAY_INCLUDE[room]:
        return None
    return f"{room} must not include {targetRoom} ({target})"


def qtSentence(room: str, target: str) -> Optional[str]:
    if not QT_HEADER.match(target) or room in rooms.QT_ALL:
        return None
    if room in rooms.QT_CORE_ONLY:
        if re.match(rooms.QT_CORE_NAMES, target):
            return None
        return f"{room} may use Qt's core and serial port only ({target})"
    return f"{room} must not use Qt ({target})"


def librarySentence(name: str, room: str, target: str) -> Optional[str]:
    """Why a file must not include `target`, a header that is not ours."""
    if target.startswith("toml++/") or target == "toml.hpp":
        isAllowed = room in rooms.TOML_ROOMS
        return None if isAllowed else f"only engine/scenario may use toml++ ({target})"
    if not room.startswith("engine/"):
        return None
    excepted = rooms.ENGINE_HEADER_EXCEPTIONS.get(name, frozenset())
    if target in rooms.ENGINE_FORBIDDEN_HEADERS and target not in excepted:
        return f"engine/ is pure: no <{target}>"
    isStandard = re.fullmatch(r"[a-z_0-9]+", target) is not None
    if not isStandard and not target.startswith(rooms.ENGINE_LIBRARIES):
        allowed = ", ".join(rooms.ENGINE_LIBRARIES)
        return f"engine/ uses the standard library and {allowed} only ({target})"
    return None


def includeSentence(root: pathlib.Path, name: str, room: str, mark: str,
                    target: str) -> Optional[str]:
    if target.split("/")[0] in ("engine", "backends", "app", "tests"):
        if not GENERATED.search(target) and not (root / target).is_file():
            return f"there is no {target}"
        return roomSentence(room, target)
    if mark == '"' and not GENERATED.search(target):
        return f'"{target}": paths of ours start at the root, those of others stand in <>'
    return qtSentence(room, target) or librarySentence(name, room, target)


def checkIncludes(root: pathlib.Path, name: str, room: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(blanked(text, keepIncludes=True).splitlines(), 1):
        match = INCLUDE.match(line)
        sentence = match and includeSentence(root, name, room, match[1], match[2])
        if sentence:
            yield Finding(name, number, sentence)


def checkPurity(name: str, room: str, text: str) -> Iterator[Finding]:
    """Words in engine/ that reach for the host, and fractions where time must be whole."""
    for number, line in enumerate(blanked(text, keepIncludes=False).splitlines(), 1):
        for words, what in rooms.ENGINE_FORBIDDEN_WORDS.items():
            match = re.search(rf"\b(?:{words})\b", line)
            if match and not INCLUDE.match(line):
                yield Finding(name, number, f"engine/ must not touch {what} ({match[0]})")
        mayFloat = room in rooms.FLOAT_ROOMS or re.search(rooms.FLOAT_FILES, name)
        match = re.search(r"\b(?:double|float)\b", line)
        if match and not mayFloat:
            sentence = f"no floating point in engine/ outside statistics ({match[0]})"
            yield Finding(name, number, sentence)


def checkFile(root: pathlib.Path, path: pathlib.Path) -> Iterator[Finding]:
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    yield from checkShape(name, path, text.splitlines())
    if path.suffix not in CODE:
        return
    room = roomOf(name)
    if room is None:
        yield Finding(name, 1, "this folder is no room of tests/rooms/rooms.py")
        return
    yield from checkIncludes(root, name, room, text)
    if room.startswith("engine/"):
        yield from checkPurity(name, room, text)


def cycleIn(table: dict) -> Optional[list]:
    """A way round from a room to itself, or None. The plan itself may have no circle."""
    finished: set = set()

    def walk(room: str, way: list) -> Optional[list]:
        if room in way:
            return way[way.index(room):] + [room]
        if room in finished:
            return None
        for below in table.get(room, ()):
            circle = walk(below, way + [room])
            if circle:
                return circle
        finished.add(room)
        return None

    return next((circle for room in table if (circle := walk(room, []))), None)


def check(root: pathlib.Path) -> Iterator[Finding]:
    circle = cycleIn(rooms.MAY_INCLUDE)
    if circle:
        yield Finding("tests/rooms/rooms.py", 1, "rooms in a circle: " + " -> ".join(circle))
    for path in sourceFiles(root):
        if isLicensed(path):
            yield from checkFile(root, path)


def main(arguments: list) -> int:
    if len(arguments) != 1 or not (pathlib.Path(arguments[0]) / "CMakeLists.txt").is_file():
        print("usage: check_rooms.py ROOT (a folder with the project's CMakeLists.txt)",
              file=sys.stderr)
        return 2
    findings = list(check(pathlib.Path(arguments[0])))
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
