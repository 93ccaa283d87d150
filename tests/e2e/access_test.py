"""Tests access tokens as an operator uses them: created, used, revoked."""

import json
import random
import subprocess
import unittest

from network import PORTRAIT, PORTRAITD, Network, wait_for

EXIT_SOME_FAILED = 2
EXIT_REFUSED = 4
# Results that a server may have written and that no client has read.
MOST_IN_HAND = 5000
OWN = "+4915700000001"
CONTACT = "+4915123000090"


class AccessTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)

    def create(self, *arguments):
        """The output of `token create`, including the secret."""
        done = self.network.portrait(
            "token", "create", *arguments, "--format", "jsonl")
        return json.loads(done.stdout)

    def run_as(self, secret, *arguments, stdin=None):
        """Runs portrait with this token and no other credentials."""
        return subprocess.run(
            [str(PORTRAIT), "--server", self.network.address, *arguments],
            env={"PORTRAIT_TOKEN": secret, "HOME": str(self.network.folder)},
            capture_output=True, text=True, timeout=120, check=False,
            input=stdin)

    def test_a_token_is_made_used_listed_and_revoked(self):
        self.network.link("mine", OWN)
        made = self.create("acme", "--quota", "1000", "--rate", "50",
                           "--expires-in", "90d")
        secret = made.pop("secret")
        done = self.run_as(secret, "get", CONTACT)
        self.assertEqual(0, done.returncode, done.stderr)
        # The token may make lookups and manage nothing.
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
        made = self.create("acme", "--may", "lookup,watch-all")
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

    def test_a_tenant_sees_and_forgets_its_own_contacts_only(self):
        self.network.link("mine", OWN)
        acme, bank = (self.create(tenant)["secret"]
                      for tenant in ("acme", "bank"))
        self.network.steer("set", "-", stdin=f"{CONTACT} picture=1800000000\n")
        self.assertEqual(0, self.run_as(bank, "get", CONTACT).returncode)
        seen = self.run_as(bank, "history", CONTACT).stdout
        self.assertIn("1800000000", seen)
        self.assertEqual("", self.run_as(acme, "history", CONTACT).stdout)
        done = self.run_as(acme, "forget", CONTACT)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(seen, self.run_as(bank, "history", CONTACT).stdout)

    def test_a_tenant_cannot_tell_our_own_numbers(self):
        self.network.link("mine", OWN)
        acme = self.create("acme")["secret"]
        admin = self.network.portrait("get", OWN, check=False)
        self.assertIn("own_number", (admin.stdout + admin.stderr).lower())
        tenant = self.run_as(acme, "get", OWN)
        self.assertNotIn("own_number", (tenant.stdout + tenant.stderr).lower())

    def test_an_objection_is_listed_and_removed(self):
        self.network.link("mine", OWN)
        bank = self.create("bank")["secret"]
        self.network.portrait("forget", CONTACT, "--suppress")
        self.assertNotEqual(0, self.run_as(bank, "get", CONTACT).returncode)
        listed = self.network.portrait(
            "objection", "list", "--format", "jsonl").stdout.splitlines()
        self.assertEqual(1, len(listed), listed)
        refused = self.run_as(bank, "objection", "remove", CONTACT)
        self.assertEqual(EXIT_REFUSED, refused.returncode, refused.stderr)
        self.network.portrait(
            "objection", "remove", "--id", json.loads(listed[0])["objection"])
        done = self.run_as(bank, "get", CONTACT)
        self.assertEqual(0, done.returncode, done.stderr)

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
        # The tenants' tokens are still valid.
        self.assertIn("not have the right admin", self.run_as(
            lookup, "token", "list").stderr)

    def usage(self, tenant="acme"):
        done = self.network.portrait("usage", tenant, "--format", "jsonl")
        return json.loads(done.stdout)

    def test_usage_is_exact_across_kill_9(self):
        self.network.link("mine", OWN)
        secret = self.create("acme", "--quota", "50")["secret"]
        contacts = [f"+4915123{i:06}" for i in range(0, 900, 90)]
        for _ in range(3):
            done = self.run_as(secret, "get", *contacts)
            self.assertEqual(0, done.returncode, done.stderr)
            self.network.kill_server()
            self.network.start_server()
        usage = self.usage()
        self.assertEqual(
            (30, 20, 10, 50), (usage["lookups"], usage["from_store"],
                               usage["from_whatsapp"], usage["quota"]))
        # The remaining quota is still counted correctly.
        done = self.run_as(secret, "enrich", "-", "-o", "-", stdin="\n".join(
            f"+4915124{i:06}" for i in range(0, 2700, 90)) + "\n")
        self.assertEqual(EXIT_SOME_FAILED, done.returncode, done.stderr)
        self.assertEqual(10, done.stdout.count("QUOTA_EXCEEDED"))
        self.assertEqual(50, self.usage()["lookups"])

    def test_a_stream_cut_off_by_kill_9_is_counted_at_least_as_answered(self):
        self.network.link("mine", OWN)
        secret = self.create("acme")["secret"]
        token_file = self.network.folder / "acme.token"
        token_file.write_text(secret)
        rows = 20_000
        numbers = self.network.folder / "numbers.csv"
        numbers.write_text("".join(
            f"+49151{i:07}\n" for i in range(0, rows * 90, 90)))
        output = self.network.folder / "out.csv"
        enrich = subprocess.Popen(
            [str(PORTRAIT), "--server", self.network.address, "--token-file",
             str(token_file), "enrich", str(numbers), "-o", str(output)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.network.processes.append(enrich)
        wait_for("some rows", lambda: output.exists()
                 and output.read_bytes().count(b"\n") > rows // 4, seconds=600)
        address = self.network.address
        self.network.kill_server()
        answered = output.read_bytes().count(b"\n") - 1
        self.network.start_server(listen=address)
        self.assertGreaterEqual(self.usage()["lookups"], answered)
        _, errors = enrich.communicate(timeout=600)
        self.assertEqual(0, enrich.returncode, errors)
        usage = self.usage()
        counted = usage["lookups"] + usage["failed"]
        self.assertGreaterEqual(counted, rows)
        # Results in transit when the server was killed are counted, too.
        self.assertLessEqual(counted, rows + MOST_IN_HAND)


class EnumerationTest(unittest.TestCase):

    def setUp(self):
        self.network = Network(
            enumeration_guard="on",
            server_flags=["--enumeration-own-block", "100"])
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)
        self.network.link("mine", OWN)

    def enrich(self, numbers, tenant, *flags):
        """Returns the exit code, and the number of contacts that WhatsApp was
        asked about."""
        token = self.network.folder / f"{tenant}.token"
        token.write_text(self.network.portrait(
            "token", "create", tenant, *flags).stdout)
        asked = self.network.stats()["usync_users"]
        done = self.network.portrait(
            "--token-file", token, "enrich", "-", "-o", "-", check=False,
            stdin="".join(n + "\n" for n in numbers))
        return done, self.network.stats()["usync_users"] - asked

    def test_a_walk_along_a_range_is_refused_before_whatsapp_is_asked(self):
        walk = [f"+49151230{i:05}" for i in range(3000)]
        done, asked = self.enrich(walk, "walker")
        self.assertEqual(EXIT_SOME_FAILED, done.returncode, done.stderr)
        self.assertLess(asked, 500)
        self.assertEqual(len(walk) - asked, done.stdout.count("ENUMERATION"))
        log = self.network.log("portraitd")
        self.assertIn("tenant walker requests numbers close together", log)
        self.assertNotIn("+4915123", log)
        # A closed installation may turn the guard off, for all or for some
        # tokens.
        done, asked = self.enrich(walk, "trusted", "--unguarded")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertGreater(asked, 2500)

    def test_a_sorted_customer_list_passes(self):
        rng = random.Random(5)
        customers = sorted({
            f"+4915{rng.randrange(1, 8)}{rng.randrange(10 ** 8):08}"
            for _ in range(5000)})
        done, asked = self.enrich(customers, "shop")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(len(customers), asked)


if __name__ == "__main__":
    unittest.main(verbosity=2)
