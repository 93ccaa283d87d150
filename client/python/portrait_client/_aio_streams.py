"""Helpers of the asyncio client's bulk lookups and watches."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Optional, Set

import grpc


class Signal:
    """Wakes all tasks that wait for a change."""

    def __init__(self) -> None:
        self._waiting: Set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, seconds: Optional[float] = None) -> None:
        """Waits until the next notify(), or until the time has passed."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait({future}, timeout=seconds)
        finally:
            self._waiting.discard(future)


class Reader:
    """Reads a call in a task, one response at a time. It reads the next response
    only after the last one was taken, so flow control slows down a server that
    is too fast. Notifies `changed` when a response arrives and when the stream
    ends.
    """

    def __init__(self, open_call: Callable[[], Any], changed: Signal) -> None:
        self._changed = changed
        self._taken = Signal()
        self._response: Optional[Any] = None
        self._ended = False
        self._left = False
        # Why the stream ended; None: successfully.
        self.error: Optional[grpc.RpcError] = None
        self._call = open_call()
        self._task = asyncio.ensure_future(self._read())

    def take(self) -> Optional[Any]:
        """The next response, or None if none has arrived."""
        response, self._response = self._response, None
        if response is not None:
            self._taken.notify()
        return response

    @property
    def ended(self) -> bool:
        """Whether the stream has ended and all responses were taken."""
        return self._ended and self._response is None

    @property
    def idle(self) -> bool:
        """Whether the stream is open and no response is waiting."""
        return self._response is None and not self._ended

    def leave(self) -> None:
        """Cancels the call."""
        self._left = True
        self._call.cancel()
        self._taken.notify()

    async def _read(self) -> None:
        try:
            async for response in self._call:
                self._response = response
                self._changed.notify()
                while self._response is not None and not self._left:
                    await self._taken.wait()
                if self._left:
                    return
        except grpc.RpcError as error:
            self.error = error
        except asyncio.CancelledError:
            # grpc.aio raises it when the call was cancelled by leave().
            if not self._left:
                raise
        finally:
            self._ended = True
            self._changed.notify()
