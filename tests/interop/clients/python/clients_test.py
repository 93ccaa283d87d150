"""Tests the Python clients with every case of ../cases.json: Client, and
AsyncClient behind the same interface."""

import asyncio
import concurrent.futures
import sys
import threading
import unittest

import async_facade
import portrait_client
import support
from bulk_cases import BulkCases
from package_cases import PackageTest  # noqa: F401 (unittest runs it)
from unary_cases import UnaryCases
from watch_cases import WatchCases


class ClientTest(UnaryCases, BulkCases, WatchCases, unittest.TestCase):

    def setUp(self):
        support.CLIENT = portrait_client.Client


class AsyncClientTest(UnaryCases, BulkCases, WatchCases, unittest.TestCase):

    def setUp(self):
        support.CLIENT = async_facade.Client

    def unary_cancelled(self, case):
        client = support.Scripts(self).client.asynchronous
        call = asyncio.run_coroutine_threadsafe(
            client.get("silent"), async_facade._LOOP)
        threading.Timer(0.1, call.cancel).start()
        with self.assertRaises(concurrent.futures.CancelledError):
            call.result(timeout=case["within_seconds"])


def test_of(case):
    def test(self):
        if "pending" in case:
            self.skipTest(case["pending"])
        getattr(self, case["kind"])(case)
    return test


for each in support.CASES["cases"]:
    setattr(ClientTest, "test_" + each["name"], test_of(each))
    setattr(AsyncClientTest, "test_" + each["name"], test_of(each))

if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
