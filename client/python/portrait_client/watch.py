"""Receives the changes of profile pictures; resumes after a disconnect or a
restart of the server."""

from __future__ import annotations

import threading
import time
import weakref
from typing import Any, Callable, Iterator, List, Optional

import grpc

from portrait_client.errors import (PortraitError, StreamError,
                                    error_for_reason, is_transient)
from portrait_client.streams import Backoff, Reader
from portrait_client.v1 import profile_picture_pb2 as pb


class ChangeWatch(Iterator[pb.WatchProfilePictureChangesResponse]):
    """Iterates over responses. Each has changes and the resume_token that
    resumes after these changes: save the token only after the changes are
    saved. A response without changes is a heartbeat. The iteration never ends by
    itself; it raises PortraitError if the server refuses the call or was
    unreachable for retry_for seconds.

    on_trouble is called with the error of a stream that broke, before a
    reconnect. The server sends a message every 15 s; if none arrives for
    `silence` seconds, the client reconnects.
    """

    def __init__(self, open_stream: Callable[[Any], Any], resume_token: str,
                 contacts: List[str], *, retry_for: float = float("inf"),
                 first_backoff: float = 0.2, longest_backoff: float = 5.0,
                 silence: float = 60.0,
                 on_trouble: Optional[Callable[[grpc.RpcError], None]] = None
                 ) -> None:
        self._request = pb.WatchProfilePictureChangesRequest(
            resume_token=resume_token, contacts=contacts)
        self._open_stream = open_stream
        self._retry_for = retry_for
        self._silence = silence
        self._on_trouble = on_trouble
        self._backoff = Backoff(first_backoff, longest_backoff)
        self._heard_at = time.monotonic()
        self._state = _State()
        weakref.finalize(self, self._state.close)

    def __next__(self) -> pb.WatchProfilePictureChangesResponse:
        while True:
            try:
                response = self._state.next_response(
                    lambda: self._open_stream(self._request), self._silence)
            except grpc.RpcError as error:
                self._wait_before_retry(
                    error if isinstance(error, PortraitError)
                    else error_for_reason(error))
                continue
            self._heard_at = time.monotonic()
            self._backoff.reset()
            if response.resume_token:
                self._request.resume_token = response.resume_token
            return response

    def _wait_before_retry(self, error: grpc.RpcError) -> None:
        if (self._state.closed or not is_transient(error) or
                time.monotonic() - self._heard_at >= self._retry_for):
            raise error from None
        if self._on_trouble is not None:
            self._on_trouble(error)
        self._state.wait(self._backoff.next())

    def close(self) -> None:
        """Ends the watch. Thread-safe: a thread that waits for a response gets a
        StreamError with the code CANCELLED."""
        self._state.close()

    def __enter__(self) -> ChangeWatch:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


class _State:
    """The open stream, and whether the watch is closed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stream: Optional[Reader] = None
        self.closed = False

    def next_response(self, open_call: Callable[[], Any], silence: float) -> Any:
        with self._changed:
            end = time.monotonic() + silence
            while True:
                if self.closed:
                    raise StreamError(grpc.StatusCode.CANCELLED, "closed")
                if self._stream is None:
                    self._stream = Reader(open_call(), self._changed)
                response = self._stream.take()
                if response is not None:
                    return response
                if self._stream.ended:
                    raise self._leave() or StreamError(
                        grpc.StatusCode.UNAVAILABLE,
                        "the server ended the stream")
                if time.monotonic() > end:
                    self._leave()
                    raise StreamError(
                        grpc.StatusCode.UNAVAILABLE,
                        f"no message from the server within {silence:g} s")
                self._changed.wait(max(0, end - time.monotonic()) + 0.01)

    def _leave(self) -> Optional[grpc.RpcError]:
        stream, self._stream = self._stream, None
        if stream is None:
            return None
        stream.leave()
        return stream.error

    def wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.closed, seconds)

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._leave()
            self._changed.notify_all()
