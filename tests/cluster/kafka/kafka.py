#!/usr/bin/env python3
"""A Kafka cluster on loopback, for tests and the demo.

    kafka.py [--brokers 3] [--jars DIR] [--folder DIR] [--secure]
                                                     serves until its input ends
    kafka.py --pin                                   writes jars.sha256 anew

Downloads Kafka by Maven into DIR, compares each file with jars.sha256, formats
the brokers' folders, starts the brokers (KRaft, each also a controller) and
prints one line of JSON: {"brokers": "127.0.0.1:…,…", "folder": "…"}. With
--secure, clients need TLS (the authority is ca.pem in the folder) and SASL
(PLAIN, user "portrait", password "portrait-secret").

Then it reads commands, one per line, and answers each with "ok":

    kill N      SIGKILL to broker N (1, 2, …)
    start N     starts it again
    pause N     SIGSTOP
    resume N    SIGCONT

At the end of the input, or if this process dies, the brokers end. Their folder is
removed, unless --folder names it. Exits with 77 if Java or Maven is missing.
"""

import argparse
import ctypes
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import base64

HERE = pathlib.Path(__file__).resolve().parent
PINNED = HERE / "jars.sha256"
SKIPPED = 77
DOWNLOAD_SECONDS = 1200
START_SECONDS = 300  # on a machine that builds at the same time
STARTED = "Kafka Server started"
PR_SET_PDEATHSIG = 1

# A broker with a few topics needs little memory, and starts faster if the JVM
# compiles less.
JVM = ["-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
       "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError",
       "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
       "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info"]

SETTINGS = """\
process.roles=broker,controller
node.id={id}
controller.quorum.voters={voters}
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{control_port}
advertised.listeners=CLIENT://127.0.0.1:{port}
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor={copies}
transaction.state.log.num.partitions=1
share.coordinator.state.topic.num.partitions=1
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=6000
num.network.threads=1
num.io.threads=2
background.threads=1
num.replica.fetchers=1
log.cleaner.threads=1
log.cleaner.backoff.ms=500
log.cleaner.dedupe.buffer.size=8388608
"""

# Brokers talk to each other without encryption, on a port of their own.
SECURE_SETTINGS = """\
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{control_port},\
INTERNAL://127.0.0.1:{internal_port}
advertised.listeners=CLIENT://localhost:{port},INTERNAL://127.0.0.1:{internal_port}
inter.broker.listener.name=INTERNAL
listener.security.protocol.map=CLIENT:SASL_SSL,CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.client.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required \
user_portrait="portrait-secret";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""


def make_keystore(folder):
    """Makes ca.pem, a certificate of localhost, and keystore.pem with its key."""
    key, certificate = folder / "key.pem", folder / "ca.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
         "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    keystore = folder / "keystore.pem"
    keystore.write_text(key.read_text() + certificate.read_text(),
                        encoding="utf-8")
    return keystore


def say(text):
    print(f"kafka.py: {text}", file=sys.stderr, flush=True)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pinned():
    lines = PINNED.read_text(encoding="utf-8").splitlines()
    return {name: sum_ for sum_, name in (line.split() for line in lines)}


def wrong_jars(folder):
    """The names of files that are missing, changed or not in the list."""
    expected = pinned()
    found = {p.name: digest(p) for p in folder.glob("*.jar")}
    return sorted(name for name in expected.keys() | found.keys()
                  if expected.get(name) != found.get(name))


def download(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(
        ["mvn", "-q", "-B", "-f", HERE / "pom.xml",
         "dependency:copy-dependencies", f"-DoutputDirectory={folder}",
         "-DincludeScope=runtime"],
        check=True, timeout=DOWNLOAD_SECONDS, stdin=subprocess.DEVNULL,
        stdout=sys.stderr)


def ensure_jars(folder):
    if folder.is_dir() and not wrong_jars(folder):
        return
    download(folder)
    wrong = wrong_jars(folder)
    if wrong:
        sys.exit(f"kafka.py: {folder} differs from {PINNED}: {', '.join(wrong)}")


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Kafka:

    def __init__(self, jars, folder, brokers, secure):
        self.jars = jars
        self.folder = folder
        self.count = brokers
        self.secure = secure
        ports = free_ports(3 * brokers)
        self.ports, self.control_ports, self.internal_ports = (
            ports[i * brokers:(i + 1) * brokers] for i in range(3))
        self.processes = {}

    def addresses(self):
        host = "localhost" if self.secure else "127.0.0.1"
        return ",".join(f"{host}:{port}" for port in self.ports)

    def _java(self, main, *arguments):
        return ["java", *JVM, "-cp", f"{self.jars}/*", main,
                *map(str, arguments)]

    def _settings(self, number):
        return self.folder / f"broker{number}.properties"

    def _log(self, number):
        return self.folder / f"broker{number}.log"

    def format(self):
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        voters = ",".join(f"{i + 1}@127.0.0.1:{port}"
                          for i, port in enumerate(self.control_ports))
        keystore = make_keystore(self.folder) if self.secure else ""
        # A later line of the same name replaces an earlier one.
        settings = SETTINGS + (SECURE_SETTINGS if self.secure else "")
        running = []
        for i in range(self.count):
            self._settings(i + 1).write_text(settings.format(
                id=i + 1, voters=voters, port=self.ports[i],
                control_port=self.control_ports[i],
                internal_port=self.internal_ports[i], keystore=keystore,
                folder=self.folder / f"data{i + 1}",
                copies=min(3, self.count)), encoding="utf-8")
            running.append(subprocess.Popen(
                # An id may begin with "-", so it is not an argument of its own.
                self._java("kafka.tools.StorageTool", "format",
                           f"--cluster-id={cluster}",
                           "-c", self._settings(i + 1)),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, preexec_fn=die_with_parent))
        for process in running:
            output = process.communicate(timeout=START_SECONDS)[0]
            if process.returncode != 0:
                sys.exit(f"kafka.py: formatting: {output.decode(errors='replace')}")

    def start(self, number):
        with open(self._log(number), "ab") as log:
            self.processes[number] = subprocess.Popen(
                self._java("kafka.Kafka", self._settings(number)),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=die_with_parent)

    def wait_until_started(self, number, starts=1):
        end = time.monotonic() + START_SECONDS
        while self._log(number).read_text(errors="replace").count(STARTED) < starts:
            if self.processes[number].poll() is not None or time.monotonic() > end:
                sys.exit(f"kafka.py: broker {number} has not started:\n"
                         f"{self._log(number).read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def signal(self, number, which):
        self.processes[number].send_signal(which)
        if which == signal.SIGKILL:
            self.processes[number].wait()

    def stop(self):
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()


def obey(kafka, line):
    command, number = line.split()
    number = int(number)
    if command == "start":
        before = kafka._log(number).read_text(errors="replace").count(STARTED)
        kafka.start(number)
        kafka.wait_until_started(number, before + 1)
    else:
        kafka.signal(number, {"kill": signal.SIGKILL, "pause": signal.SIGSTOP,
                              "resume": signal.SIGCONT}[command])


def serve(jars, folder, options):
    kafka = Kafka(jars, folder, options.brokers, options.secure)
    try:
        kafka.format()
        for number in range(1, options.brokers + 1):
            kafka.start(number)
        for number in range(1, options.brokers + 1):
            kafka.wait_until_started(number)
        print(json.dumps({"brokers": kafka.addresses(), "folder": str(folder)}),
              flush=True)
        for line in sys.stdin:
            obey(kafka, line)
            print("ok", flush=True)
    finally:
        kafka.stop()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--brokers", type=int, default=3)
    parser.add_argument("--jars", type=pathlib.Path)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--pin", action="store_true")
    parser.add_argument("--secure", action="store_true")
    options = parser.parse_args()
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            say(f"SKIPPED: {program} is missing; the tests of a cluster need "
                "openjdk-17-jre-headless and maven")
            return SKIPPED
    build = os.environ.get("PORTRAIT_BUILD", HERE.parents[2] / "build/release")
    jars = (options.jars or pathlib.Path(build) / "kafka").resolve()
    if options.pin:
        download(jars)
        PINNED.write_text("".join(f"{digest(p)}  {p.name}\n" for p in
                                  sorted(jars.glob("*.jar"))), encoding="utf-8")
        return 0
    ensure_jars(jars)
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
        serve(jars, options.folder, options)
        return 0
    with tempfile.TemporaryDirectory(prefix="portrait-kafka-") as folder:
        serve(jars, pathlib.Path(folder), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
