"""Benchmarks of answers over HTTP/JSON, beside a bare Beast server that answers
the same bytes."""

import http.client
import json

from processes import HttpRawServer, Portraitd, cpu_seconds

HTTP = ["--http-listen", "127.0.0.1:0"]
FIRST_CONTACT = "+4915100000000"  # Digits(0) of contacts.cc


class HttpBenchmarks:
    """Reads the store that StoreBenchmarks made."""

    def __init__(self, store):
        self.store = store
        self.folder = store.folder
        self.times = ["--seconds", store.seconds, "--warm-up", store.warm_up,
                      "--contacts", store.hot]

    def _raw_server(self, ours):
        """A bare server whose answers are those of `ours`."""
        headers = {"Authorization": f"Bearer {ours.token}"}
        ours.load("stream", "--contacts", self.store.hot, "--seconds",
                  self.store.warm_up)
        connection = http.client.HTTPConnection(ours.http, timeout=60)
        # All records have the same size.
        connection.request("POST", "/v1/profilePictures:enrich?maxAge=87600h",
                           f"{FIRST_CONTACT}\n", headers)
        line = connection.getresponse().read()
        assert b"profilePicture" in line, line
        picture = json.loads(line)["profilePicture"]
        connection.request("GET", "/v1/profilePictures/"
                           f"{picture['phoneNumber']}?maxAge=87600h",
                           headers=headers)
        response = connection.getresponse()
        body = response.read()
        head = "".join(f"{name}: {value}\r\n"
                       for name, value in response.getheaders())
        answer = f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body
        connection.close()
        (self.folder / "answer").write_bytes(answer)
        (self.folder / "line").write_bytes(line)
        return HttpRawServer("--answer", self.folder / "answer", "--line",
                             self.folder / "line")

    def _measure(self, load, name, unit, target, met):
        """Adds the rates of both servers, and what each spent on an answer."""
        with Portraitd(self.store.data, *HTTP) as ours, \
                self._raw_server(ours) as raw:
            servers = (ours, raw)
            spent = [-cpu_seconds(s.process.pid) for s in servers]
            results = self.store.in_turns(
                lambda: ours.http_load(*load), lambda: raw.load(*load))
            rates = [[row["per_second"] for row in rows] for rows in results]
            seconds = self.store.seconds + self.store.warm_up
            each = [(before + cpu_seconds(s.process.pid)) * 1e6
                    / (sum(rate) * seconds)
                    for before, s, rate in zip(spent, servers, rates)]
            self.store.table.add(name, *rates, target, met, unit)
            for whose, value in zip(("portraitd's", "the bare server's"), each):
                self.store.table.note(f"  {whose} CPU for each", value, "us")

    def http_unary(self):
        for callers in (1, 64):
            self._measure(
                ["unary", *self.times, "--callers", callers],
                f"unary over HTTP/JSON, {callers} caller{'s' * (callers > 1)}",
                "/s", ">= 0.7", lambda r: r >= 0.7)

    def http_stream(self):
        self._measure(
            ["stream", *self.times], "bulk over HTTP/NDJSON, hot set",
            "items/s", ">= 0.5", lambda r: r >= 0.5)
