"""Checks that the files which describe the project are correct.

The version is set in CMakeLists.txt; packages, programs and the changelog must
have the same one. Documentation must name only existing files and functions.
Each linked library must have a row in THIRD_PARTY.md.
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


def defines(text, function):
    """Whether the C++ text defines the function."""
    start = (r"^[\w:<>&*, \[\]]*\b" if "::" in function else
             r"^(?!\s*(?:return|co_return|co_await)\b)[\w:<>&*, \[\]]*"
             r"[\w>&*] (?:\w+::)*")
    return re.search(start + re.escape(function) + r"\([^;{}]*\)[^;{}()]*\{",
                     text, re.MULTILINE) is not None


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
                        self.assertTrue(defines(text_of(path), function),
                                        function)

    def test_a_call_of_a_function_is_not_its_definition(self):
        for text, function, is_one in (
                ("void Box::Open() {\n", "Box::Open", True),
                ("  void Open() override {\n", "Open", True),
                ("asio::awaitable<void> Box::Open(\n    Self self) {\n",
                 "Box::Open", True),
                ("  box.Open();\n", "Open", False),
                ("  Open(2);\n", "Open", False),
                ("  co_return co_await Open();\n", "Open", False),
                ("  return Open();\n", "Open", False),
                ("void Box::Open();\n", "Box::Open", False),
                ("void Box::Opened() {\n", "Box::Open", False),
                ("void Box::Open() {\n", "Bag::Open", False)):
            with self.subTest(text=text):
                self.assertEqual(is_one, defines(text, function))

    def test_the_way_of_a_contact_is_as_short_as_its_page_says(self):
        text = text_of("core/README.md").partition("## Folders")[0]
        steps = re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]
        self.assertEqual([str(i + 1) for i in range(len(steps))],
                         re.findall(r"^(\d+)\. ", text, re.MULTILINE))
        functions = [found for step in steps
                     for found in NAMED_FILE.findall(step) if found[1]]
        self.assertIn(f"The list has {len(steps)} steps with "
                      f"{len(functions)} functions", text)
        self.assertLessEqual(len(functions), 40)
        self.assertEqual(len(functions), len(set(functions)))
        # A visit to a file ends with the next step that is in another file.
        files = [NAMED_FILE.search(step)[1] for step in steps]
        entered = [file for i, file in enumerate(files)
                   if i == 0 or files[i - 1] != file]
        for file in set(entered):
            with self.subTest(file=file):
                self.assertLessEqual(entered.count(file), 2)

    def test_the_development_container_has_packages_that_are_listed(self):
        text = text_of(".devcontainer/Dockerfile")
        for path in re.findall(r"deploy/\S+", text):
            self.assertTrue((ROOT / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
