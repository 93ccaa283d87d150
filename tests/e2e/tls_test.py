"""Tests TLS and mutual TLS between portrait and portraitd."""

import json
import os
import socket
import subprocess
import unittest

from network import Network, wait_for

EXIT_USAGE, EXIT_UNREACHABLE = 1, 3
SERVING = "SERVING\n"


def make_certificates(folder):
    """An authority, and certificates that it signed for a server with another
    name than the loopback address, and for a client."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True,
                       capture_output=True, timeout=60)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem",
            "-days", "2", "-subj", "/CN=authority")
    for name, address in (("server", "DNS:portrait.example"),
                          ("local", "IP:127.0.0.1"), ("client", "DNS:client")):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr",
                "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(f"subjectAltName={address}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem",
                "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.pem",
                "-days", "2", "-extfile", f"{name}.ext")


class TlsTest(unittest.TestCase):

    def start(self, server, *flags):
        """Starts a portraitd with the certificate `server`; `{folder}` in the
        flags is the folder with the certificates."""
        network = Network()
        make_certificates(network.folder)
        network.server_flags = [
            "--tls-cert", network.folder / f"{server}.pem",
            "--tls-key", network.folder / f"{server}.key",
            *[flag.format(folder=network.folder) for flag in flags]]
        network.__enter__()
        self.addCleanup(network.__exit__, None, None, None)
        self.network = network
        return network

    def file(self, name):
        return self.network.folder / name

    def test_health_finds_a_server_that_speaks_tls(self):
        network = self.start("server")
        ready = json.loads((network.data / "portraitd.json").read_text())
        self.assertIs(True, ready["tls"])
        # Neither flags nor a name in the certificate that fits the address.
        self.assertEqual(SERVING, network.portrait("health").stdout)
        self.assertEqual(0, network.portrait("session", "list").returncode)
        # As in the container: by the environment alone.
        done = subprocess.run(
            [*network.command("health")[:1], "health"], capture_output=True,
            text=True, timeout=60, check=False,
            env=dict(os.environ, PORTRAIT_DATA_DIR=str(network.data)))
        self.assertEqual(SERVING, done.stdout, done.stderr)

    def test_grpcs_own_messages_are_json_as_the_log_is(self):
        network = self.start("server", "--log-format", "json")
        # gRPC complains about a client that speaks no TLS.
        host, port = network.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as client:
            client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            while client.recv(1024):
                pass

        def messages():
            return [json.loads(line)["message"]
                    for line in network.log("portraitd").splitlines()]
        wait_for("gRPC's message", lambda: any(
            message.startswith("gRPC: ") for message in messages()))

    def test_only_the_certificate_of_the_ready_file_is_accepted(self):
        network = self.start("server")
        ready = network.data / "portraitd.json"
        content = json.loads(ready.read_text())
        # The same authority signed the other certificate.
        content["certificate"] = str(self.file("local.pem"))
        ready.write_text(json.dumps(content))
        done = network.portrait("health", check=False)
        self.assertEqual(EXIT_UNREACHABLE, done.returncode, done.stdout)

    def test_every_command_has_the_flags_of_mutual_tls(self):
        network = self.start("local", "--tls-client-ca", "{folder}/ca.pem")
        flags = ["--cert", self.file("client.pem"),
                 "--key", self.file("client.key")]
        self.assertEqual(SERVING, network.portrait("health", *flags).stdout)
        remote = ["--server", network.address, "--ca", self.file("ca.pem"),
                  *flags]
        for command in (["health"], ["session", "list"], ["token", "list"],
                        ["usage"], ["admin", "stats"],
                        ["forget", "+4915200000001"],
                        ["history", "+4915200000001"]):
            done = network.portrait(*command, *remote, check=False)
            self.assertEqual(0, done.returncode, (command, done.stderr))
        done = network.portrait("enrich", "-", *remote, stdin="+4915200000001\n",
                                check=False)
        self.assertIn("NO_SESSION", done.stdout, done.stderr)
        # Without the certificate, or with only its half, nothing works.
        done = network.portrait("health", check=False)
        self.assertEqual(EXIT_UNREACHABLE, done.returncode, done.stdout)
        done = network.portrait("session", "list", check=False)
        self.assertIn("--cert", done.stderr)
        done = network.portrait("health", *flags[:2], check=False)
        self.assertEqual(EXIT_USAGE, done.returncode, done.stdout)
        self.assertIn("private key", done.stderr)


if __name__ == "__main__":
    unittest.main()
