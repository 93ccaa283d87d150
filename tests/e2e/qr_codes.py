"""Reads QR codes by zbarimg, as a phone does: from files, terminals and pages."""

import os
import subprocess


def read_image(path):
    """The text of the QR code in an image file; None: there is none."""
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", path],
                          capture_output=True, text=True, timeout=60,
                          check=False)
    return done.stdout.strip() or None


def read_screen(screen, folder):
    """The text of the QR code that is drawn on a screen, black on white."""
    halves = {"█": "11", "▀": "10", "▄": "01", " ": "00"}
    pixels = []
    for line in screen.splitlines():
        if set(line.strip()) - set(halves):
            continue  # a caption
        for half in (0, 1):
            pixels.append([halves[c][half] for c in line])
    width = max((len(row) for row in pixels), default=0)
    if width == 0:
        return None
    quiet, scale = 4, 6
    image = [["0"] * (width + 2 * quiet)] * quiet
    for row in pixels:
        image.append(["0"] * quiet + row + ["0"] * (width - len(row) + quiet))
    image += image[:quiet]
    path = os.path.join(folder, "screen.pbm")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"P1 {len(image[0]) * scale} {len(image) * scale}\n")
        for row in image:
            line = " ".join(bit for bit in row for _ in range(scale))
            file.write(f"{line}\n" * scale)
    return read_image(path)


def read_svg(svg, folder):
    """The text of the QR code in an SVG that draws each run of dark modules as
    "M<x> <y>h<width>…"."""
    side = int(svg.split('viewBox="0 0 ')[1].split()[0])
    rows = [[" "] * side for _ in range(side + side % 2)]
    for run in svg.split('<path d="')[1].split("M")[1:]:
        x, rest = run.split(" ", 1)
        y, rest = rest.split("h", 1)
        for i in range(int(rest.split("v")[0])):
            rows[int(y)][int(x) + i] = "█"
    both = {("█", "█"): "█", ("█", " "): "▀", (" ", "█"): "▄"}
    screen = "\n".join(
        "".join(both.get(pair, " ") for pair in zip(*rows[y:y + 2]))
        for y in range(0, len(rows), 2))
    return read_screen(screen, folder)
