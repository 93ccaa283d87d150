"""Helpers of the cases, see ../world.py and ../cases.json."""

import json
import os
import pathlib
import time
import urllib.request

import grpc
import portrait_client
from portrait_client.v1 import profile_picture_pb2 as pb

# A generous limit, because the machine may be slow and shared.
PATIENCE_SECONDS = 60

CASES = json.loads(
    pathlib.Path(os.environ["PORTRAIT_CASES"]).read_text(encoding="utf-8"))
ADDRESS = os.environ["PORTRAIT_WORLD"]
with urllib.request.urlopen(ADDRESS, timeout=PATIENCE_SECONDS) as answer:
    WORLD = json.load(answer)

# The client of the running test: portrait_client.Client, or
# async_facade.Client.
CLIENT = portrait_client.Client

QUICK = {"first_backoff": 0.001, "longest_backoff": 0.02,
         "retry_for": PATIENCE_SECONDS}


def restart_server():
    request = urllib.request.Request(ADDRESS + "restart", method="POST")
    urllib.request.urlopen(request, timeout=2 * PATIENCE_SECONDS).close()


def connect(server="main", **options):
    there = WORLD["servers"][server]
    return CLIENT(
        there["address"], **{"token": there["token"], **options})


def numbers(count, prefix="+49151", first=10_000_000, step=10):
    """Numbers `step` apart; the scripted server decides by the last digit."""
    width = 14 - len(prefix)
    return [f"{prefix}{first + i * step:0{width}d}" for i in range(count)]


def tls_options(case):
    certificates = WORLD["certificates"]
    options = {"ca_file": certificates[case["ca"]]}
    if case.get("certificate"):
        options.update(cert_file=certificates["client"],
                       key_file=certificates["client_key"])
    return options


def wait_until(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


class Source:
    """An iterator of contacts that counts them, and notes when it was closed.
    """

    def __init__(self, contacts):
        self.taken = 0
        self.closed = False
        self._contacts = contacts

    def __iter__(self):
        try:
            for contact in self._contacts:
                self.taken += 1
                yield contact
        finally:
            self.closed = True


class Scripts:
    """The scripted server; each case has its own run of a script."""

    def __init__(self, test):
        self._test = test
        self.client = connect("scripted")
        test.addCleanup(self.client.close)

    def name(self, script):
        return f"{script}#{self._test.id()}"

    def enrich(self, script, items, **options):
        lookup = pb.LookupOptions(session=self.name(script))
        return self.client.enrich(items, portrait_client.BulkOptions(
            **{**QUICK, "lookup": lookup, **options}))

    def stats(self, script):
        """{"calls": 1, "sent": 7, "open": 0}"""
        text = self.client.get("stats/" + self.name(script)).name
        return {k: int(v) for k, v in (w.split("=") for w in text.split())}


def raises(test, code):
    return _Raises(test, getattr(grpc.StatusCode, code))


class _Raises:
    def __init__(self, test, code):
        self._test = test
        self._code = code

    def __enter__(self):
        self._start = time.monotonic()
        return self

    def __exit__(self, kind, error, trace):
        self.seconds = time.monotonic() - self._start
        self.error = error
        self._test.assertIsInstance(error, grpc.RpcError)
        self._test.assertEqual(self._code, error.code(), error)
        return True
