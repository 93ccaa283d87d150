"""Compares deploy/README.md's table of flags with `portraitd --help`.

The first cell of a row has its flags, the second their defaults: in
`backquotes` and in the flags' order as --help shows them; text without
backquotes is a remark.
"""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PORTRAITD = pathlib.Path(os.environ["PORTRAIT_BUILD"]) / "server" / "portraitd"
HEADING = "## Flags of portraitd"

# The text above the table describes these, because every program has them.
ELSEWHERE = {"--help", "--version", "--config"}

# "  --usync-batch CONTACTS=100 (Env:PORTRAIT_USYNC_BATCH)"
HELP_LINE = re.compile(r"^  (?:-\w,)?(--[a-z0-9-]+)(?: ([^ =]+)(?:=(\S+))?)?")


def flags_in_help():
    """Maps each flag to its default; None if it shows none."""
    text = subprocess.run([str(PORTRAITD), "--help"], capture_output=True,
                          text=True, timeout=60, check=True).stdout
    matches = filter(None, map(HELP_LINE.match, text.splitlines()))
    return {m[1]: m[3] for m in matches if m[1] not in ELSEWHERE}


def rows_in_readme():
    """The flags and defaults of each row of the table."""
    text = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    section = text.split(HEADING + "\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `--"):
            _, flags, defaults, _ = line.split("|", 3)
            yield re.findall(r"`([^`]+)`", flags), re.findall(
                r"`([^`]+)`", defaults)


class FlagTableTest(unittest.TestCase):

    def test_help_is_read(self):
        self.assertEqual("127.0.0.1:7700", flags_in_help()["--listen"])
        self.assertIn("--insecure-listen", flags_in_help())

    def test_each_flag_stands_in_help_and_in_the_table_once(self):
        listed = [flag for flags, _ in rows_in_readme() for flag in flags]
        self.assertEqual(sorted(flags_in_help()), sorted(listed))

    def test_the_table_has_the_defaults_of_help(self):
        known = flags_in_help()
        for flags, defaults in rows_in_readme():
            with self.subTest(flags=flags):
                shown = [known.get(flag) for flag in flags]
                self.assertEqual([d for d in shown if d is not None], defaults)


if __name__ == "__main__":
    unittest.main(verbosity=2)
