"""Calls portraitd's drop-in dialects with published clients of the APIs that they
stand in for: the base URL is ours, and nothing else is changed.

dialects_test.py BUILD_FOLDER python|node

Exits with 77 if the clients cannot be installed.
"""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "e2e"))
from network import Network  # noqa: E402

OWN = "+4915700000001"
# Contacts whose picture is visible, is hidden, and one that is not on WhatsApp.
SEEN, HIDDEN, ABSENT = "4915123000190", "4915123000191", "4915123000181"
INSTALL_SECONDS = 400
RUN_SECONDS = 120
# What pip and npm say about a file that is not the one of the lock file.
TAMPERED = ("DO NOT MATCH THE HASHES", "EINTEGRITY")


def skip(reason):
    print(f"SKIPPED: {reason}; the dialects were not called by real clients",
          file=sys.stderr)
    sys.exit(77)


def install(command, folder):
    """Runs an installer; skips if the registry does not answer."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True,
            timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        skip(f"{command[0]} took longer than {INSTALL_SECONDS} s")
    if done.returncode == 0:
        return
    output = done.stdout[-2000:] + done.stderr[-2000:]
    if any(text in output for text in TAMPERED):
        sys.exit(f"a client is not the one that was locked:\n{output}")
    skip(f"the clients could not be installed:\n{output}\n")


def is_installed(lock, folder):
    """Whether `folder` has what this lock file lists."""
    copy = folder / f"installed-{lock.name}"
    return copy.exists() and copy.read_bytes() == lock.read_bytes()


def python_judges(folder):
    if sys.version_info < (3, 11):
        skip("Python is older than 3.11")
    lock = HERE / "requirements.txt"
    python = folder / "venv" / "bin" / "python"
    if not is_installed(lock, folder):
        shutil.rmtree(folder / "venv", ignore_errors=True)
        install([sys.executable, "-m", "venv", folder / "venv"], folder)
        install([python, "-m", "pip", "install", "--quiet", "--require-hashes",
                 "--only-binary", ":all:", "-r", lock], folder)
        shutil.copy(lock, folder / f"installed-{lock.name}")
    return [[python, HERE / name]
            for name in ("waha_clients.py", "evolution_clients.py")]


def node_judges(folder):
    for program in ("node", "npm"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    lock = HERE / "package-lock.json"
    for name in ("package.json", "package-lock.json", ".npmrc", "n8n_node.cjs"):
        shutil.copy(HERE / name, folder)
    shutil.copytree(HERE / "n8n-workflow", folder / "n8n-workflow",
                    dirs_exist_ok=True)
    if not is_installed(lock, folder):
        install(["npm", "ci"], folder)
        shutil.copy(lock, folder / f"installed-{lock.name}")
    return [["node", folder / "n8n_node.cjs"]]


def main():
    folder = pathlib.Path(sys.argv[1]) / sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    judges = {"python": python_judges, "node": node_judges}[sys.argv[2]](folder)
    flags = ["--http-listen", "127.0.0.1:0", "--http-compat", "waha,evolution"]
    with Network(server_flags=flags) as network:
        network.link("mine", OWN)
        token = (network.data / "admin.token").read_text().strip()
        environment = {**os.environ, "TOKEN": token, "SEEN": SEEN,
                       "HIDDEN": HIDDEN, "ABSENT": ABSENT,
                       "COMPAT_URL": f"http://{network.http}/compat"}
        for judge in judges:
            done = subprocess.run(judge, env=environment, capture_output=True,
                                  text=True, timeout=RUN_SECONDS, check=False)
            if (done.returncode, done.stdout) != (0, "ok\n"):
                sys.exit(f"{judge[-1].name}: {done.stdout}\n"
                         f"{done.stderr[-3000:]}")


if __name__ == "__main__":
    main()
