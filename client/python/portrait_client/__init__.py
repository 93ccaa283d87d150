"""Client of Portrait, which looks up WhatsApp profile pictures.

    with portrait_client.Client("host:7700", token_file="token") as client:
        print(client.get("+13105551234").url)
        for result in client.enrich(["+13105551234", "+13105551235"]):
            print(result.item.contact, result.picture or result.error)

AsyncClient is the same for asyncio. Messages are in portrait_client.v1
(profile_picture_pb2 and others), as protoc generates them. A call that fails
raises PortraitError or one of its subclasses.
"""

import importlib.metadata

from portrait_client.aio import AsyncBulkLookup, AsyncChangeWatch, AsyncClient
from portrait_client.bulk import BulkLookup, BulkOptions
from portrait_client.client import Client
from portrait_client.enums import (ChangeKind, ErrorReason, PictureSize,
                                   PictureState, Registration, Role,
                                   SessionState, Source)
from portrait_client.errors import (
    EnumerationError, InternalError, InvalidContactError, NoImageError,
    NoSessionError, OwnNumberError, PermissionDeniedError, PortraitError,
    QuotaExceededError, RateLimitedError, ShuttingDownError, StorageError,
    StreamError, SuppressedError, UnauthenticatedError, UpstreamError,
    UpstreamTimeoutError, is_transient, lookup_error)
from portrait_client.results import Item, Result, picture_dict
from portrait_client.watch import ChangeWatch

__version__ = importlib.metadata.version("portrait-client")

__all__ = [
    "AsyncBulkLookup", "AsyncChangeWatch", "AsyncClient", "BulkLookup",
    "BulkOptions", "ChangeKind", "ChangeWatch", "Client", "EnumerationError",
    "ErrorReason", "InternalError", "InvalidContactError", "Item",
    "NoImageError", "NoSessionError", "OwnNumberError",
    "PermissionDeniedError", "PictureSize", "PictureState", "PortraitError", "QuotaExceededError", "RateLimitedError",
    "Registration", "Result", "Role", "SessionState", "ShuttingDownError",
    "Source", "StorageError", "StreamError", "SuppressedError",
    "UnauthenticatedError", "UpstreamError", "UpstreamTimeoutError",
    "__version__", "is_transient", "lookup_error", "picture_dict",
]
