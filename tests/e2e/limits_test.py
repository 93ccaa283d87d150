"""Tests what callers without a token can exhaust: descriptors, threads, the
metrics endpoint. The tests count and do not measure time."""

import os
import sys
import unittest
import urllib.request

import http2
from network import Network, read_json, wait_for

GET = "/portrait.v1.ProfilePictureService/GetProfilePicture"
REFLECTION = ("/grpc.reflection.v1alpha.ServerReflection"
              "/ServerReflectionInfo")
DESCRIPTORS = 400
CONNECTIONS = 1000
STREAMS = 1000
HALF_OPEN = 7
MOST_NEW_THREADS = 20


class LimitsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=["--metrics-listen", "127.0.0.1:0"],
                              descriptors=DESCRIPTORS)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.network.link("mine", "+4915700000001")
        cls.token = cls.network.portrait(
            "token", "create", "limits").stdout.strip()

    def count(self, what):
        return len(os.listdir(f"/proc/{self.network.server.pid}/{what}"))

    def look_up(self, connection, number):
        stream = connection.open(GET, self.token)
        contact = number.encode()
        connection.write(stream, b"\x0a" + bytes([len(contact)]) + contact,
                         end=True)
        connection.receive_until(lambda: stream in connection.ended)
        return stream in connection.answered

    def test_more_connections_than_descriptors_stop_nothing(self):
        earlier = http2.Connection(self.network.address)
        self.addCleanup(earlier.close)
        self.assertTrue(self.look_up(earlier, "+4915112000001"))
        flood = []
        for _ in range(CONNECTIONS):
            flood.append(http2.connect(self.network.address))
        wait_for("connections to be refused", lambda: "connections refused"
                 in self.network.log("portraitd"))
        # The store and the accounts still have descriptors: a new contact is
        # looked up.
        self.assertTrue(self.look_up(earlier, "+4915112000002"))
        used = self.count("fd")
        for each in flood:
            each.close()
        print(f"{CONNECTIONS} connections: {used} of {DESCRIPTORS} descriptors "
              f"in use", file=sys.stderr)
        self.assertLess(used, DESCRIPTORS)

        def served():
            later = http2.Connection(self.network.address)
            self.addCleanup(later.close)
            try:
                return self.look_up(later, "+4915112000003")
            except AssertionError:
                return False
        wait_for("new connections to be served", served)

    def test_reflection_streams_take_no_thread_each(self):
        before = self.count("task")
        connections = [http2.Connection(self.network.address)
                       for _ in range(4)]
        for connection in connections:
            self.addCleanup(connection.close)
            for _ in range(STREAMS // 4):
                stream = connection.open(REFLECTION)
                # ListServices, and the stream stays open.
                connection.write(stream, b"\x3a\x00")
        # All but the first few are refused.
        wait_for("streams to be refused", lambda: [
            c.receive(0.01) for c in connections] and sum(
                len(c.ended) for c in connections) > STREAMS // 2)
        after = self.count("task")
        print(f"{STREAMS} reflection streams: {before} threads before, {after} "
              f"while they are open", file=sys.stderr)
        self.assertLessEqual(after - before, MOST_NEW_THREADS)
        with http2.connect(self.network.address):
            pass
        served = http2.Connection(self.network.address)
        self.addCleanup(served.close)
        self.assertTrue(self.look_up(served, "+4915112000001"))

    def test_half_open_connections_leave_the_metrics_to_others(self):
        metrics = read_json(self.network.data / "portraitd.json")["metrics"]
        silent = []
        for i in range(HALF_OPEN):
            each = http2.connect(metrics)
            self.addCleanup(each.close)
            each.sendall(b"GET /metr"[:i + 1])
            silent.append(each)
        with urllib.request.urlopen(f"http://{metrics}/metrics",
                                    timeout=60) as page:
            self.assertIn(b"portrait_rpcs_total", page.read())
            # They are still open: nothing waited for their end.
            for each in silent:
                each.setblocking(False)
                with self.assertRaises(BlockingIOError):
                    each.recv(1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
