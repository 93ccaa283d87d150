"""Tests administration: backups, the key, a damaged store, lost keys."""

import json
import random
import shutil
import subprocess
import time
import unittest

from network import PORTRAITD, STOP_SECONDS, Network, wait_for

PHONE = "+4915700000001"
NUMBERS = [f"+49151230{i:05}" for i in range(200)]
EXIT_SOME_FAILED = 2


class AdminTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.backups = self.network.folder / "backups"
        self.network.server_flags += ["--backup-dir", self.backups]
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)

    def offline(self, *flags):
        """Runs portraitd with flags that make it exit after an operation."""
        return subprocess.run(
            [str(PORTRAITD), "--listen", "127.0.0.1:0", "--data-dir",
             str(self.network.data), *map(str, flags)],
            capture_output=True, text=True, timeout=STOP_SECONDS, check=False)

    def states(self):
        """The known state of each number, with its source."""
        done = self.network.portrait(
            "get", "--format", "jsonl", *NUMBERS, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return {row["contact"]: (row["state"], row.get("id"), row.get("source"))
                for row in rows}

    def wait_until_ready(self, account):
        wait_for(f"{account} ready",
                 lambda: self.network.session_state(account) == "READY")

    def test_a_backup_becomes_a_server_again(self):
        network = self.network
        network.link("mine", PHONE)
        asked = self.states()
        network.portrait("admin", "backup")
        listed = network.portrait("admin", "backups").stdout
        self.assertEqual(1, json.loads(listed)["backup"])
        done = network.portrait("admin", "verify", "--backups")
        self.assertIn("are undamaged", done.stderr)
        network.stop_server()
        old = network.data

        network.data = network.folder / "restored"
        how = network.portrait("admin", "restore").stdout
        self.assertIn("portraitd --restore", how)
        done = self.offline("--restore", self.backups)
        self.assertEqual(0, done.returncode, done.stderr)
        # The backup has no key file; without it, nothing is changed or made.
        done = self.offline()
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("portrait.key is missing", done.stderr)
        self.assertFalse((network.data / "portrait.key").exists())
        shutil.copy(old / "portrait.key", network.data / "portrait.key")
        done = self.offline("--reset-admin-token")
        self.assertEqual(0, done.returncode, done.stderr)

        network.start_server()
        self.wait_until_ready("mine")
        queries = network.stats()["picture_queries"]
        for contact, (state, picture, source) in self.states().items():
            self.assertEqual(asked[contact][:2], (state, picture))
            self.assertEqual("store", source)
        self.assertEqual(queries, network.stats()["picture_queries"])
        # A second restore is refused, because there is a store now.
        network.stop_server()
        done = self.offline("--restore", self.backups)
        self.assertEqual(1, done.returncode)
        self.assertIn("already", done.stderr)

    def test_a_new_key_takes_the_old_ones_place(self):
        network = self.network
        network.link("mine", PHONE)
        key = network.data / "portrait.key"
        old = key.read_text()
        done = network.portrait("admin", "rotate-key")
        self.assertIn("1 accounts are encrypted with a new key", done.stderr)
        new = key.read_text()
        self.assertNotEqual(old, new)
        network.stop_server()

        key.write_text(old)
        done = self.offline()
        self.assertEqual(1, done.returncode)
        self.assertIn("session mine", done.stderr)
        self.assertIn(str(key), done.stderr)
        key.write_text(new)
        key.chmod(0o644)
        done = self.offline()
        self.assertEqual(1, done.returncode)
        self.assertIn("chmod 600", done.stderr)
        key.chmod(0o600)
        network.start_server()
        self.wait_until_ready("mine")

    def test_a_rotation_that_is_killed_loses_no_account(self):
        network = self.network
        network.link("mine", PHONE)
        rng = random.Random(11)
        for _ in range(6):
            rotation = network.start_portrait("admin", "rotate-key")
            # A random moment, not a wait for something.
            time.sleep(rng.uniform(0, 0.1))
            network.kill_server()
            rotation.communicate(timeout=60)
            network.start_server()
            self.wait_until_ready("mine")

    def test_accounts_whose_key_is_lost_are_linked_anew(self):
        network = self.network
        network.link("mine", PHONE)
        asked = self.states()
        network.stop_server()
        (network.data / "portrait.key").unlink()
        done = self.offline()
        self.assertIn("--forget-accounts", done.stderr)
        done = self.offline("--forget-accounts")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("mine", done.stdout)
        network.start_server()
        network.link("mine", PHONE)
        for contact, (state, picture, source) in self.states().items():
            self.assertEqual(asked[contact][:2], (state, picture))
            self.assertEqual("store", source)

    def test_a_damaged_table_is_named_and_the_rest_is_served(self):
        network = self.network
        network.link("mine", PHONE)
        self.states()
        network.portrait("admin", "compact")
        whole = network.portrait("admin", "verify")
        self.assertIn("are undamaged", whole.stderr)
        stats = [json.loads(line) for line in
                 network.portrait("admin", "stats").stdout.splitlines()]
        contacts = next(s for s in stats if s["family"] == "contacts")
        self.assertEqual(len(NUMBERS), contacts["keys"])
        network.stop_server()

        # After the compaction there is one table; later data is in another one.
        table, = (file for file in (network.data / "db").glob("*.sst")
                  if file.stat().st_size == contacts["table_bytes"])
        damaged = bytearray(table.read_bytes())
        damaged[20] ^= 0x55
        table.write_bytes(damaged)
        network.start_server()
        self.wait_until_ready("mine")
        done = network.portrait("admin", "verify", check=False)
        self.assertEqual(EXIT_SOME_FAILED, done.returncode)
        self.assertEqual(table.name, json.loads(done.stdout)["file"])
        states = {row[0] for row in self.states().values()}
        self.assertIn("error", states)
        network.portrait("get", "+13105551234")
        self.assertEqual("READY", network.session_state("mine"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
