"""Tests that the demo's numbers agree: what a run of deploy/demo/contacts.csv
counts as new or changed is what the log of changes lists."""

import collections
import csv
import pathlib
import re
import unittest

from network import Network

CONTACTS = pathlib.Path(__file__).parents[2] / "deploy" / "demo" / "contacts.csv"
STEPS = ("hide", "no-picture", "picture=1790000001", "picture=1790000002")


class DemoTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)
        self.network.link("demo", "+4915788000101")

    def enrich(self, output, *flags):
        """The rows of a run, and how many it says are new or changed."""
        path = self.network.folder / output
        done = self.network.portrait("enrich", CONTACTS, "-o", path, *flags)
        said = re.search(r"([\d,]+) new or changed", done.stderr)
        self.assertIsNotNone(said, done.stderr)
        with open(path, newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file)), int(said[1].replace(",", ""))

    def listed(self, *flags):
        """The changes that are listed, by contact."""
        rows = self.network.portrait(
            "watch", "--until-idle", "500ms", "--format", "csv", *flags).stdout
        return [row["phone_number"] for row in csv.DictReader(rows.splitlines())]

    def test_what_is_counted_as_changed_is_listed(self):
        token = self.network.folder / "changes.token"
        rows, said = self.enrich("first.csv")
        available = [(row["portrait_jid"], row["portrait_phone"])
                     for row in rows if row["portrait_state"] == "available"]
        listed = len(self.listed("--since", "beginning"))
        self.assertEqual(len({jid for jid, _ in available}), listed)
        # Rows are counted: a contact that is in the list twice may count twice.
        self.assertLessEqual(listed, said)
        self.assertLessEqual(said, len(available))
        self.listed("--resume-file", token)  # skips all changes so far

        # As deploy/quickstart does, with contacts that are in the list once.
        times = collections.Counter(available)
        chosen = sorted(phone for (jid, phone), count in times.items()
                        if phone and count == 1)[:8]
        self.assertEqual(8, len(chosen))
        self.network.steer("set", "-", stdin="\n".join(
            f"{n} {STEPS[i % 4]}" for i, n in enumerate(chosen)) + "\n")
        _, said = self.enrich("again.csv", "--max-age", "0s")
        self.assertEqual(chosen, sorted(self.listed("--resume-file", token)))
        self.assertEqual(len(chosen), said)


if __name__ == "__main__":
    unittest.main()
