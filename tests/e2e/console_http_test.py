"""Tests the console's page and its calls without a browser: files, headers,
signing in and out, and that no other page can use a browser's sign-in."""

import http.client
import json
import re
import unittest

from network import Network

OURS = {"X-Portrait-Console": "1"}
LOOKUP = "/console/api/v1/profilePictures/+4915123000090"


class ConsoleHttpTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.network = Network(server_flags=[
            "--http-listen", "127.0.0.1:0", "--http-allow-origin", "*"])
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        cls.network.link("mine", "+4915700000001")
        cls.admin = (cls.network.data / "admin.token").read_text().strip()

    def send(self, method, path, message=None, headers=OURS):
        """(status, headers, body) of one request."""
        connection = http.client.HTTPConnection(self.network.http, timeout=60)
        self.addCleanup(connection.close)
        body = None if message is None else json.dumps(message)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()

    def make_token(self, **wanted):
        status, _, body = self.send("POST", "/v1/tokens", wanted, {
            "Authorization": f"Bearer {self.admin}"})
        self.assertEqual(200, status, body)
        return json.loads(body)

    def sign_in(self, token=None):
        """The headers of a browser that has signed in."""
        status, headers, body = self.send(
            "POST", "/console/api/session", {"token": token or self.admin})
        self.assertEqual(200, status, body)
        cookie = headers["Set-Cookie"].partition(";")[0]
        return {**OURS, "Cookie": cookie}

    # ---- files

    def test_the_page_and_its_modules_have_their_types_and_are_revalidated(self):
        for path, content_type in (("/console/", "text/html; charset=utf-8"),
                                   ("/console/app.js",
                                    "text/javascript; charset=utf-8"),
                                   ("/console/console.css",
                                    "text/css; charset=utf-8"),
                                   ("/console/icon.svg", "image/svg+xml")):
            with self.subTest(path=path):
                status, headers, body = self.send("GET", path, headers={})
                self.assertEqual(200, status)
                self.assertEqual(content_type, headers["Content-Type"])
                self.assertEqual("nosniff", headers["X-Content-Type-Options"])
                self.assertEqual("no-referrer", headers["Referrer-Policy"])
                self.assertEqual("no-cache", headers["Cache-Control"])
                self.assertGreater(len(body), 100)
                known = {"If-None-Match": headers["ETag"]}
                status, again, body = self.send("GET", path, headers=known)
                self.assertEqual((304, b""), (status, body))
                self.assertEqual(headers["ETag"], again["ETag"])
                status, _, body = self.send("HEAD", path, headers={})
                self.assertEqual((200, b""), (status, body))

    def test_the_page_runs_its_own_scripts_only_and_in_no_frame(self):
        _, headers, body = self.send("GET", "/console/", headers={})
        policy = dict(p.split(" ", 1) for p in
                      headers["Content-Security-Policy"].split("; "))
        self.assertEqual("'none'", policy["default-src"])
        self.assertEqual("'self'", policy["script-src"])
        self.assertEqual("'self'", policy["style-src"])
        self.assertEqual("'self'", policy["connect-src"])
        self.assertEqual("'none'", policy["frame-ancestors"])
        self.assertEqual("'none'", policy["base-uri"])
        # Pictures come from where the flags say, and from nowhere else.
        self.assertEqual(f"'self' blob: {self.network.endpoints['cdn']}",
                         policy["img-src"])
        self.assertEqual("DENY", headers["X-Frame-Options"])
        page = body.decode()
        self.assertNotRegex(page, r"<script(?! type=\"module\" src=\"\w+\.js\")")
        self.assertNotRegex(page, r"<style|style=|\son\w+=|https?://")

    def test_every_module_that_is_imported_is_served(self):
        seen, new = set(), {"app.js"}
        while new:
            name = new.pop()
            seen.add(name)
            status, _, body = self.send("GET", f"/console/{name}", headers={})
            self.assertEqual(200, status, name)
            found = set(re.findall(r'from "\./([\w.]+)"', body.decode()))
            new |= found - seen
        self.assertGreater(len(seen), 5)

    def test_other_paths_are_refused(self):
        status, headers, _ = self.send("GET", "/console", headers={})
        self.assertEqual((308, "/console/"), (status, headers["Location"]))
        for path in ("/console/nothing.js", "/console/../console/app.js",
                     "/console/%61pp.js", "/console//app.js",
                     "/console/..%2fapp.js", "/console/./app.js",
                     "/console/app.js/", "/console/APP.JS", "/consolex/app.js",
                     "/console/app.js%00", "/console/\\app.js",
                     "/console/../../etc/passwd", "/Console/"):
            with self.subTest(path=path):
                status, headers, _ = self.send("GET", path, headers={})
                self.assertIn(status, (400, 404))
                self.assertNotIn("Location", headers)
        status, headers, _ = self.send("POST", "/console/app.js", {}, {})
        self.assertEqual((405, "GET, HEAD"), (status, headers["Allow"]))

    # ---- signing in and out

    def test_a_sign_in_gives_a_cookie_that_scripts_cannot_read(self):
        status, headers, body = self.send(
            "POST", "/console/api/session", {"token": self.admin})
        self.assertEqual(200, status)
        facts = json.loads(body)
        self.assertEqual("admin", facts["tenant"])
        self.assertIn("RIGHT_ADMIN", facts["rights"])
        port = self.network.http.rpartition(":")[2]
        cookie = headers["Set-Cookie"]
        self.assertRegex(cookie, rf"^portrait_console_{port}=[0-9a-f]{{64}}; "
                         "Path=/console/api/; HttpOnly; SameSite=Strict$")
        self.assertNotIn(self.admin, cookie)
        self.assertNotIn(self.admin.encode(), body)
        self.assertEqual("no-store", headers["Cache-Control"])
        # Behind a front door with TLS, it travels encrypted only.
        _, headers, _ = self.send(
            "POST", "/console/api/session", {"token": self.admin},
            {**OURS, "X-Forwarded-Proto": "https"})
        self.assertIn("; Secure", headers["Set-Cookie"])

    def test_the_cookie_does_what_the_token_may_do_until_signed_out(self):
        browser = self.sign_in()
        status, _, body = self.send("GET", "/console/api/v1/sessions",
                                    headers=browser)
        self.assertEqual(200, status)
        self.assertEqual("mine", json.loads(body)["sessions"][0]["session"])
        status, _, _ = self.send("GET", LOOKUP, headers=browser)
        self.assertEqual(200, status)
        status, _, _ = self.send("GET", "/console/api/session", headers=browser)
        self.assertEqual(200, status)
        status, headers, _ = self.send("DELETE", "/console/api/session",
                                       headers=browser)
        self.assertEqual(204, status)
        self.assertIn("Max-Age=0", headers["Set-Cookie"])
        for path in ("/console/api/session", "/console/api/guard", LOOKUP):
            status, _, body = self.send("GET", path, headers=browser)
            self.assertEqual(401, status, path)
            self.assertIn("not signed in", json.loads(body)["message"])

    def test_a_revoked_token_ends_the_sign_in_with_the_reason(self):
        made = self.make_token(tenant="gone", role="ROLE_LOOKUP")
        browser = self.sign_in(made["secret"])
        self.assertEqual(200, self.send("GET", LOOKUP, headers=browser)[0])
        self.send("DELETE", f"/v1/tokens/{made['token']['tokenId']}", None,
                  {"Authorization": f"Bearer {self.admin}"})
        status, _, body = self.send("GET", LOOKUP, headers=browser)
        self.assertEqual(401, status)
        self.assertIn("token", json.loads(body)["message"])
        # The cookie is worth nothing any more.
        _, _, body = self.send("GET", LOOKUP, headers=browser)
        self.assertIn("not signed in", json.loads(body)["message"])

    def test_wrong_tokens_and_large_or_malformed_requests_are_refused(self):
        for message, expected in (({"token": "pt_wrong"}, 401), ({}, 401),
                                  ({"token": ""}, 401), ({"token": 5}, 401),
                                  ({"token": "a b\r\nc"}, 401), ([], 400),
                                  ({"token": "x" * 5000}, 413),
                                  ({"link": "0" * 64}, 401)):
            status, headers, body = self.send(
                "POST", "/console/api/session", message)
            self.assertEqual(expected, status, body)
            self.assertNotIn("Set-Cookie", headers)

    def test_a_token_of_few_rights_sees_no_more_through_the_console(self):
        made = self.make_token(tenant="few", role="ROLE_LOOKUP")
        browser = self.sign_in(made["secret"])
        for path in ("/console/api/v1/sessions", "/console/api/v1/tokens",
                     "/console/api/guard"):
            self.assertEqual(403, self.send("GET", path, headers=browser)[0],
                             path)
        self.assertEqual(200, self.send("GET", LOOKUP, headers=browser)[0])

    # ---- links

    def test_a_link_signs_in_once_and_its_code_reaches_no_log(self):
        status, _, body = self.send("POST", "/console/api/links", None,
                                    {"Authorization": f"Bearer {self.admin}"})
        self.assertEqual(200, status)
        path, code = json.loads(body)["path"].split("#link=")
        self.assertEqual("/console/", path)
        self.assertNotIn(self.admin, body.decode())
        status, headers, _ = self.send("POST", "/console/api/session",
                                       {"link": code})
        self.assertEqual(200, status)
        self.assertIn("HttpOnly", headers["Set-Cookie"])
        status, _, body = self.send("POST", "/console/api/session",
                                    {"link": code})
        self.assertEqual(401, status)
        self.assertIn("has been used", json.loads(body)["message"])
        log = self.network.log("portraitd")
        for secret in (code, self.admin,
                       headers["Set-Cookie"].partition(";")[0][-64:]):
            self.assertNotIn(secret, log)

    def test_a_link_needs_a_token_not_a_cookie(self):
        for headers in (self.sign_in(), {"Authorization": "Bearer pt_x"},
                        {"Authorization": "Bearer"}, {}):
            self.assertEqual(401, self.send(
                "POST", "/console/api/links", None, headers)[0], headers)

    # ---- other pages

    def test_another_sites_page_cannot_use_the_sign_in(self):
        browser = self.sign_in()
        cookie = {"Cookie": browser["Cookie"]}
        for headers in (cookie, {**cookie, "X-Portrait-Console": "0"},
                        {**browser, "Sec-Fetch-Site": "cross-site"},
                        {**browser, "Sec-Fetch-Site": "same-site"}):
            for method, path in (("GET", LOOKUP), ("GET", "/console/api/guard"),
                                 ("POST", "/console/api/session"),
                                 ("DELETE", "/console/api/session"),
                                 ("DELETE", "/console/api/v1/sessions/mine")):
                status, sent, _ = self.send(method, path, headers=headers)
                self.assertEqual(403, status, (headers, method, path))
                self.assertNotIn("Access-Control-Allow-Origin", sent)
        # No preflight allows the header, even if all origins may call.
        _, sent, _ = self.send("OPTIONS", "/console/api/session", None, {
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-portrait-console"})
        self.assertNotIn("Access-Control-Allow-Origin", sent)
        _, sent, _ = self.send("OPTIONS", "/v1/sessions", None, {
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "GET"})
        self.assertNotIn("x-portrait-console",
                         sent["Access-Control-Allow-Headers"].lower())

    def test_a_cookie_is_no_token_elsewhere_and_a_token_no_cookie(self):
        browser = self.sign_in()
        self.assertEqual(401, self.send("GET", "/v1/sessions",
                                        headers=browser)[0])
        self.assertEqual(401, self.send("GET", "/console/api/v1/sessions", None, {
            **OURS, "Authorization": f"Bearer {self.admin}"})[0])
        port = self.network.http.rpartition(":")[2]
        for value in ("", "0" * 64, self.admin, "x" * 10_000):
            self.assertIn(self.send("GET", LOOKUP, headers={
                **OURS, "Cookie": f"portrait_console_{port}={value}"})[0],
                          (401,), value[:20])

    def test_the_findings_of_the_guard_are_listed_for_admins(self):
        status, _, body = self.send("GET", "/console/api/guard",
                                    headers=self.sign_in())
        self.assertEqual((200, {"findings": []}), (status, json.loads(body)))


if __name__ == "__main__":
    unittest.main()
