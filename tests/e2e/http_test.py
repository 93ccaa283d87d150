"""Tests HTTP/JSON as callers use it: routes, errors, streams, the Connect
protocol, and the token that each of them needs."""

import base64
import http.client
import json
import re
import time
import unittest

from network import Network

OWN = "+4915700000001"
CONTACT = "+4915123000090"
SEEN, ABSENT = "+4915123000184", "+4915123000181"  # with a picture; no account
CONNECT = "/portrait.v1.ProfilePictureService/"


def details(error):
    """The details of a google.rpc.Status in JSON, by their type's name."""
    return {d["@type"].rsplit(".", 1)[1]: d for d in error.get("details", [])}


class HttpTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=[
            "--http-listen", "127.0.0.1:0",
            "--http-allow-origin", "https://console.example"])
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.network.link("mine", OWN)
        cls.admin = (cls.network.data / "admin.token").read_text().strip()

    def connect(self):
        connection = http.client.HTTPConnection(self.network.http, timeout=60)
        self.addCleanup(connection.close)
        return connection

    def send(self, method, path, body=None, token="", headers=None):
        """(status, headers, body) of one request by the admin or `token`."""
        connection = self.connect()
        given = {"Authorization": f"Bearer {token or self.admin}"}
        given.update(headers or {})
        connection.request(method, path, body, given)
        response = connection.getresponse()
        return response.status, response.headers, response.read()

    def call(self, method, path, message=None, expect=200, **more):
        body = None if message is None else json.dumps(message)
        status, headers, answer = self.send(method, path, body, **more)
        self.assertEqual(expect, status, answer)
        self.assertEqual("application/json", headers["Content-Type"])
        return json.loads(answer)

    # ---- unary routes

    def test_a_contact_is_looked_up(self):
        answer = self.call("GET", f"/v1/profilePictures/{CONTACT}")
        picture = answer["profilePicture"]
        self.assertEqual(CONTACT, picture["phoneNumber"])
        again = self.call("GET", f"/v1/profilePictures/{CONTACT}?size=none")
        self.assertEqual("SOURCE_STORE", again["profilePicture"]["source"])

    def test_a_batch_has_a_result_for_each_item(self):
        answer = self.call("POST", "/v1/profilePictures:batchGet", {
            "options": {"size": "PICTURE_SIZE_NONE"},
            "items": [{"tag": "5", "contact": CONTACT}, {"contact": "x"}]})
        first, second = answer["results"]
        self.assertEqual("5", first["tag"])
        self.assertIn("profilePicture", first)
        self.assertEqual("ERROR_REASON_INVALID_CONTACT",
                         second["error"]["reason"])

    def test_accounts_tokens_and_usage_have_routes(self):
        names = [s["session"] for s in self.call("GET", "/v1/sessions")[
            "sessions"]]
        self.assertEqual(["mine"], names)
        self.assertEqual("SESSION_STATE_PAUSED", self.call(
            "POST", "/v1/sessions/mine:pause")["session"]["state"])
        self.call("POST", "/v1/sessions/mine:resume")
        made = self.call("POST", "/v1/tokens",
                         {"tenant": "routes", "role": "ROLE_LOOKUP"})
        listed = self.call("GET", "/v1/tokens?tenant=routes")["tokens"]
        self.assertEqual([made["token"]], listed)
        usage = self.call("GET", "/v1/tenants/routes/usage")
        self.assertEqual("routes", usage["tenant"])
        self.assertEqual({}, self.call(
            "DELETE", f"/v1/tokens/{made['token']['tokenId']}"))
        self.call("GET", "/v1/usage", token=made["secret"], expect=401)

    def test_a_lookup_counts_against_the_quota_and_says_so(self):
        made = self.call("POST", "/v1/tokens", {
            "tenant": "small", "role": "ROLE_LOOKUP", "monthlyQuota": "1"})
        path = f"/v1/profilePictures/{CONTACT}"
        self.call("GET", path, token=made["secret"])
        status, headers, body = self.send("GET", path, token=made["secret"])
        self.assertEqual(429, status)
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        error = json.loads(body)
        self.assertEqual(8, error["code"])
        self.assertEqual("ERROR_REASON_QUOTA_EXCEEDED",
                         details(error)["ErrorInfo"]["reason"])
        self.assertEqual("1", self.call(
            "GET", "/v1/tenants/small/usage")["lookups"])

    def test_a_known_picture_is_not_sent_again(self):
        path = f"/v1/profilePictures/{SEEN}"
        _, headers, body = self.send("GET", path)
        picture = json.loads(body)["profilePicture"]
        tag = headers["ETag"]
        self.assertEqual(f'W/"{picture["id"]}"', tag)
        self.assertIn("url", picture)
        connection = self.connect()
        for known in (tag, f'"1", {tag}', f'"{picture["id"]}"'):
            connection.request("GET", path, headers={
                "Authorization": f"Bearer {self.admin}", "If-None-Match": known})
            response = connection.getresponse()
            self.assertEqual((304, b""), (response.status, response.read()))
            self.assertEqual(tag, response.headers["ETag"])
            self.assertIsNone(response.headers["Content-Type"])
        for other in ('W/"1"', '"x"', picture["id"], "*", ""):
            status, headers, body = self.send("GET", path, headers={
                "If-None-Match": other})
            self.assertEqual((200, tag), (status, headers["ETag"]), other)
            self.assertIn("url", json.loads(body)["profilePicture"])
        # A picture that is not there has no tag; an error neither.
        for contact in (ABSENT, "x"):
            _, headers, _ = self.send("GET", f"/v1/profilePictures/{contact}",
                                      headers={"If-None-Match": tag})
            self.assertIsNone(headers["ETag"])

    def test_load_balancers_need_no_token(self):
        for path in ("/livez", "/readyz"):
            for method, text in (("GET", b"ok\n"), ("HEAD", b"")):
                status, _, body = self.send(method, path, headers={
                    "Authorization": ""})
                self.assertEqual((200, text), (status, body))
            for method, expected in (("POST", 405), ("OPTIONS", 204)):
                status, headers, _ = self.send(method, path)
                self.assertEqual((expected, "GET, HEAD, OPTIONS"),
                                 (status, headers["Allow"]))

    # ---- errors

    def test_errors_have_a_code_a_reason_and_the_field(self):
        error = self.call("GET", "/v1/profilePictures/x", expect=400)
        self.assertEqual(3, error["code"])
        found = details(error)
        self.assertEqual("ERROR_REASON_INVALID_CONTACT",
                         found["ErrorInfo"]["reason"])
        self.assertEqual("contact", found["BadRequest"]["fieldViolations"][0][
            "field"])
        self.call("GET", f"/v1/profilePictures/{CONTACT}?nothing=1", expect=400)
        self.call("GET", "/v1/sessions/other", expect=404)
        self.call("GET", "/nothing", expect=404)
        self.call("POST", "/v1/tokens", {"nothing": 1}, expect=400)
        self.call("POST", "/v1/tokens", "text", expect=400)

    def test_a_token_is_needed_and_read_only_from_the_header(self):
        path = f"/v1/profilePictures/{CONTACT}"
        for headers in ({"Authorization": ""}, {"Authorization": "Bearer x"},
                        {"Authorization": "Basic eDp5"},
                        {"Authorization": "Bearer \u00e9\u00ff"}):
            status, sent, _ = self.send("GET", path, headers=headers)
            self.assertEqual(401, status, headers)
            self.assertIn("Bearer", sent["WWW-Authenticate"])
        self.call("GET", f"{path}?access_token={self.admin}", expect=400,
                  headers={"Authorization": ""})
        self.assertNotIn(self.admin, self.network.log("portraitd"))

    def test_a_path_tells_which_methods_it_has(self):
        status, headers, _ = self.send("PUT", "/v1/sessions/mine")
        self.assertEqual(405, status)
        self.assertEqual({"GET", "HEAD", "DELETE", "OPTIONS"},
                         set(headers["Allow"].split(", ")))
        status, headers, body = self.send("OPTIONS", "/v1/sessions/mine")
        self.assertEqual((204, b""), (status, body))
        self.assertIn("DELETE", headers["Allow"])

    def test_head_answers_as_get_without_the_body(self):
        _, get, body = self.send("GET", "/v1/sessions/mine")
        status, head, nothing = self.send("HEAD", "/v1/sessions/mine")
        self.assertEqual((200, b""), (status, nothing))
        self.assertEqual(get["Content-Type"], head["Content-Type"])
        self.assertGreater(int(head["Content-Length"]), 0)
        self.assertEqual(int(get["Content-Length"]), len(body))

    def test_other_content_and_large_bodies_are_refused(self):
        self.call("POST", "/v1/tokens", {}, expect=415,
                  headers={"Content-Type": "text/xml"})
        self.call("POST", "/v1/tokens", {"tenant": "x" * (5 << 20)}, expect=413)

    def test_trace_and_request_id_come_back(self):
        trace = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
        _, headers, _ = self.send("GET", "/v1/sessions", headers={
            "Traceparent": trace, "X-Request-Id": "my-id"})
        self.assertEqual(trace, headers["Traceparent"])
        self.assertEqual("my-id", headers["X-Request-Id"])

    def test_answers_are_neither_cached_nor_sniffed(self):
        _, headers, _ = self.send("GET", "/v1/sessions")
        self.assertEqual("no-store", headers["Cache-Control"])
        self.assertEqual("nosniff", headers["X-Content-Type-Options"])

    # ---- origins

    def test_only_pages_of_allowed_origins_may_call(self):
        ours = {"Origin": "https://console.example"}
        _, headers, _ = self.send("GET", "/v1/sessions", headers=ours)
        self.assertEqual(ours["Origin"], headers["Access-Control-Allow-Origin"])
        self.assertEqual("Origin", headers["Vary"])
        status, headers, _ = self.send("OPTIONS", "/v1/sessions", headers={
            **ours, "Access-Control-Request-Method": "POST"})
        self.assertEqual(204, status)
        self.assertIn("Authorization", headers["Access-Control-Allow-Headers"])
        _, headers, _ = self.send("GET", "/v1/sessions", headers={
            "Origin": "https://other.example"})
        self.assertIsNone(headers["Access-Control-Allow-Origin"])

    # ---- connections

    def test_a_connection_serves_many_requests(self):
        connection = self.connect()
        for body in (None, json.dumps({"tenant": "!"}), None):
            connection.request(
                "GET" if body is None else "POST",
                "/v1/sessions" if body is None else "/v1/tokens", body,
                {"Authorization": f"Bearer {self.admin}"})
            sock = connection.sock
            response = connection.getresponse()
            response.read()
            self.assertEqual(200 if body is None else 400, response.status)
            self.assertIs(sock, connection.sock)

    # ---- streams

    def test_a_list_is_looked_up_line_by_line(self):
        items = "".join(
            json.dumps({"tag": i, "contact": f"+49151231{i:05}"}) + "\n"
            for i in range(1, 2001)) + f"{CONTACT}\nnot a contact\n"
        status, headers, body = self.send(
            "POST", "/v1/profilePictures:enrich?size=none", items)
        self.assertEqual(200, status, body)
        self.assertEqual("application/x-ndjson", headers["Content-Type"])
        results = [json.loads(line) for line in body.splitlines()]
        self.assertEqual({str(i) for i in range(1, 2003)},
                         {r["tag"] for r in results})
        by_tag = {r["tag"]: r for r in results}
        self.assertEqual(CONTACT,
                         by_tag["2001"]["profilePicture"]["phoneNumber"])
        self.assertEqual("ERROR_REASON_INVALID_CONTACT",
                         by_tag["2002"]["error"]["reason"])

    def test_results_come_while_the_list_is_being_sent(self):
        connection = self.connect()
        connection.putrequest("POST", "/v1/profilePictures:enrich")
        connection.putheader("Authorization", f"Bearer {self.admin}")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()

        def send(line):
            connection.send(b"%x\r\n%s\r\n" % (len(line), line))
        send(b'{"tag":1,"contact":"%s"}\n' % CONTACT.encode())
        response = connection.getresponse()
        self.assertEqual("1", json.loads(response.readline())["tag"])
        send(b'{"tag":2,"contact":"%s"}\n' % CONTACT.encode())
        self.assertEqual("2", json.loads(response.readline())["tag"])
        connection.send(b"0\r\n\r\n")
        self.assertEqual(b"", response.read())

    def test_a_bulk_lookup_without_a_token_is_refused_at_once(self):
        error = self.call("POST", "/v1/profilePictures:enrich", {}, expect=401,
                          headers={"Authorization": ""})
        self.assertEqual(16, error["code"])

    def events(self, path="/v1/changes", headers=None):
        """An open stream of server-sent events."""
        connection = self.connect()
        connection.request("GET", path, headers={
            "Authorization": f"Bearer {self.admin}", **(headers or {})})
        response = connection.getresponse()
        self.assertEqual(200, response.status)
        return response

    def read_event(self, response):
        """The fields of the next event; heartbeats have no "data"."""
        fields = {}
        while True:
            line = response.readline().decode().rstrip("\n")
            if not line:
                return fields
            name, _, value = line.partition(": ")
            fields[name] = value

    def next_change(self, response):
        while True:
            event = self.read_event(response)
            if "data" in event:
                return event["id"], json.loads(event["data"])["changes"]

    def test_changes_are_events_that_resume_after_the_last_id(self):
        stream = self.events()
        self.assertEqual("text/event-stream", stream.headers["Content-Type"])
        self.assertEqual({"retry": "2000"}, self.read_event(stream))
        self.assertEqual(["id"], list(self.read_event(stream)))
        first, second = "+4915123000187", "+4915123000190"
        self.call("GET", f"/v1/profilePictures/{first}")
        last_id, changes = self.next_change(stream)
        self.assertEqual([first], [c["phoneNumber"] for c in changes])
        stream.close()
        self.call("GET", f"/v1/profilePictures/{second}")
        stream = self.events(headers={"Last-Event-ID": last_id})
        _, changes = self.next_change(stream)
        self.assertEqual([second], [c["phoneNumber"] for c in changes])
        self.call("GET", "/v1/changes", expect=400,
                  headers={"Last-Event-ID": "nothing"})

    def test_a_stream_of_a_revoked_token_ends_with_an_error(self):
        made = self.call("POST", "/v1/tokens",
                         {"tenant": "watch", "role": "ROLE_ADMIN"})
        stream = self.events(headers={
            "Authorization": f"Bearer {made['secret']}"})
        self.call("DELETE", f"/v1/tokens/{made['token']['tokenId']}")
        while True:
            event = self.read_event(stream)
            if "event" in event:
                break
        self.assertEqual("error", event["event"])
        self.assertEqual(16, json.loads(event["data"])["code"])
        self.assertEqual(b"", stream.read())

    # ---- the Connect protocol

    def connect_call(self, method, body, headers=None, expect=200):
        status, sent, answer = self.send("POST", CONNECT + method, body, headers={
            "Content-Type": "application/json", "Connect-Protocol-Version": "1",
            **(headers or {})})
        self.assertEqual(expect, status, answer)
        return sent, answer

    def test_connect_answers_unary_calls(self):
        _, answer = self.connect_call(
            "GetProfilePicture",
            json.dumps({"contact": CONTACT, "unknownToUs": 1}))
        self.assertEqual(CONTACT, json.loads(answer)["profilePicture"][
            "phoneNumber"])
        contact = CONTACT.encode()
        headers, answer = self.connect_call(
            "GetProfilePicture", b"\n" + bytes([len(contact)]) + contact,
            {"Content-Type": "application/proto"})
        self.assertEqual("application/proto", headers["Content-Type"])
        self.assertIn(contact, answer)

    def test_connect_errors_have_its_shape(self):
        _, answer = self.connect_call("GetProfilePicture", "{}", expect=400)
        error = json.loads(answer)
        self.assertEqual("invalid_argument", error["code"])
        types = {d["type"]: d["value"] for d in error["details"]}
        info = base64.b64decode(types["google.rpc.ErrorInfo"] + "==")
        self.assertIn(b"ERROR_REASON_INVALID_CONTACT", info)
        self.connect_call("Nothing", "{}", expect=404)
        self.connect_call("GetProfilePicture", "{}", expect=415,
                          headers={"Content-Type": "text/plain"})
        self.connect_call("GetProfilePicture", "{}", expect=501,
                          headers={"Content-Encoding": "gzip"})
        self.connect_call("GetProfilePicture", "{}", expect=400,
                          headers={"Connect-Protocol-Version": "2"})

    def test_connect_streams_end_with_their_status(self):
        message = json.dumps({"contact": CONTACT}).encode()
        envelope = b"\0" + len(message).to_bytes(4, "big") + message
        headers, answer = self.connect_call(
            "DownloadProfilePicture", envelope,
            {"Content-Type": "application/connect+json"})
        self.assertEqual("application/connect+json", headers["Content-Type"])
        while answer[0] != 2:
            answer = answer[5 + int.from_bytes(answer[1:5], "big"):]
        self.assertEqual(len(answer), 5 + int.from_bytes(answer[1:5], "big"))
        json.loads(answer[5:])

    # ---- gRPC-Web

    def grpc_web_call(self, method, body, content, headers=None):
        """(messages, trailer) of a call."""
        is_text = "-text" in content
        if is_text:
            body = base64.b64encode(body)
        status, sent, answer = self.send(
            "POST", CONNECT + method, body,
            headers={"Content-Type": content, "X-Grpc-Web": "1",
                     **(headers or {})})
        self.assertEqual(200, status, answer)
        self.assertEqual(
            "application/grpc-web" + ("-text" if is_text else "") + "+proto",
            sent["Content-Type"])
        if is_text:
            # Each piece is padded by itself.
            answer = b"".join(base64.b64decode(piece) for piece in
                              re.findall(rb"[^=]+={0,2}", answer))
        messages = []
        while answer[0] == 0:
            end = 5 + int.from_bytes(answer[1:5], "big")
            messages.append(answer[5:end])
            answer = answer[end:]
        self.assertEqual(0x80, answer[0])
        self.assertEqual(len(answer), 5 + int.from_bytes(answer[1:5], "big"))
        return messages, dict(
            line.split(": ", 1)
            for line in answer[5:].decode().split("\r\n") if line)

    def test_grpc_web_answers_calls_in_binary_and_base64(self):
        contact = CONTACT.encode()
        message = b"\n" + bytes([len(contact)]) + contact
        envelope = b"\0" + len(message).to_bytes(4, "big") + message
        for content in ("application/grpc-web", "application/grpc-web+proto",
                        "application/grpc-web-text",
                        "application/grpc-web-text+proto"):
            messages, trailer = self.grpc_web_call(
                "GetProfilePicture", envelope, content, {"Grpc-Timeout": "30S"})
            self.assertEqual("0", trailer["grpc-status"], trailer)
            self.assertIn(contact, messages[0])
            for body, headers, status in (
                    (b"\0\0\0\0\0", {}, "3"), (b"", {}, "3"),
                    (b"\1\0\0\0\0", {}, "13"), (envelope + b"x", {}, "3"),
                    (envelope, {"Authorization": ""}, "16"),
                    (envelope, {"Grpc-Timeout": "soon"}, "3")):
                messages, trailer = self.grpc_web_call(
                    "GetProfilePicture", body, content, headers)
                self.assertEqual(([], status),
                                 (messages, trailer["grpc-status"]))
                self.assertIn("grpc-status-details-bin", trailer)
            _, trailer = self.grpc_web_call("EnrichProfilePictures", envelope,
                                            content)
            self.assertEqual("12", trailer["grpc-status"])

    # ---- stopping

    def test_a_stop_answers_what_is_asked_and_closes_the_rest(self):
        with Network(server_flags=["--http-listen", "127.0.0.1:0"]) as network:
            token = (network.data / "admin.token").read_text().strip()
            # No account: lookups are not served yet.
            ready = http.client.HTTPConnection(network.http, timeout=60)
            for path, expected in (("/livez", 200), ("/readyz", 503)):
                ready.request("GET", path)
                answer = ready.getresponse()
                answer.read()
                self.assertEqual(expected, answer.status)
            idle = http.client.HTTPConnection(network.http, timeout=60)
            idle.connect()
            watch = http.client.HTTPConnection(network.http, timeout=60)
            watch.request("GET", "/v1/changes", headers={
                "Authorization": f"Bearer {token}"})
            stream = watch.getresponse()
            self.assertEqual(200, stream.status)
            start = time.monotonic()
            self.assertEqual(0, network.stop_server())
            self.assertLess(time.monotonic() - start, 20)
            rest = stream.read()
            self.assertIn(b"event: error", rest)
            self.assertEqual(b"", idle.sock.recv(1))


if __name__ == "__main__":
    unittest.main()
