"""Client of Portrait: WhatsApp profile pictures, one or a million at a time.

    with portrait.Client("host:7700", token_file="token") as client:
        print(client.get("+13105551234").url)
        for result in client.enrich(["+13105551234", "+13105551235"]):
            print(result.item.contact, result.picture or result.error)

Messages and enums are in portrait.v1 (profile_picture_pb2 and its siblings), as
protoc generates them. Calls that fail raise grpc.RpcError; lookup_error() tells
why and when to try again.
"""

from portrait.bulk import BulkLookup, BulkOptions, Item, Result
from portrait.client import Client
from portrait.errors import StreamError, is_transient, lookup_error
from portrait.watch import ChangeWatch

__all__ = [
    "BulkLookup", "BulkOptions", "ChangeWatch", "Client", "Item", "Result",
    "StreamError", "is_transient", "lookup_error",
]
