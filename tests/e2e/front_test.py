"""Tests hostile HTTP/2 through the front door of deploy/front: portraitd's
memory and the answers of other callers must not change. Each attack ends after
a few seconds or a bounded number of frames, and prints its figures."""

import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time
import unittest

import http2
from network import Network, wait_for

CONFIGURATION = (pathlib.Path(__file__).parents[2]
                 / "deploy" / "front" / "nghttpx.conf")
NGHTTPX = shutil.which("nghttpx") or "/usr/sbin/nghttpx"
GET = "/portrait.v1.ProfilePictureService/GetProfilePicture"
ENRICH = "/portrait.v1.ProfilePictureService/EnrichProfilePictures"
MEBIBYTE = 1 << 20
MOST_RSS = 512 * MEBIBYTE
SECONDS = 5  # of an attack, and of the quiet time before it
MOST_FRAMES = 2_000_000  # per attack
ATTACKERS = 2
CALL_INTERVAL = 0.1  # between the other caller's calls
LEAST_SHARE = 0.9  # of its answers per second without an attack
NUMBER = "+4915112345678"
FIELD = b"\0\x01a\x7f\x80\x7d" + 16_127 * b"a"  # a literal, not indexed


class Front:
    """nghttpx with the shipped configuration; only the addresses are replaced.
    """

    def __init__(self, network):
        folder = network.folder
        self.plain = f"unix:{folder}/plain.sock"
        self.tls = f"unix:{folder}/tls.sock"
        self.certificate = folder / "front.pem"
        key = folder / "front.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
             self.certificate, "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost"],
            check=True, capture_output=True, timeout=60)
        text = CONFIGURATION.read_text()
        for option, value in (
                ("frontend", f"{self.tls}\nfrontend={self.plain};no-tls"),
                ("backend", f"{network.address};;proto=h2"),
                ("private-key-file", key),
                ("certificate-file", self.certificate)):
            text, count = re.subn(rf"^{option}=.*$", f"{option}={value}", text,
                                  flags=re.MULTILINE)
            assert count == 1, option
        path = folder / "nghttpx.conf"
        path.write_text(text)
        self.log = folder / "front.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [NGHTTPX, f"--conf={path}"], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL)
        network.processes.append(self.process)
        wait_for("the front door", lambda: pathlib.Path(
            self.plain.removeprefix("unix:")).exists())


class OtherCaller:
    """Looks up a stored contact at a constant rate, with a new connection each
    time."""

    def __init__(self, address, token):
        self.address, self.token = address, token

    def answered(self, stopping):
        count, due = 0, time.monotonic()
        while not stopping.is_set():
            count += self._is_answered()
            due += CALL_INTERVAL
            stopping.wait(max(0, due - time.monotonic()))
        return count

    def _is_answered(self):
        try:
            connection = http2.Connection(self.address)
        except OSError:
            return False
        stream = connection.open(GET, self.token)
        contact = NUMBER.encode()
        connection.write(stream, b"\x0a" + bytes([len(contact)]) + contact,
                         end=True)
        connection.receive_until(lambda: stream in connection.ended)
        connection.close()
        return stream in connection.answered


def continuation(_):
    """Endless header fields."""
    return http2.frame(http2.CONTINUATION, 0, 1, FIELD)


def endless_string(first):
    """A field value that announces 256 MiB."""
    start = b"\0\x01a\x7f\x81\xff\xff\x7f" if first else b""
    return http2.frame(http2.CONTINUATION, 0, 1, start + 16_000 * b"a")


def endless_varint(first):
    """The length of a field value, in which each byte announces another one.
    """
    start = b"\0\x01a\x7f" if first else b""
    return http2.frame(http2.CONTINUATION, 0, 1, start + 16_000 * b"\x80")


class Attack:
    """Sends until the time is over or all frames are sent; reconnects if the
    front door closes a connection."""

    def __init__(self, address):
        self.address = address
        self.frames = 0
        self.connections = 0

    def run(self, end, send):
        while time.monotonic() < end and self.frames < MOST_FRAMES:
            try:
                with http2.connect(self.address, timeout=SECONDS) as connection:
                    self.connections += 1
                    connection.sendall(http2.PREFACE
                                       + http2.frame(http2.SETTINGS, 0, 0))
                    send(connection, end)
            except OSError:
                continue

    def header_block(self, make_frame):
        def send(connection, end):
            connection.sendall(http2.frame(
                http2.HEADERS, 0, 1, http2.call_headers(GET)))
            first = True
            while time.monotonic() < end and self.frames < MOST_FRAMES:
                connection.sendall(make_frame(first))
                self.frames += 1
                first = False
        return send

    def rapid_reset(self, connection, end):
        headers = http2.call_headers(ENRICH)
        stream = 1
        while time.monotonic() < end and self.frames < MOST_FRAMES:
            burst = b""
            for _ in range(100):
                burst += http2.frame(http2.HEADERS, 4, stream, headers)
                burst += http2.frame(http2.RST_STREAM, 0, stream,
                                     b"\0\0\0\x08")
                stream += 2
            connection.sendall(burst)
            self.frames += 200


class FrontTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=["--behind-front"],
                              listen="unix:{folder}/portraitd.sock")
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.front = Front(cls.network)
        cls.network.link("mine", "+4915700000001")
        cls.network.portrait("get", NUMBER)  # stores it
        cls.token = cls.network.portrait(
            "token", "create", "other").stdout.strip()

    def peak_rss(self):
        return self.network.peak_rss_kib() << 10

    def answered(self, attack=None):
        """The number of answers to the other caller within SECONDS."""
        stopping = threading.Event()
        counts = []
        caller = OtherCaller(self.front.plain, self.token)
        threads = [threading.Thread(
            target=lambda: counts.append(caller.answered(stopping)))]
        end = time.monotonic() + SECONDS
        if attack:
            threads += [threading.Thread(target=attack, args=(end,))
                        for _ in range(ATTACKERS)]
        for thread in threads:
            thread.start()
        stopping.wait(SECONDS)
        stopping.set()
        for thread in threads:
            thread.join()
        return counts[0]

    def assert_held(self, make_send):
        attack = Attack(self.front.plain)
        send = make_send(attack)
        quiet = self.answered()
        before = self.peak_rss()
        attacked = self.answered(lambda end: attack.run(end, send))
        peak = self.peak_rss()
        print(f"{self._testMethodName}: {attack.frames} frames on "
              f"{attack.connections} connections in {SECONDS} s; RSS at most "
              f"{before >> 20} MiB before and {peak >> 20} MiB during it; "
              f"{attacked} calls of others answered, {quiet} without it",
              file=sys.stderr)
        self.assertGreater(attack.frames, 1000)
        # The front door has closed connections.
        self.assertGreater(attack.connections, ATTACKERS)
        self.assertLess(peak, MOST_RSS)
        self.assertGreaterEqual(attacked, LEAST_SHARE * quiet)
        self.assertIsNone(self.network.server.poll())
        self.assertIsNone(self.front.process.poll())

    def test_continuation_frames_without_end_are_cut_off(self):
        self.assert_held(lambda attack: attack.header_block(continuation))

    def test_a_header_field_without_end_is_cut_off(self):
        self.assert_held(lambda attack: attack.header_block(endless_string))

    def test_a_length_without_end_is_cut_off(self):
        self.assert_held(lambda attack: attack.header_block(endless_varint))

    def test_streams_reset_as_they_open_are_cut_off(self):
        self.assert_held(lambda attack: attack.rapid_reset)

    def test_lookups_and_streams_pass_under_tls(self):
        connection = ["--server", self.front.tls, "--ca",
                      self.front.certificate, "--token", self.token]
        got = self.network.portrait(*connection, "get", NUMBER)
        self.assertIn(NUMBER.removeprefix("+"), got.stdout)
        numbers = self.network.folder / "numbers.csv"
        numbers.write_text("".join(f"+49151{i:08}\n" for i in range(3000)))
        out = self.network.folder / "out.csv"
        self.network.portrait(*connection, "enrich", numbers, "-o", out)
        self.assertEqual(3000, len(out.read_text().splitlines()) - 1)

    def test_where_callers_are_is_not_told_through_the_front(self):
        connection = http2.Connection(self.front.plain)
        self.addCleanup(connection.close)
        stream = connection.open("/grpc.channelz.v1.Channelz/GetServers")
        connection.write(stream, b"", end=True)
        connection.receive_until(lambda: stream in connection.ended)
        self.assertNotIn(stream, connection.answered)


if __name__ == "__main__":
    unittest.main(verbosity=2)
