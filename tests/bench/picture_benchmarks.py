"""Benchmarks of the work on images."""

import pathlib
import shutil

from processes import driver

IMAGES = pathlib.Path(__file__).resolve().parents[1] / "data" / "images"


class PictureBenchmarks:
    def __init__(self, options, folder, table):
        self.options = options
        self.quick = options.quick
        self.folder = folder
        self.table = table

    def decode(self):
        """ReadImage (decoding, both hashes, SHA-256, the look) of a JPEG of
        640 x 640 pixels, beside libjpeg-turbo's decoding, as djpeg does it, and
        the two hashes of imagehash in plain C. CPU time of one core."""
        rows = [driver("picture_bench", "decode", IMAGES / "photo0.jpg",
                       "--rounds", 5 if self.quick else 200)[-1]
                for _ in range(self.options.runs)]
        self.table.add("JPEG of 640 x 640 read and hashed, beside plain C",
                       [row["read_per_second"] for row in rows],
                       [row["decoded_per_second"] for row in rows],
                       ">= 0.7", lambda r: r >= 0.7, "/s")

    def likeness(self):
        """Searches among many hashes for those within 8 bits."""
        pictures = 20_000 if self.quick else 5_000_000
        folder = self.folder / "likeness"
        rows = driver("picture_bench", "likeness", "--folder", folder,
                      "--pictures", pictures, "--searches",
                      20 if self.quick else 500)
        shutil.rmtree(folder)
        found = rows[-1]
        self.table.add_value(
            f"search among {pictures:,} pictures, 8 bits, p50",
            found["search_p50_ms"], "ms", "<= 50 ms", lambda ms: ms <= 50)
        self.table.note("  p99", found["search_p99_ms"], "ms")
        self.table.note("  a scan of all hashes in memory",
                        found["scan_p50_ms"], "ms")
        self.table.note("  pictures added", rows[0]["added_per_second"], "/s")
