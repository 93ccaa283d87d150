"""Checks the files of deploy/ with the programs that read them.

If a program is not installed, its check reports that it did not run.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
BUILD = pathlib.Path(os.environ["PORTRAIT_BUILD"])
MOST_EXPOSED = 2.0  # of 10, as systemd-analyze counts


def run(*command, **options):
    return subprocess.run([str(c) for c in command], capture_output=True,
                          text=True, timeout=120, check=False, **options)


def with_dependencies(packages):
    """The packages with all of their dependencies."""
    fields = run("dpkg-query", "-W", "-f",
                 "${Package}\t${Pre-Depends}, ${Depends}\n").stdout
    depends = {}
    for line in fields.splitlines():
        name, _, text = line.partition("\t")
        depends[name] = re.findall(r"[a-z0-9][a-z0-9+.-]+",
                                   re.sub(r"\([^)]*\)|:any", "", text))
    found, new = set(), list(packages)
    while new:
        name = new.pop()
        if name in depends and name not in found:
            found.add(name)
            new += depends[name]
    return found


def needs(program):
    return unittest.skipUnless(shutil.which(program),
                               f"{program} is not installed")


class DeployFilesTest(unittest.TestCase):

    @needs("systemd-analyze")
    def test_systemd_reads_the_unit_and_finds_little_exposed(self):
        unit = (DEPLOY / "systemd" / "portraitd.service").read_text()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "portraitd.service"
            path.write_text(unit.replace("/usr/local/bin/portraitd",
                                         "/bin/true"))
            read = run("systemd-analyze", "verify", path)
            self.assertEqual("", read.stderr.strip())
            self.assertEqual(0, read.returncode)
            judged = run("systemd-analyze", "security", "--offline=true", path)
        if judged.returncode != 0 and "offline" in judged.stderr:
            self.skipTest("this systemd judges only what runs")
        level = re.search(r"exposure level for \S+ (\d+\.\d+)", judged.stdout)
        self.assertLessEqual(float(level.group(1)), MOST_EXPOSED)

    @needs("promtool")
    def test_prometheus_reads_configuration_and_alerts(self):
        folder = DEPLOY / "observability"
        for arguments in (("rules", "alerts.yml"), ("config",
                                                    "prometheus.yml")):
            checked = run("promtool", "check", *arguments, cwd=folder)
            self.assertEqual(0, checked.returncode,
                             checked.stdout + checked.stderr)

    @needs("dpkg")
    def test_the_container_has_every_library_that_is_needed(self):
        listed = [line for line in
                  (DEPLOY / "docker" / "runtime-packages.txt")
                  .read_text().splitlines() if not line.startswith("#")]
        needed = set()
        for program in ("server/portraitd", "client/portrait"):
            for line in run("ldd", BUILD / program).stdout.splitlines():
                if match := re.search(r"=> (/\S+)", line):
                    needed.add(os.path.realpath(match.group(1)))
        owners = {line.split(":")[0] for line in run(
            "dpkg", "-S", *needed).stdout.splitlines()}
        self.assertGreater(len(owners), 10)
        self.assertEqual(set(), owners - with_dependencies(listed))

    def test_a_clusters_files_have_settings_that_portraitd_has(self):
        described = run(BUILD / "server/portraitd", "--help").stdout
        known = {"PORTRAIT_" + flag.upper().replace("-", "_") for flag in
                 re.findall(r"--([a-z][a-z-]+)", described)}
        for path in sorted((DEPLOY / "cluster").iterdir()):
            used = set(re.findall(r"PORTRAIT_[A-Z_]+", path.read_text()))
            self.assertEqual(set(), used - known, path.name)

    @needs("ruby")
    def test_a_clusters_files_can_be_parsed(self):
        for name, documents in (("compose.yml", 1), ("kubernetes.yml", 4)):
            parsed = run("ruby", "-ryaml", "-e",
                         "puts YAML.parse_stream(ARGF.read).children.size",
                         DEPLOY / "cluster" / name)
            self.assertEqual(f"{documents}\n", parsed.stdout, parsed.stderr)

    def test_a_build_without_a_terminal_reports_its_percentage(self):
        ninja = ("ninja: Entering directory `build'\n@  7%@ Compiling a\n"
                 "FAILED: b.o\n@100%@ Linking c\n")
        script = f"source '{DEPLOY / 'lib.sh'}'; progress_seconds=$1; " \
            "report_progress"
        for seconds, expected in (
                (30, ["FAILED: b.o"]),
                (0, ["building: 0%", "building: 7%", "FAILED: b.o",
                     "building: 7%", "building: 100%"])):
            said = run("bash", "-c", script, "bash", seconds, input=ninja)
            self.assertEqual(expected, [" ".join(line.split())
                                        for line in said.stdout.splitlines()])


if __name__ == "__main__":
    unittest.main()
