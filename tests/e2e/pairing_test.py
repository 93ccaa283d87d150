"""Tests linking an account by a code to type, and by a QR code over HTTP, with
the real programs."""

import http.client
import json
import re
import shutil
import subprocess
import unittest

from network import STOP_SECONDS, Network, wait_for
from qr_codes import read_svg

PHONE = "+4915700000001"

EXIT_USAGE = 1
EXIT_REFUSED = 4


class PairingTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)

    def pair(self, phone):
        return self.network.start_portrait(
            "session", "pair", "mine", "--phone", phone, "--format", "jsonl")

    def enter(self, code):
        """Enters the code on the phone; returns whether the account was
        linked."""
        try:
            self.network.steer("enter", "--phone", PHONE, code)
        except AssertionError as refused:
            self.assertIn("the code is wrong", str(refused))
            return False
        return True

    def next_event(self, pairing, name):
        event = json.loads(pairing.stdout.readline())
        self.assertEqual(name, event["event"], event)
        return event

    def test_a_code_typed_on_the_phone_links_it(self):
        pairing = self.pair(PHONE)
        code = self.next_event(pairing, "pairing_code")["code"]
        self.assertRegex(code, "^[1-9A-Z]{4}-[1-9A-Z]{4}$")
        # The code is mistyped once.
        self.assertFalse(self.enter("1111-1111"))
        self.assertTrue(self.enter(code))
        self.assertEqual("mine", self.next_event(pairing, "paired")["session"])
        pairing.communicate(timeout=STOP_SECONDS)
        self.assertEqual(0, pairing.returncode)
        # The account works, also after a restart.
        for _ in range(2):
            found = self.network.portrait(
                "get", "--format", "jsonl", "+4915123000090", check=False)
            self.assertNotIn("error", json.loads(found.stdout), found.stdout)
            self.assertEqual(0, self.network.stop_server())
            self.network.start_server()
        stats = self.network.stats()
        self.assertEqual(1, stats["pairings"])
        self.assertEqual(0, stats["protocol_errors"], self.network.log("sim"))
        # A reader of the logs must not be able to link a device.
        log = self.network.log("portraitd")
        for secret in (code, code.replace("-", ""), PHONE, PHONE[1:]):
            self.assertNotIn(secret, log)

    def test_three_wrong_codes_end_it(self):
        pairing = self.pair(PHONE)
        self.next_event(pairing, "pairing_code")
        for _ in range(3):
            self.assertFalse(self.enter("1111-1111"))
        failed = self.next_event(pairing, "failed")
        self.assertIn("wrong code", failed["message"])
        pairing.communicate(timeout=STOP_SECONDS)
        self.assertEqual(EXIT_REFUSED, pairing.returncode)
        # The name is free again.
        self.network.link("mine", PHONE)

    def test_a_number_that_cannot_be_is_refused_at_once(self):
        for phone in ("0151 1234567", "+49", "mine"):
            done = self.network.portrait(
                "session", "pair", "mine", "--phone", phone, check=False)
            self.assertEqual(EXIT_USAGE, done.returncode, done.stderr)
            self.assertIn("phone_number", done.stderr)
        self.assertEqual(0, self.network.stats()["connections"])

    def test_a_person_is_told_what_to_do(self):
        pairing = subprocess.Popen(
            self.network.command("session", "pair", "--phone", PHONE),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.network.processes.append(pairing)
        shown = ""
        while "The code is valid until" not in shown:
            line = pairing.stdout.readline()
            self.assertNotEqual("", line, shown)
            shown += line
        self.assertIn("Link with phone number instead", shown)
        code = re.search(r"│\s+(\S(?: \S){8})\s+│", shown)[1]
        self.assertTrue(self.enter(code.replace(" ", "")))
        output, errors = pairing.communicate(timeout=STOP_SECONDS)
        self.assertEqual(0, pairing.returncode, errors)
        self.assertIn('as session "session-1"', output)


class QrCodeOverHttpTest(unittest.TestCase):

    def setUp(self):
        self.network = Network(server_flags=["--http-listen", "127.0.0.1:0"])
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)
        self.token = (self.network.data / "admin.token").read_text().strip()

    def request(self, method, path, body=None, token=None):
        connection = http.client.HTTPConnection(self.network.http, timeout=60)
        self.addCleanup(connection.close)
        connection.request(
            method, path, None if body is None else json.dumps(body),
            {"Authorization": f"Bearer {token or self.token}"})
        response = connection.getresponse()
        response.hang_up = connection.close
        return response

    def expect_error(self, status, text, name="mine"):
        response = self.request("GET", f"/v1/sessions/{name}/qr.svg")
        error = json.loads(response.read())
        self.assertEqual(status, response.status, error)
        self.assertIn(text, error["message"])

    @unittest.skipUnless(shutil.which("zbarimg"), "needs zbar-tools")
    def test_a_phone_scans_the_drawing_of_a_pairing_that_another_call_holds(self):
        self.expect_error(404, "no pairing of a session mine is in progress")
        events = self.request("POST", "/v1/sessions:pair", {"session": "mine"})
        first = json.loads(events.readline())
        self.assertIn("qrCode", first)
        response = self.request("GET", "/v1/sessions/mine/qr.svg")
        svg = response.read().decode()
        self.assertEqual((200, "image/svg+xml", "no-store"), (
            response.status, response.headers["Content-Type"],
            response.headers["Cache-Control"]))
        text = read_svg(svg, self.network.folder)
        self.assertEqual(first["qrCode"]["text"], text)
        self.expect_error(404, "no pairing of a session other", "other")
        openapi = json.loads(self.request("GET", "/openapi.json").read())
        route = openapi["paths"]["/v1/sessions/{session}/qr.svg"]["get"]
        self.assertEqual(["image/svg+xml"],
                         list(route["responses"]["200"]["content"]))
        lookup = json.loads(self.request("POST", "/v1/tokens", {
            "tenant": "crm", "role": "ROLE_LOOKUP"}).read())["secret"]
        self.assertEqual(403, self.request(
            "GET", "/v1/sessions/mine/qr.svg", token=lookup).status)
        self.network.steer("scan", "--phone", PHONE, text)
        self.assertIn("paired", json.loads(events.readline()))
        self.expect_error(409, "session mine is linked")
        self.assertNotIn(text, self.network.log("portraitd"))

    def test_a_pairing_that_ends_has_no_code_any_more(self):
        events = self.request("POST", "/v1/sessions:pair", {"session": "mine"})
        self.assertIn("qrCode", json.loads(events.readline()))
        events.hang_up()
        events.close()
        wait_for("the end of the pairing", lambda: self.request(
            "GET", "/v1/sessions/mine/qr.svg").status == 404)

    def test_a_pairing_by_a_code_to_type_has_no_drawing(self):
        events = self.request("POST", "/v1/sessions:pair", {
            "session": "mine", "phoneNumber": PHONE})
        self.assertIn("pairingCode", json.loads(events.readline()))
        self.expect_error(404, "a code to type into the phone")


if __name__ == "__main__":
    unittest.main(verbosity=2)
