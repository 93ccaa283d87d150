"""Bulk lookups: an iterable of contacts in, exactly one result for each out,
whatever happens to the connection meanwhile."""

from __future__ import annotations

import collections
import dataclasses
import threading
import time
import types
import weakref
from typing import (Any, Callable, Deque, Dict, Iterable, Iterator, List,
                    Optional, Union)

import grpc

from portrait.errors import StreamError, is_transient
from portrait.streams import Backoff, Reader
from portrait.v1 import profile_picture_pb2 as pb

# A message that is not full waits this long for more items.
_LINGER_SECONDS = 0.005
# How long the server may take to end a stream that has nothing left to do.
_FAREWELL_SECONDS = 5.0
# A stream that was up for this long was no failed attempt.
_HELD_SECONDS = 10.0
_MAX_CONTACT_BYTES = 1024


@dataclasses.dataclass(frozen=True)
class Item:
    contact: str
    # A picture id the caller already has: "unchanged" is then an answer.
    existing_id: str = ""
    # The caller's own, such as the row that the contact came from.
    context: Any = None


@dataclasses.dataclass(frozen=True)
class Result:
    """One of picture and error is set; neither for an outcome that only a newer
    client knows."""

    item: Item
    picture: Optional[pb.ProfilePicture] = None
    error: Optional[pb.LookupError] = None


@dataclasses.dataclass(frozen=True)
class BulkOptions:
    """Times are in seconds."""

    # How to look up, for all items; None: each option's default.
    lookup: Optional[pb.LookupOptions] = None
    batch_items: int = 500  # in a message; the server takes up to 1000
    # Bounds memory: items that were taken and whose result was not handed out.
    max_pending: int = 10_000
    # Without a single result for this long, and no stream that holds, the
    # lookup fails with the last stream's error. 0: the first break ends it.
    retry_for: float = 120.0
    first_backoff: float = 0.2
    longest_backoff: float = 5.0
    # The server says something every second while it has work. One that is
    # silent for this long is taken for gone.
    silence: float = 30.0
    # Told why a stream broke, before it is tried again.
    on_trouble: Optional[Callable[[grpc.RpcError], None]] = None


class BulkLookup(Iterator[Result]):
    """Iterates over results as they come. Ends when each item had its one, or
    raises

    - grpc.RpcError: the server refuses, or was gone for retry_for;
    - what the source raised, after the results of what came before.

    The source is iterated on a thread of its own, as far as there is room. A
    caller that takes no results holds both the server and the source back.
    """

    def __init__(self, open_stream: Callable[[Iterator[Any]], Any],
                 items: Iterable[Union[str, Item]],
                 options: BulkOptions) -> None:
        self._run = _Run(open_stream, options)
        threading.Thread(target=self._run.feed, args=(items,), daemon=True,
                         name="portrait-feeder").start()
        self._results = self._run.results()
        # The threads know the run alone: a lookup that was dropped ends.
        weakref.finalize(self, self._run.close)

    def __next__(self) -> Result:
        return next(self._results)

    def close(self) -> None:
        """Ends the lookup; thread-safe. Who iterates meanwhile gets a
        StreamError with CANCELLED."""
        self._run.close()

    def __enter__(self) -> BulkLookup:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


class _Run:
    """Items are unsent, then sent, then settled; those of a stream that broke
    are unsent again. `_changed` guards everything."""

    def __init__(self, open_stream: Callable[[Iterator[Any]], Any],
                 options: BulkOptions) -> None:
        self._open_stream = open_stream
        self._options = options
        self._changed = threading.Condition()

        self._items: Dict[int, Item] = {}  # unsent and sent, by our own tag
        self._next_tag = 1
        self._unsent: Deque[int] = collections.deque()
        self._unsent_since = 0.0
        self._settled: List[Result] = []
        self._handing_out = 0  # settled, and not back from the caller
        self._input_over = False
        self._input_error: Optional[BaseException] = None
        self._closed = False

        self._stream: Optional[Reader] = None
        self._stream_number = 0
        self._draining = False  # the server shuts down: no new items
        self._connected_at = 0.0
        self._heard_at = 0.0  # or when the server began to owe us words
        self._backoff = Backoff(options.first_backoff, options.longest_backoff)
        self._connect_at = 0.0
        self._failing_since: Optional[float] = None
        self._trouble: Optional[grpc.RpcError] = None

    # ---- the source's thread

    def feed(self, items: Iterable[Union[str, Item]]) -> None:
        error: Optional[BaseException] = None
        iterator: Optional[Iterator[Union[str, Item]]] = None
        try:
            iterator = iter(items)
            for item in iterator:
                if not self._add(item if isinstance(item, Item)
                                 else Item(item)):
                    break
        except BaseException as raised:  # the caller's own, whatever it is
            error = raised
        finally:
            if isinstance(iterator, types.GeneratorType):
                iterator.close()
        with self._changed:
            self._input_over = True
            self._input_error = error
            self._changed.notify_all()

    def _add(self, item: Item) -> bool:
        problem = _unsendable(item)
        with self._changed:
            while not self._closed and self._pending() >= (
                    self._options.max_pending):
                self._changed.wait()
            if self._closed:
                return False
            if problem:
                self._settled.append(Result(item, error=pb.LookupError(
                    reason=pb.ERROR_REASON_INVALID_CONTACT, message=problem)))
            else:
                if not self._unsent:
                    self._unsent_since = time.monotonic()
                self._items[self._next_tag] = item
                self._unsent.append(self._next_tag)
                self._next_tag += 1
                # The rest of a message wakes nobody.
                if 1 < len(self._unsent) < self._options.batch_items:
                    return True
            self._changed.notify_all()
            return True

    def _pending(self) -> int:
        return len(self._items) + len(self._settled) + self._handing_out

    # ---- gRPC's sending thread

    def _requests(self, number: int) -> Iterator[Any]:
        """What goes out on a stream. gRPC takes the next message when the last
        has left: flow control holds this back."""
        options: Optional[pb.LookupOptions] = (
            self._options.lookup or pb.LookupOptions())
        while True:
            with self._changed:
                while not self._must_end_sending(number):
                    wait = self._wait_for_batch()
                    if wait == 0:
                        break
                    self._changed.wait(wait)
                if self._must_end_sending(number):
                    return
                tags = [self._unsent.popleft() for _ in range(min(
                    len(self._unsent), self._options.batch_items))]
                if len(self._items) - len(self._unsent) == len(tags):
                    self._heard_at = time.monotonic()
                batch = [(tag, self._items[tag]) for tag in tags]
            yield pb.EnrichProfilePicturesRequest(options=options, items=[
                pb.EnrichItem(tag=tag, contact=item.contact,
                              existing_id=item.existing_id)
                for tag, item in batch])
            options = None

    def _must_end_sending(self, number: int) -> bool:
        return (number != self._stream_number or self._draining or
                (self._input_over and not self._unsent))

    def _wait_for_batch(self) -> Optional[float]:
        """0: there is one; None: until something changes."""
        if not self._unsent:
            return None
        if self._input_over or len(self._unsent) >= self._options.batch_items:
            return 0
        since = time.monotonic() - self._unsent_since
        return max(0, _LINGER_SECONDS - since)

    # ---- the caller's thread

    def results(self) -> Iterator[Result]:
        try:
            while True:
                handed = self._next_settled()
                self._tell_trouble()
                if handed is None:
                    break
                yield from handed
            if self._input_error is not None:
                raise self._input_error
        finally:
            self.close()

    def _next_settled(self) -> Optional[List[Result]]:
        """Waits for results; none when trouble is to be told, None at the end.
        """
        with self._changed:
            self._handing_out = 0
            self._changed.notify_all()
            while True:
                if self._closed:
                    raise StreamError(grpc.StatusCode.CANCELLED, "closed")
                self._take_response()
                if self._settled:
                    handed, self._settled = self._settled, []
                    self._handing_out = len(handed)
                    return handed
                self._check_stream()
                if self._finished():
                    return None
                if self._trouble is not None:
                    return []
                self._connect()
                self._changed.wait(self._wait_seconds())

    def _take_response(self) -> None:
        response = self._stream.take() if self._stream else None
        if response is None:
            return
        self._heard_at = time.monotonic()
        for result in response.results:
            outcome = result.WhichOneof("outcome")
            if outcome == "error" and (
                    result.error.reason == pb.ERROR_REASON_SHUTTING_DOWN):
                self._draining = True  # asked again over the next stream
                continue
            item = self._items.pop(result.tag, None)
            if item is None:
                continue
            self._settled.append(Result(
                item,
                result.profile_picture if outcome == "profile_picture" else None,
                result.error if outcome == "error" else None))
            self._failing_since = None
            self._backoff.reset()

    def _check_stream(self) -> None:
        if self._stream is None:
            return
        if self._stream.ended:
            self._stream_ended(self._stream.error)
        elif (self._stream.idle and len(self._items) > len(self._unsent) and
              time.monotonic() - self._heard_at > self._options.silence):
            self._stream_ended(StreamError(
                grpc.StatusCode.UNAVAILABLE,
                f"no word from the server within {self._options.silence:g} s"))

    def _stream_ended(self, why: Optional[grpc.RpcError]) -> None:
        self._leave_stream()
        if not self._items and (why is None or self._input_over):
            return
        if why is None:
            why = StreamError(
                grpc.StatusCode.UNAVAILABLE,
                f"the server ended the stream with {len(self._items)} items "
                "unanswered")
        if not is_transient(why):
            raise why
        if not self._items:
            return  # nothing is missed yet
        now = time.monotonic()
        if (self._failing_since is None or
                now - self._connected_at > _HELD_SECONDS):
            self._failing_since = now
        if now - self._failing_since >= self._options.retry_for:
            raise why
        self._trouble = why
        self._connect_at = now + self._backoff.next()

    def _leave_stream(self) -> None:
        """What was sent and not answered is unsent again."""
        if self._stream is not None:
            self._stream.leave()
        self._stream = None
        self._stream_number += 1
        self._draining = False
        self._unsent = collections.deque(self._items)
        self._unsent_since = time.monotonic()
        self._changed.notify_all()

    def _finished(self) -> bool:
        if not self._input_over or self._items or self._settled:
            return False
        # The stream is let end by itself, but not waited for at length.
        return (self._stream is None or
                time.monotonic() - self._heard_at > _FAREWELL_SECONDS)

    def _connect(self) -> None:
        if (self._stream is not None or not self._unsent or
                time.monotonic() < self._connect_at):
            return
        self._connected_at = self._heard_at = time.monotonic()
        call = self._open_stream(self._requests(self._stream_number))
        self._stream = Reader(call, self._changed)

    def _wait_seconds(self) -> Optional[float]:
        now = time.monotonic()
        if self._stream is None:
            return max(0, self._connect_at - now) if self._unsent else None
        if not self._items:
            return _FAREWELL_SECONDS if self._input_over else None
        # Taken a little longer, so that it is over when looked at.
        return max(0, self._heard_at + self._options.silence - now) + 0.01

    def _tell_trouble(self) -> None:
        trouble, self._trouble = self._trouble, None
        if trouble is not None and self._options.on_trouble is not None:
            self._options.on_trouble(trouble)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._leave_stream()


def _unsendable(item: Item) -> str:
    """Why the server cannot be asked; empty when it can."""
    if not item.contact.strip():
        return "no phone number or JID given"
    try:
        contact = item.contact.encode()
        item.existing_id.encode()
    except UnicodeEncodeError:
        return "not Unicode text"
    if len(contact) > _MAX_CONTACT_BYTES:
        return f"longer than {_MAX_CONTACT_BYTES} bytes"
    return ""
