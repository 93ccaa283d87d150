"""Tests that a full run writes no secret or personal data except in responses.

A server with the log level trace runs all of its operations; then its log, its
audit log, its metrics and RocksDB's own log are searched for every key, token,
full number and picture URL.
"""

import base64
import json
import re
import subprocess
import unittest
import urllib.request

from network import BUILD, PORTRAIT, STOP_SECONDS, Network, wait_for

REVEAL = BUILD / "tests" / "e2e" / "reveal_secrets"
OWN = ("+4915700000001", "+4915700000002")
NUMBERS = [f"+49151230{i:05}" for i in range(0, 60000, 500)]
OBJECTED = NUMBERS[7]


class SecretsTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.audit = self.network.folder / "audit.log"
        self.network.server_flags += [
            "--log-level", "trace", "--audit-log", self.audit,
            "--metrics-listen", "127.0.0.1:0",
            "--backup-dir", self.network.folder / "backups"]
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)
        self.tokens = [(self.network.data / "admin.token").read_text().strip()]
        self.keys = [(self.network.data / "portrait.key").read_text().strip()]
        self.codes = []
        self.urls = []
        self.metrics = ""

    # ---- a run with all operations of a server

    def link_by_code(self, name, phone):
        pairing = self.network.start_portrait(
            "session", "pair", name, "--phone", phone, "--format", "jsonl")
        code = json.loads(pairing.stdout.readline())["code"]
        self.codes += [code, code.replace("-", "")]
        self.network.steer("enter", "--phone", phone, code)
        pairing.communicate(timeout=STOP_SECONDS)
        self.assertEqual(0, pairing.returncode)

    def look_up(self, *flags, numbers=tuple(NUMBERS)):
        done = self.network.portrait(
            "get", "--format", "jsonl", "--size", "both", *flags, *numbers,
            check=False)
        for line in done.stdout.splitlines():
            row = json.loads(line)
            self.urls += filter(None, (row.get("url"), row.get("preview_url"),
                                       row.get("direct_path")))

    def call_with(self, token, *arguments):
        subprocess.run(
            [str(PORTRAIT), "--server", self.network.address, *arguments],
            env={"PORTRAIT_TOKEN": token, "HOME": str(self.network.folder)},
            capture_output=True, timeout=120, check=False)

    def scrape(self):
        ready = json.loads((self.network.data / "portraitd.json").read_text())
        with urllib.request.urlopen(
                f"http://{ready['metrics']}/metrics", timeout=60) as answer:
            self.metrics += answer.read().decode()

    def run_everything(self):
        network = self.network
        network.link("by-qr", OWN[0])
        self.link_by_code("by-code", OWN[1])
        made = json.loads(network.portrait(
            "token", "create", "acme", "--format", "jsonl").stdout)
        self.tokens += [made["secret"], "pt_" + "x" * 43]
        for token in self.tokens[1:]:
            self.call_with(token, "get", NUMBERS[0], "not a number")
            self.call_with(token, "session", "list")
        self.look_up()
        network.steer("faults", "--disconnect", "0.02", "--malformed", "0.02",
                      "--error", "0.05")
        self.look_up("--max-age", "0")
        network.steer("faults", "--disconnect", "0", "--malformed", "0",
                      "--error", "0")
        network.portrait("enrich", "-", "-o", network.folder / "out.csv",
                         stdin="\n".join(NUMBERS) + "\n", check=False)
        network.portrait("history", NUMBERS[0])
        network.portrait("forget", NUMBERS[3])
        network.portrait("forget", OBJECTED, "--suppress")
        self.look_up(numbers=(OBJECTED, OWN[0], "+4912"))
        network.portrait("admin", "backup")
        network.portrait("admin", "rotate-key")
        self.keys.append((network.data / "portrait.key").read_text().strip())
        network.portrait("token", "revoke", made["token"])
        network.portrait("session", "pause", "by-qr")
        network.portrait("session", "resume", "by-qr")
        self.scrape()
        network.kill_server()
        network.start_server()
        wait_for("the account back", lambda: network.session_state("by-qr")
                 == "READY")
        self.look_up("--max-age", "0")
        self.scrape()
        network.portrait("session", "logout", "by-code")
        self.assertEqual(0, network.stop_server())

    # ---- the searched text, and the secrets

    def written(self):
        """Name and content of everything that was written except responses."""
        yield "metrics", self.metrics
        files = [self.network.folder / "portraitd.log",
                 *self.network.folder.glob("audit.log*"),
                 *(self.network.data / "db").glob("LOG*")]
        for file in files:
            # Latin-1 keeps each byte as one character.
            yield file.name, file.read_bytes().decode("latin-1")

    def revealed(self):
        """The secrets in the stopped server's data folder, as raw bytes."""
        done = subprocess.run(
            [str(REVEAL), str(self.network.data)], capture_output=True,
            text=True, timeout=STOP_SECONDS, check=True)
        secrets = [bytes.fromhex(line) for line in done.stdout.split()]
        # The seal key, an account's keys, about a hundred one-time keys.
        self.assertGreater(len(secrets), 10)
        return secrets + [bytes.fromhex(key) for key in self.keys]

    @staticmethod
    def spellings(secret):
        for padded in (base64.b64encode(secret),
                       base64.urlsafe_b64encode(secret)):
            yield padded.decode().rstrip("=")
        yield secret.hex()
        yield secret.hex().upper()
        yield secret.decode("latin-1")

    def test_nothing_secret_or_personal_is_written_beside_answers(self):
        self.run_everything()
        forbidden = {f"token {t[:6]}…": [t] for t in self.tokens}
        forbidden |= {f"pairing code {c[:2]}…": [c] for c in self.codes}
        forbidden |= {f"number {n}": [n[1:]] for n in (*NUMBERS, *OWN)}
        forbidden |= {f"URL {u[:30]}…": [u] for u in self.urls}
        for i, secret in enumerate(self.revealed()):
            forbidden[f"secret {i}"] = list(self.spellings(secret))
        self.assertGreater(len(self.urls), 20)
        for name, text in self.written():
            with self.subTest(name):
                self.assertNotEqual("", text)
                found = [what for what, spellings in forbidden.items()
                         if any(s in text for s in spellings)]
                self.assertEqual([], found)

        # Proves that the log was searched: it has contacts, masked or hashed.
        self.assertRegex(self.audit.read_text(), r'"contact":"[0-9a-f]{32}"')
        self.assertTrue(re.search(r"portrait_\w+", self.metrics))


if __name__ == "__main__":
    unittest.main(verbosity=2)
