#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker, checked: every rule is broken once in a small tree and has to be found."""
import pathlib
import tempfile
import unittest

import check_rooms
import rooms

LICENCE = f"// {check_rooms.SPDX}\n"
# One header per room, so that every arrow has something to point at.
HEADERS = {room: f"{room}/thing.h" for room in rooms.MAY_INCLUDE}


class SmallTree(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("CMakeLists.txt", f"# {check_rooms.SPDX}\n")
        for header in HEADERS.values():
            self.write(header, LICENCE + "#pragma once\n")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def findings(self) -> list:
        return [str(finding) for finding in check_rooms.check(self.root)]

    def assertClean(self) -> None:
        self.assertEqual(self.findings(), [])

    def assertFound(self, where: str, words: str) -> None:
        found = self.findings()
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(where + ": "), found)
        self.assertIn(words, found[0])

    def include(self, room: str, header: str) -> None:
        """A source file of `room` whose third line includes `header`, given with its marks."""
        self.write(f"{room}/planted.cpp", f"{LICENCE}\n#include {header}\n")


class Arrows(SmallTree):
    def test_a_clean_tree_has_no_findings(self) -> None:
        self.assertClean()

    def test_every_arrow_of_the_table_is_allowed_and_no_other(self) -> None:
        for room in rooms.MAY_INCLUDE:
            for target, header in HEADERS.items():
                self.include(room, f'"{header}"')
                if target == room or target in rooms.MAY_INCLUDE[room]:
                    self.assertClean()
                else:
                    self.assertFound(f"{room}/planted.cpp:3", f"must not include {target}")
            (self.root / room / "planted.cpp").unlink()

    def test_the_rules_that_the_house_plan_names(self) -> None:
        forbidden = (
            ("engine/base", "engine/trace"), ("engine/clocksource", "engine/timekeeping"),
            ("engine/procfs", "engine/machine"), ("engine/machine", "engine/scenario"),
            ("backends/linux", "backends/simulated"), ("backends/simulated", "app/session"),
            ("app/views", "app/session"), ("app/models", "app/views"),
            ("app/export", "app/session"), ("app/session", "app/models"),
            ("app/terminal", "app/models"), ("engine/base", "tests"),
        )
        for room, target in forbidden:
            self.assertNotIn(target, rooms.MAY_INCLUDE[room], room)

    def test_angle_brackets_hide_nothing(self) -> None:
        self.include("engine/base", "<engine/trace/thing.h>")
        self.assertFound("engine/base/planted.cpp:3", "must not include engine/trace")

    def test_a_folder_below_a_room_belongs_to_it(self) -> None:
        self.write("app/models/deep/inner.h",
                   LICENCE + '#pragma once\n#include "app/views/thing.h"\n')
        self.assertFound("app/models/deep/inner.h:3", "app/models must not include app/views")

    def test_a_folder_that_the_plan_does_not_know(self) -> None:
        self.write("engine/guess/guess.cpp", LICENCE)
        self.assertFound("engine/guess/guess.cpp:1", "no room")

    def test_a_circle_in_the_plan_is_found(self) -> None:
        circle = check_rooms.cycleIn({"a": ("b",), "b": ("c",), "c": ("a",)})
        self.assertEqual(circle, ["a", "b", "c", "a"])
        self.assertIsNone(check_rooms.cycleIn({"a": ("b", "c"), "b": ("c",), "c": ()}))

    def test_paths_start_at_the_root(self) -> None:
        self.include("engine/base", '"thing.h"')
        self.assertFound("engine/base/planted.cpp:3", "start at the root")

    def test_a_header_that_is_not_there(self) -> None:
        self.include("engine/trace", '"engine/base/gone.h"')
        self.assertFound("engine/trace/planted.cpp:3", "there is no engine/base/gone.h")

    def test_what_a_build_makes_need_not_be_there(self) -> None:
        self.include("tests", '"planted.moc"')
        self.assertClean()
        self.include("app/export", '"app/export/perfetto.pb.h"')
        self.write("tests/planted.cpp", LICENCE)
        self.assertClean()


class Purity(SmallTree):
    def test_engine_knows_no_qt_no_files_no_threads(self) -> None:
        for header in ("QString", "QtCore/QObject", "fstream", "iostream", "filesystem", "cstdio",
                       "thread", "mutex", "unistd.h", "sys/stat.h", "random", "CLI/CLI.hpp"):
            self.include("engine/hrtimer", f"<{header}>")
            self.assertFound("engine/hrtimer/planted.cpp:3", header)

    def test_engine_may_use_the_standard_library_and_header_only_ones(self) -> None:
        for header in ("vector", "chrono", "atomic", "tl/expected.hpp", "fmt/format.h"):
            self.include("engine/tick", f"<{header}>")
            self.assertClean()

    def test_toml_is_read_in_one_room(self) -> None:
        self.include("engine/scenario", "<toml++/toml.h>")
        self.assertClean()
        self.include("app/session", "<toml++/toml.h>")
        self.assertFound("app/session/planted.cpp:3", "only engine/scenario may use toml++")

    def test_engine_asks_the_host_for_nothing(self) -> None:
        for word in ("std::chrono::steady_clock::now()", "std::chrono::system_clock::now()",
                     "std::random_device{}()", 'std::getenv("HOME")', "std::cout << 1",
                     "std::this_thread::yield()", "static_cast<double>(1)"):
            self.write("engine/timer/planted.cpp", f"{LICENCE}auto value = {word};\n")
            self.assertFound("engine/timer/planted.cpp:2", "(")

    def test_words_in_comments_and_texts_are_only_words(self) -> None:
        self.write("engine/timer/planted.cpp", LICENCE + "\n".join((
            "// steady_clock would differ from run to run",
            "/* #include <QString>", "   getenv */",
            'const char* text = "double";', "const char* raw = R\"(", "#include <mutex>", ')";',
            "constexpr int grouped = 1'000'000;", "")))
        self.assertClean()

    def test_qt_is_for_the_desktop(self) -> None:
        for room in ("app/session", "app/export", "app/terminal", "backends/linux"):
            self.include(room, "<QString>")
            self.assertFound(f"{room}/planted.cpp:3", "must not use Qt")
            (self.root / room / "planted.cpp").unlink()
        self.include("app/views", "<QWidget>")
        self.assertClean()

    def test_a_board_may_use_a_serial_port_but_draws_nothing(self) -> None:
        self.include("backends/stm32", "<QSerialPort>")
        self.assertClean()
        self.include("backends/stm32", "<QWidget>")
        self.assertFound("backends/stm32/planted.cpp:3", "serial port only")


class Shape(SmallTree):
    def test_the_licence_comes_first(self) -> None:
        self.write("engine/base/planted.cpp", "\n" + LICENCE)
        self.assertFound("engine/base/planted.cpp:1", "SPDX")

    def test_scripts_and_data_carry_the_licence_too(self) -> None:
        self.write("packaging/planted.sh", "#!/bin/bash\ntrue\n")
        self.assertFound("packaging/planted.sh:2", "SPDX")
        self.write("packaging/planted.sh", f"#!/bin/bash\n# {check_rooms.SPDX}\n")
        self.write("resources/devices/planted.toml", "name = 'x'\n")
        self.assertFound("resources/devices/planted.toml:1", "SPDX")

    def test_long_files_and_wide_lines(self) -> None:
        self.write("engine/base/planted.cpp", LICENCE + "\n" * 600)
        self.assertFound("engine/base/planted.cpp:601", "601 lines")
        self.write("engine/base/planted.cpp", LICENCE + "\n" * 599)
        self.assertClean()
        self.write("engine/base/planted.cpp", LICENCE + "/" * 101 + "\n")
        self.assertFound("engine/base/planted.cpp:2", "101 columns")

    def test_headers_are_guarded(self) -> None:
        self.write("engine/base/planted.h", LICENCE)
        self.assertFound("engine/base/planted.h:1", "#pragma once")


if __name__ == "__main__":
    unittest.main()
