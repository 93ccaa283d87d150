"""The files that describe the project agree with the project.

The version stands in CMakeLists.txt; packages, programs and the changelog have
the same one. Documentation names only files and functions that exist. Each
linked library has a row in THIRD_PARTY.md.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ["PORTRAIT_BUILD"])

# `core/store/merge.cc` or `core/store/merge.cc: MergeRecord`, in backquotes.
NAMED_FILE = re.compile(
    r"`((?:core|server|client|tests|proto|deploy)/[\w./+-]+)"
    r"(?:: ([A-Za-z_:~]\w[\w:]*))?`")
DOCUMENTS = ("CONTRIBUTING.md", "README.md", "core/README.md",
             "tests/README.md")


def text_of(path):
    return (ROOT / path).read_text(encoding="utf-8")


def version():
    return re.search(r"project\(portrait VERSION (\S+)",
                     text_of("CMakeLists.txt"))[1]


def named_in(document):
    """(path, function or "") for each that the document names."""
    for path, function in NAMED_FILE.findall(text_of(document)):
        if "…" not in path and "*" not in path:
            yield path, function


class ProjectFilesTest(unittest.TestCase):

    def test_each_package_has_the_version(self):
        found = {
            "pom.xml": re.search(
                r"<artifactId>portrait-client</artifactId>\s*"
                r"<version>([^<]*)", text_of("client/java/pom.xml"))[1],
            "package.json": json.loads(
                text_of("client/node/package.json"))["version"],
            "pyproject.toml": re.search(
                r'^version = "(.*)"', text_of("client/python/pyproject.toml"),
                re.MULTILINE)[1],
        }
        rust = ROOT / "client" / "rust" / "Cargo.toml"
        if rust.exists():
            found["Cargo.toml"] = re.search(
                r'^version = "(.*)"', rust.read_text(encoding="utf-8"),
                re.MULTILINE)[1]
        self.assertEqual(dict.fromkeys(found, version()), found)

    def test_each_program_tells_the_version(self):
        for program in ("server/portraitd", "client/portrait"):
            with self.subTest(program=program):
                told = subprocess.run([BUILD / program, "--version"],
                                      capture_output=True, text=True,
                                      timeout=60, check=True).stdout
                self.assertIn(version(), told.split())

    def test_the_changelog_ends_in_the_version(self):
        released = re.findall(r"^## \[(\d\S*)\]", text_of("CHANGELOG.md"),
                              re.MULTILINE)
        self.assertEqual(version(), released[0])

    def test_each_linked_library_has_a_row_in_third_party(self):
        checked = subprocess.run(
            [sys.executable, ROOT / "deploy" / "third-party", "--check"],
            capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, "PORTRAIT_BUILD": str(BUILD)})
        self.assertEqual((0, ""), (checked.returncode, checked.stderr))

    def test_each_file_that_documentation_names_exists(self):
        for document in DOCUMENTS:
            for path, function in named_in(document):
                with self.subTest(document=document, path=path):
                    self.assertTrue((ROOT / path).exists())
                    if function:
                        self.assertIn(function.split("::")[-1], text_of(path))

    def test_the_development_container_has_packages_that_are_listed(self):
        text = text_of(".devcontainer/Dockerfile")
        for path in re.findall(r"deploy/\S+", text):
            self.assertTrue((ROOT / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
