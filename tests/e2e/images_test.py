"""Tests saving pictures as files: `portrait download` and `portrait enrich
--images`, with a server that fetches them from the simulated CDN."""

import base64
import csv
import hashlib
import http.client
import json
import pathlib
import unittest

from image_network import ImageNetwork
from network import Network, wait_for

UPLOAD_BYTES = 3 << 20  # at most
NUMBERS = [f"+4915123456{i:03}" for i in range(60)]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def written(folder):
    """When each file was written; a file that is written anew is another."""
    return {p.name: (p.stat().st_ino, p.stat().st_mtime_ns)
            for p in folder.iterdir()}


class ImagesTest(unittest.TestCase):

    def start(self, network):
        self.network = network
        network.__enter__()
        self.addCleanup(network.__exit__, None, None, None)
        network.link("account", "+4915700000001")
        self.accounts = network.accounts(NUMBERS)
        self.files = network.folder / "pictures"

    def visible(self):
        return {phone: account for phone, account in self.accounts.items()
                if account["registered"] and account["picture_id"]
                and not account["picture_hidden"]}

    def enrich(self, *flags):
        list_file = self.network.folder / "list.csv"
        list_file.write_text("phone\n" + "\n".join(NUMBERS) + "\n")
        output = self.network.folder / "out.csv"
        done = self.network.portrait("enrich", list_file, "-o", output,
                                     "--images", self.files, *flags)
        with open(output, newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file)), done.stderr

    def download(self, *arguments):
        done = self.network.portrait("download", *arguments, "-o", self.files,
                                     "--format", "jsonl", check=False)
        return done, [json.loads(row) for row in done.stdout.splitlines()]

    def test_download_saves_each_picture_once(self):
        self.start(ImageNetwork())
        phones = sorted(self.visible())[:3]
        # Written as people write numbers.
        done, rows = self.download(phones[0], f"{phones[1][:3]} {phones[1][3:]}",
                                   f"{phones[2][1:]}@s.whatsapp.net")
        self.assertEqual(0, done.returncode, done.stderr)
        for phone, row in zip(phones, rows, strict=True):
            path = pathlib.Path(row["path"])
            self.assertEqual(
                f"{phone[1:]}-{self.accounts[phone]['picture_id']}.jpg",
                path.name)
            self.assertEqual(sha256(path), row["sha256"])
            self.assertEqual(path.stat().st_size, row["bytes"])
        before = written(self.files)
        self.assertEqual(3, len(before))
        again, _ = self.download(*phones)
        self.assertEqual(0, again.returncode, again.stderr)
        self.assertEqual(before, written(self.files))
        # A file with other content is replaced.
        path.write_bytes(b"something else")
        self.download(phones[2])
        self.assertEqual(sha256(path), row["sha256"])
        small, rows = self.download(phones[0], "--size", "96")
        self.assertEqual(0, small.returncode, small.stderr)
        self.assertTrue(rows[0]["path"].endswith("-96.jpg"), rows)

    def test_download_says_which_contacts_have_no_picture(self):
        self.start(ImageNetwork())
        phones = sorted(self.visible())[:2]
        self.network.steer("set", "--phone", phones[0], "hide")
        done, rows = self.download(*phones)
        self.assertEqual(2, done.returncode)
        self.assertEqual([phones[1]], [row["contact"] for row in rows])
        self.assertIn(f"{phones[0]}: the contact hides its picture", done.stderr)
        self.assertEqual(1, self.download("12")[0].returncode)
        self.assertEqual(1, len(written(self.files)))

    def test_enrich_saves_the_pictures_and_names_them_in_its_rows(self):
        self.start(ImageNetwork())
        report = self.network.folder / "report.html"
        rows, _ = self.enrich("--report", report)
        self.assertEqual(NUMBERS, [row["phone"] for row in rows])
        visible = self.visible()
        self.assertGreater(len(visible), 10)
        for row in rows:
            name = row["portrait_image_path"]
            self.assertEqual("", row["portrait_image_error"])
            self.assertEqual(row["phone"] in visible, name != "", row)
            if name:
                self.assertEqual(sha256(self.files / name),
                                 row["portrait_image_sha256"])
                self.assertEqual((self.files / name).stat().st_size,
                                 int(row["portrait_image_bytes"]))
        before = written(self.files)
        self.assertEqual(len(visible), len(before))
        self.assertIn("data:image/jpeg;base64,", report.read_text())
        # Saving is not another lookup.
        usage = json.loads(self.network.portrait(
            "usage", "--format", "jsonl").stdout)
        self.assertEqual(len(NUMBERS), usage["lookups"])
        # The next run takes what is in the folder, and asks for no image.
        for kept in (self.network.folder / "kept").rglob("?" * 64):
            kept.unlink()
        self.assertEqual(rows[0]["portrait_image_sha256"],
                         self.enrich()[0][0]["portrait_image_sha256"])
        self.assertEqual(before, written(self.files))

    def similar(self, subject, *flags):
        done = self.network.portrait("similar", subject, "--format", "jsonl",
                                     *flags)
        return [json.loads(row)["phone"] for row in done.stdout.splitlines()], \
            done.stderr

    def test_similar_finds_the_contacts_that_show_a_picture(self):
        self.start(ImageNetwork())
        rows, _ = self.enrich("--shared-by")
        saved = {row["phone"]: row for row in rows
                 if row["portrait_image_path"]}
        self.assertIn("0", {row["portrait_shared_by"] for row in saved.values()})
        # One whose picture no other contact of the list has.
        phone, row = next((phone, row) for phone, row in saved.items()
                          if row["portrait_shared_by"] == "0")
        path = self.files / row["portrait_image_path"]
        self.assertEqual([phone], self.similar(path, "--max-distance", "0")[0])
        found, said = self.similar(phone, "--max-distance", "0")
        self.assertEqual([], found)
        self.assertIn("0 contacts have a similar picture", said)
        # It is not found once the contact hides it.
        self.network.steer("set", "--phone", phone, "hide")
        self.network.portrait("get", phone, "--max-age", "0s")
        self.assertEqual([], self.similar(path, "--max-distance", "0")[0])
        done = self.network.portrait("similar", phone, check=False)
        self.assertEqual(4, done.returncode)
        self.assertIn("no image of this picture is stored", done.stderr)

    def test_a_picture_that_cannot_be_fetched_does_not_fail_its_row(self):
        # The server takes URLs of WhatsApp only, which these are not.
        self.start(ImageNetwork(cdn=False))
        rows, said = self.enrich()
        visible = self.visible()
        for row in rows:
            self.assertEqual("", row["portrait_image_path"])
            self.assertEqual("", row["portrait_error"])
            self.assertEqual(row["phone"] in visible,
                             "refused" in row["portrait_image_error"], row)
        self.assertIn(f"{len(visible)} pictures could not be saved", said)
        self.assertEqual({}, written(self.files))

    def test_a_server_without_images_says_so_in_each_row(self):
        self.start(Network())
        rows, _ = self.enrich()
        for row in rows:
            self.assertEqual(row["phone"] in self.visible(),
                             "--images" in row["portrait_image_error"], row)
        done, _ = self.download(NUMBERS[0])
        self.assertEqual(4, done.returncode)

    def request(self, path, method="GET", body=None, **headers):
        """The status, the headers and the body of an HTTP answer."""
        token = (self.network.data / "admin.token").read_text().strip()
        connection = http.client.HTTPConnection(self.network.http, timeout=60)
        try:
            connection.request(method, path, body, headers={
                "Authorization": f"Bearer {token}", **headers})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def test_the_image_route_sends_ranges_and_knows_what_the_caller_has(self):
        self.start(ImageNetwork())
        phone = sorted(self.visible())[0]
        path = f"/v1/profilePictures/{phone}/image"
        status, headers, image = self.request(path)
        self.assertEqual((200, "image/jpeg", str(len(image)), "bytes"), (
            status, headers["Content-Type"], headers["Content-Length"],
            headers["Accept-Ranges"]))
        tag = f'"{hashlib.sha256(image).hexdigest()}"'
        self.assertEqual(tag, headers["ETag"])
        size = len(image)
        for wanted, first, end in (("0-9", 0, 10), ("100-", 100, size),
                                   ("-7", size - 7, size),
                                   ("5-999999", 5, size)):
            status, headers, body = self.request(path, Range=f"bytes={wanted}")
            self.assertEqual((206, f"bytes {first}-{end - 1}/{size}"),
                             (status, headers["Content-Range"]))
            self.assertEqual(image[first:end], body)
        # The whole image, if the range is of another image or not understood.
        for more in ({"Range": "bytes=1-2,4-5"}, {"Range": "bytes=2-1"},
                     {"Range": "bytes=0-9", "If-Range": '"other"'}):
            status, _, body = self.request(path, **more)
            self.assertEqual((200, image), (status, body), more)
        status, _, body = self.request(
            path, **{"Range": "bytes=0-9", "If-Range": tag})
        self.assertEqual((206, image[:10]), (status, body))
        status, headers, _ = self.request(path, Range=f"bytes={size}-")
        self.assertEqual((416, f"bytes */{size}"),
                         (status, headers["Content-Range"]))
        for known in (tag, f'W/{tag}, "x"', "*"):
            status, headers, body = self.request(path, **{"If-None-Match": known})
            self.assertEqual((304, tag, b""), (status, headers["ETag"], body))
        # A range is defined for GET only.
        for more in ({}, {"Range": "bytes=0-9"}, {"Range": f"bytes={size}-"},
                     {"Range": "bytes=0-9", "If-Range": tag}):
            status, headers, body = self.request(path, "HEAD", **more)
            self.assertEqual((200, str(size), tag, b""), (
                status, headers["Content-Length"], headers["ETag"], body), more)
            self.assertNotIn("Content-Range", headers)
        # A thumbnail is another image.
        status, headers, body = self.request(
            f"{path}?thumbnailPixels=96", **{"If-None-Match": tag})
        self.assertEqual(200, status)
        self.assertNotEqual(tag, headers["ETag"])
        self.assertEqual(404, self.request(
            "/v1/profilePictures/%2B4915123456000/image?id=12345")[0])

    def test_an_image_of_the_largest_size_is_uploaded_as_json(self):
        self.start(ImageNetwork())
        phone = sorted(self.visible())[0]
        _, _, image = self.request(f"/v1/profilePictures/{phone}/image")
        for path in ("/v1/profilePictures:findSimilar",
                     "/portrait.v1.ProfilePictureService/FindSimilarPictures"):
            for size, expected in ((UPLOAD_BYTES, 200), (UPLOAD_BYTES + 1, 400)):
                # A decoder ignores what follows the image.
                upload = base64.b64encode(image.ljust(size, b"\0")).decode()
                status, _, body = self.request(
                    path, "POST", json.dumps({"image": upload}),
                    **{"Content-Type": "application/json"})
                self.assertEqual(expected, status, body[:300])
                found = json.loads(body)
                if expected == 200:
                    self.assertIn(phone, [
                        p["phoneNumber"] for p in found["pictures"]])
                else:
                    self.assertIn("3145729 bytes, at most 3145728",
                                  found["message"])

    def test_health_checks_tell_whether_images_can_be_kept(self):
        self.start(ImageNetwork())

        def health():
            done = self.network.portrait("health", "--images", check=False)
            return done.returncode, done.stdout.strip()
        self.assertEqual((0, "SERVING"), health())
        kept, away = self.network.folder / "kept", self.network.folder / "away"
        kept.rename(away)
        kept.write_text("a file in its place")
        self.network.portrait("download", sorted(self.visible())[0], "-o",
                              self.files, check=False)
        wait_for("images that cannot be kept",
                 lambda: health() == (4, "NOT_SERVING"))
        # Lookups do not depend on them.
        self.network.portrait("health", "--lookups")
        kept.unlink()
        away.rename(kept)
        wait_for("images that are kept again",
                 lambda: health() == (0, "SERVING"))


if __name__ == "__main__":
    unittest.main()
