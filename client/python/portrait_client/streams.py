"""Helpers of bulk lookups and watches: backoff, and reading a stream."""

from __future__ import annotations

import random
import threading
from typing import Any, Optional

import grpc


class Backoff:
    """Exponential backoff with jitter. The jitter prevents many clients from
    reconnecting to a restarted server at the same moment. In seconds."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._current = first

    def next(self) -> float:
        wait = self._current * random.uniform(0.5, 1.0)
        self._current = min(self._current * 2, self._longest)
        return wait

    def reset(self) -> None:
        self._current = self._first


class Reader:
    """Reads a call on a separate thread, one response at a time. It reads the
    next response only after the last one was taken, so flow control slows down
    a server that is too fast.

    `changed` guards the object and is notified when a response arrives and when
    the stream ends. Callers hold `changed`.
    """

    def __init__(self, call: Any, changed: threading.Condition) -> None:
        self.call = call
        self._changed = changed
        self._response: Optional[Any] = None
        self._ended = False
        self._error: Optional[grpc.RpcError] = None
        self._left = False
        threading.Thread(target=self._read, daemon=True,
                         name="portrait-reader").start()

    def take(self) -> Optional[Any]:
        """The next response, or None if none has arrived."""
        response, self._response = self._response, None
        if response is not None:
            self._changed.notify_all()
        return response

    @property
    def ended(self) -> bool:
        """Whether the stream has ended and all responses were taken."""
        return self._ended and self._response is None

    @property
    def error(self) -> Optional[grpc.RpcError]:
        """Why the stream ended; None: successfully."""
        return self._error

    @property
    def idle(self) -> bool:
        """Whether the stream is open and no response is waiting."""
        return self._response is None and not self._ended

    def leave(self) -> None:
        """Cancels the call."""
        self._left = True
        self._changed.notify_all()
        self.call.cancel()

    def _read(self) -> None:
        error: Optional[grpc.RpcError] = None
        try:
            for response in self.call:
                with self._changed:
                    self._response = response
                    self._changed.notify_all()
                    while self._response is not None and not self._left:
                        self._changed.wait()
                    if self._left:
                        return
        except grpc.RpcError as raised:
            error = raised
        finally:
            with self._changed:
                self._ended = True
                self._error = error
                self._changed.notify_all()
