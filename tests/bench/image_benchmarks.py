"""Benchmarks of images."""

import json
import subprocess
import time

from processes import BENCH, driver

CONNECTIONS = 16
DELAY_MS = 20


class Cdn:
    """A local server of images, as far away as WhatsApp's."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [str(BENCH / "image_bench"), "cdn", "--delay-ms", str(DELAY_MS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.origin = json.loads(self.process.stdout.readline())["origin"]
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        self.process.wait()


class ImageBenchmarks:
    def __init__(self, options, table):
        self.options = options
        self.quick = options.quick
        self.table = table

    def fetch(self, cdn, images):
        return driver("image_bench", "fetch", "--origin", cdn.origin,
                      "--images", images, "--connections", CONNECTIONS)[-1]

    def curl(self, cdn, images):
        start = time.monotonic()
        subprocess.run(
            ["curl", "--silent", "--show-error", "--fail", "--parallel",
             "--parallel-max", str(CONNECTIONS), "--parallel-immediate",
             "--output", "/dev/null", f"{cdn.origin}/v/[1-{images}]"],
            check=True, timeout=600, capture_output=True)
        return images / (time.monotonic() - start)

    def images(self):
        """Measures the fetching of images beside curl, and its memory."""
        count = 200 if self.quick else 5_000
        with Cdn() as cdn:
            ours, theirs = [], []
            for _ in range(self.options.runs):
                ours.append(self.fetch(cdn, count)["per_second"])
                theirs.append(self.curl(cdn, count))
            self.table.add(
                f"images fetched, {DELAY_MS} ms away, beside curl --parallel",
                ours, theirs, ">= 0.8", lambda r: r >= 0.8, "/s")
            few = self.fetch(cdn, count)["peak_rss_kib"]
            many = self.fetch(cdn, 20 * count)["peak_rss_kib"]
            self.table.add(
                f"memory after {20 * count:,} images beside {count:,}",
                [many], [few], "<= 1.1", lambda r: r <= 1.1, "KiB")
