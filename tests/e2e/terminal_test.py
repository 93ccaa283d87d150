"""Tests the output in a real terminal: tmux, read back character by character,
and QR codes read by zbar."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from network import Network, wait_for
from qr_codes import read_image, read_screen, read_svg

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
        svg = wait_for("the SVG", lambda: self.files["svg"].exists() and
                       self.files["svg"].read_text())
        self.assertEqual(read_svg(svg, self.network.folder), text)


if __name__ == "__main__":
    if not (shutil.which("tmux") and shutil.which("zbarimg")):
        print("SKIPPED: needs the Debian packages tmux and zbar-tools")
        sys.exit(77)
    unittest.main()
