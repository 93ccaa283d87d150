"""Another caller, in a process of its own, so that an attack by this process does
not slow it down: it looks up a stored contact at a constant rate, with a new
connection each time, and counts the answers."""

import pathlib
import subprocess
import sys
import threading
import time

import http2

GET = "/portrait.v1.ProfilePictureService/GetProfilePicture"
CALL_INTERVAL = 0.1  # seconds between calls
QUIET_SECONDS = 3
LEAST_SHARE = 0.9  # of the calls that are answered without an attack


class OtherCaller:

    def __init__(self, address, token, contact):
        self.process = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__), address, token, contact],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.quiet_share = min(
            1, self.share(lambda: time.sleep(QUIET_SECONDS))[0])

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def counts(self):
        """The numbers of due and of answered calls so far."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return tuple(int(n) for n in self.process.stdout.readline().split())

    def share(self, attack):
        """The share of its calls that are answered while attack() runs, and the
        number of these calls."""
        before = self.counts()
        attack()
        after = self.counts()
        due, answered = (b - a for a, b in zip(before, after))
        return (answered / due if due else 1, due)


def _is_answered(address, token, contact):
    try:
        connection = http2.Connection(address)
    except OSError:
        return False
    stream = connection.open(GET, token)
    connection.write(stream, b"\x0a" + bytes([len(contact)]) + contact.encode(),
                     end=True)
    connection.receive_until(lambda: stream in connection.ended)
    connection.close()
    return stream in connection.answered


def _main(address, token, contact):
    start, answered, stopping = time.monotonic(), 0, threading.Event()

    def report():
        for _ in sys.stdin:
            due = int((time.monotonic() - start) / CALL_INTERVAL)
            print(due, answered, flush=True)
        stopping.set()
    threading.Thread(target=report).start()
    calls = 0
    while not stopping.is_set():
        answered += _is_answered(address, token, contact)
        calls += 1
        stopping.wait(max(0, start + calls * CALL_INTERVAL - time.monotonic()))


if __name__ == "__main__":
    _main(*sys.argv[1:])
