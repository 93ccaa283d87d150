"""Bulk lookups with threads."""

from __future__ import annotations

import threading
import types
import weakref
from typing import Any, Callable, Iterable, Iterator, List, Optional, Union

import grpc

from portrait_client._bulk_state import BulkOptions, BulkState
from portrait_client.errors import StreamError
from portrait_client.results import Item, Result
from portrait_client.streams import Backoff, Reader
from portrait_client.v1 import profile_picture_pb2 as pb


class BulkLookup(Iterator[Result]):
    """Iterates over results as they arrive. Ends after every item has had its
    result, or raises

    - PortraitError: the server refused the call, or was unreachable for
      retry_for seconds;
    - the exception of the source, after the results of all earlier items.

    A separate thread reads the source while there is room for items. If the
    caller does not take results, the source and the server are slowed down
    (backpressure).
    """

    def __init__(self, open_stream: Callable[[Iterator[Any]], Any],
                 items: Iterable[Union[str, Item]],
                 options: BulkOptions) -> None:
        reject_text(items)
        self._run = _Run(open_stream, options)
        threading.Thread(target=self._run.feed, args=(items,), daemon=True,
                         name="portrait-feeder").start()
        self._results = self._run.results()
        # The threads refer only to the run, so that a BulkLookup that the
        # caller has dropped is collected and ends.
        weakref.finalize(self, self._run.close)

    def __next__(self) -> Result:
        return next(self._results)

    def close(self) -> None:
        """Ends the lookup. Thread-safe: a thread that waits for a result gets a
        StreamError with the code CANCELLED."""
        self._run.close()

    def __enter__(self) -> BulkLookup:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


def reject_text(items: Any) -> None:
    if isinstance(items, (str, bytes)):
        raise TypeError("items must be an iterable of contacts; to look up one "
                        "contact, use get()")


class _Run:
    """A BulkState that threads share; `_changed` guards it."""

    def __init__(self, open_stream: Callable[[Iterator[Any]], Any],
                 options: BulkOptions) -> None:
        self._open_stream = open_stream
        self._changed = threading.Condition()
        self._state = BulkState(
            options, self._changed.notify_all,
            Backoff(options.first_backoff, options.longest_backoff))

    # ---- the source's thread

    def feed(self, items: Iterable[Union[str, Item]]) -> None:
        error: Optional[BaseException] = None
        iterator: Optional[Iterator[Union[str, Item]]] = None
        try:
            iterator = iter(items)
            for item in iterator:
                if not self._add(item):
                    break
        except BaseException as raised:  # any exception of the caller's source
            error = raised
        finally:
            if isinstance(iterator, types.GeneratorType):
                iterator.close()
        with self._changed:
            self._state.end_input(error)

    def _add(self, item: Any) -> bool:
        with self._changed:
            while not self._state.closed and not self._state.has_room():
                self._changed.wait()
            if self._state.closed:
                return False
            self._state.add(item)
            return True

    # ---- gRPC's sending thread

    def _requests(self, number: int) -> Iterator[Any]:
        """The requests of one stream. gRPC asks for the next one after the last
        one has passed flow control."""
        options: Optional[pb.LookupOptions] = (
            self._state.options.lookup or pb.LookupOptions())
        while True:
            with self._changed:
                while not self._state.must_end_sending(number):
                    wait = self._state.wait_for_batch()
                    if wait == 0:
                        break
                    self._changed.wait(wait)
                if self._state.must_end_sending(number):
                    return
                items = self._state.take_batch()
            yield pb.EnrichProfilePicturesRequest(options=options, items=items)
            options = None

    # ---- the caller's thread

    def results(self) -> Iterator[Result]:
        try:
            while True:
                handed = self._next_settled()
                self._tell_trouble()
                if handed is None:
                    break
                yield from handed
            if self._state.input_error is not None:
                raise self._state.input_error
        finally:
            self.close()

    def _next_settled(self) -> Optional[List[Result]]:
        """Waits for results. Returns an empty list if on_trouble must be
        called, and None at the end."""
        state = self._state
        with self._changed:
            state.handing_out = 0
            self._changed.notify_all()
            while True:
                if state.closed:
                    raise StreamError(grpc.StatusCode.CANCELLED, "closed")
                state.take_response()
                if state.settled:
                    return state.take_settled()
                state.check_stream()
                if state.finished():
                    return None
                if state.trouble is not None:
                    return []
                state.connect(self._open)
                self._changed.wait(state.wait_seconds())

    def _open(self) -> Reader:
        requests = self._requests(self._state.stream_number)
        return Reader(self._open_stream(requests), self._changed)

    def _tell_trouble(self) -> None:
        trouble = self._state.take_trouble()
        if trouble is not None and self._state.options.on_trouble is not None:
            self._state.options.on_trouble(trouble)

    def close(self) -> None:
        with self._changed:
            self._state.close()
