"""Holds every route of the drop-in dialects to the published examples: the same
members in the same order, and the same kind of value in each."""

import base64
import http.client
import json
import re
import unittest

from network import Network

OWN = "+4915700000001"
# Contacts whose picture is visible, is hidden, and does not exist.
SEEN, HIDDEN, NOT_SET = "4915123000190", "4915123000191", "4915123000180"
ABSENT = "4915123000181"  # not on WhatsApp
DIALECTS = "evolution,gowa,hypersender,profilepic,waha,wawp,wuts,wuzapi"

# Kinds of values. An expected value that is none of them stands for itself.
KINDS = {
    "a URL": r"https?://\S+", "an id": r"\d+", "a path": r"/v/\S+",
    "a time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "a text": r".+",
    "a LID": r"\d+@lid", "a size": r"image|preview"}
TEXT = "a text"


def with_kinds(found, expected):
    """`found`, with each value that is of the expected kind replaced by it."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return {k: with_kinds(v, expected.get(k)) for k, v in found.items()}
    if isinstance(found, list) and isinstance(expected, list):
        return [with_kinds(v, expected[i] if i < len(expected) else None)
                for i, v in enumerate(found)]
    if isinstance(found, str) and expected in KINDS and re.fullmatch(
            KINDS[expected], found):
        return expected
    return found


class DialectTest(unittest.TestCase):
    """A server with all dialects; `linked` with an account."""

    linked = True

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=[
            "--http-listen", "127.0.0.1:0", "--http-compat", DIALECTS])
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.admin = (cls.network.data / "admin.token").read_text().strip()
        cls.bearer = {"Authorization": f"Bearer {cls.admin}"}
        if cls.linked:
            cls.network.link("mine", OWN)

    def expect(self, status, shape, method, path, headers, body=None):
        """Sends a request; returns its response's headers."""
        connection = http.client.HTTPConnection(self.network.http, timeout=60)
        self.addCleanup(connection.close)
        connection.request(method, f"/compat/{path}",
                           None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
        with self.subTest(request=f"{method} {path}"):
            found = with_kinds(json.loads(text), shape)
            # As text, so that the members' order counts.
            self.assertEqual((status, json.dumps(shape)),
                             (response.status, json.dumps(found)))
            self.assertEqual("application/json",
                             response.headers["Content-Type"])
        return response.headers


class ShapeTest(DialectTest):

    def test_profilepic(self):
        def shape(number, is_there, *pictures):
            return {"success": True, "isWhatsApp": is_there, "number": number,
                    "profilePic": pictures[0], "profilePicThumb": pictures[1],
                    "name": None, "isBusiness": False, "lastChecked": "a time"}
        path = "profilepic/profile-picture"
        failure = {"success": False, "error": TEXT}
        self.expect(200, shape(SEEN, True, "a URL", "a URL"), "GET",
                    f"{path}/{SEEN}", self.bearer)
        self.expect(200, shape(HIDDEN, True, None, None), "GET",
                    f"{path}/+{HIDDEN}", self.bearer)
        self.expect(200, shape(ABSENT, False, None, None), "GET",
                    f"{path}/{ABSENT}", self.bearer)
        self.expect(400, failure, "GET", f"{path}/x", self.bearer)
        self.expect(401, failure, "GET", f"{path}/{SEEN}", {})
        self.expect(404, failure, "GET", "profilepic/other", self.bearer)

    def test_wawp(self):
        path = "wawp/v2/contacts/profile-picture"
        found = {"id": f"{SEEN}@c.us", "url": "a URL"}

        def failure(status, error, message=TEXT):
            return {"status": status, "message": message, "error": error}
        for contact, more in ((f"{SEEN}%40c.us", f"&access_token={self.admin}"),
                              (SEEN, f"&access_token={self.admin}&refresh=true"),
                              (f"{SEEN}@c.us", "")):
            key = {} if more else {"access-token": self.admin}
            self.expect(200, found, "GET",
                        f"{path}?instance_id=mine&contactId={contact}{more}", key)
        key = {"access-token": self.admin}
        for contact in (HIDDEN, NOT_SET, ABSENT):
            self.expect(404, failure(404, "Not Found",
                                     "Profile picture not found"), "GET",
                        f"{path}?instance_id=mine&contactId={contact}", key)
        self.expect(400, failure(400, "Bad Request"), "GET",
                    f"{path}?instance_id=mine&contactId=x", key)
        self.expect(401, failure(401, "Unauthorized"), "GET",
                    f"{path}?instance_id=mine&contactId={SEEN}", {})
        self.expect(404, failure(404, "Not Found"), "GET",
                    f"{path}?instance_id=other&contactId={SEEN}", key)

    def test_hypersender(self):
        def path(contact, instance="mine"):
            return (f"hypersender/api/whatsapp/v2/{instance}/contacts/"
                    f"profile-picture?chat_id={contact}")
        lid = self.network.accounts([f"+{SEEN}"])[f"+{SEEN}"]["lid"]
        for contact in (SEEN, f"{SEEN}@c.us", lid):
            self.expect(200, {
                "message": "Profile picture retrieved successfully.",
                "data": {"profilePictureURL": "a URL"}}, "GET", path(contact),
                self.bearer)
        for contact in (HIDDEN, ABSENT):
            self.expect(200, {
                "message": "Profile picture not available.",
                "data": {"profilePictureURL": None}}, "GET", path(contact),
                self.bearer)
        self.expect(422, {"message": TEXT, "errors": {"chat_id": [TEXT]}},
                    "GET", path("x"), self.bearer)
        self.expect(401, {"message": TEXT}, "GET", path(SEEN), {})
        self.expect(404, {"message": TEXT}, "GET", path(SEEN, "other"),
                    self.bearer)

    def test_wuts(self):
        path = "wuts/contacts/profile-picture"

        def shape(url, picture_id, kind, direct_path, **more):
            return {"success": True, "data": {
                "jid": TEXT, "url": url, "id": picture_id, "type": kind,
                "direct_path": direct_path, **more}}
        for query, kind in ((f"number={SEEN}", "preview"),
                            (f"jid={SEEN}@s.whatsapp.net", "preview"),
                            (f"number={SEEN}&preview=true", "preview"),
                            (f"number={SEEN}&preview=false", "image")):
            self.expect(200, shape("a URL", "an id", kind, "a path"), "GET",
                        f"{path}?{query}", self.bearer)
        self.expect(200, shape(None, None, None, None), "GET",
                    f"{path}?number={HIDDEN}", self.bearer)
        self.expect(400, {
            "success": False, "error": TEXT, "error_code": "VALIDATION_ERROR",
            "timestamp": "a time", "validation": [
                {"field": "number", "message": TEXT, "value": "x"}]}, "GET",
            f"{path}?number=x", self.bearer)
        self.expect(401, {
            "success": False, "error": TEXT, "error_code": "UNAUTHORIZED",
            "timestamp": "a time"}, "GET", f"{path}?number={SEEN}", {})

    def test_waha(self):
        key = {"X-Api-Key": self.admin}
        picture = "waha/api/contacts/profile-picture?contactId="
        exists = "waha/api/contacts/check-exists?phone="
        for more in ("", "&refresh=true", "&refresh=True", "&refresh=false",
                     "&session=mine", "&session=default"):
            self.expect(200, {"profilePictureURL": "a URL"}, "GET",
                        f"{picture}{SEEN}@c.us{more}", key)
        self.expect(200, {"profilePictureURL": None}, "GET",
                    f"{picture}{NOT_SET}", key)
        self.expect(200, {"numberExists": True, "chatId": f"{SEEN}@c.us",
                          "pn": f"{SEEN}@c.us"}, "GET",
                    f"{exists}{SEEN}&session=default", key)
        self.expect(200, {"numberExists": False}, "GET", f"{exists}{ABSENT}", key)
        failure = {"statusCode": 401, "message": TEXT}
        for path in (picture, exists):
            self.expect(401, failure, "GET", f"{path}{SEEN}", {})
            self.expect(404, {"statusCode": 404, "message": TEXT}, "GET",
                        f"{path}{SEEN}&session=other", key)
            self.expect(400, {"statusCode": 400, "message": TEXT}, "GET",
                        f"{path}x", key)

    def test_evolution(self):
        key = {"apikey": self.admin}

        def failure(status, error, message=TEXT):
            return {"status": status, "error": error,
                    "response": {"message": [message]}}
        path = "evolution/chat/fetchProfilePictureUrl"
        for contact in (SEEN, int(SEEN), f"{SEEN}@s.whatsapp.net"):
            self.expect(200, {"wuid": f"{SEEN}@s.whatsapp.net",
                              "profilePictureUrl": "a URL"}, "POST",
                        f"{path}/mine", key, {"number": contact})
        self.expect(400, failure(400, "Bad Request"), "POST", f"{path}/mine",
                    key, {"number": "x"})
        self.expect(400, failure(400, "Bad Request"), "POST", f"{path}/mine",
                    key, {"number": 1e300})
        self.expect(401, failure(401, "Unauthorized"), "POST", f"{path}/mine",
                    {}, {"number": SEEN})
        self.expect(404, failure(
            404, "Not Found", 'The "other" instance does not exist'), "POST",
            f"{path}/other", key, {"number": SEEN})
        path = "evolution/chat/whatsappNumbers"
        self.expect(200, [
            {"jid": f"{SEEN}@s.whatsapp.net", "exists": True, "number": SEEN,
             "lid": "a LID"},
            {"jid": f"{ABSENT}@s.whatsapp.net", "exists": False,
             "number": ABSENT},
            {"jid": "", "exists": False, "number": "x"}], "POST",
            f"{path}/mine", key, {"numbers": [SEEN, ABSENT, "x"]})
        self.expect(400, failure(400, "Bad Request"), "POST", f"{path}/mine",
                    key, {"numbers": []})
        path = "evolution/instance/fetchInstances"
        instance = {"id": "mine", "name": "mine", "connectionStatus": "open",
                    "ownerJid": TEXT, "profileName": None}
        for query in ("", "?instanceName=mine"):
            self.expect(200, [instance], "GET", path + query, key)
        self.expect(404, failure(404, "Not Found",
                                 'Instance "other" not found'), "GET",
                    f"{path}?instanceName=other", key)

    def test_wuzapi(self):
        key = {"token": self.admin}
        for body, kind in (({"Phone": SEEN, "Preview": True}, "preview"),
                           ({"Phone": SEEN, "Preview": False}, "image"),
                           ({"Phone": SEEN}, "image")):
            self.expect(200, {"code": 200, "data": {
                "url": "a URL", "id": "an id", "type": kind,
                "direct_path": "a path"}, "success": True}, "POST",
                "wuzapi/user/avatar", key, body)
        for contact in (HIDDEN, NOT_SET, ABSENT):
            self.expect(500, {"code": 500, "error": "No avatar found",
                              "success": False}, "POST", "wuzapi/user/avatar",
                        key, {"Phone": contact})
        for path in ("wuzapi/user/avatar", "wuzapi/user/check"):
            self.expect(401, {"code": 401, "error": "Unauthorized",
                              "success": False}, "POST", path, {},
                        {"Phone": SEEN if "avatar" in path else [SEEN]})
            self.expect(400, {
                "code": 400, "error": "Missing Phone in Payload",
                "success": False}, "POST", path, key, {})
        self.expect(200, {"code": 200, "data": {"Users": [
            {"Query": SEEN, "IsInWhatsapp": True,
             "JID": f"{SEEN}@s.whatsapp.net", "VerifiedName": ""},
            {"Query": ABSENT, "IsInWhatsapp": False,
             "JID": f"{ABSENT}@s.whatsapp.net", "VerifiedName": ""}]},
            "success": True}, "POST", f"wuzapi/user/check?token={self.admin}",
            {}, {"Phone": [SEEN, ABSENT]})

    def test_gowa(self):
        basic = base64.b64encode(f"user:{self.admin}".encode()).decode()
        key = {"Authorization": f"Basic {basic}"}

        def shape(code, message=TEXT, results=None):
            return {"code": code, "message": message, "results": results}
        path = "gowa/user/avatar?phone="
        for query, kind in ((SEEN, "image"),
                            (f"{SEEN}@s.whatsapp.net&is_preview=true", "preview"),
                            (f"{SEEN}&is_community=false&device_id=mine",
                             "image")):
            self.expect(200, shape("SUCCESS", "Success get avatar", {
                "url": "a URL", "id": "an id", "type": kind}), "GET",
                path + query, key)
        self.expect(500, shape("INTERNAL_SERVER_ERROR"), "GET", path + HIDDEN,
                    key)
        self.expect(400, shape("INVALID_JID"), "GET", path + "x", key)
        self.expect(401, shape("UNAUTHORIZED"), "GET", path + SEEN, {})
        self.expect(404, shape("DEVICE_NOT_FOUND"), "GET", path + SEEN,
                    {**key, "X-Device-Id": "other"})
        for contact, is_there in ((SEEN, True), (ABSENT, False)):
            self.expect(200, shape("SUCCESS", TEXT, {
                "is_on_whatsapp": is_there}), "GET",
                f"gowa/user/check?phone={contact}", key)

    def test_a_contact_that_objected_is_neither_there_nor_absent(self):
        objected = "4915123000193"
        self.network.portrait("forget", f"+{objected}", "--suppress")
        self.expect(200, [{"jid": f"{SEEN}@s.whatsapp.net", "exists": True,
                           "number": SEEN, "lid": "a LID"}], "POST",
                    "evolution/chat/whatsappNumbers/mine",
                    {"apikey": self.admin}, {"numbers": [objected, SEEN]})
        self.expect(200, {"code": 200, "data": {"Users": []}, "success": True},
                    "POST", "wuzapi/user/check", {"token": self.admin},
                    {"Phone": [objected]})


class NoAccountTest(DialectTest):
    """What each route answers while no account can ask WhatsApp."""

    linked = False

    def test_an_error_is_neither_a_missing_picture_nor_a_missing_number(self):
        for dialect, path, error in (
                ("profilepic", f"profile-picture/{SEEN}",
                 {"success": False, "error": TEXT}),
                ("wawp", f"v2/contacts/profile-picture?contactId={SEEN}",
                 {"status": 503, "message": TEXT, "error": TEXT}),
                ("hypersender", "api/whatsapp/v2/default/contacts/"
                 f"profile-picture?chat_id={SEEN}", {"message": TEXT}),
                ("wuts", f"contacts/profile-picture?number={SEEN}",
                 {"success": False, "error": TEXT,
                  "error_code": "DEVICE_NOT_READY", "timestamp": "a time"}),
                ("gowa", f"user/avatar?phone={SEEN}",
                 {"code": "INTERNAL_SERVER_ERROR", "message": TEXT,
                  "results": None}),
                ("gowa", f"user/check?phone={SEEN}",
                 {"code": "INTERNAL_SERVER_ERROR", "message": TEXT,
                  "results": None})):
            self.expect(503, error, "GET", f"{dialect}/{path}", self.bearer)
        for path in (f"profile-picture?contactId={SEEN}",
                     f"check-exists?phone={SEEN}"):
            self.expect(422, {
                "error": TEXT, "session": "default", "status": "STOPPED",
                "expected": ["WORKING"]}, "GET",
                f"waha/api/contacts/{path}&session=default", self.bearer)
        failure = {"status": 503, "error": "Service Unavailable",
                   "response": {"message": [TEXT]}}
        self.expect(503, failure, "POST",
                    "evolution/chat/fetchProfilePictureUrl/default",
                    self.bearer, {"number": SEEN})
        self.expect(503, failure, "POST",
                    "evolution/chat/whatsappNumbers/default", self.bearer,
                    {"numbers": [SEEN]})
        failure = {"code": 503, "error": TEXT, "success": False}
        self.expect(503, failure, "POST", "wuzapi/user/avatar", self.bearer,
                    {"Phone": SEEN})
        self.expect(503, failure, "POST", "wuzapi/user/check", self.bearer,
                    {"Phone": [SEEN]})


if __name__ == "__main__":
    unittest.main()
