"""Benchmarks of queries to the simulated WhatsApp network, 20 ms away."""

import os
import subprocess
import time

from network import Network
from processes import BENCH, cpu_seconds, driver, rss_kib

LATENCY_SECONDS = 0.02
MIN_USYNC_BATCH = 100  # what a query asks about if pictures set the pace
USYNC_BATCH = 500  # the default of --usync-batch


class WhatsAppBenchmarks:

    def __init__(self, options, folder, table):
        self.options = options
        self.quick = options.quick
        self.folder = folder
        self.table = table

    def _network(self, *server_flags, **flags):
        return Network(server_flags=server_flags, **flags)

    def _numbers(self, count):
        path = self.folder / f"numbers-{count}"
        path.write_text("".join(f"+49151{i * 61803 % 10**8:08}\n"
                                for i in range(count)))
        return path

    def _enrich(self, network, numbers, count, *flags, size="none"):
        """Contacts per second, and the queries during the run."""
        before = network.stats()
        start = time.monotonic()
        network.portrait("enrich", numbers, "-o", self.folder / "out.csv",
                         "--size", size, *flags)
        seconds = time.monotonic() - start
        after = network.stats()
        return count / seconds, {k: after[k] - before[k] for k in after}

    # ---- one session

    def one_session(self):
        """Registration and picture ids, compared with one session's ideal
        rate."""
        count = 2_000 if self.quick else 100_000
        numbers = self._numbers(count)
        for window in (2, 16):
            ideal = MIN_USYNC_BATCH * window / LATENCY_SECONDS
            rates = []
            with self._network("--session-window", str(window)) as network:
                network.steer("faults", "--latency", "20ms")
                network.link("bench", "+15559000000")
                before = cpu_seconds(network.server.pid)
                for _ in range(self.options.runs):
                    rate, cost = self._enrich(network, numbers, count,
                                              "--max-age", "0s")
                    rates.append(rate)
                spent = cpu_seconds(network.server.pid) - before
            per_contact = spent / count / self.options.runs * 1e6
            self.table.add(
                f"bulk from WhatsApp, window of {window}, beside the ideal",
                rates, [ideal] * len(rates), ">= 0.67",
                lambda r: r >= 0.67, "/s",
                why=f"{per_contact:.0f} us of portraitd's CPU a contact, and "
                "the simulated network and the caller on the same two cores: "
                "that is their end, not the window's. A quarter is RocksDB's "
                "memtables, into which a contact goes five times. Writing in "
                "the order of the keys and smaller memtables helped, huge "
                "pages did not.")
            self.table.note("  portraitd's CPU a contact", per_contact, "us")
        self.table.add_value(
            "contacts a usync query", cost["usync_users"]
            / cost["usync_queries"], "", ">= 100", lambda n: n >= 100)

    def beside_clients(self):
        """Compared with Baileys and whatsmeow, which ask about one contact
        after the other."""
        count = 2_000 if self.quick else 50_000
        one_by_one = 20 if self.quick else 300
        numbers = self._numbers(count)
        runs = self.options.runs
        ours, baileys, whatsmeow = [], [], []
        with self._network() as network:
            network.steer("faults", "--latency", "20ms")
            network.link("bench", "+15559000000")
            for _ in range(runs):
                rate, _ = self._enrich(network, numbers, count, "--max-age",
                                       "0s")
                ours.append(rate)
                baileys.append(self._client("baileys", network, one_by_one))
                whatsmeow.append(
                    self._client("whatsmeow", network, one_by_one))
        for name, rates in (("Baileys", baileys), ("whatsmeow", whatsmeow)):
            if None in rates:
                print(f"SKIPPED: {name} is not installed here", flush=True)
                continue
            self.table.add(f"contacts a session, beside {name} one by one",
                           ours, rates, ">= 20", lambda r: r >= 20, "/s")

    def _client(self, name, network, count):
        """Contacts per second, from tests/bench/one_by_one.sh; None: skipped.
        """
        script = os.path.join(os.path.dirname(__file__), "one_by_one.sh")
        done = subprocess.run(
            [script, name, str(network.folder / "sim" / "endpoints.json"),
             str(self.folder / name), str(count)],
            capture_output=True, text=True, timeout=1200, check=False)
        if done.returncode == 77:
            return None
        if done.returncode != 0:
            raise SystemExit(f"{name}: {done.stdout[-2000:]}"
                             f"{done.stderr[-2000:]}")
        return float(done.stdout.split()[-1])

    # ---- asking as little as possible

    def recheck(self):
        """One per cent of very many stored contacts has changed."""
        count = 4_000 if self.quick else 1_000_000
        numbers = self._numbers(count)
        with self._network() as network:
            for i in range(3):
                network.link(f"bench-{i}", f"+1555900000{i}")
            self._enrich(network, numbers, count, size="full")
            phones = numbers.read_text().split()[::100]
            visible = [p for p, a in network.accounts(phones).items()
                       if a["registered"]]
            network.steer("set", "-", stdin="".join(
                f"{p} picture={1_790_000_000 + i}\n"
                for i, p in enumerate(visible)))
            rate, cost = self._enrich(network, numbers, count, "--max-age",
                                      "0s", size="full")
        queries = cost["usync_queries"] + cost["picture_queries"]
        # A new picture is queried as image and as preview.
        allowed = count / USYNC_BATCH + 2 * len(visible)
        self.table.add(f"queries to check {count:,} contacts again",
                       [queries], [allowed], "<= 1.1", lambda r: r <= 1.1)
        self.table.note("  at", rate, "/s")

    # ---- many sessions

    def sessions(self):
        """Linked, idle sessions over TLS; then the network restarts."""
        count = 20 if self.quick else 2_000
        with self._network(tls=True) as network:
            token = (network.folder / "portrait" /
                     "admin.token").read_text().strip()
            before = rss_kib(network.server.pid)
            linked = driver("link", "--server", network.address, "--token",
                            token, "--control", network.endpoints["control"],
                            "--accounts", count)[-1]
            print(f"{count} accounts linked in {linked['seconds']:.1f} s",
                  flush=True)
            logins = network.stats()["logins"]
            network.stop_server()
            network.start_server()
            self._wait_for_logins(network, count, logins)
            after = rss_kib(network.server.pid)
            self.table.add_value(
                f"RSS of each of {count:,} sessions", (after - before) / count,
                "KiB", "<= 100 KiB", lambda k: k <= 100)
            logins = network.stats()["logins"]
            start = time.monotonic()
            network.steer("disconnect")
            self._wait_for_logins(network, count, logins)
            self.table.add_value(
                "  all back after the network dropped them",
                time.monotonic() - start, "s", "<= 60 s", lambda s: s <= 60)

    def accounts(self):
        """The cost of a lookup must not depend on the number of linked
        accounts."""
        few, many = 3, (20 if self.quick else 2_000)
        count = 2_000 if self.quick else 20_000
        numbers = self._numbers(count)
        costs = {}
        for linked in (few, many):
            with self._network() as network:
                token = (network.folder / "portrait" /
                         "admin.token").read_text().strip()
                driver("link", "--server", network.address, "--token", token,
                       "--control", network.endpoints["control"],
                       "--accounts", linked)
                costs[linked] = []
                for _ in range(self.options.runs):
                    before = cpu_seconds(network.server.pid)
                    self._enrich(network, numbers, count, "--max-age", "0s")
                    spent = cpu_seconds(network.server.pid) - before
                    costs[linked].append(spent / count * 1e6)
        self.table.add(
            f"CPU a lookup with {many:,} accounts linked, beside {few}",
            costs[many], costs[few], "<= 1.2", lambda r: r <= 1.2, "us")

    def _wait_for_logins(self, network, count, before):
        """Waits until `count` sessions are connected in addition to `before`.
        """
        end = time.monotonic() + 300
        while True:
            stats = network.stats()
            if stats["connections"] >= count and \
                    stats["logins"] >= before + count:
                return
            if time.monotonic() > end:
                raise SystemExit(f"sessions: {stats}")
            time.sleep(0.2)
