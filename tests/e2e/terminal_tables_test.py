"""Tests tables and progress in a real terminal, tmux."""

import re
import shutil
import sys
import tempfile
import unicodedata
import unittest

import terminal_test
from network import PORTRAIT, Network, wait_for

SIZES = ((80, 24), (200, 60))
NAMES = ["日本語の名前です", "Müller", "Mu\u0308ller", "한국어",
         "\u202egnp.exe\u202c", "\u009b31mred", "שלום", "😀 smile"]


def columns_of(text):
    """The columns that text takes in tmux."""
    return sum(0 if unicodedata.combining(c) else
               2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def lines_of(screen):
    return [line for line in screen.splitlines() if line.strip()]


class TablesTest(unittest.TestCase):

    def run_in_terminal(self, size, command):
        """The screen after the command."""
        folder = self.enterContext(
            tempfile.TemporaryDirectory(prefix="portrait-tables-"))
        script = f"{folder}/run.sh"
        with open(script, "w", encoding="utf-8") as file:
            quoted = " ".join(f"'{part}'" for part in command)
            file.write(f"{quoted}; echo END; sleep 300\n")
        terminal = self.enterContext(
            terminal_test.Terminal(*size, ["bash", script]))
        screen = wait_for("the end", lambda: "\nEND" in terminal.screen() and
                          terminal.screen())
        return lines_of(screen.split("\nEND")[0]), terminal

    def test_rows_are_aligned_whatever_their_characters(self):
        folder = self.enterContext(
            tempfile.TemporaryDirectory(prefix="portrait-tables-"))
        path = f"{folder}/list.csv"
        with open(path, "w", encoding="utf-8") as file:
            file.write("phone\n" + "".join(
                f"{name} +4915{i:02}0000000\n" for i, name in enumerate(NAMES)))
        for size in SIZES:
            with self.subTest(size=size):
                lines, _ = self.run_in_terminal(
                    size, [PORTRAIT, "check", path, "--column", "phone"])
                start = next(i for i, line in enumerate(lines)
                             if line.startswith("LINE"))
                rows = lines[start:start + 1 + len(NAMES)]
                # The column after the cells begins at the same place: it is
                # the refusal of text beside a number, or the number.
                place = columns_of(rows[0][:rows[0].index("ASKED")])
                for row in rows[1:]:
                    self.assertLessEqual(columns_of(row), size[0])
                    at = 0
                    while columns_of(row[:at]) < place:
                        at += 1
                    self.assertEqual(place, columns_of(row[:at]), row)
                    self.assertEqual("  ", row[at - 2:at], row)
                text = "\n".join(rows)
                for forbidden in "\u202e\u202c\u009b":
                    self.assertNotIn(forbidden, text)

    def test_a_table_leaves_out_what_does_not_fit(self):
        network = self.enterContext(Network())
        network.link("mine", "+4915700000001")
        network.link("another-session", "+4915700000002")
        lines, _ = self.run_in_terminal(
            (80, 24), network.command("session", "list"))
        self.assertTrue(lines[0].startswith("SESSION"), lines)
        for line in lines:
            self.assertLessEqual(len(line), 80)
        # No row has wrapped: a header, two rows, and what is not shown, which may.
        text = "".join(lines[3:])
        self.assertRegex(text, "not shown: .*; --wide shows ?all")
        self.assertTrue(lines[2].startswith(("mine", "another-session")), lines)
        self.assertIn("another-session", "\n".join(lines[1:3]))
        # At 200 columns more is shown, and --wide shows everything.
        wider, _ = self.run_in_terminal(
            (200, 60), network.command("session", "list"))
        self.assertGreater(len(wider[0].split()), len(lines[0].split()))
        self.assertIn("@s.whatsapp.net", wider[1])
        wide, _ = self.run_in_terminal(
            (80, 24), network.command("session", "list", "--wide"))
        self.assertNotIn("not shown", "\n".join(wide))
        self.assertIn("PER_SECOND", "".join(wide).replace(" ", ""))

    def test_progress_counts_up_on_one_line(self):
        # Slow enough to be watched, in steps of 100 contacts.
        network = self.enterContext(
            Network(server_flags=["--usync-batch", "100"]))
        network.link("mine", "+4915700000001")
        network.steer("faults", "--latency", "300ms")
        path = network.folder / "list.csv"
        path.write_text("phone\n" + "".join(
            f"+49151{i:08}\n" for i in range(20_000_000, 20_010_500, 7)))
        for size in SIZES:
            with self.subTest(size=size):
                script = network.folder / "run.sh"
                command = " ".join(network.command(
                    "enrich", path, "-o", network.folder / "out.csv",
                    "--max-age", "0"))
                script.write_text(f"{command}; echo END; sleep 300\n")
                terminal = self.enterContext(
                    terminal_test.Terminal(*size, ["bash", script]))
                seen = []

                def ended():
                    screen = terminal.screen()
                    counts = re.findall(r"^([\d,]+)/1,500(?!,)(.*)$", screen,
                                        re.MULTILINE)
                    # It is redrawn in place.
                    self.assertLessEqual(len(counts), 1, screen)
                    seen.extend(counts)
                    return "\nEND" in screen and screen
                screen = wait_for("the end", ended, 300)
                self.assertIn("1,500 rows in", screen)
                counts = [int(count.replace(",", "")) for count, _ in seen]
                self.assertEqual(sorted(counts), counts)
                self.assertGreater(len(set(counts)), 2, seen)
                self.assertTrue(any("/s" in rest and " left" in rest
                                    for _, rest in seen), seen)
                for count, rest in seen:
                    changed = re.search(r"changed ([\d,]+)", rest)
                    if changed:
                        self.assertLessEqual(
                            int(changed[1].replace(",", "")),
                            int(count.replace(",", "")))
                self.assertEqual(0, terminal.scrolled_lines())


if __name__ == "__main__":
    if not shutil.which("tmux"):
        print("SKIPPED: needs the Debian package tmux")
        sys.exit(77)
    unittest.main()
