"""Several nodes of a cluster as processes, over one simulated network."""

import json
import shutil
import signal
import time
import urllib.request

from network import START_SECONDS, STOP_SECONDS, Network, read_json, wait_for


def series_of(data):
    """The values of portrait_cluster_… and portrait_relay_… of the node with
    this data folder.
    """
    address = read_json(data / "portraitd.json")["metrics"]
    with urllib.request.urlopen(
            f"http://{address}/metrics", timeout=60) as page:
        lines = page.read().decode().splitlines()
    return {name.removeprefix("portrait_"): float(value)
            for name, value in (line.split() for line in lines
                                if line.startswith(("portrait_cluster_",
                                                    "portrait_relay_")))}


class Node:
    """One portraitd of the network, with its own data folder."""

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

    def start_portrait(self, *arguments):
        self.network.data = self.data
        return self.network.start_portrait(*arguments)

    def get(self, *numbers, check=True):
        done = self.portrait("get", *numbers, "--format", "jsonl", check=check)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ready(self):
        return read_json(self.data / "portraitd.json")

    def series(self):
        return series_of(self.data)

    def is_active(self):
        return self.series()["cluster_active"] == 1

    def is_serving(self):
        """Lookups are answered and stored, here or by the active node."""
        return self.portrait("health", "--lookups", check=False).returncode == 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    def suspend(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)


class Cluster:
    """A context manager: the nodes n1, which is active, and n2, and the account
    "a", which runs on the active node.
    """

    def __init__(self, flags):
        self.network = Network(tls=False,
                               server_flags=[*flags, "--node-name", "n1"])
        self.nodes = [Node(self.network, name, flags) for name in ("n1", "n2")]
        self.network.data = self.nodes[0].data

    def __enter__(self):
        self.network.__enter__()
        try:
            first, second = self.nodes
            first.process = self.network.server
            self.network.link("a", "+4917000000001")
            second.data.mkdir(mode=0o700)
            shutil.copy(first.data / "cluster.key",
                        second.data / "cluster.key")
            second.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *unused):
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                node.resume()
        self.network.__exit__(None, None, None)

    def states(self, through):
        """The state of each node, by name."""
        done = through.portrait("cluster", "status", "--format", "jsonl")
        return {row["node"]: row["state"]
                for row in map(json.loads, done.stdout.splitlines())}

    def wait_until_active(self, node, seconds=START_SECONDS):
        """Returns after how many seconds the node answers as the active one."""
        started = time.monotonic()
        wait_for(f"{node.name} is active", node.is_active, seconds)
        wait_for(f"{node.name} serves", node.is_serving, seconds)
        return time.monotonic() - started
