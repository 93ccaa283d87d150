#!/usr/bin/env python3
"""Makes images/: pictures in every kind of file that the decoders read, and
hashes.csv: what Python's imagehash and Pillow say about them.

Needs the packages of tests/interop/imagehash/requirements.txt.
Usage: make_images.py FOLDER
"""

import csv
import io
import pathlib
import sys

import imagehash
import numpy
from PIL import Image, ImageDraw

COLUMNS = ("file", "width", "height", "phash", "dhash", "look")


def scene(seed, width, height):
    """A picture like a photo: soft light, some shapes, a little noise."""
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width].astype(float)
    x, y = x / width, y / height
    layers = []
    for _ in range(3):
        layer = 60 + 120 * (random.random() * x + random.random() * y)
        for _ in range(7):
            cx, cy, r = random.random(3)
            blob = numpy.exp(-((x - cx)**2 + (y - cy)**2) / (0.01 + r * 0.04))
            layer += (random.random() - 0.4) * 160 * blob
        layers.append(layer + random.normal(0, 3, layer.shape))
    pixels = numpy.clip(numpy.stack(layers, axis=-1), 0, 255)
    return Image.fromarray(pixels.astype("uint8"))


def person(ground, figure, side=320):
    image = Image.new("RGB", (side * 2, side * 2), ground)
    draw = ImageDraw.Draw(image)
    unit = side * 2 / 212
    draw.ellipse([c * unit for c in (68, 49, 144, 125)], fill=figure)
    draw.ellipse([c * unit for c in (34, 139, 178, 245)], fill=figure)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def group(ground, figure, side=320):
    image = Image.new("RGB", (side * 2, side * 2), ground)
    draw = ImageDraw.Draw(image)
    unit = side * 2 / 212
    for cx, r, top in ((106, 24, 56), (52, 18, 72), (160, 18, 72)):
        draw.ellipse([c * unit for c in (cx - r, top, cx + r, top + 2 * r)],
                     fill=figure)
        low = top + 2 * r + 10
        draw.rounded_rectangle(
            [c * unit for c in (cx - 2 * r, low, cx + 2 * r, 160)],
            radius=r * unit, fill=figure)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def cases():
    """Yields name, picture, format, options of the encoder, what it shows."""
    for seed, size in enumerate(((640, 640), (333, 251), (31, 77), (97, 9))):
        yield f"photo{seed}.jpg", scene(seed, *size), "JPEG", {}, "picture"
    square = scene(10, 161, 163)
    yield "progressive.jpg", square, "JPEG", {"progressive": True}, "picture"
    yield "full-chroma.jpg", square, "JPEG", {"subsampling": 0}, "picture"
    yield "half-chroma.jpg", square, "JPEG", {"subsampling": 1}, "picture"
    yield "grey.jpg", square.convert("L"), "JPEG", {}, "picture"
    yield "ink.jpg", square.convert("CMYK"), "JPEG", {}, "picture"
    yield "small.jpg", scene(11, 8, 8), "JPEG", {}, "picture"
    small = scene(12, 71, 50)
    yield "color.png", small, "PNG", {}, "picture"
    yield "grey.png", small.convert("L"), "PNG", {}, "picture"
    yield "palette.png", small.quantize(40), "PNG", {}, "picture"
    yield "two-levels.png", small.convert("1"), "PNG", {}, "picture"
    clear = small.copy()
    clear.putalpha(Image.linear_gradient("L").resize(small.size))
    yield "transparent.png", clear, "PNG", {}, "picture"
    yield "lossy.webp", square, "WEBP", {"quality": 70}, "picture"
    yield "lossless.webp", small, "WEBP", {"lossless": True}, "picture"
    yield "transparent.webp", clear, "WEBP", {"lossless": True,
                                              "exact": True}, "picture"
    yield "person.jpg", person("#dfe5e7", "#ffffff"), "JPEG", {}, "silhouette"
    yield "person-dark.png", person("#6a7175", "#cfd4d6"), "PNG", {}, \
        "silhouette"
    yield "group.jpg", group("#dfe5e7", "#ffffff"), "JPEG", {}, "silhouette"
    blank = Image.new("RGB", (200, 200), "#336699")
    ImageDraw.Draw(blank).text((80, 90), "hello", fill="white")
    yield "blank.png", blank, "PNG", {}, "blank"


def main(folder):
    with open(folder / "hashes.csv", "w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(COLUMNS)
        for name, image, kind, options, look in cases():
            file = io.BytesIO()
            image.save(file, kind, **options)
            (folder / name).write_bytes(file.getvalue())
            read = Image.open(file)
            rows.writerow([name, *read.size, imagehash.phash(read),
                           imagehash.dhash(read), look])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
