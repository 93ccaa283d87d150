"""Runs the benchmarks and prints a table; deploy/bench calls it.

Every figure has a baseline from the same run, measured alternately with it
because the machine's speed drifts: the ratio counts. Each pair is measured
--runs times; the table has the median ratio and the spread.
"""

import argparse
import json
import os
import pathlib
import platform
import sys
import tempfile

from cluster_benchmarks import ClusterBenchmarks
from http_benchmarks import HttpBenchmarks
from image_benchmarks import ImageBenchmarks
from picture_benchmarks import PictureBenchmarks
from processes import BENCH
from store_benchmarks import StoreBenchmarks
from table import Table
from whatsapp_benchmarks import WhatsAppBenchmarks

# These benchmarks, and those over HTTP, read the store that `fill` makes.
FROM_STORE = ["start", "unary", "random_stream", "hot_stream", "memory",
              "slow_reader"]
OVER_HTTP = ["http_unary", "http_stream"]
STORING = ["apply", "growth"]
FROM_WHATSAPP = ["one_session", "beside_clients", "recheck", "sessions",
                 "accounts"]
OF_PICTURES = ["decode", "likeness"]
EVERYTHING = (FROM_STORE + OVER_HTTP + STORING + FROM_WHATSAPP + ["images"] +
              OF_PICTURES + ["cluster"])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true",
                        help="everything, small and short: that it works")
    parser.add_argument("--runs", type=int, help="default 5; with --quick 1")
    parser.add_argument("--only", nargs="+", metavar="NAME",
                        choices=EVERYTHING,
                        help=f"of {', '.join(EVERYTHING)}")
    parser.add_argument("--json", metavar="FILE",
                        help="where the figures go as JSON")
    options = parser.parse_args()
    options.runs = options.runs or (1 if options.quick else 5)
    wanted = options.only or EVERYTHING
    if not (BENCH / "load").exists():
        print("SKIPPED: no benchmarks here; build the target `benchmarks`")
        sys.exit(77)

    table = Table()
    with tempfile.TemporaryDirectory(prefix="portrait-bench-") as folder:
        folder = pathlib.Path(folder)
        store = StoreBenchmarks(options, folder, table)
        if any(step in wanted for step in FROM_STORE + OVER_HTTP):
            store.fill()
        for step in FROM_STORE + STORING:
            if step in wanted:
                getattr(store, step)()
        over_http = HttpBenchmarks(store)
        for step in OVER_HTTP:
            if step in wanted:
                getattr(over_http, step)()
        whatsapp = WhatsAppBenchmarks(options, folder, table)
        for step in FROM_WHATSAPP:
            if step in wanted:
                getattr(whatsapp, step)()
        if "images" in wanted:
            ImageBenchmarks(options, table).images()
        pictures = PictureBenchmarks(options, folder, table)
        for step in OF_PICTURES:
            if step in wanted:
                getattr(pictures, step)()
        if "cluster" in wanted:
            ClusterBenchmarks(options, folder, table).cluster()
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(dict(
            machine=platform.processor() or platform.machine(),
            cores=os.cpu_count(), rows=table.rows), indent=1) + "\n")
    missed = [row for row in table.rows if not row["met"]]
    print(f"{len(table.rows)} figures, {len(missed)} missed their target"
          + ("; --quick judges nothing" if options.quick else ""))


if __name__ == "__main__":
    main()
