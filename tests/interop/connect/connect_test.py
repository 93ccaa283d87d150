"""Calls portraitd with the Connect clients of Node.js and Go, generated from our
contract.

connect_test.py BUILD_FOLDER
"""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from network import Network  # noqa: E402

OWN, CONTACT = "+4915700000001", "+4915123000190"
FETCH_SECONDS = 400


class ConnectTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=["--http-listen", "127.0.0.1:0"])
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.network.link("mine", OWN)
        # The contact's first change.
        cls.network.portrait("get", CONTACT)
        token = (cls.network.data / "admin.token").read_text().strip()
        cls.arguments = [f"http://{cls.network.http}", token, CONTACT]

    def run_judge(self, command, folder):
        done = subprocess.run(
            [*command, *self.arguments], cwd=folder, capture_output=True,
            text=True, timeout=120, check=False)
        self.assertEqual((0, "ok\n"), (done.returncode, done.stdout),
                         done.stderr[-3000:])

    def test_connect_for_node(self):
        if not shutil.which("npm"):
            self.skipTest("npm is not installed")
        folder = BUILD / "node"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "package.json", folder)
        shutil.copy(HERE / "judge.mjs", folder)
        shutil.copytree(ROOT / "client" / "node" / "gen", folder / "gen",
                        dirs_exist_ok=True)
        if not (folder / "node_modules" / "@connectrpc").exists():
            subprocess.run(["npm", "install", "--silent", "--no-audit",
                            "--no-fund", "--ignore-scripts"], cwd=folder,
                           check=True, timeout=FETCH_SECONDS)
        self.run_judge(["node", "judge.mjs"], folder)

    def test_connect_for_go(self):
        if not shutil.which("go"):
            self.skipTest("Go is not installed")
        BUILD.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off",
                       "CGO_ENABLED": "0",
                       "GOFLAGS": "-mod=readonly -buildvcs=false"}
        program = BUILD / "judge"
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE / "go",
                       check=True, timeout=FETCH_SECONDS, env=environment)
        self.run_judge([program], BUILD)


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1))
    unittest.main()
