"""Makes pages with `portrait report` and opens them in Chromium, from the disk.
Keeps the screenshots: BUILD/shots.

report_test.py BUILD_FOLDER of the console's test, whose browser it shares
"""

import csv
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import console_test
from console_test import BUILD, HERE, NEEDED, ROOT, SKIPPED

PORTRAIT = pathlib.Path(os.environ["PORTRAIT_BUILD"]) / "client" / "portrait"
MANY = 100_000
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
COLUMNS = ("Name", "Company", "Phone", "portrait_phone", "portrait_state",
           "portrait_picture_id", "portrait_previous_id", "portrait_changed",
           "portrait_name", "portrait_error", "portrait_error_message",
           "portrait_image_path")
ROWS = (
    ("Ann", "Savanna Timber", "49171", "+49171", "available", "20", "10",
     "2026-11-20T10:00:00Z", "", "", "", "49171-20.jpg"),
    ("Ben", "Savanna Timber", "49172", "+49172", "available", "30", "", "", "",
     "", "", "49172-30.jpg"),
    ("Chloé", "", "49173", "+49173", "available", "40", "", "", "", "", "",
     "49173-40.webp"),
    ("Mallory", "", "49174", "+49174", "hidden", "", "", "", HOSTILE, "", "",
     ""),
    ("Dan", "", "49175", "+49175", "not_registered", "", "", "", "", "", "",
     ""),
    ("Eve", "", "12", "", "error", "", "", "", "", "INVALID_CONTACT",
     "too short", ""),
    ("Fay", "", "13", "", "error", "", "", "", "", "INVALID_CONTACT",
     "too short", ""))
IMAGES = {"photo0.jpg": "49171-20.jpg", "photo1.jpg": "49171-10.jpg",
          "progressive.jpg": "49172-30.jpg", "lossy.webp": "49173-40.webp"}


def report(folder, name, rows, *more):
    run = folder / f"{name}.csv"
    with open(run, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    subprocess.run([PORTRAIT, "report", run, "-o", folder / f"{name}.html",
                    *more], check=True, timeout=300)


class ReportTest(unittest.TestCase):

    def test_it_works_in_a_browser(self):
        shots = BUILD / "shots"
        shots.mkdir(exist_ok=True)
        shutil.copy(HERE / "report.test.mjs", BUILD)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "images").mkdir()
            for image, kept in IMAGES.items():
                shutil.copy(ROOT / "tests" / "data" / "images" / image,
                            folder / "images" / kept)
            report(folder, "some", ROWS, "--images", folder / "images")
            report(folder, "many", (
                (f"Person {i}", "", f"49{i}", f"+49{i}",
                 ("available", "hidden", "not_set")[i % 3], str(i), "", "", "",
                 "", "", "") for i in range(MANY)))
            done = subprocess.run(
                ["node", "--test", "--test-reporter=spec", "report.test.mjs"],
                cwd=BUILD, timeout=600, check=False,
                env={**os.environ, "PORTRAIT_REPORTS": name,
                     "PORTRAIT_SHOTS": str(shots),
                     "PORTRAIT_CHROMIUM": shutil.which("chromium")})
        self.assertEqual(0, done.returncode)


if __name__ == "__main__":
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing or BUILD is None:
        print(f"SKIPPED: not installed: {', '.join(missing)}")
        sys.exit(SKIPPED)
    try:
        console_test.install()
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as e:
        print(f"SKIPPED: Playwright and axe-core cannot be installed: {e}")
        sys.exit(SKIPPED)
    unittest.main()
