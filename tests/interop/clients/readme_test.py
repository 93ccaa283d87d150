"""The examples of a client's README, as a reader copies and pastes them.

    readme_test.py README FENCE FILE COMMAND…

Runs within world.py. Writes each code block of the README that has the language
FENCE into FILE and runs COMMAND with FILE's name, or without it for a folder.
The blocks name the server 127.0.0.1:7700 and the token file admin.token; these
are replaced by those of the running server.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request

SECONDS = 240


def main(readme, fence, file, *command):
    with urllib.request.urlopen(os.environ["PORTRAIT_WORLD"]) as answer:
        server = json.load(answer)["servers"]["main"]
    blocks = re.findall(rf"^```{fence}\n(.*?)^```", pathlib.Path(
        readme).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if not blocks:
        sys.exit(f"{readme} has no example in {fence}")
    for number, block in enumerate(blocks, 1):
        for placeholder, value in (("127.0.0.1:7700", server["address"]),
                                   ("admin.token", server["token_file"])):
            if placeholder not in block:
                sys.exit(f"example {number} does not name {placeholder}")
            block = block.replace(placeholder, value)
        path = pathlib.Path(file)
        path.write_text(block, encoding="utf-8")
        arguments = [] if path.parent.name else [path.name]
        done = subprocess.run([*command, *arguments], text=True, check=False,
                              capture_output=True, timeout=SECONDS)
        print(done.stdout, end="")
        if done.returncode or not done.stdout.strip():
            sys.exit(f"example {number} of {readme} failed:\n{done.stderr}")
    print(f"passed: {len(blocks)} examples of {readme}")


if __name__ == "__main__":
    main(*sys.argv[1:])
