"""Checks that the build takes a newer gRPC, with the Protobuf and Abseil beside
it, if CMAKE_PREFIX_PATH names one."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERSIONS = {"absl": "20990101", "Protobuf": "99.1", "gRPC": "1.99.0"}


class NewerGrpcTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="portrait-grpc-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def make_package(self, name, version):
        """A package that reports that it was found; gRPC, the last one, ends the
        configuration."""
        folder = self.folder / "prefix" / "lib" / "cmake" / name
        folder.mkdir(parents=True)
        level = "FATAL_ERROR" if name == "gRPC" else "STATUS"
        (folder / f"{name}Config.cmake").write_text(
            f'set({name}_VERSION {version})\n'
            f'message({level} "found {name} {version} of the prefix")\n')
        (folder / f"{name}ConfigVersion.cmake").write_text(
            f"set(PACKAGE_VERSION {version})\n"
            "set(PACKAGE_VERSION_COMPATIBLE TRUE)\n")

    def test_a_newer_grpc_is_taken_with_what_belongs_to_it(self):
        for name, version in VERSIONS.items():
            self.make_package(name, version)
        done = subprocess.run(
            ["cmake", "-S", ROOT, "-B", self.folder / "build",
             "-DCMAKE_CXX_COMPILER_WORKS=1",
             f"-DCMAKE_PREFIX_PATH={self.folder / 'prefix'}"],
            capture_output=True, text=True, timeout=600, check=False)
        output = done.stdout + done.stderr
        for name, version in VERSIONS.items():
            self.assertIn(f"found {name} {version} of the prefix", output)


if __name__ == "__main__":
    unittest.main(verbosity=2)
