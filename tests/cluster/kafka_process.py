"""Starts a real Kafka for the tests of a program."""

import json
import pathlib
import subprocess
import sys
import unittest

from network import BUILD

SCRIPT = pathlib.Path(__file__).resolve().parent / "kafka" / "kafka.py"
SKIPPED = 77


class Kafka:
    """kafka.py as a child; stops with it."""

    def __init__(self, *flags):
        self.process = subprocess.Popen(
            [sys.executable, SCRIPT, "--jars", BUILD / "kafka", *flags],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            if code == SKIPPED:
                print("SKIPPED: no test of a cluster has run", file=sys.stderr)
                sys.exit(SKIPPED)
            raise AssertionError(f"kafka.py ended with {code}")
        started = json.loads(line)
        self.brokers = started["brokers"]
        self.folder = pathlib.Path(started["folder"])

    def do(self, command):
        """Such as "kill 1"; see kafka.py."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if answer != "ok\n":
            raise AssertionError(f"kafka.py: {command}: {answer!r}")

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def run_tests(module, *flags):
    """Runs the tests of the calling program, with a Kafka as its KAFKA."""
    module["KAFKA"] = Kafka(*flags)
    try:
        program = unittest.main(exit=False, verbosity=2)
    finally:
        module["KAFKA"].stop()
    sys.exit(not program.result.wasSuccessful())
