"""Who may call, as an operator meets it: tokens made, used and taken away."""

import json
import subprocess
import unittest

from network import PORTRAIT, PORTRAITD, Network, wait_for

EXIT_REFUSED = 4
OWN = "+4915700000001"
CONTACT = "+4915123000090"


class AccessTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)

    def create(self, *arguments):
        """What `token create` says of a token, its secret among it."""
        done = self.network.portrait(
            "token", "create", *arguments, "--format", "jsonl")
        return json.loads(done.stdout)

    def run_as(self, secret, *arguments):
        """portrait as somebody who has this token and nothing else."""
        return subprocess.run(
            [str(PORTRAIT), "--server", self.network.address, *arguments],
            env={"PORTRAIT_TOKEN": secret, "HOME": str(self.network.folder)},
            capture_output=True, text=True, timeout=120, check=False)

    def test_a_token_is_made_used_listed_and_revoked(self):
        self.network.link("mine", OWN)
        made = self.create("acme", "--quota", "1000", "--rate", "50",
                           "--expires-in", "90d")
        secret = made.pop("secret")
        done = self.run_as(secret, "get", CONTACT)
        self.assertEqual(0, done.returncode, done.stderr)
        # It looks up and manages nothing.
        refused = self.run_as(secret, "token", "list")
        self.assertEqual(EXIT_REFUSED, refused.returncode, refused.stderr)

        listed = self.network.portrait(
            "token", "list", "acme", "--format", "jsonl").stdout
        self.assertEqual([made], list(map(json.loads, listed.splitlines())))

        self.network.portrait("token", "revoke", made["token"])
        done = self.run_as(secret, "get", CONTACT)
        self.assertEqual(EXIT_REFUSED, done.returncode, done.stderr)

    def test_the_secret_alone_is_printed_as_a_token_file_holds_it(self):
        done = self.network.portrait("token", "create", "acme")
        self.assertRegex(done.stdout, r"\Apt_[A-Za-z0-9_-]{43}\n\Z")
        self.assertNotIn(done.stdout.strip(), done.stderr)
        self.assertNotIn(done.stdout.strip(), self.network.log("portraitd"))

    def test_revoking_ends_a_watch_that_is_open(self):
        made = self.create("acme")
        token_file = self.network.folder / "acme.token"
        token_file.write_text(made["secret"])
        watch = subprocess.Popen(
            [str(PORTRAIT), "--server", self.network.address, "--token-file",
             str(token_file), "watch", "--resume-file",
             str(self.network.folder / "seen")], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.network.processes.append(watch)
        # The first answer is a resume token.
        wait_for("the watch", (self.network.folder / "seen").exists)
        self.network.portrait("token", "revoke", made["token"])
        _, errors = watch.communicate(timeout=60)
        self.assertEqual(EXIT_REFUSED, watch.returncode, errors)
        self.assertIn("revoked", errors)

    def reset(self):
        return subprocess.run(
            [str(PORTRAITD), "--reset-admin-token", "--data-dir",
             str(self.network.folder / "portrait")], capture_output=True,
            text=True, timeout=60, check=False)

    def test_the_admin_token_is_reset_while_the_server_is_stopped(self):
        file = self.network.folder / "portrait" / "admin.token"
        before = file.read_text().strip()
        lookup = self.create("acme")["secret"]
        running = self.reset()
        self.assertNotEqual(0, running.returncode)
        self.assertIn("another process", running.stderr)
        self.assertEqual(0, self.network.stop_server())
        file.unlink()

        done = self.reset()
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn(str(file), done.stdout)
        self.assertEqual(0o600, file.stat().st_mode & 0o7777)
        after = file.read_text().strip()
        self.assertNotIn(after, done.stdout + done.stderr)
        self.network.start_server()
        for secret, code in ((before, EXIT_REFUSED), (after, 0),
                             (lookup, EXIT_REFUSED)):
            done = self.run_as(secret, "token", "list")
            self.assertEqual(code, done.returncode, done.stderr)
        # The tenants' tokens stand.
        self.assertIn("not the role", self.run_as(
            lookup, "token", "list").stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
