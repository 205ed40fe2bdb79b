#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""packaging/setup.sh against an apt-get, dpkg-query and sudo that only note what was asked."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv.pop(1)) / "packaging/setup.sh"

# Everything is installed but what MISSING names.
DPKG_QUERY = """#!/bin/bash
for name in "${@:4}"; do
    [[ " $MISSING " == *" $name "* ]] || printf '%s installed\\n' "$name"
done
"""
APT_GET = """#!/bin/bash
echo "apt-get $*" >> "$NOTES"
[[ "$*" != *--assume-no* ]] || {
    [[ -n $LISTS || -e $NOTES.updated ]] || { echo "E: Unable to locate package"; exit 100; }
    echo "0 upgraded, 7 newly installed, 0 to remove and 1 not upgraded."
    echo "Need to get 183 MB of archives."
    echo "After this operation, 763 MB of additional disk space will be used."
    exit 1
}
[[ "$*" != *update* ]] || touch "$NOTES.updated"
"""
SUDO = """#!/bin/bash
[[ -n $MAY_SUDO ]] || exit 1
[[ $1 != -n ]] || shift
"$@"
"""


class Setup(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o777)
        self.notes = self.folder / "notes"
        shutil.copy(SCRIPT, self.folder / "setup.sh")
        for name, text in (("dpkg-query", DPKG_QUERY), ("apt-get", APT_GET), ("sudo", SUDO)):
            (self.folder / name).write_text(text, encoding="utf-8")
            (self.folder / name).chmod(0o755)

    def run_setup(self, *arguments: str, missing: str = "", lists: bool = True,
                  maySudo: bool = False) -> subprocess.CompletedProcess:
        environment = {
            "PATH": f"{self.folder}:/usr/bin:/bin", "TMPDIR": str(self.folder),
            "NOTES": str(self.notes), "MISSING": missing, "LISTS": "1" if lists else "",
            "MAY_SUDO": "1" if maySudo else "",
        }
        command = ["bash", str(self.folder / "setup.sh"), *arguments]
        # As root it would need no sudo, and what it does without is half of the matter.
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        return subprocess.run(command, env=environment, check=False, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)

    def asked(self) -> list:
        """What apt-get was told to change; plans change nothing."""
        lines = self.notes.read_text(encoding="utf-8").splitlines() if self.notes.exists() else []
        return [line for line in lines if "--assume-no" not in line]

    def test_it_is_silent_when_all_is_there(self) -> None:
        for group in ("build", "test", "check"):
            run = self.run_setup(group)
            self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        self.assertFalse(self.notes.exists())

    def test_without_root_and_sudo_it_prints_the_line_and_exits_3(self) -> None:
        run = self.run_setup("test", missing="cmake xvfb")
        self.assertEqual(run.returncode, 3)
        self.assertIn("7 Debian packages are missing: 183 MB to fetch, 763 MB on disk", run.stdout)
        self.assertIn("apt-get update && apt-get install --no-install-recommends -y cmake xvfb\n",
                      run.stderr)
        self.assertEqual(self.asked(), [])

    def test_with_sudo_it_says_how_much_and_installs_what_is_missing_only(self) -> None:
        run = self.run_setup("build", missing="cmake", maySudo=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertLess(run.stdout.index("763 MB"), run.stdout.index("installing: cmake\n"))
        self.assertEqual(len(self.asked()), 1, self.asked())
        self.assertTrue(self.asked()[0].endswith("--no-install-recommends install cmake"))

    def test_it_fetches_the_lists_only_when_apt_knows_no_package(self) -> None:
        run = self.run_setup("build", missing="cmake", lists=False, maySudo=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("763 MB", run.stdout)
        self.assertEqual([line.split()[-1] for line in self.asked()], ["update", "cmake"])

    def test_without_lists_it_still_says_roughly_how_much(self) -> None:
        run = self.run_setup("build", missing="cmake", lists=False)
        self.assertEqual(run.returncode, 3)
        self.assertIn("GB", run.stdout)

    def test_each_group_holds_the_one_before(self) -> None:
        run = self.run_setup("build", missing="xvfb clang-19")
        self.assertEqual(run.returncode, 0)
        self.assertIn(" xvfb\n", self.run_setup("test", missing="xvfb clang-19").stderr)
        self.assertIn(" xvfb clang-19\n", self.run_setup("check", missing="xvfb clang-19").stderr)

    def test_an_unknown_group_is_wrong_use(self) -> None:
        run = self.run_setup("everything")
        self.assertEqual(run.returncode, 2)
        self.assertIn('"everything"', run.stderr)


if __name__ == "__main__":
    unittest.main()
