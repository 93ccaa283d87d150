"""Benchmarks of a cluster: two nodes over three Kafka brokers, beside one server
on the embedded store."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "cluster"))

from processes import cpu_seconds, driver  # noqa: E402  finds `network`
from kafka_process import Kafka  # noqa: E402
from network import Network, read_json  # noqa: E402


class ClusterBenchmarks:

    def __init__(self, options, folder, table):
        self.options = options
        self.table = table
        self.contacts = 2_000 if options.quick else 50_000
        self.times = ["--contacts", self.contacts,
                      "--seconds", 0.5 if options.quick else 4,
                      "--warm-up", 0.3 if options.quick else 2]
        self.numbers = folder / "cluster-numbers"
        # Digits(i) of contacts.cc
        self.numbers.write_text("".join(
            f"+{4915100000000 + i * 61803399 % 10**8}\n"
            for i in range(self.contacts)))

    def cluster(self):
        if shutil.which("java") is None or shutil.which("mvn") is None:
            print("SKIPPED: the cluster needs deploy/packages-cluster.txt",
                  flush=True)
            return
        kafka = Kafka()
        try:
            with Network(tls=False) as alone, Network(
                    tls=False, server_flags=self._flags(kafka, "n1")) as nodes:
                self._measure_storing(alone, nodes)
                self._measure_answers(kafka, nodes)
        finally:
            kafka.stop()

    def _flags(self, kafka, name):
        return ["--kafka", kafka.brokers, "--node-name", name]

    def _measure_storing(self, alone, nodes):
        """CPU time of portraitd for a contact that WhatsApp is asked about."""
        costs = []
        for network in (alone, nodes):
            network.link("bench", "+15559000000")
            costs.append([self._cost_of_storing(network)
                          for _ in range(self.options.runs)])
        self.table.add("CPU for a stored observation, beside one server",
                       costs[1], costs[0], "none", lambda _: True, "us")

    def _cost_of_storing(self, network):
        before = cpu_seconds(network.server.pid)
        network.portrait("enrich", self.numbers, "-o", network.folder / "out.csv",
                         "--size", "none", "--max-age", "0s")
        spent = cpu_seconds(network.server.pid) - before
        return spent / self.contacts * 1e6

    def _measure_answers(self, kafka, nodes):
        """Unary answers from the store through the active node, and through one
        that stands by. Each contact has a picture, as the load expects."""
        nodes.steer("set", "-", stdin="".join(
            f"{number} register show ungate picture=1790000000\n"
            for number in self.numbers.read_text().split()))
        nodes.portrait("enrich", self.numbers, "-o", nodes.folder / "all.csv",
                       "--max-age", "0s")
        active, key = nodes.server, nodes.data / "cluster.key"
        token = (nodes.data / "admin.token").read_text().strip()
        addresses = [read_json(nodes.data / "portraitd.json")["listen"]]
        nodes.data = nodes.folder / "n2"
        nodes.server_flags = [*self._flags(kafka, "n2"), "--cluster-key", key]
        nodes.start_server()
        addresses.append(read_json(nodes.data / "portraitd.json")["listen"])
        processes = [active.pid, nodes.server.pid]
        runs = [[], []]
        for _ in range(self.options.runs):
            for i, address in enumerate(addresses):
                runs[i].append(self._load(address, token, processes))
        direct, relayed = runs
        for key, name, unit in (("p50_us", "unary through a standby, p50", "us"),
                                ("cpu_us", "  CPU of both nodes for each", "us")):
            self.table.add(name, [run[key] for run in relayed],
                           [run[key] for run in direct], "<= 2.5",
                           lambda ratio: ratio <= 2.5, unit)

    def _load(self, address, token, processes):
        before = sum(map(cpu_seconds, processes))
        run = driver("load", "unary", *self.times, "--callers", 1, "--server",
                     address, "--token", token)[-1]
        spent = sum(map(cpu_seconds, processes)) - before
        seconds = float(self.times[3]) + float(self.times[5])
        run["cpu_us"] = spent / (run["per_second"] * seconds) * 1e6
        return run
