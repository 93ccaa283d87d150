"""Compares what print_image_facts says about pictures with Python's imagehash.

imagehash_test.py BUILD_FOLDER

The judge runs on Pillow 11: Pillow 13 resizes pictures that are much taller
than wide in another order, which changes some of their bits.
"""

import csv
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parents[1] / "data"
SKIPPED = 77
# The number of pictures that are made at random.
RANDOM_PICTURES = 60

JUDGE = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import imagehash
import make_images
from PIL import Image
folder = pathlib.Path(sys.argv[2])
for seed in range(int(sys.argv[3])):
    width, height = 8 + seed * 37 % 300, 8 + seed * 59 % 310
    picture = make_images.scene(1000 + seed, width, height)
    ending = ("jpg", "png", "webp")[seed % 3]
    options = {"quality": 30 + seed} if ending != "png" else {}
    if ending == "jpg":
        options["progressive"] = seed % 2 == 0
        options["subsampling"] = seed % 5 % 3
    picture.save(folder / f"random{seed}.{ending}", **options)
for path in sorted(folder.iterdir()):
    read = Image.open(path)
    print(path, *read.size, imagehash.phash(read), imagehash.dhash(read),
          sep=",")
"""


def python_with_judge():
    python = BUILD / "venv" / "bin" / "python"
    if not (BUILD / "venv" / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", BUILD / "venv"],
                       check=True, timeout=120)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--require-hashes",
             "--only-binary=:all:", "-r", HERE / "requirements.txt"],
            check=True, timeout=600)
        (BUILD / "venv" / "complete").touch()
    return python


class ImagehashTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        try:
            cls.python = python_with_judge()
        except (subprocess.SubprocessError, OSError) as error:
            print("skipped: imagehash cannot be installed:", error)
            sys.exit(SKIPPED)

    def ours(self, files):
        told = subprocess.run([BUILD / "print_image_facts", *files],
                              capture_output=True, text=True, timeout=300,
                              check=True).stdout
        return list(csv.reader(told.splitlines()))

    def test_random_pictures_have_the_same_hashes(self):
        folder = BUILD / "random"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        judged = subprocess.run(
            [self.python, "-c", JUDGE, DATA, folder, str(RANDOM_PICTURES)],
            capture_output=True, text=True, timeout=600, check=True).stdout
        expected = list(csv.reader(judged.splitlines()))
        self.assertEqual(RANDOM_PICTURES, len(expected))
        self.assertEqual(
            expected, [row[:5] for row in self.ours([r[0] for r in expected])])

    def test_the_stored_hashes_are_those_of_the_judge(self):
        folder = BUILD / "made"
        folder.mkdir(exist_ok=True)
        subprocess.run([self.python, DATA / "make_images.py", folder],
                       check=True, timeout=300)
        for name in ("hashes.csv", "photo0.jpg", "lossless.webp"):
            self.assertEqual((DATA / "images" / name).read_bytes(),
                             (folder / name).read_bytes(), name)


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1))
    unittest.main()
