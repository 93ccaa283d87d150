"""Tests that one node of a cluster is active, that any node takes any call, and
that another node takes over with the same account and tokens.
"""

import json
import sys
import time
import unittest
import urllib.request

from cluster_nodes import Cluster
from kafka_process import run_tests
from network import wait_for

SESSION_SECONDS = 3
TAKEOVER_SECONDS = 10  # after a node was killed
HAND_OVER_SECONDS = 5  # after a stop or a drain
GONE_SECONDS = 60


class TakeoverTest(unittest.TestCase):

    clusters = 0

    def setUp(self):
        TakeoverTest.clusters += 1
        self.cluster = Cluster([
            "--kafka", KAFKA.brokers,
            "--cluster-name", f"takeover{TakeoverTest.clusters}",
            "--cluster-partitions", "4",
            "--cluster-session-timeout", f"{SESSION_SECONDS}s",
            "--metrics-listen", "127.0.0.1:0",
            "--http-listen", "127.0.0.1:0"])
        self.cluster.__enter__()
        self.addCleanup(self.cluster.__exit__, None, None, None)
        self.network = self.cluster.network
        self.first, self.second = self.cluster.nodes
        self.numbers = [f"+4915112{i:06}" for i in range(30)]
        self.unknown = (f"+4915113{i:06}" for i in range(30))

    def get_by_http(self, node, path):
        token = (node.data / "admin.token").read_text().strip()
        request = urllib.request.Request(
            f"http://{node.ready()['http']}{path}",
            headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def check_takeover(self, node, within, started):
        """The node is active, with the account, all answers and the token."""
        self.cluster.wait_until_active(node)
        took = time.monotonic() - started
        print(f"{node.name} took over in {took:.1f} s", file=sys.stderr)
        self.assertLess(took, within)
        self.assertEqual("READY", self.network.session_state("a"))
        asked = self.network.stats()["usync_queries"]
        self.assertEqual(self.before, node.get(*self.numbers))
        self.assertEqual(asked, self.network.stats()["usync_queries"])
        node.get(next(self.unknown))  # from WhatsApp
        self.assertEqual(asked + 1, self.network.stats()["usync_queries"])

    def store_all(self):
        self.first.get(*self.numbers)
        self.before = self.first.get(*self.numbers)  # from the store

    def test_any_node_takes_any_call(self):
        watch = self.second.start_portrait(
            "watch", "--since", "beginning", "--format", "jsonl")
        self.store_all()
        self.assertEqual(self.before, self.second.get(*self.numbers))
        change = json.loads(watch.stdout.readline())
        self.assertIn(change["phone_number"], self.numbers)
        watch.terminate()
        watch.communicate()

        source = self.network.folder / "list.csv"
        source.write_text("phone\n" + "\n".join(self.numbers) + "\n")
        for node in self.cluster.nodes:
            node.portrait("enrich", source, "-o",
                          self.network.folder / f"{node.name}.csv")
        self.assertEqual((self.network.folder / "n1.csv").read_text(),
                         (self.network.folder / "n2.csv").read_text())

        path = f"/v1/profilePictures/%2B{self.numbers[0][1:]}"
        self.assertEqual(self.get_by_http(self.first, path),
                         self.get_by_http(self.second, path))
        nodes = self.get_by_http(self.second, "/v1/cluster")["nodes"]
        self.assertEqual(["NODE_STATE_ACTIVE", "NODE_STATE_STANDBY"],
                         [node["state"] for node in nodes])
        self.assertEqual({"n1": "active", "n2": "standby"},
                         self.cluster.states(self.second))

        self.assertTrue(self.first.is_active())
        self.assertFalse(self.second.is_active())
        series = self.second.series()
        self.assertGreater(series["relay_accepted_total"], 5)
        self.assertGreater(series["relay_bytes_total"], 1000)
        self.assertEqual(0, series["relay_refused_total"])
        self.assertEqual(0, series["relay_unreachable_total"])
        self.assertEqual(1, self.network.stats()["connections"])

    def test_a_killed_node_is_replaced_with_its_account_and_token(self):
        self.store_all()
        logins = self.network.stats()["logins"]
        self.first.kill()
        self.check_takeover(self.second, TAKEOVER_SECONDS, time.monotonic())
        stats = self.network.stats()
        self.assertEqual(0, stats["replaced_logins"])
        self.assertEqual(logins + 1, stats["logins"])
        # It comes back as a standby, and stays one.
        self.first.start()
        self.assertEqual(self.before, self.first.get(*self.numbers))
        self.assertEqual({"n1": "standby", "n2": "active"},
                         self.cluster.states(self.first))
        self.assertEqual(logins + 1, self.network.stats()["logins"])

    def test_a_stopped_node_hands_over_at_once(self):
        self.store_all()
        started = time.monotonic()
        self.assertEqual(0, self.first.stop())
        print(f"stopped in {time.monotonic() - started:.1f} s",
              file=sys.stderr)
        self.check_takeover(self.second, HAND_OVER_SECONDS, started)
        self.assertEqual(0, self.network.stats()["replaced_logins"])
        self.assertEqual({"n2": "active"}, self.cluster.states(self.second))

    def test_a_drained_node_stands_by(self):
        self.store_all()
        refused = self.second.portrait("cluster", "drain", "n2", check=False)
        self.assertNotEqual(0, refused.returncode)
        self.assertIn("can be stopped at any time", refused.stderr)
        refused = self.second.portrait("cluster", "drain", "n9", check=False)
        self.assertIn("no node is called 'n9'", refused.stderr)

        for source, target in ((self.first, self.second),
                               (self.second, self.first)):
            started = time.monotonic()
            drained = source.portrait("cluster", "drain", source.name)
            print(drained.stderr.strip(), file=sys.stderr)
            self.assertIn(f"{target.name} is active", drained.stderr)
            self.check_takeover(target, HAND_OVER_SECONDS, started)
            wait_for("two nodes", lambda: {
                source.name: "standby", target.name: "active"
            } == self.cluster.states(source))
        self.assertEqual(0, self.network.stats()["replaced_logins"])

    def test_a_node_that_stood_still_stands_by_afterwards(self):
        self.store_all()
        self.first.suspend()
        self.check_takeover(self.second, TAKEOVER_SECONDS, time.monotonic())
        wait_for("a node that is gone", lambda: self.cluster.states(
            self.second)["n1"] == "gone", GONE_SECONDS)
        self.first.resume()
        wait_for("a standby", lambda: not self.first.is_active())
        self.assertEqual(self.before, self.first.get(*self.numbers))
        wait_for("two nodes", lambda: {"n1": "standby", "n2": "active"}
                 == self.cluster.states(self.first))
        # The simulator ended the connection of the node that stood still.
        self.assertLessEqual(self.network.stats()["replaced_logins"], 1)
        self.assertEqual("READY", self.network.session_state("a"))
        self.assertEqual(1, self.network.stats()["connections"])


if __name__ == "__main__":
    run_tests(globals())
