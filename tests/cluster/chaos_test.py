"""Kills and stops nodes and brokers while a list is enriched, and then compares
every answer and every node's copy with the directory.

Each round takes a fault at a random point of the list, and continues through any
node. PORTRAIT_CHAOS_SEED repeats a run,
PORTRAIT_CHAOS_CONTACTS and PORTRAIT_CHAOS_ROUNDS make it longer.
"""

import collections
import json
import os
import random
import sys
import time
import unittest

from cluster_nodes import Cluster
from enrich_test import (expected_state, make_numbers, read_rows, write_list,
                         wrong_rows)
from kafka_process import run_tests
from network import wait_for

CONTACTS = int(os.environ.get("PORTRAIT_CHAOS_CONTACTS", "6000"))
ROUNDS = int(os.environ.get("PORTRAIT_CHAOS_ROUNDS", "4"))
SEED = int(os.environ.get("PORTRAIT_CHAOS_SEED", str(time.time_ns() % 10**6)))
BROKERS = 3
LATENCY = "100ms"  # so that faults come while the list is enriched
SESSION_SECONDS = 3
PROGRESS_ROWS = 200
CATCH_UP_SECONDS = 120


def answers_in(rows):
    return sorted((row["phone"], row["portrait_state"],
                   row["portrait_picture_id"], row["portrait_url"])
                  for row in rows)


class ChaosTest(unittest.TestCase):

    def setUp(self):
        print(f"PORTRAIT_CHAOS_SEED={SEED}", file=sys.stderr)
        self.random = random.Random(SEED)
        self.cluster = Cluster([
            "--kafka", KAFKA.brokers, "--cluster-partitions", "8",
            "--metrics-listen", "127.0.0.1:0",
            "--cluster-session-timeout", f"{SESSION_SECONDS}s"])
        self.cluster.__enter__()
        self.addCleanup(self.cluster.__exit__, None, None, None)
        self.network = self.cluster.network
        self.nodes = self.cluster.nodes
        self.network.steer("faults", "--latency", LATENCY)
        self.numbers = make_numbers(CONTACTS)
        self.list = self.network.folder / "list.csv"
        write_list(self.list, self.numbers)
        self.output = self.network.folder / "out.csv"

    def active(self):
        """The node that answers, once there is one."""
        started = time.monotonic()
        node = wait_for("an active node", lambda: next(
            (n for n in self.nodes if n.process.poll() is None
             and n.is_active() and n.is_serving()), None), CATCH_UP_SECONDS)
        print(f"{node.name} is active after {time.monotonic() - started:.1f} s",
              file=sys.stderr)
        return node

    def written(self):
        return self.output.read_text().count("\n") if self.output.exists() else 0

    def enrich_until(self, entrance, rows):
        """Leaves the command running when it has written `rows`."""
        command = entrance.start_portrait(
            "enrich", self.list, "-o", self.output, "--resume")
        wait_for(f"{rows} rows", lambda: self.written() >= rows or
                 command.poll() is not None, CATCH_UP_SECONDS)
        return command

    def take_fault(self, fault, node, entrance, command):
        print(f"{self.written()} rows through {entrance.name}: {fault}, "
              f"{node.name} is active", file=sys.stderr)
        broker = self.random.randint(1, BROKERS)
        if "broker" in fault:
            KAFKA.do(f"kill {broker}")
        if fault == "stop node":
            # What it wrote late must not count.
            node.suspend()
        elif "node" in fault:
            node.kill()
        if "node" in fault:
            other = next(n for n in self.nodes if n is not node)
            wait_for(f"{other.name} takes over", other.is_active,
                     CATCH_UP_SECONDS)
            wait_for(f"{other.name} serves", other.is_serving,
                     CATCH_UP_SECONDS)
        if "node" not in fault or entrance is not node:
            # The command goes on by itself: once the partitions have new
            # leaders, and when the other node is active.
            rows = self.written() + PROGRESS_ROWS
            wait_for("progress", lambda: self.written() >= rows or
                     command.poll() is not None, CATCH_UP_SECONDS)
        command.kill()
        command.communicate()
        if fault == "stop node":
            node.resume()
            wait_for(f"{node.name} stands by", lambda: not node.is_active())
        elif "node" in fault:
            node.start()
        if "broker" in fault:
            KAFKA.do(f"start {broker}")

    def changes_at(self, node, count):
        watch = node.start_portrait(
            "watch", "--since", "beginning", "--format", "jsonl")
        lines = [json.loads(watch.stdout.readline()) for _ in range(count)]
        watch.terminate()
        rest, _ = watch.communicate(timeout=60)
        return lines + [json.loads(line) for line in rest.splitlines()]

    def check(self, node, rows):
        """The node's copy has each answer, and each change once; they are read
        through the other node.
        """
        standby = next(n for n in self.nodes if n is not node)
        path = self.network.folder / f"{node.name}.csv"
        asked = self.network.stats()
        standby.portrait("enrich", self.list, "-o", path)
        self.assertEqual(asked["usync_queries"],
                         self.network.stats()["usync_queries"], node.name)
        self.assertEqual(answers_in(rows), answers_in(read_rows(path)))
        accounts = self.network.accounts(self.numbers)
        seen = sorted(n for n in self.numbers
                      if expected_state(accounts[n]) == "available")
        changes = self.changes_at(standby, len(seen))
        self.assertEqual(seen, sorted(c["phone_number"] for c in changes))

    def test_nothing_that_was_answered_is_lost_or_doubled(self):
        faults = ["kill node", "kill broker", "stop node",
                  "kill node and broker"]
        self.random.shuffle(faults)
        points = sorted(self.random.sample(
            range(CONTACTS // 20, CONTACTS * 9 // 10), ROUNDS))
        for i, point in enumerate(points):
            node = self.active()
            entrance = self.random.choice(self.nodes)
            command = self.enrich_until(entrance, point)
            self.take_fault(faults[i % len(faults)], node, entrance, command)
        self.active().portrait("enrich", self.list, "-o", self.output,
                               "--resume", check=False)

        rows = read_rows(self.output)
        self.assertEqual(collections.Counter(self.numbers),
                         collections.Counter(row["phone"] for row in rows))
        # A contact whose write was not confirmed in time has an error, and is
        # asked again.
        answered = [r for r in rows if r["portrait_state"] != "error"]
        print(f"{len(rows) - len(answered)} of {len(rows)} rows are errors",
              file=sys.stderr)
        self.assertGreater(len(answered), CONTACTS * 9 // 10)
        self.assertEqual([], wrong_rows(self.network, answered)[:3])
        self.active().portrait("enrich", self.list, "-o", self.output)
        rows = read_rows(self.output)
        self.assertEqual([], wrong_rows(self.network, rows)[:3])
        self.assertLessEqual(set(answers_in(answered)), set(answers_in(rows)))
        first = self.active()
        self.check(first, rows)
        first.portrait("cluster", "drain", first.name)
        self.check(self.active(), rows)
        # SIGSTOP may leave the simulator a connection to replace.
        self.assertLessEqual(self.network.stats()["replaced_logins"],
                             sum("stop" in f for f in faults[:ROUNDS]))


if __name__ == "__main__":
    run_tests(globals())
