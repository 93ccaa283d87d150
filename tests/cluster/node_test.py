"""Tests a node of a cluster as a process: portraitd over a real Kafka."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from cluster_nodes import series_of
from kafka_process import run_tests
from network import PORTRAITD, Network, wait_for

CONTACTS = int(os.environ.get("PORTRAIT_CLUSTER_CONTACTS", "2000"))
EXIT_SECONDS = 120
OBSERVABILITY = (pathlib.Path(__file__).resolve().parents[2] / "deploy" /
                 "observability")


def libraries_of(pid):
    return pathlib.Path(f"/proc/{pid}/maps").read_text()


class NodeTest(unittest.TestCase):

    clusters = 0

    def flags(self, name="n1", cluster=None):
        if cluster is None:
            NodeTest.clusters += 1
            cluster = f"e2e{NodeTest.clusters}"
        return ["--kafka", KAFKA.brokers, "--cluster-name", cluster,
                "--node-name", name, "--cluster-partitions", "4",
                "--metrics-listen", "127.0.0.1:0",
                "--cluster-session-timeout", "3s"]

    def numbers(self, count=CONTACTS):
        return [f"+4915112{i:06}" for i in range(count)]

    def get(self, network, numbers, check=True):
        """The result of each number; those that are stored come from there."""
        done = network.portrait("get", *numbers, "--format", "jsonl",
                                check=check)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_without_kafka_no_kafka_library_is_loaded(self):
        with Network(tls=False) as network:
            self.assertNotIn("rdkafka", libraries_of(network.server.pid))

    def test_a_killed_node_and_an_empty_one_have_all_that_was_answered(self):
        numbers = self.numbers()
        with Network(tls=False, server_flags=self.flags()) as network:
            self.assertIn("rdkafka", libraries_of(network.server.pid))
            network.link("a", "+4917000000001")
            source = network.folder / "list.csv"
            source.write_text("phone\n" + "\n".join(numbers) + "\n")
            target = network.folder / "out.csv"
            enriching = network.start_portrait(
                "enrich", source, "-o", target, "--resume")
            wait_for("a part of the list", lambda: target.exists() and
                     target.read_text().count("\n") > CONTACTS // 10)
            network.kill_server()
            enriching.kill()
            enriching.communicate()
            answered = target.read_text().count("\n") - 1
            started = time.monotonic()
            network.start_server()
            print(f"restarted in {time.monotonic() - started:.1f} s, "
                  f"{answered} answered before", file=sys.stderr)
            network.portrait("enrich", source, "-o", target, "--resume")
            before = self.get(network, numbers)
            self.assertEqual(CONTACTS, len(before))

            # An empty data folder: all contacts come from the log.
            network.stop_server()
            old = network.data
            network.data = network.folder / "empty"
            network.data.mkdir(mode=0o700)
            shutil.copy(old / "cluster.key", network.data / "cluster.key")
            started = time.monotonic()
            network.start_server()
            print(f"filled in {time.monotonic() - started:.1f} s",
                  file=sys.stderr)
            asked = network.stats()
            self.assertEqual(before, self.get(network, numbers))
            self.assertEqual(asked, network.stats())

    def test_the_dashboard_and_the_alerts_know_every_metric(self):
        with Network(tls=False, server_flags=self.flags()) as network:
            wait_for("an active node", lambda: series_of(
                network.data)["cluster_active"] == 1)
            series = series_of(network.data)
            self.assertEqual(5, series["cluster_partitions"])
            self.assertEqual(5, series["cluster_owned_partitions"])
            self.assertGreaterEqual(series["cluster_takeovers_total"], 5)
            self.assertEqual(0, series["cluster_lag_messages"])
            self.assertEqual(1, series["cluster_active"])
            wanted = set(re.findall(
                r"\bportrait_((?:cluster|relay)_[a-z_]+)", "".join(
                    path.read_text() for path in OBSERVABILITY.iterdir()
                    if path.is_file())))
            self.assertLessEqual(wanted, series.keys())

    def test_a_node_starts_while_a_broker_has_just_died(self):
        with Network(tls=False, server_flags=self.flags()) as network:
            network.link("a", "+4917000000001")
            numbers = self.numbers(20)
            self.get(network, numbers)
            before = self.get(network, numbers)  # from the store
            network.kill_server()
            # For some seconds, the other brokers still name it as a leader.
            KAFKA.do("kill 2")
            try:
                started = time.monotonic()
                network.start_server()
                print(f"started in {time.monotonic() - started:.1f} s",
                      file=sys.stderr)
                wait_for("a node that stores", lambda: network.portrait(
                    "health", "--lookups", check=False).returncode == 0)
                after = self.get(network, numbers)
            finally:
                KAFKA.do("start 2")
            self.assertEqual(before, after)

    def fails(self, *flags, data):
        done = subprocess.run(
            [PORTRAITD, "--listen", "127.0.0.1:0", "--data-dir", data, *flags],
            capture_output=True, text=True, timeout=EXIT_SECONDS, check=False)
        self.assertNotEqual(0, done.returncode)
        return done.stderr

    def operation(self, operation, data, flags):
        return subprocess.run(
            [PORTRAITD, "--data-dir", data, *flags, operation],
            capture_output=True, text=True, timeout=EXIT_SECONDS, check=False)

    def test_operations_in_place_of_serving_change_the_cluster(self):
        flags = self.flags()
        cluster = flags[flags.index("--cluster-name") + 1]
        with Network(tls=False, server_flags=flags) as network:
            network.link("a", "+4917000000001")
            other = network.folder / "n2"
            joining = [*self.flags("n2", cluster), "--cluster-key",
                       network.data / "cluster.key"]
            # While another node is active, it is not known which one will
            # write next.
            refused = self.operation("--reset-admin-token", other, joining)
            self.assertNotEqual(0, refused.returncode)
            self.assertIn("n1 is active", refused.stderr)
            network.stop_server()
            token = (network.data / "admin.token").read_text()
            self.assertEqual(token, (other / "admin.token").read_text())
            for operation, said in (("--reset-admin-token", "new admin token"),
                                    ("--forget-accounts", "erased 1 accounts")):
                done = self.operation(operation, other, joining)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertIn(said, done.stdout)
            unreachable = list(flags)
            unreachable[flags.index("--kafka") + 1] = "127.0.0.1:1"
            failed = self.operation("--forget-accounts", network.data,
                                    unreachable)
            self.assertNotEqual(0, failed.returncode)
            self.assertIn("no broker answered", failed.stderr)
            # The first node has the new token, and no account.
            network.start_server()
            now = (network.data / "admin.token").read_text()
            self.assertNotEqual(token, now)
            self.assertEqual(now, (other / "admin.token").read_text())
            self.assertNotIn("+4917000000001", network.portrait(
                "session", "list").stdout)

    def test_errors_at_the_start_say_what_to_correct(self):
        with tempfile.TemporaryDirectory() as folder:
            data = pathlib.Path(folder)
            self.assertIn("--node-name", self.fails(
                "--kafka", KAFKA.brokers, data=data / "a"))
            self.assertIn("expected --kafka", self.fails(
                "--node-name", "n1", data=data / "a"))
            self.assertIn("no broker answered", self.fails(
                "--kafka", "127.0.0.1:1", "--node-name", "n1", data=data / "b"))
            config = data / "kafka.conf"
            config.write_text("acks=1\n")
            self.assertIn("line 1: acks is set by portraitd", self.fails(
                *self.flags(), "--kafka-config", config, data=data / "c"))

    def test_a_node_without_the_clusters_key_is_refused(self):
        flags = self.flags()
        cluster = flags[flags.index("--cluster-name") + 1]
        with Network(tls=False, server_flags=flags) as network:
            self.assertIn("another cluster key", self.fails(
                *self.flags("n2", cluster), data=network.folder / "n2"))
            self.assertIn("another node of this name", self.fails(
                *self.flags("n1", cluster), "--cluster-key",
                network.data / "cluster.key", data=network.folder / "n3"))


if __name__ == "__main__":
    run_tests(globals())
