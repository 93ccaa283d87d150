"""Tests the drop-in dialects: each answers as the published examples do."""

import base64
import http.client
import json
import unittest

from network import Network

OWN = "+4915700000001"
# Contacts whose picture is visible, is hidden, and does not exist.
SEEN, HIDDEN, NOT_SET = "4915123000190", "4915123000191", "4915123000180"
ABSENT = "4915123000181"  # not on WhatsApp
URL = "a URL"


class CompatTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=[
            "--http-listen", "127.0.0.1:0", "--http-compat",
            "evolution,gowa,hypersender,profilepic,waha,wawp,wuts,wuzapi"])
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.network.link("mine", OWN)
        cls.admin = (cls.network.data / "admin.token").read_text().strip()

    def send(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.network.http, timeout=60)
        self.addCleanup(connection.close)
        connection.request(
            method, f"/compat/{path}",
            None if body is None else json.dumps(body), headers or {})
        response = connection.getresponse()
        answer = response.read()
        self.assertEqual("application/json", response.headers["Content-Type"])
        return response.status, response.headers, json.loads(answer)

    def expect(self, status, answer, method, path, body=None, headers=None):
        """The answer, with URLs replaced by their presence."""
        def plain(value):
            if isinstance(value, dict):
                return {k: plain(v) for k, v in value.items()}
            if isinstance(value, list):
                return [plain(v) for v in value]
            is_url = isinstance(value, str) and value.startswith("http")
            return URL if is_url else value
        got, _, found = self.send(method, path, body, headers)
        self.assertEqual((status, answer), (got, plain(found)))
        return found

    def test_waha(self):
        key = {"X-Api-Key": self.admin}
        picture = "waha/api/contacts/profile-picture?contactId="
        exists = "waha/api/contacts/check-exists?phone="
        self.expect(200, {"profilePictureURL": URL}, "GET",
                    f"{picture}{SEEN}@c.us&session=default", headers=key)
        for contact in (HIDDEN, NOT_SET, ABSENT):
            self.expect(200, {"profilePictureURL": None}, "GET",
                        f"{picture}{contact}&refresh=True&session=mine",
                        headers=key)
        self.expect(200, {"numberExists": True, "chatId": f"{SEEN}@c.us",
                          "pn": f"{SEEN}@c.us"}, "GET", f"{exists}{SEEN}",
                    headers=key)
        self.expect(200, {"numberExists": False}, "GET", f"{exists}{ABSENT}",
                    headers=key)
        self.expect(404, {"statusCode": 404, "message": "Session not found"},
                    "GET", f"{picture}{SEEN}&session=other", headers=key)
        status, _, found = self.send("GET", f"{picture}{SEEN}")
        self.assertEqual(401, status)
        self.assertIn("X-Api-Key", found["message"])
        # Callers of WAHA's other routes are told what there is.
        status, _, found = self.send("GET", "waha/api/sessions", headers=key)
        self.assertEqual(404, status)
        self.assertRegex(found["message"], "^Cannot GET /api/sessions: Portrait "
                         "serves GET /api/contacts/profile-picture and ")

    def test_evolution(self):
        key = {"apikey": self.admin}
        self.expect(200, {"wuid": f"{SEEN}@s.whatsapp.net",
                          "profilePictureUrl": URL}, "POST",
                    "evolution/chat/fetchProfilePictureUrl/mine",
                    {"number": SEEN}, key)
        self.expect(200, {"wuid": f"{HIDDEN}@s.whatsapp.net",
                          "profilePictureUrl": None}, "POST",
                    "evolution/chat/fetchProfilePictureUrl/mine",
                    {"number": HIDDEN}, key)
        status, _, found = self.send(
            "POST", "evolution/chat/whatsappNumbers/mine",
            {"numbers": [SEEN, ABSENT]}, key)
        self.assertEqual(200, status, found)
        self.assertEqual([(SEEN, True), (ABSENT, False)],
                         [(n["number"], n["exists"]) for n in found])
        self.assertEqual(f"{SEEN}@s.whatsapp.net", found[0]["jid"])
        self.expect(404, {"status": 404, "error": "Not Found", "response": {
            "message": ['The "other" instance does not exist']}}, "POST",
            "evolution/chat/fetchProfilePictureUrl/other", {"number": SEEN},
            key)
        status, _, found = self.send(
            "POST", "evolution/chat/fetchProfilePictureUrl/mine",
            {"number": "x"}, key)
        self.assertEqual((400, "Bad Request"), (status, found["error"]))
        status, _, found = self.send(
            "GET", "evolution/instance/fetchInstances", headers=key)
        self.assertEqual([("mine", "open")], [
            (i["name"], i["connectionStatus"]) for i in found])

    def test_wuzapi(self):
        key = {"token": self.admin}
        status, _, found = self.send("POST", "wuzapi/user/avatar",
                                     {"Phone": SEEN, "Preview": True}, key)
        self.assertEqual((200, 200, True),
                         (status, found["code"], found["success"]))
        self.assertEqual({"url", "id", "type", "direct_path"},
                         set(found["data"]))
        self.expect(500, {"code": 500, "error": "No avatar found",
                          "success": False}, "POST", "wuzapi/user/avatar",
                    {"Phone": HIDDEN}, key)
        self.expect(400, {"code": 400, "error": "Missing Phone in Payload",
                          "success": False}, "POST", "wuzapi/user/avatar", {},
                    key)
        self.expect(401, {"code": 401, "error": "Unauthorized",
                          "success": False}, "POST", "wuzapi/user/avatar",
                    {"Phone": SEEN})
        self.expect(200, {"code": 200, "success": True, "data": {"Users": [
            {"Query": ABSENT, "IsInWhatsapp": False,
             "JID": f"{ABSENT}@s.whatsapp.net", "VerifiedName": ""}]}},
            "POST", f"wuzapi/user/check?token={self.admin}",
            {"Phone": [ABSENT]})

    def test_gowa(self):
        basic = base64.b64encode(f"user:{self.admin}".encode()).decode()
        key = {"Authorization": f"Basic {basic}"}
        status, _, found = self.send(
            "GET", f"gowa/user/avatar?phone={SEEN}&is_preview=true",
            headers={**key, "X-Device-Id": "mine"})
        self.assertEqual((200, "SUCCESS", "Success get avatar"),
                         (status, found["code"], found["message"]))
        self.assertEqual({"url", "id", "type"}, set(found["results"]))
        status, _, found = self.send(
            "GET", f"gowa/user/avatar?phone={HIDDEN}", headers=key)
        self.assertEqual((500, "INTERNAL_SERVER_ERROR"),
                         (status, found["code"]))
        for contact, is_there in ((SEEN, True), (ABSENT, False)):
            _, _, found = self.send("GET", f"gowa/user/check?phone={contact}",
                                    headers=key)
            self.assertEqual({"is_on_whatsapp": is_there}, found["results"])
        for path, status, code in (
                ("phone=x", 400, "INVALID_JID"),
                (f"phone={SEEN}&device_id=other", 404, "DEVICE_NOT_FOUND")):
            got, _, found = self.send("GET", f"gowa/user/avatar?{path}",
                                      headers=key)
            self.assertEqual((status, code), (got, found["code"]))

    def test_wawp(self):
        path = f"wawp/v2/contacts/profile-picture?access_token={self.admin}"
        self.expect(200, {"id": f"{SEEN}@c.us", "url": URL}, "GET",
                    f"{path}&contactId={SEEN}@c.us&instance_id=mine")
        status, _, found = self.send("GET", f"{path}&contactId={NOT_SET}")
        self.assertEqual((404, 404), (status, found["status"]))
        status, _, found = self.send("GET", f"{path}&contactId={OWN[1:]}"
                                     "&instance_id=mine")
        self.assertEqual(400, status, found)
        # A token in a URL is not written anywhere.
        self.assertNotIn(self.admin, self.network.log("portraitd"))

    def test_hypersender(self):
        key = {"Authorization": f"Bearer {self.admin}"}
        path = "hypersender/api/whatsapp/v2/mine/contacts/profile-picture"
        self.expect(200, {"message": "Profile picture retrieved successfully.",
                          "data": {"profilePictureURL": URL}}, "GET",
                    f"{path}?chat_id={SEEN}@c.us", headers=key)
        self.expect(200, {"message": "Profile picture not available.",
                          "data": {"profilePictureURL": None}}, "GET",
                    f"{path}?chat_id={HIDDEN}", headers=key)
        status, _, found = self.send("GET", f"{path}?chat_id=x", headers=key)
        self.assertEqual((422, ["chat_id"]), (status, list(found["errors"])))

    def test_wuts(self):
        key = {"Authorization": f"Bearer {self.admin}"}
        _, _, found = self.send(
            "GET", f"wuts/contacts/profile-picture?number={SEEN}", headers=key)
        self.assertEqual({"jid", "url", "id", "type", "direct_path"},
                         set(found["data"]))
        same = self.expect(200, {"success": True, "data": {
            **found["data"], "url": None, "direct_path": None,
            "type": None, "unchanged": True}}, "GET",
            f"wuts/contacts/profile-picture?jid={SEEN}@s.whatsapp.net"
            f"&existing_id={found['data']['id']}", headers=key)
        self.assertTrue(same["success"])
        status, _, found = self.send(
            "GET", "wuts/contacts/profile-picture?number=x", headers=key)
        self.assertEqual((400, "VALIDATION_ERROR", "number", "x"), (
            status, found["error_code"], found["validation"][0]["field"],
            found["validation"][0]["value"]))

    def test_profilepic(self):
        key = {"Authorization": f"Bearer {self.admin}"}
        _, _, found = self.send("GET", f"profilepic/profile-picture/{SEEN}",
                                headers=key)
        self.assertEqual((True, True, SEEN),
                         (found["success"], found["isWhatsApp"],
                          found["number"]))
        self.assertTrue(found["profilePic"] and found["profilePicThumb"])
        _, _, found = self.send("GET", f"profilepic/profile-picture/{ABSENT}",
                                headers=key)
        self.assertEqual((False, None), (found["isWhatsApp"],
                                         found["profilePic"]))

    def test_an_error_is_not_a_missing_picture(self):
        made = self.network.portrait("token", "create", "small", "--quota", "1",
                                     "--format", "jsonl")
        key = {"Authorization": f"Bearer {json.loads(made.stdout)['secret']}"}
        paths = (f"waha/api/contacts/profile-picture?contactId={SEEN}",
                 f"wawp/v2/contacts/profile-picture?contactId={SEEN}",
                 f"gowa/user/avatar?phone={SEEN}",
                 "hypersender/api/whatsapp/v2/default/contacts/profile-picture"
                 f"?chat_id={SEEN}",
                 f"wuts/contacts/profile-picture?number={SEEN}",
                 f"profilepic/profile-picture/{SEEN}")
        self.send("GET", paths[0], headers=key)
        for path in paths:
            status, headers, found = self.send("GET", path, headers=key)
            self.assertEqual(429, status, (path, found))
            self.assertGreaterEqual(int(headers["Retry-After"]), 1)

    def test_pages_may_not_call_unless_their_origin_is_allowed(self):
        key = {"X-Api-Key": self.admin, "Origin": "https://page.example"}
        _, headers, _ = self.send(
            "GET", f"waha/api/contacts/check-exists?phone={SEEN}", headers=key)
        self.assertEqual([], [h for h in headers if "access-control" in
                              h.lower()])
        connection = http.client.HTTPConnection(self.network.http, timeout=60)
        self.addCleanup(connection.close)
        for path in ("/v1/sessions", "/openapi.json"):
            connection.request("OPTIONS", path, headers={
                **key, "Access-Control-Request-Method": "GET"})
            response = connection.getresponse()
            response.read()
            self.assertEqual([], [h for h in response.headers
                                  if "access-control" in h.lower()])

    def test_dialects_are_off_unless_they_are_named(self):
        with Network(server_flags=["--http-listen", "127.0.0.1:0",
                                   "--http-compat", "waha"]) as network:
            connection = http.client.HTTPConnection(network.http, timeout=60)
            for path, status in (("waha/api/contacts/check-exists", 401),
                                 ("wuzapi/user/avatar", 404), ("", 404),
                                 ("other/x", 404)):
                connection.request("GET", f"/compat/{path}")
                response = connection.getresponse()
                response.read()
                self.assertEqual(status, response.status, path)


if __name__ == "__main__":
    unittest.main()
