"""Walks every HTTP route with a token of every right: each route asks for the
right that the table of methods names, by JSON and by the Connect protocol."""

import http.client
import json
import pathlib
import re
import unittest

from network import Network

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RIGHTS = ["LOOKUP", "WATCH", "HISTORY", "WATCH_ALL", "FORGET", "OBJECT",
          "IMAGES", "LIKENESS", "PIN_SESSION", "ADMIN"]
# Rights that include others.
INCLUDED = {"ADMIN": RIGHTS, "WATCH_ALL": ["WATCH_ALL", "WATCH"]}
STREAMS = {"WatchProfilePictureChanges", "DownloadProfilePicture",
           "PairSession", "EnrichProfilePictures"}


def method_rights():
    """{method: right or "UNSPECIFIED"} as server/method_rights.cc has them."""
    text = (ROOT / "server" / "method_rights.cc").read_text(encoding="utf-8")
    found = re.findall(r'\{"\w+/(\w+)",\s*v1::RIGHT_(\w+)\}', text)
    return dict(found)


class RightsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=["--http-listen", "127.0.0.1:0"])
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.admin = (cls.network.data / "admin.token").read_text().strip()
        cls.openapi = json.loads(cls.send("GET", "/openapi.json", "")[1])
        cls.tokens = {}
        for right in RIGHTS:
            status, body = cls.send("POST", "/v1/tokens", cls.admin, {
                "tenant": "walk", "rights": [f"RIGHT_{right}"]})
            assert status == 200, body
            cls.tokens[right] = json.loads(body)["secret"]

    @classmethod
    def send(cls, method, path, token, message=None, content="application/json"):
        """(status, body); of a stream that has begun, only the first line."""
        connection = http.client.HTTPConnection(cls.network.http, timeout=60)
        try:
            body = None if message is None else message if isinstance(
                message, bytes) else json.dumps(message)
            connection.request(method, path, body, {
                "Authorization": f"Bearer {token}", "Content-Type": content})
            response = connection.getresponse()
            if response.headers.get("Transfer-Encoding") == "chunked":
                return response.status, response.readline()
            return response.status, response.read()
        finally:
            connection.close()

    def operations(self):
        for path, methods in self.openapi["paths"].items():
            for method, operation in methods.items():
                name = operation["operationId"].replace("ByPath", "")
                # Nothing has this name, so that no call changes anything.
                filled = re.sub(r"\{\w+\}", "nothing", path)
                yield method.upper(), filled, name, "requestBody" in operation

    def test_each_route_asks_for_the_right_of_its_method(self):
        rights = method_rights()
        walked = set()
        for method, path, name, has_body in self.operations():
            if name == "WatchProfilePictureChanges":
                path += "?contacts=%2B4915123000090"  # else it needs WATCH_ALL
            for right, token in self.tokens.items():
                allowed = rights[name] == "UNSPECIFIED" or rights[
                    name] in INCLUDED.get(right, [right])
                body = {} if has_body else None
                if name == "GetUsage" and "tenants" in path and right != "ADMIN":
                    allowed = False  # another tenant's
                if name == "PairSession":
                    body = {"session": "!"}
                with self.subTest(route=f"{method} {path}", right=right):
                    status, answer = self.send(method, path, token, body)
                    self.assertEqual(not allowed, status == 403, answer)
                    self.assertNotEqual(401, status)
                    walked.add((name, right))
            status, _ = self.send(method, path, "", {} if has_body else None)
            self.assertEqual(401, status, path)
        self.assertEqual(len(rights) * len(RIGHTS), len(walked))

    def test_connect_asks_for_the_same_rights(self):
        rights = method_rights()
        for _, _, name, _ in self.operations():
            if name in STREAMS:
                continue
            service = next(s for s in ("ProfilePicture", "Session", "Access",
                                       "Admin") if self.serves(s, name))
            for right, token in self.tokens.items():
                allowed = rights[name] == "UNSPECIFIED" or rights[
                    name] in INCLUDED.get(right, [right])
                with self.subTest(method=name, right=right):
                    status, answer = self.send(
                        "POST", f"/portrait.v1.{service}Service/{name}", token,
                        {})
                    self.assertEqual(not allowed, status == 403, answer)

    def serves(self, service, name):
        return any(
            operation["operationId"] == name
            and operation["tags"] == [f"{service}Service"]
            for methods in self.openapi["paths"].values()
            for operation in methods.values())


if __name__ == "__main__":
    unittest.main()
