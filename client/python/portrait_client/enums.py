"""The enumerations of the API as enum.IntEnum.

The members compare equal to the numbers in messages:

    result.picture.state == PictureState.AVAILABLE

A newer server may send numbers that have no member here.
"""

import enum
from typing import Type

from portrait_client.v1 import access_pb2, profile_picture_pb2, session_pb2


class PictureSize(enum.IntEnum):
    UNSPECIFIED = 0
    PREVIEW = 1
    FULL = 2
    BOTH = 3
    NONE = 4


class Registration(enum.IntEnum):
    UNSPECIFIED = 0
    REGISTERED = 1
    NOT_REGISTERED = 2


class PictureState(enum.IntEnum):
    UNSPECIFIED = 0
    AVAILABLE = 1
    UNCHANGED = 2
    HIDDEN = 3
    NOT_SET = 4


class Source(enum.IntEnum):
    UNSPECIFIED = 0
    STORE = 1
    WHATSAPP = 2


class ErrorReason(enum.IntEnum):
    UNSPECIFIED = 0
    INVALID_CONTACT = 1
    SUPPRESSED = 2
    QUOTA_EXCEEDED = 3
    RATE_LIMITED = 4
    ENUMERATION = 5
    NO_SESSION = 6
    UPSTREAM_TIMEOUT = 7
    UPSTREAM_ERROR = 8
    OWN_NUMBER = 9
    SHUTTING_DOWN = 10
    INTERNAL = 11
    UNAUTHENTICATED = 12
    PERMISSION_DENIED = 13
    STORAGE = 14
    NO_IMAGE = 15


class ChangeKind(enum.IntEnum):
    UNSPECIFIED = 0
    FIRST_SEEN = 1
    REPLACED = 2
    REMOVED = 3
    ADDED = 4
    HIDDEN = 5
    UNHIDDEN = 6
    REGISTERED = 7
    UNREGISTERED = 8


class SessionState(enum.IntEnum):
    UNSPECIFIED = 0
    CONNECTING = 1
    READY = 2
    THROTTLED = 3
    PAUSED = 4
    LOGGED_OUT = 5
    BANNED = 6
    OUTDATED = 7


class Role(enum.IntEnum):
    UNSPECIFIED = 0
    LOOKUP = 1
    ADMIN = 2


# Each class and the enum of the API that it repeats; a test compares them.
PROTO_ENUMS = {
    PictureSize: profile_picture_pb2.PictureSize,
    Registration: profile_picture_pb2.Registration,
    PictureState: profile_picture_pb2.PictureState,
    Source: profile_picture_pb2.Source,
    ErrorReason: profile_picture_pb2.ErrorReason,
    ChangeKind: profile_picture_pb2.ChangeKind,
    SessionState: session_pb2.SessionState,
    Role: access_pb2.Role,
}


def name_of(kind: Type[enum.IntEnum], number: int) -> str:
    """The member's name; the number as text if there is no such member."""
    try:
        return kind(number).name
    except ValueError:
        return str(number)
