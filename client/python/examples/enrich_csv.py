"""Looks up the phone numbers of a CSV file and writes the results.

    enrich_csv.py contacts.csv results.csv

The phone numbers are in the column "phone". The environment variables
PORTRAIT_SERVER (default 127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server
and the file of the access token.
"""

import csv
import os
import sys

import portrait_client


COLUMNS = ["contact", "registration", "state", "url", "error_message"]


def read_items(path):
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield portrait_client.Item(row["phone"], context=row)


def main(source, target):
    client = portrait_client.Client(
        os.environ.get("PORTRAIT_SERVER", "127.0.0.1:7700"),
        token_file=os.environ["PORTRAIT_TOKEN_FILE"])
    with client, open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["phone", "registration", "state", "url", "error"])
        for result in client.enrich(read_items(source)):
            writer.writerow([result[column] for column in COLUMNS])


if __name__ == "__main__":
    if len(sys.argv) != 3 or "PORTRAIT_TOKEN_FILE" not in os.environ:
        sys.exit("usage: enrich_csv.py contacts.csv results.csv; "
                 "set PORTRAIT_TOKEN_FILE to the file of the access token")
    main(*sys.argv[1:])
