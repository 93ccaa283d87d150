"""The state of a bulk lookup, without threads and without asyncio.

portrait_client.bulk drives it with threads, portrait_client.aio with asyncio.
"""

from __future__ import annotations

import collections
import dataclasses
import numbers
import time
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

import grpc

from portrait_client.errors import PortraitError, StreamError, is_transient
from portrait_client.errors import error_for_reason
from portrait_client.results import Item, Result
from portrait_client.v1 import profile_picture_pb2 as pb

# How long a message that is not full waits for more items.
LINGER_SECONDS = 0.005
# How long the server may take to end a stream after its last result.
FAREWELL_SECONDS = 5.0
# A stream that lasted this long counts as a successful connection.
_HELD_SECONDS = 10.0
_MAX_CONTACT_BYTES = 1024


@dataclasses.dataclass(frozen=True)
class BulkOptions:
    """Options of a bulk lookup. All times are in seconds."""

    # How to look up all items. None: every option has its default.
    lookup: Optional[pb.LookupOptions] = None
    # Items per message; the server accepts up to 1000.
    batch_items: int = 500
    # Limits memory: the maximum number of items that were read from the source
    # and whose result the caller has not received.
    max_pending: int = 10_000
    # If the streams keep breaking and no result arrives for this long, the
    # lookup fails with the error of the last stream. 0: the lookup fails as
    # soon as a stream breaks.
    retry_for: float = 120.0
    # The first and the longest delay before a reconnect.
    first_backoff: float = 0.2
    longest_backoff: float = 5.0
    # The server sends a message at least every second while it has work. If no
    # message arrives for this long, the client closes the stream and reconnects.
    silence: float = 30.0
    # Called with the error of a stream that broke, before a reconnect.
    on_trouble: Optional[Callable[[grpc.RpcError], None]] = None


class BulkState:
    """Items are unsent, then sent, then settled. If a stream breaks, its sent
    items become unsent again.

    Not thread-safe: the owner guards it. `changed` is called after each change
    that another thread or task may be waiting for. A stream is an object with
    take(), leave(), ended, idle and error, as portrait_client.streams.Reader.
    """

    def __init__(self, options: BulkOptions, changed: Callable[[], None],
                 backoff: Any) -> None:
        self.options = options
        self._changed = changed
        self.input_over = False
        self.input_error: Optional[BaseException] = None
        self.closed = False
        self.settled: List[Result] = []
        self.handing_out = 0  # results that the caller is processing
        self.trouble: Optional[grpc.RpcError] = None

        self._items: Dict[int, Tuple[Item, str]] = {}  # unsent and sent, by tag
        self._next_tag = 1
        self._unsent: Deque[int] = collections.deque()
        self._unsent_since = 0.0

        self.stream: Optional[Any] = None
        self.stream_number = 0
        self._draining = False  # the server is shutting down; send no new items
        self._connected_at = 0.0
        # When the last message arrived or, if later, when the server started
        # to have work: `silence` counts from here.
        self._heard_at = 0.0
        self._backoff = backoff
        self._connect_at = 0.0
        self._failing_since: Optional[float] = None

    # ---- input

    def has_room(self) -> bool:
        return (len(self._items) + len(self.settled) + self.handing_out <
                self.options.max_pending)

    def add(self, source_item: Any) -> None:
        item = source_item if isinstance(source_item, Item) else (
            Item(source_item))
        contact, problem = contact_text(item)
        if problem:
            self.settled.append(Result(item, error=pb.LookupError(
                reason=pb.ERROR_REASON_INVALID_CONTACT, message=problem)))
        else:
            if not self._unsent:
                self._unsent_since = time.monotonic()
            self._items[self._next_tag] = (item, contact)
            self._unsent.append(self._next_tag)
            self._next_tag += 1
            # Only the first item of a message, and the last, change anything.
            if 1 < len(self._unsent) < self.options.batch_items:
                return
        self._changed()

    def end_input(self, error: Optional[BaseException]) -> None:
        self.input_over = True
        self.input_error = error
        self._changed()

    # ---- requests

    def must_end_sending(self, number: int) -> bool:
        return (number != self.stream_number or self._draining or
                (self.input_over and not self._unsent))

    def wait_for_batch(self) -> Optional[float]:
        """Seconds until a message can be sent; None: not before a change."""
        if not self._unsent:
            return None
        if self.input_over or len(self._unsent) >= self.options.batch_items:
            return 0
        since = time.monotonic() - self._unsent_since
        return max(0, LINGER_SECONDS - since)

    def take_batch(self) -> List[pb.EnrichItem]:
        tags = [self._unsent.popleft() for _ in range(min(
            len(self._unsent), self.options.batch_items))]
        if len(self._items) - len(self._unsent) == len(tags):
            self._heard_at = time.monotonic()
        return [pb.EnrichItem(tag=tag, contact=self._items[tag][1],
                              existing_id=self._items[tag][0].existing_id,
                              country=self._items[tag][0].country)
                for tag in tags]

    # ---- results

    def take_settled(self) -> List[Result]:
        handed, self.settled = self.settled, []
        self.handing_out = len(handed)
        return handed

    def take_response(self) -> None:
        response = self.stream.take() if self.stream else None
        if response is None:
            return
        self._heard_at = time.monotonic()
        for result in response.results:
            outcome = result.WhichOneof("outcome")
            if outcome == "error" and (
                    result.error.reason == pb.ERROR_REASON_SHUTTING_DOWN):
                self._draining = True  # the item is sent again over a new stream
                continue
            item, _ = self._items.pop(result.tag, (None, ""))
            if item is None:
                continue
            self.settled.append(Result(
                item,
                result.profile_picture if outcome == "profile_picture" else None,
                result.error if outcome == "error" else None))
            self._failing_since = None
            self._backoff.reset()

    def check_stream(self) -> None:
        if self.stream is None:
            return
        if self.stream.ended:
            self._stream_ended(self.stream.error)
        elif (self.stream.idle and len(self._items) > len(self._unsent) and
              time.monotonic() - self._heard_at > self.options.silence):
            self._stream_ended(StreamError(
                grpc.StatusCode.UNAVAILABLE,
                "no message from the server within "
                f"{self.options.silence:g} s"))

    def _stream_ended(self, why: Optional[grpc.RpcError]) -> None:
        self.leave_stream()
        if not self._items and (why is None or self.input_over):
            return
        if why is None:
            why = StreamError(
                grpc.StatusCode.UNAVAILABLE,
                "the server ended the stream before it answered "
                f"{len(self._items)} items")
        if not isinstance(why, PortraitError):
            why = error_for_reason(why)
        if not is_transient(why):
            raise why
        if not self._items:
            return  # no result is missing
        now = time.monotonic()
        if (self._failing_since is None or
                now - self._connected_at > _HELD_SECONDS):
            self._failing_since = now
        if now - self._failing_since >= self.options.retry_for:
            raise why
        self.trouble = why
        self._connect_at = now + self._backoff.next()

    def leave_stream(self) -> None:
        """Closes the stream; its items without a result become unsent."""
        if self.stream is not None:
            self.stream.leave()
        self.stream = None
        self.stream_number += 1
        self._draining = False
        self._unsent = collections.deque(self._items)
        self._unsent_since = time.monotonic()
        self._changed()

    def finished(self) -> bool:
        if not self.input_over or self._items or self.settled:
            return False
        # Wait for the server to end the stream, but not for long.
        return (self.stream is None or
                time.monotonic() - self._heard_at > FAREWELL_SECONDS)

    def connect(self, open_stream: Callable[[], Any]) -> None:
        if (self.stream is not None or not self._unsent or
                time.monotonic() < self._connect_at):
            return
        self._connected_at = self._heard_at = time.monotonic()
        self.stream = open_stream()

    def wait_seconds(self) -> Optional[float]:
        """How long to wait for a change; None: without a limit."""
        now = time.monotonic()
        if self.stream is None:
            return max(0, self._connect_at - now) if self._unsent else None
        if not self._items:
            return FAREWELL_SECONDS if self.input_over else None
        # A little longer than `silence`, so that the time has certainly passed.
        return max(0, self._heard_at + self.options.silence - now) + 0.01

    def take_trouble(self) -> Optional[grpc.RpcError]:
        trouble, self.trouble = self.trouble, None
        return trouble

    def close(self) -> None:
        self.closed = True
        self.leave_stream()


def contact_text(item: Item) -> Tuple[str, str]:
    """Returns the contact as it is sent, and why it cannot be sent ("": it can).

    Numbers are accepted, because tools such as pandas read a column of phone
    numbers as integers, or as floats if a cell is empty. An empty cell is None,
    NaN or pandas.NA.
    """
    contact = item.contact
    if isinstance(contact, str):
        pass
    elif isinstance(contact, bool) or not isinstance(contact, numbers.Real):
        missing = contact is None or type(contact).__name__ in (
            "NAType", "NaTType")
        return "", ("the contact is missing" if missing else
                    f"the contact is not text: {type(contact).__name__}")
    elif contact != contact:
        return "", "the contact is missing"
    elif contact in (float("inf"), float("-inf")) or contact != int(contact):
        return "", "the contact is not a phone number"
    else:
        contact = str(int(contact))
    if not contact.strip():
        return "", "the contact is empty: expected a phone number or JID"
    try:
        encoded = contact.encode()
        item.existing_id.encode()
        item.country.encode()
    except UnicodeEncodeError:
        return "", "the contact, existing_id or country is not valid Unicode"
    if len(encoded) > _MAX_CONTACT_BYTES:
        return "", f"the contact is longer than {_MAX_CONTACT_BYTES} bytes"
    return contact, ""
