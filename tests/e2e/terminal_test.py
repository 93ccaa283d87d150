"""Tests the output in a real terminal: tmux, read back character by character,
and QR codes read by zbar."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from network import Network, wait_for

PHONE = "+491578800001"
# A new code replaces the first one after a minute.
NEXT_CODE_SECONDS = 120


class Terminal:
    """A context manager: a command in a terminal of a given size."""

    def __init__(self, columns, rows, command):
        self.folder = tempfile.TemporaryDirectory(prefix="portrait-tmux-")
        self.socket = os.path.join(self.folder.name, "socket")
        environment = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
        environment.pop("TMUX", None)
        self.environment = environment
        self._tmux("-f", "/dev/null", "-u", "new-session", "-d",
                   "-x", columns, "-y", rows, *command)

    def _tmux(self, *arguments):
        done = subprocess.run(
            ["tmux", "-S", self.socket, *[str(a) for a in arguments]],
            capture_output=True, text=True, env=self.environment, timeout=60,
            check=False)
        if done.returncode != 0:
            raise AssertionError(f"tmux {arguments}: {done.stderr}")
        return done.stdout

    def screen(self):
        return self._tmux("capture-pane", "-p")

    def scrolled_lines(self):
        return int(self._tmux("display-message", "-p", "#{history_size}"))

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", columns, "-y", rows)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"],
                       capture_output=True, env=self.environment, timeout=60,
                       check=False)
        self.folder.cleanup()


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


class PairingTerminalTest(unittest.TestCase):

    def setUp(self):
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__, None, None, None)
        self.files = {kind: self.network.folder / f"code.{kind}"
                      for kind in ("txt", "png", "svg")}

    def pair_in_terminal(self, columns, rows, *flags):
        terminal = Terminal(columns, rows, self.network.command(
            "session", "pair", "mine", "--qr-file", self.files["txt"], *flags))
        terminal.__enter__()
        self.addCleanup(terminal.__exit__, None, None, None)
        return terminal

    def text(self):
        return wait_for("a QR code", lambda: self.files["txt"].exists() and
                        self.files["txt"].read_text()).strip()

    def read(self, terminal):
        return read_screen(terminal.screen(), self.network.folder)

    def test_a_code_is_read_from_a_large_terminal_and_the_next_replaces_it(self):
        terminal = self.pair_in_terminal(200, 60)
        first = self.text()
        wait_for("the code on the screen",
                 lambda: self.read(terminal) == first)
        wait_for("the next code", lambda: self.text() != first and
                 self.read(terminal) == self.text(), NEXT_CODE_SECONDS)
        screen = terminal.screen()
        self.assertEqual(1, screen.count("Scan this code"), screen)
        self.assertEqual(0, terminal.scrolled_lines())
        self.network.steer("scan", "--phone", PHONE, self.text())
        wait_for("the session",
                 lambda: self.network.session_state("mine") == "READY")

    def test_a_small_terminal_says_what_to_do_and_images_hold_the_code(self):
        terminal = self.pair_in_terminal(80, 24)
        first = self.text()
        screen = wait_for("advice", lambda: "--phone" in terminal.screen() and
                          terminal.screen())
        for advice in ("this terminal", "80 x 24", "--qr-png", "--qr-svg"):
            self.assertIn(advice, screen)
        self.assertEqual(0, terminal.scrolled_lines())
        # In a larger window, it shows the next code.
        terminal.resize(80, 40)
        wait_for("the code on the screen", lambda: self.text() != first and
                 self.read(terminal) == self.text(), NEXT_CODE_SECONDS)

    def test_the_images_hold_the_code(self):
        terminal = self.pair_in_terminal(
            80, 24, "--qr-png", self.files["png"],
            "--qr-svg", self.files["svg"])
        text = self.text()
        wait_for("the image", lambda: read_image(self.files["png"]) == text)
        wait_for("a word on it",
                 lambda: str(self.files["png"]) in
                 terminal.screen().replace("\n", ""))
        self.assertEqual(self.read_svg(), text)

    def read_svg(self):
        """The SVG draws each run of dark modules as "M<x> <y>h<width>…"."""
        svg = wait_for("the SVG", lambda: self.files["svg"].exists() and
                       self.files["svg"].read_text())
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
        return read_screen(screen, self.network.folder)


if __name__ == "__main__":
    if not (shutil.which("tmux") and shutil.which("zbarimg")):
        print("SKIPPED: needs the Debian packages tmux and zbar-tools")
        sys.exit(77)
    unittest.main()
