"""Tests what `cmake --install` brings beside the programs: manual pages, and
completion, in each shell that is installed."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from network import BUILD


class InstallTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="portrait-install-")
        cls.addClassCleanup(temporary.cleanup)
        cls.prefix = pathlib.Path(temporary.name)
        subprocess.run(
            ["cmake", "--install", str(BUILD), "--prefix", str(cls.prefix)],
            check=True, capture_output=True, text=True, timeout=300)

    def run_shell(self, *command):
        environment = dict(
            os.environ, PATH=f"{self.prefix}/bin:{os.environ['PATH']}",
            HOME=str(self.prefix), XDG_CONFIG_HOME=str(self.prefix / "config"),
            XDG_DATA_HOME=str(self.prefix / "data"), LC_ALL="C.UTF-8")
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=60, check=False, env=environment)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("", done.stderr)
        return done.stdout

    def bash(self, line):
        """The completions of bash at the end of a command line."""
        words = line.split(" ")
        script = (
            f"source {self.prefix}/share/bash-completion/completions/portrait; "
            f"COMP_WORDS=({' '.join(words[:-1])} '{words[-1]}'); "
            f"COMP_CWORD={len(words) - 1}; _portrait; "
            "printf '%s\\n' \"${COMPREPLY[@]}\"")
        return self.run_shell("bash", "--norc", "-c", script).split()

    def test_bash_completes_commands_flags_and_values(self):
        self.assertEqual(["enrich"], self.bash("portrait en"))
        self.assertEqual(["pair", "pause"], self.bash("portrait session pa"))
        self.assertEqual(["--resume-file"],
                         self.bash("portrait watch --resume"))
        self.assertEqual(["csv"], self.bash("portrait get 1 --format c"))
        # A flag of the program, after a flag whose value looks like a command.
        self.assertEqual(["--server"],
                         self.bash("portrait --session get enrich x --serv"))
        # Files are left to the shell.
        self.assertEqual([], self.bash("portrait enrich li"))
        self.assertEqual([], self.bash("portrait enrich x -o "))

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_completes_commands_flags_and_values(self):
        script = self.prefix / "share/fish/vendor_completions.d/portrait.fish"

        def complete(line):
            found = self.run_shell(
                "fish", "--no-config", "-c",
                f"source {script}; complete -C '{line}'")
            return [each.split("\t")[0] for each in found.splitlines()]
        self.assertEqual(["enrich"], complete("portrait en"))
        self.assertEqual(["pair", "pause"], complete("portrait session pa"))
        self.assertEqual(["csv"], complete("portrait get 1 --format c"))
        self.assertEqual(["--resume-file"], complete("portrait watch --resume"))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_reads_its_script(self):
        script = self.prefix / "share/zsh/site-functions/_portrait"
        # Stubs in place of the completion system show what is offered.
        offered = self.run_shell(
            "zsh", "-f", "-c",
            "compdef() { :; }; compadd() { print -l -- \"$@\"; }; "
            "_describe() { print -l -- ${(P)2}; }; "
            f"source {script}; words=(portrait session ''); CURRENT=3; "
            "PREFIX=''; _portrait; words=(portrait get --format ''); "
            "CURRENT=4; _portrait")
        self.assertIn("pair:", offered)
        self.assertIn("jsonl", offered)

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_every_command_has_a_manual_page(self):
        pages = sorted((self.prefix / "share/man").glob("man*/*"))
        names = [page.name for page in pages]
        help_text = self.run_shell("portrait", "--help")
        commands = [line.split()[0]
                    for line in help_text.split("Subcommands:")[1].split(
                        "Exit codes:")[0].splitlines()
                    if line.startswith("  ") and line[2] != " "]
        self.assertIn("enrich", commands)
        for command in commands:
            if f"portrait-{command}.1" not in names:
                self.fail(f"no page for {command}: {names}")
        self.assertIn("portrait.1", names)
        self.assertIn("portraitd.8", names)
        for page in pages:
            text = self.run_shell(
                "man", "--warnings", "--local-file", str(page))
            self.assertIn("NAME", text)
        text = self.run_shell("man", "--local-file", str(
            self.prefix / "share/man/man8/portraitd.8"))
        self.assertIn("--tls-cert FILE\n", text)

    def test_the_program_says_how_to_load_its_script(self):
        self.assertIn("source <(portrait completion bash)",
                      self.run_shell("portrait", "completion", "--help"))
        self.assertEqual(
            (self.prefix / "share/bash-completion/completions/portrait"
             ).read_text(), self.run_shell("portrait", "completion", "bash"))


if __name__ == "__main__":
    unittest.main()
