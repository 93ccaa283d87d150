"""Does each job of the console in Chromium, against portraitd and the simulated
network. Keeps the screenshots: BUILD/tests/e2e/console/shots.

console_test.py BUILD_FOLDER
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from image_network import ImageNetwork
from network import SIMULATOR, Network

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else None
FETCH_SECONDS = 400
RUN_SECONDS = 840
SKIPPED = 77
NEEDED = ("chromium", "node", "npm", "zbarimg")


def install():
    """Installs Playwright and axe-core by the lock file, once."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for file in (HERE / "console").iterdir():
        if file.is_file():
            shutil.copy(file, BUILD)
    shutil.copytree(ROOT / "server" / "console", BUILD / "page",
                    dirs_exist_ok=True)
    lock, installed = BUILD / "package-lock.json", BUILD / "installed-lock.json"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    subprocess.run(["npm", "ci", "--silent"], cwd=BUILD, check=True,
                   timeout=FETCH_SECONDS)
    shutil.copy(lock, installed)


class ConsoleTest(unittest.TestCase):

    def test_its_modules_read_lists_and_draw_codes(self):
        done = subprocess.run(
            ["node", "--test", "--test-reporter=spec", "modules.test.mjs"],
            cwd=BUILD, timeout=RUN_SECONDS, check=False)
        self.assertEqual(0, done.returncode)

    def run_file(self, name, network=None):
        # Without TLS, since the browser does not know the simulated authority.
        with network or Network(tls=False, enumeration_guard="on", server_flags=[
                "--http-listen", "127.0.0.1:0"]) as network:
            network.link("berlin", "+4915788000101")
            network.link("madrid", "+4915788000102")
            environment = {
                **os.environ,
                "PORTRAIT_CHROMIUM": shutil.which("chromium"),
                "PORTRAIT_CONSOLE_URL": f"http://{network.http}",
                "PORTRAIT_CONSOLE_TOKEN":
                    (network.data / "admin.token").read_text().strip(),
                "PORTRAIT_CONSOLE_SHOTS": str(BUILD / "shots"),
                "PORTRAIT_CONSOLE_LIST":
                    str(ROOT / "deploy" / "demo" / "contacts.csv"),
                "PORTRAIT_CONSOLE_STEER": json.dumps(
                    [str(SIMULATOR), "steer", "--control",
                     network.endpoints["control"]]),
            }
            done = subprocess.run(
                ["node", "--test", "--test-reporter=spec", name], cwd=BUILD,
                env=environment, timeout=RUN_SECONDS, check=False)
            self.assertEqual(0, done.returncode,
                             network.log("portraitd")[-3000:])
            # What was typed into the page appears in no log.
            self.assertNotIn(environment["PORTRAIT_CONSOLE_TOKEN"],
                             network.log("portraitd"))

    def test_each_job_is_done(self):
        self.run_file("jobs.test.mjs")

    def test_pictures_that_portrait_keeps_are_shown_from_it(self):
        self.run_file("kept.test.mjs", ImageNetwork())

    def test_it_looks_right_everywhere_and_is_not_fooled(self):
        self.run_file("looks.test.mjs")


if __name__ == "__main__":
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing or BUILD is None:
        print(f"SKIPPED: not installed: {', '.join(missing)}; "
              "see deploy/packages-test.txt")
        sys.exit(SKIPPED)
    try:
        install()
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as e:
        print(f"SKIPPED: Playwright and axe-core cannot be installed: {e}")
        sys.exit(SKIPPED)
    unittest.main()
