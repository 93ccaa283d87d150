"""Prints picture changes as the server detects them. A later run continues where
the last one stopped.

    follow_changes.py seen.token

The file stores the position. If it does not exist, all changes that the server
has stored are printed first. The environment variables PORTRAIT_SERVER (default
127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server and the file of the
access token.
"""

import os
import pathlib
import sys

import portrait_client


def main(path):
    seen = pathlib.Path(path)
    token = seen.read_text() if seen.exists() else "beginning"
    client = portrait_client.Client(
        os.environ.get("PORTRAIT_SERVER", "127.0.0.1:7700"),
        token_file=os.environ["PORTRAIT_TOKEN_FILE"])
    with client, client.watch(token) as watch:
        for response in watch:
            for change in response.changes:
                print(change.phone_number or change.jid,
                      portrait_client.ChangeKind(change.kind).name, change.new_id,
                      flush=True)
            # Save the token after the changes, and replace the file atomically.
            new = seen.with_suffix(".new")
            new.write_text(response.resume_token)
            new.replace(seen)


if __name__ == "__main__":
    if len(sys.argv) != 2 or "PORTRAIT_TOKEN_FILE" not in os.environ:
        sys.exit("usage: follow_changes.py seen.token; "
                 "set PORTRAIT_TOKEN_FILE to the file of the access token")
    main(*sys.argv[1:])
