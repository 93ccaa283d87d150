"""Runs servers for the tests of the clients of all languages.

    world.py COMMAND…

starts whatsapp-sim and portraitd as users run them, with TLS and without, and
the scripted server; then runs COMMAND with PORTRAIT_WORLD, the address of an
HTTP server for its tests:

    GET  /                the addresses and files as JSON: see describe()
    POST /restart         kills portraitd as a power cut would, starts it again

PORTRAIT_BUILD is the build folder. The exit code is COMMAND's.
"""

import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "e2e"))

from network import BUILD, PORTRAITD, Network  # noqa: E402

SCRIPTED = (BUILD / "tests" / "interop" / "clients" / "scripted_server" /
            "clients-scripted-server")
CASES = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
ACCOUNTS = [CASES["own_number"], "+4915700000002"]
SPELLINGS = HERE.parent.parent / "data" / "contacts.json"
# For one language's whole run; ctest's own limit is longer.
COMMAND_SECONDS = 480


def corpus_case():
    """Every spelling that the server's own tests read: the rows of contact,
    country and number are those of the kind bulk_countries."""
    spellings = json.loads(SPELLINGS.read_text(encoding="utf-8"))
    return {"name": "bulk_of_every_spelling", "kind": "bulk_countries",
            "default_country": "",
            "rows": [[row["text"], row["country"], row.get("e164", "")]
                     for row in spellings]}


def make_certificates(folder):
    """Makes ca.pem, other-ca.pem, and server and client certificates signed by
    the first."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True,
                       capture_output=True, timeout=60)

    folder.mkdir()
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for name in ("ca", "other-ca"):
        openssl("req", "-x509", *key, "-keyout", f"{name}.key",
                "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}")
    for name in ("server", "client"):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr",
                "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(
            "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem",
                "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.pem",
                "-days", "2", "-extfile", f"{name}.ext")
    return {name.replace("-", "_"): str(folder / file) for name, file in (
        ("ca", "ca.pem"), ("other-ca", "other-ca.pem"),
        ("server", "server.pem"), ("server-key", "server.key"),
        ("client", "client.pem"), ("client-key", "client.key"))}


class World:
    """A context manager around a Network with two linked accounts."""

    def __enter__(self):
        self.network = Network(tls=False)
        self.network.__enter__()
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *unused):
        self.network.__exit__(None, None, None)

    def _start(self):
        self.network.steer("set", "-", stdin="\n".join(CASES["contacts"]))
        for i, phone in enumerate(ACCOUNTS):
            self.network.link(f"account-{i}", phone)
        self.network.portrait("forget", CASES["suppressed"], "--suppress")
        self.certificates = make_certificates(self.network.folder / "certificates")
        tls = ["--tls-cert", self.certificates["server"],
               "--tls-key", self.certificates["server_key"]]
        self.servers = {
            "main": self._server("portrait", self.network.address),
            "empty": self._start_empty("empty"),
            "tls": self._start_empty("tls", *tls),
            "mutual_tls": self._start_empty(
                "mutual_tls", *tls, "--tls-client-ca", self.certificates["ca"]),
            "scripted": self._start_scripted(),
            "nobody": self._reserve_address(),
        }
        self.restarting = threading.Lock()

    def _server(self, folder, address):
        token_file = self.network.folder / folder / "admin.token"
        return {"address": address, "token_file": str(token_file),
                "token": token_file.read_text().strip()}

    def _start_empty(self, name, *flags):
        """Starts a portraitd without accounts."""
        folder = self.network.folder / name
        process = self.network._spawn(name, [
            PORTRAITD, "--listen", "127.0.0.1:0", "--data-dir", folder, *flags])
        ready = self.network._wait_for_file(
            name, process, folder / "portraitd.json")
        return self._server(name, ready["listen"])

    def _start_scripted(self):
        process = subprocess.Popen(
            [SCRIPTED], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.network.processes.append(process)
        return {"address": process.stdout.readline().strip(), "token": ""}

    def _reserve_address(self):
        """Returns an address on which no server listens during the test."""
        self.reserved = socket.socket()
        self.reserved.bind(("127.0.0.1", 0))
        return {"address": f"127.0.0.1:{self.reserved.getsockname()[1]}",
                "token": ""}

    def describe(self):
        return {"servers": self.servers, "certificates": self.certificates}

    def restart(self):
        with self.restarting:
            self.network.kill_server()
            self.network.start_server(listen=self.servers["main"]["address"])


def serve(world):
    """Returns the control address; a thread answers requests while the program
    runs."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(world.describe())

        def do_POST(self):
            if self.path != "/restart":
                self.send_error(404)
                return
            world.restart()
            self.answer({})

        def answer(self, what):
            body = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *unused):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def main():
    # ctest ends a test that takes too long with SIGTERM: clean up then, too.
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(1))
    with World() as world:
        cases = world.network.folder / "cases.json"
        cases.write_text(json.dumps(
            {**CASES, "cases": [*CASES["cases"], corpus_case()]}))
        environment = dict(os.environ, PORTRAIT_WORLD=serve(world),
                           PORTRAIT_CASES=str(cases))
        command = subprocess.Popen(sys.argv[1:], env=environment,
                                   start_new_session=True)
        try:
            code = command.wait(timeout=COMMAND_SECONDS)
        finally:
            try:
                os.killpg(command.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if code != 0:
            print("portraitd's log ends:\n" +
                  world.network.log("portraitd")[-3000:], file=sys.stderr)
        return code


if __name__ == "__main__":
    sys.exit(main())
