"""Tests a hostile tenant: a valid token that is used against the other tenants
and the server. Another tenant's answers and the server's memory must not change.
Each attack is bounded in time and prints its figures."""

import itertools
import sys
import threading
import time
import unittest

import http2
from network import Network
from other_caller import LEAST_SHARE, OtherCaller

SERVICE = "/portrait.v1.ProfilePictureService/"
ENRICH = SERVICE + "EnrichProfilePictures"
FORGET = SERVICE + "ForgetContact"
GET = SERVICE + "GetProfilePicture"
HISTORY = SERVICE + "ListProfilePictureChanges"
WATCH = SERVICE + "WatchProfilePictureChanges"
MEBIBYTE = 1 << 20
MOST_RSS = 512 * MEBIBYTE
SECONDS = 5
ATTACKERS = 2
CALLS_AT_ONCE = 100
ATTEMPTS = 3
NUMBER = "+4915112345678"  # the other tenant's
# Spellings that are refused before they are interpreted, and ones that are
# interpreted, which takes longest.
DEAR = ["tel:+49-151-{:08};phone-context=+49;isub=12;ext=34",
        "(0049) 151 / {:08}", "+49 (0) 151-{:08} ext. 7", "00 49 151 {:08}"]


def field(number, text):
    """Of a protobuf message; at most 16,383 bytes."""
    data = text.encode() if isinstance(text, str) else text
    length = (bytes([len(data)]) if len(data) < 128
              else bytes([len(data) & 127 | 128, len(data) >> 7]))
    return bytes([number << 3 | 2]) + length + data


def enrich_items(spellings):
    return b"".join(field(2, field(2, each)) for each in spellings)


class TenantAttackTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network()
        cls.network.server_flags += [
            "--audit-log", cls.network.folder / "audit.log"]
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.network.link("mine", "+4915700000001")
        cls.network.portrait("get", NUMBER)  # stores it
        token = cls.network.portrait(
            "token", "create", "other").stdout.strip()
        cls.other = OtherCaller(cls.network.address, token, NUMBER)
        cls.addClassCleanup(cls.other.close)

    def setUp(self):
        self.token = self.make_token()
        self.numbers = itertools.count(1)
        self.sent = itertools.count()
        self.failures = []

    def make_token(self):
        return self.network.portrait(
            "token", "create", "attacker", "--may",
            "lookup,watch,history,forget").stdout.strip()

    def assert_held(self, attack, meanwhile=lambda: None):
        """Runs attack(connection, end) on each of the attackers' connections,
        again if the server closes one."""
        def attacker(end):
            while time.monotonic() < end:
                connection = http2.Connection(self.network.address)
                try:
                    attack(connection, end)
                except Exception as failure:  # reported by the test's thread
                    self.failures.append(failure)
                    return
                finally:
                    connection.close()

        def run():
            end = time.monotonic() + SECONDS
            threads = [threading.Thread(target=attacker, args=(end,))
                       for _ in range(ATTACKERS)]
            for each in threads:
                each.start()
            meanwhile()
            for each in threads:
                each.join()
        # Other programs of the machine only lower the share.
        for _ in range(ATTEMPTS):
            share, calls = self.other.share(run)
            if share >= LEAST_SHARE * self.other.quiet_share:
                break
        peak = self.network.peak_rss_kib() << 10
        sent = next(self.sent)
        print(f"{self._testMethodName}: {sent} requests; {share:.2f} of the "
              f"{calls} calls of another tenant answered, "
              f"{self.other.quiet_share:.2f} without an attack; RSS at most "
              f"{peak >> 20} MiB", file=sys.stderr)
        self.assertEqual([], self.failures)
        self.assertGreater(sent, 10)
        self.assertGreaterEqual(share, LEAST_SHARE * self.other.quiet_share)
        self.assertLess(peak, MOST_RSS)
        self.assertIsNone(self.network.server.poll())

    def calls(self, path, make_request):
        """Many unary calls at once on a connection."""
        def attack(connection, end):
            open_calls = set()
            while time.monotonic() < end and not connection.closed:
                stream = connection.open(path, self.token)
                connection.write(stream, make_request(next(self.numbers)),
                                 end=True)
                next(self.sent)
                open_calls.add(stream)
                if len(open_calls) >= CALLS_AT_ONCE:
                    connection.receive(0.2)
                    open_calls -= connection.ended
        return attack

    # ---- many calls

    def test_forgetting_without_end_delays_no_revocation(self):
        revoked = []

        def revoke():
            token_id = self.network.portrait(
                "token", "list", "attacker", "--format", "jsonl").stdout
            token_id = token_id.splitlines()[-1].split('"token":"')[1]
            revoked.append(self.network.portrait(
                "token", "revoke", token_id.split('"')[0]))
            self.token = self.make_token()
        self.assert_held(self.calls(
            FORGET, lambda n: field(1, f"+49152{n:08}")), revoke)
        self.assertGreater(len(revoked), 0)

    def test_lookups_of_new_contacts_without_end(self):
        self.assert_held(self.calls(GET, lambda n: field(1, f"+49160{n:08}")))

    def test_histories_without_end(self):
        self.assert_held(self.calls(HISTORY, lambda n: field(1, NUMBER)))

    def test_lookups_of_contacts_that_take_long_to_interpret(self):
        self.assert_held(self.calls(GET, lambda n: field(
            1, DEAR[n % len(DEAR)].format(n))))

    # ---- large messages

    def test_streams_of_contacts_that_take_long_to_interpret(self):
        def attack(connection, end):
            stream = connection.open(ENRICH, self.token)
            while time.monotonic() < end and stream not in connection.ended:
                connection.write(stream, enrich_items(
                    DEAR[n % len(DEAR)].format(n)
                    for n in itertools.islice(self.numbers, 100)))
                next(self.sent)
                # Results must be received, or the stream stops.
                connection.send(http2.frame(
                    http2.WINDOW_UPDATE, 0, 0, b"\0\1\0\0"))
                connection.send(http2.frame(
                    http2.WINDOW_UPDATE, 0, stream, b"\0\1\0\0"))
                connection.receive()
        self.assert_held(attack)

    def test_watches_of_a_thousand_contacts_opened_again_and_again(self):
        contacts = b"".join(field(2, DEAR[1].format(n)) for n in range(1000))

        def attack(connection, end):
            while time.monotonic() < end and not connection.closed:
                stream = connection.open(WATCH, self.token)
                connection.write(stream, contacts, end=True)
                next(self.sent)
                connection.receive()
                connection.send(http2.frame(
                    http2.RST_STREAM, 0, stream, b"\0\0\0\x08"))
        self.assert_held(attack)

    def test_messages_without_a_token_under_an_audit_log(self):
        contacts = enrich_items(f"+49151{n:08}" for n in range(34_000))

        def attack(connection, end):
            while time.monotonic() < end and not connection.closed:
                stream = connection.open(ENRICH)
                connection.write(stream, contacts, end=True)
                next(self.sent)
        self.assert_held(attack)


if __name__ == "__main__":
    unittest.main(verbosity=2)
