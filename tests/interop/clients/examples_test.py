"""A client's two examples, as a user runs them.

    examples_test.py ENRICH_COMMAND FOLLOW_COMMAND

Runs within world.py. The commands are split at spaces; the examples' arguments
come after them.
"""

import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

sys.path.insert(
    0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "e2e"))

from network import wait_for  # noqa: E402

PATIENCE_SECONDS = 120
ENRICH, FOLLOW = (command.split() for command in sys.argv[1:3])


def main_server():
    with urllib.request.urlopen(os.environ["PORTRAIT_WORLD"]) as answer:
        return json.load(answer)["servers"]["main"]


class ExamplesTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="portrait-examples-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        server = main_server()
        self.environment = dict(
            os.environ, PORTRAIT_SERVER=server["address"],
            PORTRAIT_TOKEN_FILE=server["token_file"])

    def enrich(self, phones):
        """The example's output, by phone number."""
        source, target = self.folder / "in.csv", self.folder / "out.csv"
        with open(source, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["customer", "phone"])
            writer.writerows([f"customer, {i}", p] for i, p in enumerate(phones))
        done = subprocess.run(
            [*ENRICH, source, target], env=self.environment, text=True,
            capture_output=True, timeout=PATIENCE_SECONDS, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        with open(target, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(sorted(phones), sorted(row["phone"] for row in rows))
        return {row["phone"]: row for row in rows}

    def follow(self):
        process = subprocess.Popen(
            [*FOLLOW, self.folder / "seen.token"], env=self.environment,
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        # A program that prints nothing must not hold the test for ever.
        watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        return process

    def read_phones(self, process, wanted):
        """Reads lines until `wanted` have been seen; returns all phone numbers
        seen."""
        seen = set()
        for line in process.stdout:
            seen.add(line.split()[0])
            if wanted <= seen:
                return seen
        self.fail(f"ended without {wanted - seen}")

    def test_a_list_gets_its_results(self):
        phones = ["+4915200000001", "+4915200000002", "+4915200000003",
                  "+4915200000004", "nobody"]
        rows = self.enrich(phones)
        # Enumerators have no prefix in languages that do not need one.
        for phone, state in zip(phones, ("AVAILABLE", "HIDDEN", "NOT_SET")):
            self.assertRegex(rows[phone]["state"], f"^(PICTURE_STATE_)?{state}$")
        self.assertRegex(rows["+4915200000004"]["registration"],
                         "^(REGISTRATION_)?NOT_REGISTERED$")
        self.assertTrue(rows["+4915200000001"]["url"].startswith("http"))
        self.assertIn("phone number", rows["nobody"]["error"])

    def test_changes_are_followed_over_a_restart_of_the_program(self):
        # Registered numbers with visible pictures.
        first = {"+4915121000014", "+4915121000021"}
        second = {"+4915122000005", "+4915122000026"}
        self.enrich(sorted(first))
        process = self.follow()
        self.read_phones(process, first)
        wait_for("the token is kept", (self.folder / "seen.token").exists)
        process.kill()
        process.wait()
        self.enrich(sorted(second))
        seen = self.read_phones(self.follow(), second)
        # Delivered at least once, and resumed there: older changes are not
        # repeated.
        self.assertNotIn("+4915200000001", seen)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
