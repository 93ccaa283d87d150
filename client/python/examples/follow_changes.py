"""Prints picture changes as they are found; none is missed between two runs.

    follow_changes.py seen.token

The file keeps how far this has come; without it, all changes that the server
keeps are printed first. PORTRAIT_SERVER (default 127.0.0.1:7700) and
PORTRAIT_TOKEN_FILE say where to ask.
"""

import os
import pathlib
import sys

import portrait
from portrait.v1 import profile_picture_pb2 as pb


def main(path):
    seen = pathlib.Path(path)
    token = seen.read_text() if seen.exists() else "beginning"
    client = portrait.Client(
        os.environ.get("PORTRAIT_SERVER", "127.0.0.1:7700"),
        token_file=os.environ["PORTRAIT_TOKEN_FILE"])
    with client, client.watch(token) as watch:
        for response in watch:
            for change in response.changes:
                print(change.phone_number or change.jid,
                      pb.ChangeKind.Name(change.kind), change.new_id,
                      flush=True)
            # Only once the changes are safe; and never half a token.
            new = seen.with_suffix(".new")
            new.write_text(response.resume_token)
            new.replace(seen)


if __name__ == "__main__":
    main(*sys.argv[1:])
