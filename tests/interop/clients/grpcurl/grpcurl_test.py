"""Tests portraitd with grpcurl, by reflection, including the README's
commands."""

import json
import os
import pathlib
import shlex
import subprocess
import sys
import unittest
import urllib.request

README = pathlib.Path(__file__).resolve().parents[4] / "client" / "README.md"
PATIENCE_SECONDS = 120
PICTURES = "portrait.v1.ProfilePictureService"

with urllib.request.urlopen(os.environ["PORTRAIT_WORLD"]) as answer:
    SERVER = json.load(answer)["servers"]["main"]


def run(command, stdin=None):
    """Runs a shell command; returns its exit code, output and errors."""
    done = subprocess.run(
        ["bash", "-c", command], input=stdin, capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=False)
    return done.returncode, done.stdout, done.stderr


def grpcurl(*arguments, token=True, stdin=None):
    header = (["-H", f"authorization: Bearer {SERVER['token']}"]
              if token else [])
    return run(shlex.join(["grpcurl", "-plaintext", *header, *arguments]),
               stdin)


def json_values(text):
    decoder, values = json.JSONDecoder(), []
    text = text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        values.append(value)
        text = text[end:].strip()
    return values


class GrpcurlTest(unittest.TestCase):

    def test_the_commands_of_the_readme_work(self):
        lines = [line.strip() for line in
                 README.read_text(encoding="utf-8").replace(
                     "\\\n", " ").splitlines()]
        commands = [line for line in lines if line.startswith("grpcurl ")]
        self.assertEqual(3, len(commands))
        output = []
        for command in commands:
            code, text, errors = run(
                command.replace("127.0.0.1:7700", SERVER["address"]).replace(
                    "admin.token", SERVER["token_file"]).replace(
                        "+13105551234", "+4915200000001"))
            self.assertEqual(0, code, command + errors)
            output.append(text)
        self.assertIn(PICTURES, output[0].split())
        self.assertIn("rpc EnrichProfilePictures", output[1])
        picture = json.loads(output[2])["profile_picture"]
        self.assertEqual("PICTURE_STATE_AVAILABLE", picture["state"])

    def test_it_lists_without_a_token(self):
        code, output, errors = grpcurl(SERVER["address"], "list", token=False)
        self.assertEqual(0, code, errors)
        for service in (PICTURES, "portrait.v1.SessionService",
                        "portrait.v1.AccessService",
                        "portrait.v1.AdminService", "grpc.health.v1.Health"):
            self.assertIn(service, output.split())

    def test_it_describes_messages_and_enumerations(self):
        for what, expected in (
                ("portrait.v1.ProfilePicture", "url_expire_time = 12"),
                ("portrait.v1.ErrorReason", "ERROR_REASON_NO_SESSION = 6")):
            code, output, errors = grpcurl(SERVER["address"], "describe", what)
            self.assertEqual(0, code, errors)
            self.assertIn(expected, output)

    def test_it_looks_up_in_bulk(self):
        items = [{"tag": i, "contact": contact} for i, contact in enumerate(
            ("+4915200000001", "+4915200000004", "nobody"), start=1)]
        code, output, errors = grpcurl(
            "-d", "@", SERVER["address"], f"{PICTURES}/EnrichProfilePictures",
            stdin=json.dumps({"items": items}))
        self.assertEqual(0, code, errors)
        results = {r["tag"]: r for response in json_values(output)
                   for r in response.get("results", [])}
        self.assertEqual("PICTURE_STATE_AVAILABLE",
                         results["1"]["profile_picture"]["state"])
        self.assertEqual("REGISTRATION_NOT_REGISTERED",
                         results["2"]["profile_picture"]["registration"])
        self.assertEqual("ERROR_REASON_INVALID_CONTACT",
                         results["3"]["error"]["reason"])

    def test_an_error_says_why(self):
        code, _, errors = grpcurl(
            "-d", '{"contact": "nobody"}', SERVER["address"],
            f"{PICTURES}/GetProfilePicture")
        self.assertNotEqual(0, code)
        self.assertIn("InvalidArgument", errors)
        self.assertIn("ERROR_REASON_INVALID_CONTACT", errors)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
