"""The items and results of lookups."""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
from typing import Any, Dict, Iterator, Optional

from portrait_client import enums
from portrait_client.errors import PortraitError, error_of_result
from portrait_client.v1 import profile_picture_pb2 as pb


@dataclasses.dataclass(frozen=True)
class Item:
    """A contact to look up."""

    # A phone number or JID. An integral number is taken as the digits of a
    # phone number. If the contact is None, NaN or invalid, the item's result is
    # an error with the reason INVALID_CONTACT.
    contact: Any
    # The picture id that the caller already has. If it is still current, the
    # picture's state is UNCHANGED.
    existing_id: str = ""
    # Any object of the caller, such as the row that contains the contact.
    context: Any = None
    # The ISO 3166 code of the country, such as "DE", of a phone number without
    # a country code. Empty: the default_country of the options.
    country: str = ""


class Result(collections.abc.Mapping):
    """The result of one item: either `picture` or `error` is set. Both are None
    if a newer server returned an outcome that this client does not know.

    A result is also a mapping with the keys of to_dict(), so that
    pandas.DataFrame(results) has one column for each key.
    """

    __slots__ = ("item", "picture", "error", "_columns")

    def __init__(self, item: Item,
                 picture: Optional[pb.ProfilePicture] = None,
                 error: Optional[pb.LookupError] = None) -> None:
        self.item = item
        self.picture = picture
        self.error = error
        self._columns: Optional[Dict[str, Any]] = None

    def to_dict(self) -> Dict[str, Any]:
        """The result as plain Python values; the keys are always the same.

        Enum values are names such as "AVAILABLE", times are datetimes in UTC.
        Keys without a value are None.
        """
        found = picture_dict(self.picture or pb.ProfilePicture())
        if self.picture is None:
            found = dict.fromkeys(found)
        error = self.error
        retry = error is not None and error.HasField("retry_after")
        return {
            "contact": self.item.contact,
            **found,
            "error_reason": (enums.name_of(enums.ErrorReason, error.reason)
                             if error is not None else None),
            "error_message": error.message if error is not None else None,
            "retry_after": error.retry_after.ToTimedelta() if retry else None,
        }

    @property
    def exception(self) -> Optional[PortraitError]:
        """The error as an exception; None if the lookup succeeded."""
        return None if self.error is None else error_of_result(self.error)

    def raise_for_error(self) -> Result:
        """Raises `exception` if the lookup failed; returns the result."""
        error = self.exception
        if error is not None:
            raise error
        return self

    def _mapping(self) -> Dict[str, Any]:
        if self._columns is None:
            self._columns = self.to_dict()
        return self._columns

    def __getitem__(self, key: str) -> Any:
        return self._mapping()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping())

    def __len__(self) -> int:
        return len(self._mapping())

    def __repr__(self) -> str:
        return (f"Result(item={self.item!r}, picture={self.picture!r}, "
                f"error={self.error!r})")


def picture_dict(picture: pb.ProfilePicture) -> Dict[str, Any]:
    """A ProfilePicture as plain Python values."""
    return {
        "phone_number": picture.phone_number or None,
        "jid": picture.jid,
        "lid": picture.lid or None,
        "registration": enums.name_of(
            enums.Registration, picture.registration),
        "state": enums.name_of(enums.PictureState, picture.state),
        "id": picture.id or None,
        "url": picture.url or None,
        "preview_url": picture.preview_url or None,
        "url_expire_time": _time(picture, "url_expire_time"),
        "name": picture.name or None,
        "is_business": picture.is_business,
        "check_time": _time(picture, "check_time"),
        "change_time": _time(picture, "change_time"),
        "previous_id": picture.previous_id or None,
        "source": enums.name_of(enums.Source, picture.source),
        "session": picture.session or None,
    }


def _time(picture: pb.ProfilePicture,
          field: str) -> Optional[datetime.datetime]:
    if not picture.HasField(field):
        return None
    return getattr(picture, field).ToDatetime(datetime.timezone.utc)
