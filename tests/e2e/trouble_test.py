"""Tests failures as users meet them: the processes keep running and say what
to do."""

import collections
import csv
import json
import subprocess
import unittest

from network import PORTRAITD, Network, wait_for

EXIT_SOME_FAILED = 2
EXIT_REFUSED = 4


class TroubleTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)

    def get(self, *contacts, check=True):
        done = self.network.portrait(
            "get", "--format", "jsonl", *contacts, check=check)
        return done, [json.loads(line) for line in done.stdout.splitlines()]

    def test_without_an_account_it_says_how_to_link_one(self):
        done, _ = self.get("+13105551234", check=False)
        self.assertEqual(EXIT_REFUSED, done.returncode, done.stderr)
        self.assertIn("portrait session pair", done.stdout + done.stderr)

    def test_a_second_server_on_the_folder_is_refused(self):
        folder = self.network.folder / "portrait"
        second = subprocess.run(
            [str(PORTRAITD), "--listen", "127.0.0.1:0", "--data-dir",
             str(folder)], capture_output=True, text=True, timeout=60,
            check=False)
        self.assertNotEqual(0, second.returncode)
        self.assertIn(str(folder), second.stderr)
        self.assertIn("another process", second.stderr)
        # The first server keeps running.
        self.network.portrait("session", "list")

    def test_our_own_number_and_whatsapps_are_answered_without_asking(self):
        self.network.link("mine", "+4915700000001")
        before = self.network.stats()
        _, (own, announcements) = self.get(
            "+4915700000001", "0@s.whatsapp.net", check=False)
        self.assertEqual("OWN_NUMBER", own["error"])
        self.assertIn(announcements["error"], ("OWN_NUMBER", "INVALID_CONTACT"))
        after = self.network.stats()
        for query in ("usync_queries", "picture_queries"):
            self.assertEqual(before[query], after[query])

    def test_a_session_nobody_knows_is_named(self):
        self.network.link("mine", "+4915700000001")
        done, _ = self.get("--session", "yours", "+13105551234", check=False)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("yours", done.stdout + done.stderr)

    def test_a_list_is_finished_through_a_bad_network(self):
        for i in range(3):
            self.network.link(f"account-{i}", f"+4915700000{i:03}")
        self.network.steer(
            "faults", "--latency", "5ms", "--disconnect", "0.005",
            "--malformed", "0.005", "--error", "0.01")
        numbers = [f"+4915123{i:06}" for i in range(0, 90000, 90)]
        output = self.network.folder / "out.csv"
        done = self.network.portrait(
            "enrich", "-", "-o", output, stdin="\n".join(numbers) + "\n",
            check=False)
        self.assertIn(done.returncode, (0, EXIT_SOME_FAILED), done.stderr)
        accounts = self.network.accounts(numbers)
        with open(output, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(numbers, [row["contact"] for row in rows])
        answered = [row for row in rows if row["portrait_state"] != "error"]
        # Few items failed, and those may be retried.
        errors = collections.Counter(
            row["portrait_error_message"] for row in rows)
        self.assertGreater(len(answered), len(rows) * 0.8, errors)
        for row in rows:
            if row["portrait_state"] == "error":
                self.assertNotEqual("", row["portrait_retry_after"], row)
        for row in answered:
            registered = accounts[row["contact"]]["registered"]
            self.assertEqual("yes" if registered else "no",
                             row["portrait_registered"], row)
        wait_for("accounts ready again", lambda: all(
            self.network.session_state(f"account-{i}") == "READY"
            for i in range(3)))

    def test_sigterm_ends_it_well(self):
        self.network.link("mine", "+4915700000001")
        self.assertEqual(0, self.network.stop_server())
        self.assertFalse(
            (self.network.folder / "portrait" / "portraitd.json").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
