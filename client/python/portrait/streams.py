"""What bulk lookups and watches have in common: streams that come back."""

from __future__ import annotations

import random
import threading
from typing import Any, Optional

import grpc


class Backoff:
    """Twice as long each time, with jitter, so that many clients do not come
    back to a restarted server at once."""

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
    """Reads a call on a thread of its own, one response at a time: the next is
    asked for when the last was taken, so flow control holds the server back.

    `changed` guards all of it, and is notified of what comes.
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
        """The next response, if one is there. Holds the lock, as do all."""
        response, self._response = self._response, None
        if response is not None:
            self._changed.notify_all()
        return response

    @property
    def ended(self) -> bool:
        """Nothing more will come."""
        return self._ended and self._response is None

    @property
    def error(self) -> Optional[grpc.RpcError]:
        """Why it ended; None: well."""
        return self._error

    @property
    def idle(self) -> bool:
        return self._response is None and not self._ended

    def leave(self) -> None:
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
