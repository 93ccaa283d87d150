"""Tests portraitd's interfaces for operators: health, metrics, logs, signals.
"""

import json
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest
import urllib.request

from network import PORTRAITD, Network, wait_for

ROOT = pathlib.Path(__file__).parents[2]
OBSERVABILITY = ROOT / "deploy" / "observability"
EXIT_NOT_SERVING = 4


class OperationTest(unittest.TestCase):

    def start(self, *server_flags):
        self.network = Network(server_flags=[
            "--metrics-listen", "127.0.0.1:0", *server_flags])
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)
        return self.network

    def ready_file(self):
        return json.loads(
            (self.network.folder / "portrait" / "portraitd.json").read_text())

    def metrics(self):
        with urllib.request.urlopen(
                f"http://{self.ready_file()['metrics']}/metrics") as answer:
            return answer.read().decode()

    def log_lines(self):
        return self.network.log("portraitd").splitlines()

    def test_lookups_are_healthy_once_an_account_is_linked(self):
        network = self.start()
        self.assertEqual("SERVING\n", network.portrait("health").stdout)
        before = network.portrait("health", "--lookups", check=False)
        self.assertEqual(EXIT_NOT_SERVING, before.returncode)
        self.assertEqual("NOT_SERVING\n", before.stdout)
        network.link("mine", "+4915700000001")
        wait_for("lookups healthy", lambda: network.portrait(
            "health", "--lookups", check=False).returncode == 0)

    def test_health_says_so_when_nobody_answers(self):
        network = self.start()
        network.stop_server()
        done = network.portrait("--server", network.address, "health",
                                check=False)
        self.assertEqual(3, done.returncode, done.stdout)

    def test_every_series_of_dashboard_and_alerts_is_served(self):
        images = tempfile.TemporaryDirectory()
        self.addCleanup(images.cleanup)
        network = self.start("--images", images.name)
        network.link("mine", "+4915700000001")
        network.portrait("get", "+13105551234", "+13105551235")
        text = (OBSERVABILITY / "grafana-dashboard.json").read_text() + (
            OBSERVABILITY / "alerts.yml").read_text()
        json.loads((OBSERVABILITY / "grafana-dashboard.json").read_text())
        # tests/cluster/node_test.py looks for the cluster's.
        wanted = {name for name in re.findall(r"\bportrait_[a-z_]+", text)
                  if not name.startswith(("portrait_cluster_",
                                          "portrait_relay_"))}
        served = {re.split(r"[ {]", line)[0]
                  for line in self.metrics().splitlines()
                  if not line.startswith("#")}
        self.assertGreater(len(wanted), 10)
        self.assertEqual(set(), wanted - served)

    def test_json_logs_know_a_call_by_its_id(self):
        network = self.start("--log-format", "json", "--log-level", "debug")
        network.portrait("session", "list")
        # Everything on standard output and standard error is JSON.
        lines = [json.loads(line) for line in self.log_lines()]
        self.assertIn(f"serving on {network.address}",
                      [line["message"] for line in lines])
        calls = [line for line in lines if line["message"] == "rpc ended"]
        listed = [line for line in calls
                  if line["method"] == "SessionService/ListSessions"]
        self.assertEqual(1, len(listed), calls)
        self.assertEqual("OK", listed[0]["code"])
        self.assertRegex(listed[0]["request_id"], "^[0-9a-f]{16}$")
        self.assertNotIn("traceparent", listed[0])  # the caller has none
        for line in lines:
            self.assertLessEqual({"time", "level", "program", "message"},
                                 line.keys())

    def test_json_holds_the_reason_of_the_end(self):
        network = self.start("--log-format", "json")
        # The second server finds the store locked; the third one a bad flag.
        for flags, message in (((), "another process"),
                               (("--threads", "many"), "--threads")):
            done = subprocess.run(
                [PORTRAITD, "--data-dir", network.data, "--listen",
                 "127.0.0.1:0", "--log-format", "json", *flags],
                capture_output=True, text=True, timeout=60, check=False)
            self.assertNotEqual(0, done.returncode)
            self.assertEqual("", done.stdout)
            lines = [json.loads(line) for line in done.stderr.splitlines()]
            self.assertEqual("error", lines[-1]["level"])
            self.assertIn(message, lines[-1]["message"])
        network.stop_server()
        for line in self.log_lines():
            json.loads(line)

    def test_a_hangup_reads_the_log_level_again(self):
        config = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="portrait-e2e-"))) / "portraitd.toml"
        config.write_text('log-level = "warning"\n')
        network = self.start("--config", str(config))
        network.portrait("session", "list")
        self.assertFalse(any("rpc ended" in line
                             for line in self.log_lines()))
        config.write_text('log-level = "debug"\n')
        network.server.send_signal(signal.SIGHUP)

        def logs_calls():
            network.portrait("session", "list")
            return any("rpc ended" in line for line in self.log_lines())
        wait_for("log level debug", logs_calls)
        # An invalid setting changes nothing and does not end the server.
        config.write_text('log-level = "shouting"\n')
        network.server.send_signal(signal.SIGHUP)
        wait_for("a complaint", lambda: any(
            "nothing is changed" in line for line in self.log_lines()))
        network.portrait("session", "list")

    def test_sessions_are_paused_resumed_and_logged_out(self):
        network = self.start()
        network.link("mine", "+4915700000001")
        network.portrait("session", "pause", "mine")
        self.assertEqual("PAUSED", network.session_state("mine"))
        self.assertIn('portrait_sessions{state="paused"} 1', self.metrics())
        network.stop_server()
        network.start_server()
        self.assertEqual("PAUSED", network.session_state("mine"))
        network.portrait("session", "resume", "mine")
        wait_for("ready", lambda: network.session_state("mine") == "READY")
        network.portrait("session", "logout", "mine")
        self.assertEqual("", network.portrait(
            "session", "list", "--format", "jsonl").stdout)


if __name__ == "__main__":
    unittest.main()
