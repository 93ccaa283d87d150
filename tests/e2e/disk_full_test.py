"""A disk that is really full: a small tmpfs. Needs root; is skipped otherwise."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from network import PORTRAITD, Network, wait_for

DISK_MIB = 48
EXIT_FAILURE = 1
NUMBERS = [f"+4915123{i:06}" for i in range(300)]


class Disk:
    """A file system of its own with DISK_MIB of room."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="disk-full-"))
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs",
             str(self.folder)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.folder.rmdir()
            raise unittest.SkipTest(f"mount: {done.stderr.strip()}")

    def fill(self):
        with open(self.folder / "filling", "ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def empty(self):
        (self.folder / "filling").unlink()

    def close(self):
        subprocess.run(["umount", "-l", str(self.folder)], check=False)
        self.folder.rmdir()


@unittest.skipUnless(os.geteuid() == 0, "only root can mount a file system")
class DiskFullTest(unittest.TestCase):

    def setUp(self):
        self.disk = Disk()
        self.addCleanup(self.disk.close)
        self.network = Network(data=self.disk.folder / "data")
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)
        self.network.link("ada", "+4915700000001")

    def serves(self):
        return self.network.portrait(
            "health", "--lookups", check=False).returncode == 0

    def get(self, number):
        return self.network.portrait("get", number, check=False)

    def test_health_says_so_while_it_is_full_and_it_serves_again(self):
        wait_for("serving", self.serves)
        self.assertEqual(0, self.get(NUMBERS[0]).returncode)
        self.disk.fill()
        # The store notices a full disk only when a write fails.
        numbers = iter(NUMBERS[1:])

        def is_out_of_service():
            self.get(next(numbers))
            return not self.serves()
        wait_for("not serving", is_out_of_service)
        self.assertIsNone(self.network.server.poll())
        # Stored contacts are still answered.
        self.assertEqual(0, self.get(NUMBERS[0]).returncode)
        self.disk.empty()
        # There is no further write: the store finds the free space by itself.
        wait_for("serving", self.serves)
        self.assertEqual(0, self.get(NUMBERS[-1]).returncode)

    def test_compacting_a_full_disk_is_refused_and_stops_nothing(self):
        self.assertEqual(0, self.get(NUMBERS[0]).returncode)
        self.disk.fill()
        compacted = self.network.portrait("admin", "compact", check=False)
        self.assertNotEqual(0, compacted.returncode)
        self.assertIn("disk full", compacted.stderr)
        self.disk.empty()
        wait_for("serving", self.serves)
        self.assertEqual(0, self.get(NUMBERS[1]).returncode)

    def test_a_start_on_a_full_disk_says_so_and_does_not_abort(self):
        self.network.stop_server()
        self.disk.fill()
        started = subprocess.run(
            [str(PORTRAITD), "--listen", "127.0.0.1:0", "--data-dir",
             str(self.disk.folder / "data")],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(EXIT_FAILURE, started.returncode, started.stderr)
        self.assertIn("disk full", started.stderr)


if __name__ == "__main__":
    unittest.main()
