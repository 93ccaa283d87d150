"""Tests the main task end to end: a list of phone numbers in, pictures and
changes out.

PORTRAIT_E2E_CONTACTS is the number of contacts (default 4000); the figures of
a run are printed.
"""

import collections
import csv
import json
import os
import random
import sys
import time
import unittest

from network import Network, wait_for

CONTACTS = int(os.environ.get("PORTRAIT_E2E_CONTACTS", "4000"))
SESSIONS = 3
LATENCY = "20ms"


def make_numbers(count):
    """Distinct possible numbers of several countries."""
    rng = random.Random(11)
    numbers = set()
    while len(numbers) < count:
        prefix, digits = rng.choice([
            ("+49151", 8), ("+1310", 7), ("+447700", 6), ("+55119", 8),
            ("+91981", 7), ("+3361", 7), ("+34612", 6), ("+2348", 9)])
        numbers.add(prefix + "".join(rng.choices("0123456789", k=digits)))
    return sorted(numbers, key=lambda n: rng.random())


def write_list(path, numbers):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["customer", "phone"])
        writer.writerows([f"c{i}", n] for i, n in enumerate(numbers))


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def expected_state(account):
    if not account["registered"]:
        return "not_registered"
    if not account["picture_id"]:
        return "not_set"
    return "hidden" if account["picture_hidden"] else "available"


def wrong_rows(network, rows):
    """The rows that differ from the directory, with its accounts."""
    accounts = network.accounts([row["phone"] for row in rows])
    wrong = []
    for row in rows:
        account = accounts[row["phone"]]
        state = expected_state(account)
        visible = state == "available"
        registered = "yes" if account["registered"] else "no"
        business = account["registered"] and account["is_business"]
        if (row["portrait_state"] != state
                or row["portrait_registered"] != registered
                or (row["portrait_business"] == "yes") != business
                or row["portrait_picture_id"] != (
                    account["picture_id"] if visible else "")
                or bool(row["portrait_url"]) != visible):
            wrong.append((row, account))
    return wrong


class EnrichTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)
        self.network.steer("faults", "--latency", LATENCY)
        for i in range(SESSIONS):
            self.network.link(f"account-{i}", f"+4915700000{i:03}")
        self.numbers = make_numbers(CONTACTS)
        self.list = self.network.folder / "list.csv"
        write_list(self.list, self.numbers)

    def enrich(self, output, *flags):
        """Runs `portrait enrich`; returns its rows and its cost."""
        path = self.network.folder / output
        before = self.network.stats()
        start = time.monotonic()
        self.network.portrait("enrich", self.list, "-o", path, *flags)
        seconds = time.monotonic() - start
        after = self.network.stats()
        cost = {k: after[k] - before[k] for k in after}
        print(f"{output}: {CONTACTS} contacts in {seconds:.1f} s = "
              f"{CONTACTS / seconds:.0f}/s; usync {cost['usync_queries']} "
              f"({cost['usync_users']} contacts), pictures "
              f"{cost['picture_queries']}; portraitd peak RSS "
              f"{self.network.peak_rss_kib() / 1024:.0f} MiB", file=sys.stderr)
        self.assertEqual(0, cost["protocol_errors"])
        return read_rows(path), cost

    def assert_right(self, rows):
        """Expects one row per contact, in the list's order, with the
        directory's values."""
        self.assertEqual(self.numbers, [row["phone"] for row in rows])
        self.assertEqual([f"c{i}" for i in range(len(rows))],
                         [row["customer"] for row in rows])
        self.assertEqual([], wrong_rows(self.network, rows)[:3])
        return collections.Counter(row["portrait_state"] for row in rows)

    def change_one_percent(self):
        """Replaces or removes the pictures of 1 % of the visible contacts."""
        accounts = self.network.accounts(self.numbers)
        visible = [n for n in self.numbers
                   if expected_state(accounts[n]) == "available"]
        rng = random.Random(5)
        changed = rng.sample(visible, max(4, CONTACTS // 100))
        expected, lines = {}, []
        for i, number in enumerate(changed):
            if i % 4 == 3:
                lines.append(f"{number} no-picture")
                expected[number] = "REMOVED"
            elif i % 4 == 2:
                lines.append(f"{number} hide")
                expected[number] = "HIDDEN"
            else:
                lines.append(f"{number} picture={1800000000 + i}")
                expected[number] = "REPLACED"
        self.network.steer("set", "-", stdin="\n".join(lines) + "\n")
        return expected

    def read_changes(self, count):
        """The first `count` changes of the log, and any that follow at once.
        """
        watch = self.network.start_portrait(
            "watch", "--since", "beginning", "--format", "jsonl")
        changes = []
        for line in watch.stdout:
            changes.append(json.loads(line))
            if len(changes) == count:
                break
        watch.terminate()
        rest, _ = watch.communicate(timeout=60)
        return changes + [json.loads(l) for l in rest.splitlines()]

    def assert_log_holds(self, expected):
        """`expected` maps numbers to kinds, in order. No other changes, and no
        duplicates."""
        total = sum(len(kinds) for kinds in expected.values())
        changes = self.read_changes(total)
        self.assertEqual(list(range(1, total + 1)),
                         [int(c["sequence"]) for c in changes])
        kinds = collections.defaultdict(list)
        for change in changes:
            kinds[change["phone_number"]].append(
                change["kind"].removeprefix("CHANGE_KIND_"))
        self.assertEqual(expected, dict(kinds))

    def first_seen(self):
        accounts = self.network.accounts(self.numbers)
        return {n: ["FIRST_SEEN"] for n in self.numbers
                if expected_state(accounts[n]) == "available"}

    def test_a_list_is_answered_kept_and_watched_for_changes(self):
        rows, cost = self.enrich("first.csv")
        counts = self.assert_right(rows)
        print(dict(counts), file=sys.stderr)
        # At least 125 contacts per query; fewer at the ends of the list, for
        # other spellings, and if a busy machine sends a contact too late for
        # its batch.
        self.assertGreaterEqual(cost["usync_users"] / cost["usync_queries"], 50)
        # If a number of these countries is not registered, its other spelling
        # is queried, too.
        spelled_twice = sum(n.startswith(("+52", "+54", "+55"))
                            for n in self.numbers)
        self.assertLessEqual(CONTACTS, cost["usync_users"])
        self.assertLessEqual(cost["usync_users"], CONTACTS + spelled_twice)
        # Each picture is queried twice, as image and as preview.
        self.assertEqual(2 * counts["available"], cost["picture_queries"])
        kinds = self.first_seen()

        # Within max_age nothing is queried again.
        rows, cost = self.enrich("second.csv")
        self.assert_right(rows)
        self.assertEqual(0, cost["usync_queries"] + cost["picture_queries"])

        # In a new run, only changed pictures cost a picture query.
        changed = self.change_one_percent()
        rows, cost = self.enrich("third.csv", "--max-age", "0s")
        self.assert_right(rows)
        replaced = sum(kind == "REPLACED" for kind in changed.values())
        self.assertEqual(2 * replaced, cost["picture_queries"])
        # At least 125 contacts per query; fewer at the ends of the list, for
        # other spellings, and if a busy machine sends a contact too late for
        # its batch.
        self.assertGreaterEqual(cost["usync_users"] / cost["usync_queries"], 50)
        for number, kind in changed.items():
            kinds[number] = kinds[number] + [kind]
        self.assert_log_holds(kinds)

    def test_a_killed_server_loses_and_doubles_nothing(self):
        output = self.network.folder / "out.csv"
        enrich = self.network.start_portrait(
            "enrich", self.list, "-o", output)
        kills = 3
        for kill in range(1, kills + 1):
            rows = CONTACTS * kill // (kills + 2)
            wait_for(f"{rows} rows", lambda: output.exists()
                     and output.read_bytes().count(b"\n") > rows,
                     seconds=600)
            address = self.network.address
            self.network.kill_server()
            self.network.start_server(listen=address)
        _, errors = enrich.communicate(timeout=1200)
        self.assertEqual(0, enrich.returncode, errors)
        self.assert_right(read_rows(output))
        self.assert_log_holds(self.first_seen())


if __name__ == "__main__":
    unittest.main(verbosity=2)
