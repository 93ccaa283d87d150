"""The examples of client/http/README.md, as a reader copies and pastes them.

    examples_test.py php | ruby

Exits with 77 if the language is not installed.
"""

import http.client
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[4]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from network import Network  # noqa: E402

EXAMPLES = ROOT / "client" / "http"
LANGUAGE = sys.argv[1]
CONTACTS = ["+13105551234 register picture=1001 show",
            "+13105551235 register no-picture",
            "+13105551236 unregister",
            "+13105551237 register picture=1004 show"]
SUPPRESSED = "+13105551237"
PATIENCE_SECONDS = 120


def readme_block():
    """The README's commands in this language."""
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (block,) = [b for b in blocks if f"\n{LANGUAGE} " in b]
    return block


class BusyProxy(http.server.BaseHTTPRequestHandler):
    """Answers the first requests with 503, forwards the others."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests += 1
        if self.server.requests <= self.server.refusals:
            self.reply(503, b"busy", {"Retry-After": self.server.retry_after})
            return
        forward = http.client.HTTPConnection(self.server.upstream,
                                             timeout=PATIENCE_SECONDS)
        forward.request("POST", self.path, body, {
            "Authorization": self.headers["Authorization"]})
        response = forward.getresponse()
        self.reply(response.status, response.read(), {})
        forward.close()

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


class HttpExamplesTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(
            tls=False, server_flags=["--http-listen", "127.0.0.1:0"])
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.network.steer("set", "-", stdin="\n".join(CONTACTS))
        cls.network.link("mine", "+4915700000001")
        cls.network.portrait("forget", SUPPRESSED, "--suppress")
        cls.token_file = str(cls.network.data / "admin.token")

    def run_example(self, contacts="", server="", token_file="", block=""):
        """Runs the README's block with this test's server, token and, if given,
        contacts."""
        block = block or readme_block()
        for placeholder, value in (
                ("127.0.0.1:7780", server or self.network.http),
                ("admin.token", token_file or self.token_file),
                ("+13105551234 +13105551235 no-number", contacts)):
            self.assertIn(placeholder, block)
            block = block.replace(placeholder, value or placeholder)
        return self.run_commands(block)

    def run_commands(self, commands):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("PORTRAIT_")}
        return subprocess.run(
            ["bash", "-e", "-c", commands], cwd=EXAMPLES, env=environment,
            capture_output=True, text=True, timeout=PATIENCE_SECONDS,
            check=False)

    def start_proxy(self, refusals, retry_after):
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), BusyProxy)
        proxy.requests, proxy.refusals = 0, refusals
        proxy.retry_after, proxy.upstream = retry_after, self.network.http
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        return proxy

    def test_the_readme_looks_up_its_contacts(self):
        done = self.run_example()
        self.assertEqual(0, done.returncode, done.stderr)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^\+13105551234 http://\S+$")
        self.assertEqual(["+13105551235 PICTURE_STATE_NOT_SET",
                          "no-number not a phone number"], lines[1:])
        self.assertEqual("", done.stderr)

    def test_each_contact_has_its_own_line_in_more_than_one_call(self):
        contacts = [SUPPRESSED, "+13105551236", *["+13105551235"] * 1000]
        done = self.run_example(" ".join(contacts))
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(
            [f"{SUPPRESSED} has objected to lookups",
             "+13105551236 REGISTRATION_NOT_REGISTERED",
             *["+13105551235 PICTURE_STATE_NOT_SET"] * 1000],
            done.stdout.splitlines())

    def test_a_refused_token_is_told_by_its_reason(self):
        watcher = self.network.portrait(
            "token", "create", "watcher", "--may", "watch").stdout.strip()
        for secret, advice in (
                ("guess", "check the file of the token"),
                (watcher, "use a token that may look up")):
            file = self.network.folder / "other.token"
            file.write_text(f"{secret}\n")
            done = self.run_example(token_file=str(file))
            self.assertEqual(1, done.returncode)
            self.assertEqual("", done.stdout)
            self.assertIn(f"; {advice}\n", done.stderr)

    def test_a_busy_server_is_asked_again_when_it_says(self):
        proxy = self.start_proxy(refusals=2, retry_after="1")
        done = self.run_example(
            server=f"127.0.0.1:{proxy.server_port}")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(3, proxy.requests)
        self.assertEqual(3, len(done.stdout.splitlines()))
        self.assertEqual(["HTTP status 503: again in 1 s"] * 2,
                         done.stderr.splitlines())

    def test_a_server_that_stays_busy_ends_the_program(self):
        for refusals, retry_after, requests in ((9, "0", 5), (9, "3600", 1)):
            proxy = self.start_proxy(refusals, retry_after)
            done = self.run_example(server=f"127.0.0.1:{proxy.server_port}")
            self.assertEqual(1, done.returncode)
            self.assertEqual(requests, proxy.requests)
            self.assertIn("HTTP status 503\n", done.stderr)

    def test_what_is_missing_is_told_in_a_sentence(self):
        program = readme_block().split("\n")[1]
        done = self.run_commands(program)
        self.assertEqual(1, done.returncode)
        self.assertIn("set PORTRAIT_TOKEN_FILE", done.stderr)
        done = self.run_example(token_file="none.token")
        self.assertEqual(1, done.returncode)
        self.assertIn("cannot read none.token", done.stderr)
        done = self.run_example(server="127.0.0.1:1")
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr, "^no (server|answer)")


if __name__ == "__main__":
    if not shutil.which(LANGUAGE):
        print(f"SKIPPED: {LANGUAGE} is not installed; its example did not run",
              file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
