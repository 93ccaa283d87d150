"""Checks the direction in which folders may include and link one another.

A call passes through the folders in one direction: server, lookup, session,
store and whatsapp, base. A folder may include and link itself and the folders
below it; see ALLOWED. Generated headers are judged by their message package.
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
HEALTH = "grpc/health/v1"

# Maps each folder to the folders that it may include besides itself.
ALLOWED = {
    "core/base": set(),
    "core/whatsapp": {"core/base", WHATSAPP},
    "core/contact": {"core/base", "core/whatsapp/jid.h"},
    "core/store": {"core/base", "core/contact", "core/whatsapp/jid.h", STORED,
                   PUBLIC},
    # A log of several nodes, beside the store that each has.
    "core/cluster": {"core/base", "core/contact", "core/store", STORED, PUBLIC},
    "core/work": {"core/base", "core/contact", "core/store",
                  "core/whatsapp/jid.h", STORED, PUBLIC},
    "core/session": {"core/base", "core/contact", "core/store", "core/whatsapp",
                     "core/work", STORED, PUBLIC},
    # Images of contacts. The server joins it with lookups and sessions.
    "core/image": {"core/base", "core/contact", "core/store",
                   "core/whatsapp/jid.h", STORED, PUBLIC},
    "core/access": {"core/base", "core/store", STORED, PUBLIC},
    # Lookups access sessions through core/work only.
    "core/lookup": {"core/base", "core/contact", "core/store",
                    "core/whatsapp/jid.h", "core/work", STORED, PUBLIC},
    "server": {
        "core/base", "core/contact", "core/store", "core/whatsapp", "core/work",
        "core/session", "core/access", "core/lookup", "core/cluster",
        "core/image", STORED, PUBLIC, "google/rpc", HEALTH,
    },
    # Other protocols call our own server, and read a bearer token as it does.
    "server/http": {
        "core/access/token.h", "core/base", "server", STORED, PUBLIC, "google/rpc", "google/api",
        HEALTH,
    },
    # Bytes of the ports go to another node of a cluster.
    "server/relay": {"core/base", "server"},
    # Clients may use the public contract only. The command line also reads
    # lists with the server's parser, which links no protocol, so that it shows
    # each contact as the server will read it,
    # and shows pictures with the server's decoder and its sandbox, and saves them
    # as files.
    "client": {PUBLIC, "google/rpc", HEALTH},
    "client/cli": {"client", "core/base/fair_threads.h", "core/base/files.h",
                   "core/base/qr_code.h", "core/base/sha256.h",
                   "core/contact", "core/image", PUBLIC, "google/rpc"},
    # The simulated network shares Portrait's codec. Published vectors and other
    # clients verify the codec.
    "tests/whatsapp_sim": {"core/base", "core/whatsapp", WHATSAPP, SIMULATOR},
}
# Folders that a test beside its module may include in addition.
TESTS_MAY = {"tests/support", "tests/whatsapp_sim", SIMULATOR}

INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
OURS = re.compile(
    r"^(core|server|client|tests|portrait|whatsapp|google/rpc|google/api|grpc/health)/")


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


# Targets whose sources are in another folder than the CMakeLists.txt that
# defines them.
MADE_ELSEWHERE = {
    "portrait_jid": "core/whatsapp/jid.h",
    "portrait_v1_proto": PUBLIC,
    "portrait_store_proto": STORED,
    "portrait_whatsapp_proto": WHATSAPP,
    "portrait_sim_proto": SIMULATOR,
    "google_rpc_proto": "google/rpc",
    "google_api_proto": "google/api",
    "grpc_health_proto": HEALTH,
}

# A command that makes a target, or links it: the command, the target, the rest.
COMMANDS = re.compile(
    r"\b(portrait_module|portrait_test|portrait_proto|add_library|"
    r"add_executable|target_link_libraries)\s*\(\s*([\w-]+)([^()]*)\)")


def cmake_commands():
    for file in sorted(ROOT.glob("**/CMakeLists.txt")):
        path = file.relative_to(ROOT).as_posix()
        if path.startswith("build/"):
            continue
        text = re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
        for command, target, arguments in COMMANDS.findall(text):
            yield path, command, target, arguments


def folders_of_targets(commands):
    """Maps each target to the folder of its files."""
    folders = dict(MADE_ELSEWHERE)
    for path, command, target, _ in commands:
        if command != "target_link_libraries":
            folders.setdefault(target, path.rpartition("/")[0])
    return folders


def targets_for_tests(commands):
    """Tests, and libraries and programs that only tests use."""
    return {target for _, command, target, arguments in commands
            if command == "portrait_test" or
            re.search(r"(?<!\S)testing/", arguments)}


def link_violations(commands):
    folders = folders_of_targets(commands)
    tests = targets_for_tests(commands)
    for path, _, target, arguments in commands:
        folder = folder_of(folders.get(target, "") + "/")
        if folder is None:
            continue
        may = ALLOWED[folder] | {folder}
        if target in tests:
            may |= TESTS_MAY
        for linked in re.findall(r"(?<!\S)[\w-]+", arguments):
            below = folders.get(linked)
            if below is None or linked in (target, "portrait_options"):
                continue
            helps_tests = linked in tests and target not in tests
            if helps_tests or not allows(may, below):
                yield f"{path}: {target} links {linked}"


class IncludeDirectionsTest(unittest.TestCase):

    def test_every_folder_includes_only_what_stands_below_it(self):
        self.assertEqual([], list(include_violations()))

    def test_every_target_links_only_what_its_folder_may_include(self):
        self.assertEqual([], list(link_violations(list(cmake_commands()))))

    def test_a_link_upwards_or_to_helpers_of_tests_is_found(self):
        commands = list(cmake_commands())
        for path, target, linked in (
                ("core/base", "portrait_base", "portrait_whatsapp"),
                ("core/lookup", "portrait_lookup", "portrait_session"),
                ("core/store", "portrait_store", "portrait_store_sample"),
                ("client/cli", "portrait", "portrait_server"),
                ("core/access", "access_control_test", "portrait_lookup")):
            wrong = (f"{path}/CMakeLists.txt", "target_link_libraries", target,
                     f" PRIVATE {linked}")
            self.assertEqual([f"{wrong[0]}: {target} links {linked}"],
                             list(link_violations(commands + [wrong])))

    def test_every_folder_has_a_library_whose_links_are_checked(self):
        made = {folder_of(path)
                for path, command, _, arguments in cmake_commands()
                if command == "portrait_module" or
                (command == "add_library" and "INTERFACE" in arguments)}
        self.assertLessEqual(set(ALLOWED), made)

    def test_every_top_level_folder_is_one_of_the_six(self):
        allowed = {"proto", "server", "core", "client", "tests", "deploy",
                   "build"}
        folders = {p.name for p in ROOT.iterdir()
                   if p.is_dir() and not p.name.startswith(".")}
        self.assertLessEqual(folders, allowed)


if __name__ == "__main__":
    sys.exit(unittest.main())
