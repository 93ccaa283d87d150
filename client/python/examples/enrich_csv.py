"""Looks up the phone numbers of a CSV file and writes what was found.

    enrich_csv.py contacts.csv results.csv

The numbers stand in the column "phone". PORTRAIT_SERVER (default
127.0.0.1:7700) and PORTRAIT_TOKEN_FILE say where to ask.
"""

import csv
import os
import sys

import portrait
from portrait.v1 import profile_picture_pb2 as pb


def read_items(path):
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield portrait.Item(row["phone"], context=row)


def describe(result):
    """The columns that are added."""
    if result.error:
        return ["", "", "", result.error.message]
    picture = result.picture or pb.ProfilePicture()
    return [pb.Registration.Name(picture.registration),
            pb.PictureState.Name(picture.state), picture.url, ""]


def main(source, target):
    client = portrait.Client(
        os.environ.get("PORTRAIT_SERVER", "127.0.0.1:7700"),
        token_file=os.environ["PORTRAIT_TOKEN_FILE"])
    with client, open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["phone", "registration", "state", "url", "error"])
        for result in client.enrich(read_items(source)):
            writer.writerow([result.item.contact, *describe(result)])


if __name__ == "__main__":
    main(*sys.argv[1:])
