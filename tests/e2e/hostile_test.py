"""Tests malicious and broken callers: portraitd must keep serving all other
callers, with bounded memory. Each attack prints its figures."""

import gzip
import itertools
import pathlib
import random
import re
import socket
import sys
import threading
import time
import unittest
import urllib.request

import http2
from network import Network, read_json, wait_for
from other_caller import LEAST_SHARE, OtherCaller

SERVICE = "/portrait.v1.ProfilePictureService/"
ENRICH = SERVICE + "EnrichProfilePictures"
GET = SERVICE + "GetProfilePicture"
LIST_SESSIONS = "/portrait.v1.SessionService/ListSessions"
TENANT_STREAMS = 100      # the default of --tenant-streams
CONNECTION_STREAMS = 1000  # the default of --connection-streams
WINDOW_ITEMS = 4000  # contacts that a stream may have in flight
MEBIBYTE = 1 << 20
TENANTS = itertools.count()  # each test has its own
MOST_RSS = 512 * MEBIBYTE


def number(i):
    return f"+49151{i * 97:08}"


def get_request(contact):
    return b"\x0a" + bytes([len(contact)]) + contact.encode()


def enrich_request(first, count):
    items = bytearray()
    for i in range(first, first + count):
        item = b"\x12" + bytes([len(number(i))]) + number(i).encode()
        items += b"\x12" + bytes([len(item)]) + item
    return bytes(items)


class Bystander:
    """Another caller, which looks up a contact again and again."""

    def __init__(self, network):
        self.network = network
        self.served = 0
        self.failures = []
        self.longest = 0  # seconds
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.stopping.set()
        self.thread.join()

    def _run(self):
        while not self.stopping.is_set():
            start = time.monotonic()
            done = self._look_up()
            # If memory is short, the server closes idle connections; callers
            # reconnect, as after a restart.
            if "GOAWAY received" in done.stderr:
                done = self._look_up()
            self.longest = max(self.longest, time.monotonic() - start)
            if done.returncode == 0:
                self.served += 1
            else:
                self.failures.append(done.stderr)
            self.stopping.wait(0.2)

    def _look_up(self):
        # One contact that is stored and one that WhatsApp is asked about.
        return self.network.portrait(
            "get", number(0), number(1_000_000 + self.served), check=False,
            timeout=http2.PATIENCE)


class HostileTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=["--metrics-listen", "127.0.0.1:0"])
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.network.link("mine", "+4915700000001")
        # Contacts of streams are stored.
        numbers = cls.network.folder / "numbers.csv"
        numbers.write_text("".join(
            number(i) + "\n" for i in range(WINDOW_ITEMS)))
        cls.network.portrait("enrich", numbers, "-o",
                             cls.network.folder / "out.csv")
        cls.metrics = read_json(
            cls.network.folder / "portrait" / "portraitd.json")["metrics"]
        token = cls.network.portrait(
            "token", "create", "other").stdout.strip()
        cls.other = OtherCaller(cls.network.address, token, number(0))
        cls.addClassCleanup(cls.other.close)

    def setUp(self):
        self.token = self.network.portrait(
            "token", "create", f"hostile-{next(TENANTS)}").stdout.strip()
        self.connections = []
        self.addCleanup(self.close_connections)
        self.reset_peak()
        self.rss_before = self.rss("VmRSS")
        self.bystander = Bystander(self.network)
        self.bystander.__enter__()
        self.addCleanup(self.bystander.__exit__, None, None, None)
        self.notes = {}
        self.needs_the_front = False
        self.counts = self.other.counts()

    def close_connections(self):
        for connection in self.connections:
            connection.close()

    def tearDown(self):
        """All other callers are served, during the attack and afterwards."""
        for let_go in (lambda: None, self.close_connections):
            let_go()
            served = self.bystander.served
            wait_for("others to be served", lambda n=served: (
                self.bystander.failures or self.bystander.served >= n + 2),
                http2.PATIENCE)
        # Most attacks are one burst: the caller makes up for a delay.
        due, answered = (
            b - a for a, b in zip(self.counts, self.other.counts()))
        peak, after = self.rss("VmHWM"), self.rss("VmRSS")
        notes = ", ".join(f"{v} {k}" for k, v in self.notes.items())
        print(f"{self._testMethodName}: {notes}; RSS {self.rss_before >> 20} "
              f"MiB before, {after >> 20} after, {peak >> 20} at most; "
              f"{self.bystander.served} calls of others served, the longest in "
              f"{self.bystander.longest:.2f} s; {answered} answers of {due} at "
              "a constant rate", file=sys.stderr)
        self.assertEqual([], self.bystander.failures)
        # One call may be under way.
        if not self.needs_the_front:
            self.assertGreaterEqual(
                answered + 1, LEAST_SHARE * self.other.quiet_share * due)
        self.assertLess(peak, MOST_RSS)
        self.assertIsNone(self.network.server.poll())

    def process_file(self, name):
        return pathlib.Path(f"/proc/{self.network.server.pid}/{name}")

    def reset_peak(self):
        self.process_file("clear_refs").write_text("5")

    def rss(self, what):
        """VmRSS or, with VmHWM, the peak of this test; in bytes."""
        status = self.process_file("status").read_text()
        return int(re.search(rf"{what}:\s+(\d+) kB", status).group(1)) << 10

    def rpcs(self, code):
        """The number of calls that have ended with this code."""
        with urllib.request.urlopen(
                f"http://{self.metrics}/metrics", timeout=60) as page:
            text = page.read().decode()
        return sum(int(float(count)) for count in re.findall(
            rf'portrait_rpcs_total{{code="{code}".*}} (\S+)', text))

    def connect(self, **options):
        connection = http2.Connection(self.network.address, **options)
        self.connections.append(connection)
        return connection

    def open_many(self, connections, streams, path, token):
        """Opens that many streams on each of that many connections."""
        opened = [self.connect() for _ in range(connections)]
        for connection in opened:
            for _ in range(streams):
                connection.open(path, token)
        return opened

    # ---- refused callers

    def test_callers_without_a_good_token_are_all_turned_away(self):
        self.network.portrait("token", "create", "revoked")
        revoked = self.network.portrait(
            "token", "create", "revoked").stdout.strip()
        listed = self.network.portrait(
            "token", "list", "revoked", "--format", "jsonl").stdout
        for token_id in re.findall(r'"token": ?"([^"]+)"', listed):
            self.network.portrait("token", "revoke", token_id)
        before = self.rpcs("UNAUTHENTICATED")
        calls = 0
        for token in (None, "pt_" + 43 * "x", "x" * 4000, revoked):
            connection = self.connect()
            for path in (GET, ENRICH, LIST_SESSIONS):
                for _ in range(100):
                    stream = connection.open(path, token)
                    connection.write(stream, b"", end=True)
                    calls += 1
            self.assertTrue(connection.receive_until(
                lambda c=connection: len(c.ended) == 300))
            self.assertEqual(set(), connection.answered)
        self.assertEqual(calls, self.rpcs("UNAUTHENTICATED") - before)
        self.notes["calls turned away"] = calls

    def test_a_lookup_token_reaches_no_account_of_the_installation(self):
        before = self.rpcs("PERMISSION_DENIED")
        connection = self.connect()
        paths = [f"/portrait.v1.SessionService/{method}" for method in (
            "PairSession", "ListSessions", "GetSession", "PauseSession",
            "ResumeSession", "LogoutSession")]
        paths += [f"/portrait.v1.AccessService/{method}" for method in (
            "CreateToken", "ListTokens", "RevokeToken")]
        # The name of an existing account.
        message = http2.message(b"\x0a\x04mine")
        for path in paths:
            stream = connection.open(path, self.token)
            connection.send(http2.frame(
                http2.DATA, http2.END_STREAM, stream, message))
        self.assertTrue(connection.receive_until(
            lambda: len(connection.ended) == len(paths)))
        self.assertEqual(set(), connection.answered)
        self.assertEqual(len(paths), self.rpcs("PERMISSION_DENIED") - before)
        self.assertEqual("READY", self.network.session_state("mine"))
        self.notes["calls denied"] = len(paths)

    # ---- too much

    def test_ten_thousand_streams_of_a_tenant_leave_it_a_hundred(self):
        opened = self.open_many(10, CONNECTION_STREAMS, ENRICH, self.token)
        total = 10 * CONNECTION_STREAMS

        def refused():
            for connection in opened:
                connection.receive(0.01)
            return sum(len(c.ended) for c in opened)
        wait_for("streams to be refused", lambda: refused()
                 >= total - TENANT_STREAMS, http2.PATIENCE)
        self.notes["streams opened"] = total
        self.notes["refused"] = refused()
        self.assertEqual(total - TENANT_STREAMS, self.notes["refused"])
        self.notes["MiB while they are open"] = self.rss("VmRSS") >> 20

    def test_ten_thousand_streams_without_a_token_are_ended(self):
        opened = self.open_many(10, CONNECTION_STREAMS, ENRICH, None)
        for connection in opened:
            self.assertTrue(connection.receive_until(
                lambda c=connection: len(c.ended) == CONNECTION_STREAMS))
        self.notes["streams ended"] = 10 * CONNECTION_STREAMS

    def test_more_streams_than_a_connection_may_have_are_refused(self):
        connection = self.connect()
        # Streams opened before the server has announced its limit count, too.
        for _ in range(3 * CONNECTION_STREAMS):
            connection.open(ENRICH, self.token)
        connection.receive_until(
            lambda: connection.goaway or len(connection.ended)
            >= 3 * CONNECTION_STREAMS - TENANT_STREAMS)
        self.notes["streams opened"] = 3 * CONNECTION_STREAMS
        self.notes["ended"] = len(connection.ended)
        self.notes["reset"] = len(connection.reset)

    def test_streams_opened_and_cancelled_at_once_are_cleared_away(self):
        # A rapid reset delays others at the bare port; front_test.py has it
        # through the front door, where it does not.
        self.needs_the_front = True
        total = 0
        for _ in range(10):
            connection = self.connect()
            for _ in range(1000):
                stream = connection.open(ENRICH, self.token)
                connection.send(http2.frame(
                    http2.RST_STREAM, 0, stream, b"\0\0\0\x08"))
                total += 1
            connection.receive()
        self.notes["streams cancelled"] = total
        # The tenant can open a stream again.
        self.assert_served(self.token)

    def test_messages_and_metadata_over_the_limits_are_refused(self):
        huge = self.connect()
        stream = huge.open(GET, self.token)
        huge.write(stream, bytes(5 * MEBIBYTE), end=True)
        huge.receive_until(lambda: stream in huge.ended)
        # A message that announces 4 GiB; 1 GiB of it is sent, if the server
        # reads it.
        endless = self.connect()
        stream = endless.open(GET, self.token)
        endless.write_data(stream, b"\0\xff\xff\xff\xff" + bytes(1 << 30))
        self.assertTrue(endless.closed or stream in endless.ended)
        # Too much metadata, after the limit was agreed on.
        metadata = self.connect()
        metadata.receive_until(lambda: metadata.settled)
        many = metadata.open_with(GET, self.token, [("x-a", "a" * 100_000)])
        metadata.receive_until(lambda: many in metadata.ended)
        # More data than the server's window allows.
        flood = self.connect()
        stream = flood.open(ENRICH, self.token)
        for _ in range(1000):
            flood.send(http2.frame(http2.DATA, 0, stream, bytes(16384)))
        flood.receive_until(lambda: stream in flood.ended)
    def test_a_message_that_grows_a_thousandfold_is_refused(self):
        bomb = gzip.compress(bytes(400 * MEBIBYTE), 9)
        self.notes["bytes that say"] = len(bomb)
        connection = self.connect()
        stream = connection.open(
            GET, self.token, [("grpc-encoding", "gzip")])
        connection.write(stream, bomb, end=True, compressed=True)
        connection.receive_until(lambda: stream in connection.ended)

    # ---- too little

    def test_who_reads_nothing_holds_a_few_mebibytes_a_stream(self):
        for _ in range(TENANT_STREAMS):
            connection = self.connect(stream_window=0)
            stream = connection.open(ENRICH, self.token)
            for first in range(0, WINDOW_ITEMS, 1000):
                connection.write(stream, enrich_request(first, 1000))
        self.notes["streams that nobody reads"] = TENANT_STREAMS
        self.notes["MiB while they are open"] = self.rss("VmRSS") >> 20

    def test_connections_that_say_nothing_are_closed(self):
        sockets = []
        self.addCleanup(lambda: [s.close() for s in sockets])
        beginnings = (b"", http2.PREFACE[:10], b"\x16\x03\x01\x02\x00",
                      http2.PREFACE)
        for i in range(2000):
            each = http2.connect(self.network.address)
            each.sendall(beginnings[i % len(beginnings)])
            each.setblocking(False)
            sockets.append(each)
        self.notes["connections"] = len(sockets)

        def closed():
            for each in list(sockets):
                try:
                    if each.recv(4096):
                        continue
                except BlockingIOError:
                    continue
                except OSError:
                    pass
                each.close()
                sockets.remove(each)
            return not sockets
        wait_for("silent connections to be closed", closed, http2.PATIENCE)

    def test_pings_without_end_end_the_connection(self):
        connection = self.connect()
        connection.open(ENRICH, self.token)
        for _ in range(1000):
            connection.send(http2.frame(http2.PING, 0, 0, bytes(8)))
            connection.receive()
            if connection.goaway is not None or connection.closed:
                break
        connection.receive_until(lambda: connection.goaway is not None)
        # The server's last frame is lost if pings arrive while it closes.
        if connection.goaway is not None:
            self.assertEqual(b"too_many_pings", connection.goaway[1])
        self.assertTrue(connection.goaway is not None or connection.closed)

    # ---- invalid data

    def test_what_is_no_http2_is_turned_away(self):
        rng = random.Random(3)
        nonsense = [
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST " + GET.encode() + b" HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + b"ffffffff\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
            b"SSH-2.0-OpenSSH_9.2\r\n",
            http2.PREFACE + b"\xff" * 1000,
            http2.PREFACE + http2.frame(http2.HEADERS, 4, 1, b"\xff" * 5000),
            http2.PREFACE + http2.frame(http2.DATA, 0, 99, b"x"),
            http2.PREFACE + http2.frame(http2.CONTINUATION, 0, 1, b"x"),
            *[rng.randbytes(rng.randrange(1, 20_000)) for _ in range(200)],
            *[http2.PREFACE + http2.frame(http2.SETTINGS, 0, 0)
              + rng.randbytes(2000) for _ in range(200)],
        ]
        for data in nonsense:
            with http2.connect(self.network.address) as each:
                try:
                    each.sendall(data)
                    each.shutdown(socket.SHUT_WR)
                    while each.recv(1 << 16):
                        pass
                except OSError:
                    pass  # a reset also ends the connection
        self.notes["connections ended"] = len(nonsense)

    def test_messages_that_are_no_requests_are_refused(self):
        rng = random.Random(4)
        connection = self.connect()
        streams = []
        for path in (GET, ENRICH):
            for _ in range(200):
                stream = connection.open(path, self.token)
                connection.write(stream, rng.randbytes(200), end=True)
                streams.append(stream)
        self.assertTrue(connection.receive_until(
            lambda: connection.ended.issuperset(streams)))
        self.notes["calls ended"] = len(streams)

    def assert_served(self, token):
        """A lookup with this token must be answered."""
        def served():
            connection = self.connect()
            stream = connection.open(GET, token)
            connection.write(stream, get_request(number(0)), end=True)
            connection.receive_until(lambda: stream in connection.ended)
            return stream in connection.answered
        wait_for("the token to be served", served)


if __name__ == "__main__":
    unittest.main(verbosity=2)
