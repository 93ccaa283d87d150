"""Benchmarks of answers from the store, and of storing."""

import shutil
import signal
import statistics
import subprocess
import time

from processes import BENCH, Portraitd, RawServer, cpu_seconds, driver


class StoreBenchmarks:
    def __init__(self, options, folder, table):
        self.options = options
        self.quick = options.quick
        self.folder = folder
        self.table = table
        self.data = folder / "portrait"
        self.contacts = 20_000 if self.quick else 5_000_000
        self.hot = 5_000 if self.quick else 100_000  # of 64 MiB of records
        self.seconds = 0.5 if self.quick else 4
        self.warm_up = 0.3 if self.quick else 2

    def in_turns(self, *what):
        """Calls each function in turn, `runs` times; returns a list of results
        for each."""
        results = [[] for _ in what]
        for _ in range(self.options.runs):
            for call, into in zip(what, results):
                into.append(call())
        return results

    # ---- the store

    def fill(self):
        """Makes the store that the next benchmarks read."""
        driver("store_bench", "fill", "--folder", self.data / "db",
               "--contacts", self.contacts, "--sync", 0)

    def growth(self):
        """Measures synced writes while the store grows."""
        contacts = 50_000 if self.quick else 10_000_000
        part = contacts // 100
        folder = self.folder / "growing"
        rates = [row["per_second"] for row in driver(
            "store_bench", "fill", "--folder", folder, "--contacts", contacts,
            "--parts", 100)]
        shutil.rmtree(folder)
        for parts in (10, 100):
            # The mean of the last few parts, because tables are compacted now
            # and then.
            last = statistics.harmonic_mean(rates[parts - 5:parts])
            self.table.add(
                f"storing, with {parts * part:,} beside {part:,}",
                [last], [rates[0]], ">= 0.75", lambda r: r >= 0.75, "/s",
                why="The tables of a larger store are merged more often, on "
                "the same two cores that store. Universal compaction, merging "
                "later and larger levels moved it by less than the machine "
                "drifts.")

    def apply(self):
        ours, raw = [], []
        for run in range(self.options.runs):
            row = driver("store_bench", "apply", "--folder",
                         self.folder / f"apply{run}", "--contacts",
                         self.contacts // 10)[-1]
            ours.append(row["per_second"])
            raw.append(row["raw_per_second"])
        self.table.add("observations stored, synced, beside raw RocksDB",
                       ours, raw, ">= 0.7", lambda r: r >= 0.7, "/s")

    def start(self):
        with Portraitd(self.data) as server:
            self.table.add_value(
                f"start with {self.contacts:,} contacts",
                server.start_seconds, "s", "<= 1 s", lambda s: s <= 1)

    # ---- from the store

    def unary(self):
        times = ["--seconds", self.seconds, "--warm-up", self.warm_up,
                 "--contacts", self.hot]
        with Portraitd(self.data) as ours, \
                RawServer("--source", "map") as raw:
            ours.load("stream", "--contacts", self.hot, "--seconds",
                      self.warm_up)
            one = ["unary", *times]
            measured, baseline = self.in_turns(
                lambda: ours.load(*one), lambda: raw.load(*one))
            for field in ("p50_us", "p99_us"):
                self.table.add(
                    f"unary from the store, {field[:3]}, one caller",
                    [m[field] for m in measured],
                    [b[field] for b in baseline],
                    "<= 1.5", lambda r: r <= 1.5, "us")
            many = [*one, "--callers", 64, "--connections", 4]
            spent = [-cpu_seconds(s.process.pid) for s in (ours, raw)]
            measured, baseline = self.in_turns(
                lambda: ours.load(*many), lambda: raw.load(*many))
            rates = [[row["per_second"] for row in rows]
                     for rows in (measured, baseline)]
            a_call = [
                (before + cpu_seconds(s.process.pid)) * 1e6 /
                (sum(rate) * (self.seconds + self.warm_up))
                for before, s, rate in zip(spent, (ours, raw), rates)]
            self.table.add(
                "unary from the store, 64 callers", *rates,
                ">= 0.7", lambda r: r >= 0.7, "/s",
                why="The bare server reads no request, token or record, counts "
                "nothing and gives no request id back. Answering without "
                "parsing the record, a cheaper digest of the token and one "
                "thread switch less helped; another allocator did not.")
            self.table.note("  portraitd's CPU a call", a_call[0], "us")
            self.table.note("  the bare server's", a_call[1], "us")

    def stream(self, name, contacts, raw_flags, target, met):
        with Portraitd(self.data) as ours, RawServer(*raw_flags) as raw:
            for streams in (1, 4):
                load = ["stream", "--streams", streams, "--contacts",
                        contacts, "--seconds", self.seconds,
                        "--warm-up", self.warm_up]
                measured, baseline = self.in_turns(
                    lambda: ours.load(*load), lambda: raw.load(*load))
                self.table.add(
                    f"{name}, {streams} stream{'s' * (streams > 1)}",
                    [m["per_second"] for m in measured],
                    [b["per_second"] for b in baseline],
                    target, met, "items/s")

    def random_stream(self):
        self.stream(f"bulk, random among {self.contacts:,}", self.contacts,
                    ["--source", "db", "--db", self.data / "db"],
                    ">= 0.7", lambda r: r >= 0.7)

    def hot_stream(self):
        self.stream(f"bulk, hot set of {self.hot:,}, beside a map", self.hot,
                    ["--source", "map", "--hot", self.hot],
                    ">= 0.4", lambda r: r >= 0.4)

    def memory(self):
        """Measures RSS during one stream of very many items."""
        total = 200_000 if self.quick else 10_000_000
        with Portraitd(self.data) as server:
            load = subprocess.Popen(
                [str(BENCH / "load"), "stream", "--server", server.server,
                 "--token", server.token, "--contacts", str(self.contacts),
                 "--total", str(total)], stdout=subprocess.PIPE)
            samples = []
            while load.poll() is None:
                samples.append(server.rss_kib() / 1024)
                time.sleep(0.05 if self.quick else 0.5)
            if load.returncode != 0:
                raise SystemExit("load failed")
        warm = samples[len(samples) // 4:] or samples
        self.table.add(
            f"RSS at the end of a stream of {total:,} beside a quarter in",
            [warm[-1]], [warm[0]], "<= 1.05", lambda r: r <= 1.05, "MiB")
        self.table.add_value("  beyond the block cache", max(samples) - 256,
                             "MiB", "<= 256 MiB", lambda m: m <= 256)

    def slow_reader(self):
        """Measures how a caller that stops reading affects other callers."""
        pause = 2 if self.quick else 60
        unary = ["unary", "--seconds", self.seconds, "--warm-up",
                 self.warm_up, "--contacts", self.hot]
        with Portraitd(self.data) as server:
            # Fill the caches first, so that filling them does not count for the
            # reader.
            server.load("stream", "--contacts", self.hot, "--seconds",
                        2 * self.warm_up)
            # Measured before and after, because the machine's speed changes
            # over time.
            alone = [server.load(*unary)["p99_us"]
                     for _ in range(self.options.runs)]
            before = server.rss_kib() / 1024
            slow = subprocess.Popen(
                [str(BENCH / "load"), "stream", "--server", server.server,
                 "--token", server.token, "--contacts", str(self.hot),
                 "--seconds", "3600"], stdout=subprocess.DEVNULL)
            try:
                time.sleep(1)  # until the stream is open
                slow.send_signal(signal.SIGSTOP)
                end = time.monotonic() + pause
                beside, most = [], before
                while time.monotonic() < end:
                    beside.append(server.load(*unary)["p99_us"])
                    most = max(most, server.rss_kib() / 1024)
            finally:
                slow.kill()
                slow.wait()
            alone += [server.load(*unary)["p99_us"]
                      for _ in range(self.options.runs)]
        alone, beside = sorted(alone), sorted(beside)
        self.table.add(f"p99 beside a reader that stopped for {pause} s",
                       [statistics.median(beside)], [statistics.median(alone)],
                       "<= 1.2", lambda r: r <= 1.2, "us",
                       why=f"Single runs alone went from {alone[0]:.0f} to "
                       f"{alone[-1]:.0f} us, beside it from {beside[0]:.0f} "
                       f"to {beside[-1]:.0f}.")
        self.table.add_value("  RSS it costs", most - before, "MiB",
                             "<= 8 MiB", lambda m: m <= 8)
