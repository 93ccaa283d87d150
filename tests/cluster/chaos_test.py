"""Kills and stops nodes and brokers while a list is enriched, and then compares
every answer and every node's store with the directory.

Each round takes a fault at a random point of the list, and continues through the
node that answers then. PORTRAIT_CHAOS_SEED repeats a run,
PORTRAIT_CHAOS_CONTACTS and PORTRAIT_CHAOS_ROUNDS make it longer.
"""

import collections
import json
import os
import random
import shutil
import signal
import sys
import time
import unittest

from enrich_test import (expected_state, make_numbers, read_rows, write_list,
                         wrong_rows)
from kafka_process import run_tests
from network import Network, wait_for

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


class Node:
    """One portraitd of the network, with its own data folder and account."""

    def __init__(self, network, name, flags):
        self.network = network
        self.name = name
        self.flags = [*flags, "--node-name", name]
        self.data = network.folder / name
        self.process = None

    def start(self):
        self.network.data = self.data
        self.network.server_flags = self.flags
        self.network.start_server()
        self.process = self.network.server

    def portrait(self, *arguments, **options):
        self.network.data = self.data
        return self.network.portrait(*arguments, **options)

    def is_serving(self):
        return self.portrait("health", "--lookups", check=False).returncode == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


class ChaosTest(unittest.TestCase):

    def setUp(self):
        print(f"PORTRAIT_CHAOS_SEED={SEED}", file=sys.stderr)
        self.random = random.Random(SEED)
        flags = ["--kafka", KAFKA.brokers, "--cluster-partitions", "8",
                 "--cluster-session-timeout", f"{SESSION_SECONDS}s"]
        network = Network(tls=False,
                          server_flags=[*flags, "--node-name", "n1"])
        network.data = network.folder / "n1"
        self.network = network
        network.__enter__()
        self.addCleanup(network.__exit__, None, None, None)
        network.steer("faults", "--latency", LATENCY)
        self.nodes = [Node(network, name, flags) for name in ("n1", "n2")]
        self.nodes[0].process = network.server
        self.nodes[1].data.mkdir(mode=0o700)
        shutil.copy(self.nodes[0].data / "cluster.key",
                    self.nodes[1].data / "cluster.key")
        network.link("a", "+4917000000001")
        self.nodes[1].start()
        network.link("b", "+4917000000002")
        self.numbers = make_numbers(CONTACTS)
        self.list = network.folder / "list.csv"
        write_list(self.list, self.numbers)
        self.output = network.folder / "out.csv"

    def owner(self):
        """The node that stores, once there is one."""
        started = time.monotonic()
        node = wait_for("a node that stores", lambda: next(
            (n for n in self.nodes if n.process.poll() is None
             and n.is_serving()), None), CATCH_UP_SECONDS)
        print(f"{node.name} stores after {time.monotonic() - started:.1f} s",
              file=sys.stderr)
        return node

    def written(self):
        return self.output.read_text().count("\n") if self.output.exists() else 0

    def enrich_until(self, node, rows):
        """Leaves the command running when it has written `rows`."""
        self.network.data = node.data
        command = self.network.start_portrait(
            "enrich", self.list, "-o", self.output, "--resume")
        wait_for(f"{rows} rows", lambda: self.written() >= rows or
                 command.poll() is not None, CATCH_UP_SECONDS)
        return command

    def take_fault(self, fault, node, command):
        print(f"{self.written()} rows: {fault}, {node.name} stores",
              file=sys.stderr)
        broker = self.random.randint(1, BROKERS)
        if "broker" in fault:
            KAFKA.do(f"kill {broker}")
        if fault == "stop node":
            # Its calls end with it; what it wrote late must not count.
            node.process.send_signal(signal.SIGSTOP)
        elif "node" in fault:
            node.kill()
        if "node" in fault:
            command.kill()
            other = next(n for n in self.nodes if n is not node)
            wait_for(f"{other.name} takes over", other.is_serving,
                     CATCH_UP_SECONDS)
        else:
            # The command goes on once the partitions have new leaders.
            rows = self.written() + PROGRESS_ROWS
            wait_for("progress", lambda: self.written() >= rows or
                     command.poll() is not None, CATCH_UP_SECONDS)
            command.kill()
        command.communicate()
        if fault == "stop node":
            node.process.send_signal(signal.SIGCONT)
        elif "node" in fault:
            node.start()
        if "broker" in fault:
            KAFKA.do(f"start {broker}")

    def changes_at(self, node, count):
        self.network.data = node.data
        watch = self.network.start_portrait(
            "watch", "--since", "beginning", "--format", "jsonl")
        lines = [json.loads(watch.stdout.readline()) for _ in range(count)]
        watch.terminate()
        rest, _ = watch.communicate(timeout=60)
        return lines + [json.loads(line) for line in rest.splitlines()]

    def check(self, node, rows):
        """The node has each answer, without asking again, and each change once.
        """
        path = self.network.folder / f"{node.name}.csv"
        asked = self.network.stats()
        node.portrait("enrich", self.list, "-o", path)
        self.assertEqual(asked["usync_queries"],
                         self.network.stats()["usync_queries"], node.name)
        self.assertEqual(answers_in(rows), answers_in(read_rows(path)))
        accounts = self.network.accounts(self.numbers)
        seen = sorted(n for n in self.numbers
                      if expected_state(accounts[n]) == "available")
        changes = self.changes_at(node, len(seen))
        self.assertEqual(seen, sorted(c["phone_number"] for c in changes))

    def test_nothing_that_was_answered_is_lost_or_doubled(self):
        faults = ["kill node", "kill broker", "stop node",
                  "kill node and broker"]
        self.random.shuffle(faults)
        points = sorted(self.random.sample(
            range(CONTACTS // 20, CONTACTS * 9 // 10), ROUNDS))
        for i, point in enumerate(points):
            node = self.owner()
            command = self.enrich_until(node, point)
            self.take_fault(faults[i % len(faults)], node, command)
        self.owner().portrait("enrich", self.list, "-o", self.output,
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
        self.owner().portrait("enrich", self.list, "-o", self.output)
        rows = read_rows(self.output)
        self.assertEqual([], wrong_rows(self.network, rows)[:3])
        self.assertLessEqual(set(answers_in(answered)), set(answers_in(rows)))
        for node in self.nodes:
            self.check(node, rows)


if __name__ == "__main__":
    run_tests(globals())
