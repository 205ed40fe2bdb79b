#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `cmake --install` puts into a prefix runs from there, on the resources that came with it."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CMAKE, BUILD = sys.argv.pop(1), sys.argv.pop(1)
SWITCHED = "clocksource: Switched to clocksource FTTMR010-TIMER2"


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.folder.name) / "prefix"
        subprocess.run((CMAKE, "--install", BUILD, "--prefix", str(cls.prefix)), check=True,
                       capture_output=True)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def run_installed(self, prefix: pathlib.Path, *command: str) -> subprocess.CompletedProcess:
        nowhere = str(prefix / "nowhere")
        environment = {**os.environ, "HOME": nowhere, "XDG_DATA_HOME": nowhere,
                       "XDG_DATA_DIRS": nowhere, "QT_QPA_PLATFORM": "offscreen"}
        return subprocess.run((str(prefix / "bin" / command[0]), *command[1:]), check=False,
                              capture_output=True, text=True, env=environment, timeout=100,
                              cwd=self.folder.name)

    def test_the_terminal_program_runs_a_scenario(self) -> None:
        run = self.run_installed(self.prefix, "tscope", "run", "ast2500-boot")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(SWITCHED, run.stdout)

    def test_it_reads_the_installed_files_and_no_others(self) -> None:
        bare = self.prefix.parent / "bare"
        shutil.copytree(self.prefix / "bin", bare / "bin")
        run = self.run_installed(bare, "tscope", "run", "ast2500-boot")
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("ast2500-boot", run.stderr)

    def test_the_desktop_program_makes_a_picture(self) -> None:
        if not (self.prefix / "bin/timerscope").exists():
            self.skipTest("this build has no desktop program")
        picture = self.prefix.parent / "window.png"
        run = self.run_installed(self.prefix, "timerscope", "--screenshot", str(picture))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(picture.read_bytes().startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main()
