"""The Python client, through every case of ../cases.json."""

import sys
import unittest

import support
from bulk_cases import BulkCases
from unary_cases import UnaryCases
from watch_cases import WatchCases


class ClientTest(UnaryCases, BulkCases, WatchCases, unittest.TestCase):
    pass


def test_of(case):
    def test(self):
        if "pending" in case:
            self.skipTest(case["pending"])
        getattr(self, case["kind"])(case)
    return test


for each in support.CASES["cases"]:
    setattr(ClientTest, "test_" + each["name"], test_of(each))

if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
