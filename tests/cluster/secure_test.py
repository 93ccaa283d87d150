"""Tests a node over a Kafka that requires TLS and a password."""

import subprocess
import tempfile
import unittest

from kafka_process import run_tests
from network import PORTRAITD, Network

PASSWORD = "portrait-secret"
EXIT_SECONDS = 120


class SecureTest(unittest.TestCase):

    def flags(self, folder, password):
        config = folder / "kafka.conf"
        config.write_text("security.protocol=SASL_SSL\n"
                          f"ssl.ca.location={KAFKA.folder / 'ca.pem'}\n"
                          "sasl.mechanism=PLAIN\nsasl.username=portrait\n"
                          f"sasl.password={password}\n"
                          "broker.address.family=v4\n")
        return ["--kafka", KAFKA.brokers, "--node-name", "n1",
                "--cluster-partitions", "1", "--kafka-config", config]

    def test_a_node_encrypts_and_signs_in(self):
        with tempfile.TemporaryDirectory() as folder:
            flags = self.flags(KAFKA.folder, PASSWORD)
            with Network(tls=False, server_flags=flags) as network:
                network.link("a", "+4917000000001")
                network.portrait("get", "+4915112000001")
                asked = network.stats()
                network.portrait("get", "+4915112000001")
                self.assertEqual(asked, network.stats())
                self.assertNotIn(PASSWORD, network.log("portraitd"))

            wrong = "wrong-password"
            done = subprocess.run(
                [PORTRAITD, "--listen", "127.0.0.1:0", "--data-dir", folder,
                 *self.flags(KAFKA.folder, wrong)],
                capture_output=True, text=True, timeout=EXIT_SECONDS,
                check=False)
            self.assertNotEqual(0, done.returncode)
            self.assertIn("no broker answered", done.stderr)
            self.assertIn("Authentication failed", done.stderr)
            self.assertNotIn(wrong, done.stderr)


if __name__ == "__main__":
    run_tests(globals(), "--brokers", "1", "--secure")
