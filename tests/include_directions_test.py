"""Checks the direction in which folders may include and link one another.

A call's way through Portrait is one direction: server, lookup, session, store
and whatsapp, base. A folder may include and link itself and what stands below
it; see ALLOWED. Generated headers are judged by the message package they hold.
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

PUBLIC = "portrait/v1"
STORED = "portrait/store/v1"
WHATSAPP = "whatsapp"
SIMULATOR = "portrait/sim/v1"

# folder -> what it may include beside itself.
ALLOWED = {
    "core/base": set(),
    "core/whatsapp": {"core/base", WHATSAPP},
    "core/contact": {"core/base", "core/whatsapp/jid.h"},
    "core/store": {"core/base", "core/contact", "core/whatsapp/jid.h", STORED,
                   PUBLIC},
    "core/work": {"core/base", "core/contact", "core/store",
                  "core/whatsapp/jid.h", STORED, PUBLIC},
    "core/session": {"core/base", "core/contact", "core/store", "core/whatsapp",
                     "core/work", STORED, PUBLIC},
    "core/access": {"core/base", "core/store", STORED, PUBLIC},
    # Lookups know sessions by core/work alone.
    "core/lookup": {"core/base", "core/contact", "core/store",
                    "core/whatsapp/jid.h", "core/work", STORED, PUBLIC},
    "server": {
        "core/base", "core/contact", "core/store", "core/whatsapp", "core/work",
        "core/session", "core/access", "core/lookup", STORED, PUBLIC,
        "google/rpc",
    },
    # A client sees what any caller sees: the public contract. The command line
    # reads lists with the very parser that the server uses, which links no
    # protocol: what it shows before it asks is what the server will read.
    "client": {PUBLIC, "google/rpc"},
    "client/cli": {"client", "core/contact", PUBLIC, "google/rpc"},
    # The simulated network is the other side of the wire: the codec it shares
    # with us is proven by vectors and by foreign clients.
    "tests/whatsapp_sim": {"core/base", "core/whatsapp", WHATSAPP, SIMULATOR},
}
# What a test beside its module may include as well.
TESTS_MAY = {"tests/support", "tests/whatsapp_sim", SIMULATOR}

INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
OURS = re.compile(
    r"^(core|server|client|tests|portrait|whatsapp|google/rpc)/")


def folder_of(path):
    for folder in sorted(ALLOWED, key=len, reverse=True):
        if path.startswith(folder + "/"):
            return folder
    return None


def allows(may, path):
    return any(path == m or path.startswith(m + "/") for m in may)


def include_violations():
    for file in sorted(ROOT.glob("**/*")):
        if file.suffix not in (".h", ".cc"):
            continue
        path = file.relative_to(ROOT).as_posix()
        folder = folder_of(path)
        if folder is None:
            continue
        may = ALLOWED[folder] | {folder}
        if re.search(r"_test\.cc$|/testing/", path):
            may |= TESTS_MAY | {"core/lookup", "core/session"} if (
                folder == "server") else TESTS_MAY
        for include in INCLUDE.findall(file.read_text(encoding="utf-8")):
            if not OURS.match(include):
                continue
            if not allows(may, include):
                yield f"{path} includes {include}"


# The library of a folder, as CMake names it.
LIBRARIES = {
    "portrait_base": "core/base",
    "portrait_whatsapp": "core/whatsapp",
    "portrait_jid": "core/whatsapp/jid.h",
    "portrait_contact": "core/contact",
    "portrait_store": "core/store",
    "portrait_work": "core/work",
    "portrait_session": "core/session",
    "portrait_access": "core/access",
    "portrait_lookup": "core/lookup",
    "portrait_server": "server",
    "portrait_client": "client",
    "portrait_whatsapp_sim": "tests/whatsapp_sim",
}

# A command that makes a library of ours, or links one: its name and the rest.
LINKS = re.compile(
    r"\b(?:portrait_module|add_library|target_link_libraries)\s*"
    r"\(\s*(\w+)([^()]*)\)")


def link_violations():
    for file in sorted(ROOT.glob("core/**/CMakeLists.txt")) + [
            ROOT / "server/CMakeLists.txt", ROOT / "client/CMakeLists.txt"]:
        path = file.relative_to(ROOT).as_posix()
        text = re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
        for target, arguments in LINKS.findall(text):
            folder = LIBRARIES.get(target)
            if folder is None:
                continue
            may = ALLOWED[folder_of(folder + "/")] | {folder}
            for linked in re.findall(r"\bportrait_\w+", arguments):
                below = LIBRARIES.get(linked)
                if below is not None and not allows(may, below):
                    yield f"{path}: {target} links {linked}"


class IncludeDirectionsTest(unittest.TestCase):

    def test_every_folder_includes_only_what_stands_below_it(self):
        self.assertEqual([], list(include_violations()))

    def test_every_library_links_only_what_its_folder_may_include(self):
        self.assertEqual([], list(link_violations()))

    def test_every_folder_has_a_library_whose_links_are_checked(self):
        made = set()
        for file in ROOT.glob("**/CMakeLists.txt"):
            made |= {name for name, _ in LINKS.findall(
                file.read_text(encoding="utf-8"))}
        self.assertLessEqual(set(LIBRARIES), made)

    def test_every_top_level_folder_is_one_of_the_six(self):
        allowed = {"proto", "server", "core", "client", "tests", "deploy",
                   "build"}
        folders = {p.name for p in ROOT.iterdir()
                   if p.is_dir() and not p.name.startswith(".")}
        self.assertLessEqual(folders, allowed)


if __name__ == "__main__":
    sys.exit(unittest.main())
