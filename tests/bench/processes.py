"""The programs that benchmarks start."""

import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from network import BUILD, PORTRAITD, read_json, wait_for  # noqa: E402

BENCH = BUILD / "tests" / "bench"
NOWHERE = "ws://127.0.0.1:9/"  # no session is linked, so nothing connects to it


def rss_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def cpu_seconds(pid):
    """CPU time of all threads, in user and kernel mode."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    after_name = text[text.rindex(")") + 1:].split()
    return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")


def driver(name, *arguments):
    """Runs a driver to its end; returns the JSON objects that it printed."""
    done = subprocess.run(
        [str(BENCH / name), *[str(a) for a in arguments]],
        capture_output=True, text=True, timeout=3600, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{name} {arguments}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


class Portraitd:
    """A portraitd without accounts, on an existing store."""

    def __init__(self, data, *flags):
        self.data = data
        self.flags = flags

    def __enter__(self):
        ready = self.data / "portraitd.json"
        ready.unlink(missing_ok=True)
        start = time.monotonic()
        self.process = subprocess.Popen(
            [str(PORTRAITD), "--listen", "127.0.0.1:0", "--data-dir",
             str(self.data), "--whatsapp-url", NOWHERE, "--log-level", "warning",
             *self.flags],
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        endpoints = wait_for("portraitd", lambda: read_json(ready))
        self.server, self.http = endpoints["listen"], endpoints["http"]
        self.start_seconds = time.monotonic() - start
        self.token = (self.data / "admin.token").read_text().strip()
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()

    def load(self, *arguments):
        return driver("load", *arguments, "--server", self.server,
                      "--token", self.token)[-1]

    def http_load(self, *arguments):
        return driver("http_load", *arguments, "--server", self.http,
                      "--token", self.token)[-1]

    def rss_kib(self):
        return rss_kib(self.process.pid)


class RawServer:
    """The baseline: a server without any logic."""

    program, load_program = "raw_server", "load"

    def __init__(self, *flags):
        self.flags = [str(f) for f in flags]

    def __enter__(self):
        self.process = subprocess.Popen(
            [str(BENCH / self.program), *self.flags],
            stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        self.server = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        self.process.wait()

    def load(self, *arguments):
        return driver(self.load_program, *arguments,
                      "--server", self.server)[-1]


class HttpRawServer(RawServer):
    """The same for HTTP."""

    program, load_program = "http_raw_server", "http_load"
