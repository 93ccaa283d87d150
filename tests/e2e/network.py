"""Runs a complete Portrait on this machine: simulated WhatsApp, portraitd,
portrait.

Tests start real processes on free ports, in a temporary folder, and stop all
of them at the end.
"""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

BUILD = pathlib.Path(os.environ["PORTRAIT_BUILD"])
SIMULATOR = BUILD / "tests" / "whatsapp_sim" / "whatsapp-sim"
PORTRAITD = BUILD / "server" / "portraitd"
PORTRAIT = BUILD / "client" / "portrait"

START_SECONDS = 60  # a sanitizer build on a busy machine
STOP_SECONDS = 60


def wait_for(what, condition, seconds=START_SECONDS):
    """Polls until condition() is true; returns its last value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def read_json(path):
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


class Network:
    """A context manager; `folder` contains all files that the processes write.
    """

    def __init__(self, tls=True, simulator_flags=(), server_flags=(),
                 enumeration_guard="off", listen="127.0.0.1:0",
                 descriptors=None, data=None):
        self.tls = tls
        # Most tests use consecutive numbers as contacts.
        self.enumeration_guard = enumeration_guard
        self.simulator_flags = list(simulator_flags)
        self.server_flags = list(server_flags)
        self.listen = listen  # {folder}: this network's folder
        self.descriptors = descriptors  # portraitd's limit; None: inherited
        self._temporary = tempfile.TemporaryDirectory(prefix="portrait-e2e-")
        self.folder = pathlib.Path(self._temporary.name)
        # portraitd's data folder
        self.data = data or self.folder / "portrait"
        self.processes = []
        self.server = None

    def __enter__(self):
        try:
            self.start_simulator()
            self.start_server()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *unused):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self._temporary.cleanup()

    def _spawn(self, name, arguments):
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen(
            [str(a) for a in arguments], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL)
        log.close()
        self.processes.append(process)
        return process

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # ---- the simulated network

    def start_simulator(self):
        data = self.folder / "sim"
        data.mkdir(exist_ok=True)
        endpoints = data / "endpoints.json"
        endpoints.unlink(missing_ok=True)
        self.simulator = self._spawn("sim", [
            SIMULATOR, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
            "--cdn", "127.0.0.1:0", "--data-dir", data, "--seed", "7",
            *(["--tls"] if self.tls else []), *self.simulator_flags])
        self.endpoints = self._wait_for_file(
            "whatsapp-sim", self.simulator, endpoints)

    def steer(self, *arguments, stdin=None):
        """Runs `whatsapp-sim steer …`; returns its JSON lines."""
        done = subprocess.run(
            [SIMULATOR, "steer", "--control", self.endpoints["control"],
             *arguments], input=stdin, capture_output=True, text=True,
            timeout=300, check=False)
        if done.returncode != 0:
            raise AssertionError(f"steer {arguments}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def stats(self):
        return {k: int(v) for k, v in self.steer("stats")[0].items()}

    def accounts(self, phones):
        """The directory's accounts, by phone number."""
        lines = self.steer("get", "-", stdin="\n".join(phones) + "\n")
        return {a["phone_number"]: a for a in lines}

    # ---- portraitd

    def start_server(self, listen=None):
        listen = listen or self.listen.format(folder=self.folder)
        limit = ([] if self.descriptors is None
                 else ["prlimit", f"--nofile={self.descriptors}"])
        ready = self.data / "portraitd.json"
        ready.unlink(missing_ok=True)
        ca = self.endpoints.get("ca")
        self.server = self._spawn("portraitd", [
            *limit, PORTRAITD, "--listen", listen, "--data-dir", self.data,
            "--whatsapp-url", self.endpoints["url"],
            "--whatsapp-pictures-url", self.endpoints["cdn"],
            "--whatsapp-root-key", self.endpoints["root_key"],
            *(["--whatsapp-ca", ca] if ca else []),
            "--session-usync-rate", "0", "--session-picture-rate", "0",
            "--enumeration-guard", self.enumeration_guard,
            *self.server_flags])
        endpoints = self._wait_for_file("portraitd", self.server, ready)
        self.address = endpoints["listen"]
        self.http = endpoints["http"]  # empty without --http-listen

    def _wait_for_file(self, name, process, path):
        def ready():
            if process.poll() is not None:
                raise AssertionError(
                    f"{name} ended with {process.returncode}:\n"
                    + self.log("sim" if name != "portraitd" else name)[-4000:])
            return read_json(path)
        return wait_for(f"{name} serving", ready)

    def kill_server(self):
        """Kills the server with SIGKILL, as a power cut would."""
        self.server.kill()
        self.server.wait()
        (self.data / "portraitd.json").unlink(missing_ok=True)

    def stop_server(self):
        self.server.send_signal(signal.SIGTERM)
        return self.server.wait(timeout=STOP_SECONDS)

    def peak_rss_kib(self):
        return self._memory_kib("VmHWM")

    def rss_kib(self):
        return self._memory_kib("VmRSS")

    def _memory_kib(self, name):
        status = pathlib.Path(f"/proc/{self.server.pid}/status").read_text()
        for line in status.splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise AssertionError(f"no {name}")

    # ---- portrait

    def command(self, *arguments):
        return [str(PORTRAIT), "--data-dir", str(self.data),
                *[str(a) for a in arguments]]

    def portrait(self, *arguments, check=True, stdin=None, timeout=1200):
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True,
            input=stdin, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise AssertionError(
                f"portrait {arguments} exited with {done.returncode}:\n"
                f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}\n"
                + self.log("portraitd")[-3000:])
        return done

    def start_portrait(self, *arguments):
        process = subprocess.Popen(
            self.command(*arguments), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def link(self, name, phone):
        """Links an account: shows a QR code, and a simulated phone scans it."""
        pairing = self.start_portrait(
            "session", "pair", name, "--format", "jsonl")
        for line in pairing.stdout:
            event = json.loads(line)
            if event["event"] == "qr_code":
                self.steer("scan", "--phone", phone, event["text"])
            elif event["event"] == "paired":
                break
        output, errors = pairing.communicate(timeout=STOP_SECONDS)
        if pairing.returncode != 0:
            raise AssertionError(
                f"pairing {name}: {output} {errors}\n"
                + self.log("portraitd")[-3000:] + self.log("sim")[-3000:])
        wait_for(f"session {name} ready", lambda: self.session_state(name)
                 == "READY")

    def session_state(self, name):
        done = self.portrait("session", "show", name, "--format", "jsonl")
        state = json.loads(done.stdout)["state"]
        return state.removeprefix("SESSION_STATE_").upper()
