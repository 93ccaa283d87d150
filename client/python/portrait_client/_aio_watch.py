"""Watching changes with asyncio."""

from __future__ import annotations

import asyncio
import time
from typing import Any, AsyncIterator, Callable, List, Optional

import grpc

from portrait_client._aio_streams import Reader, Signal
from portrait_client.errors import (PortraitError, StreamError,
                                    error_for_reason, is_transient)
from portrait_client.streams import Backoff
from portrait_client.v1 import profile_picture_pb2 as pb


class AsyncChangeWatch(AsyncIterator[pb.WatchProfilePictureChangesResponse]):
    """ChangeWatch for asyncio; the options are the same."""

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
        self._changed = Signal()
        self._stream: Optional[Reader] = None
        self._closed = False

    async def __anext__(self) -> pb.WatchProfilePictureChangesResponse:
        while True:
            try:
                response = await self._next_response()
            except grpc.RpcError as failed:
                error = (failed if isinstance(failed, PortraitError)
                         else error_for_reason(failed))
                await self._wait_before_retry(error)
                continue
            except asyncio.CancelledError:
                self._leave()
                raise
            self._heard_at = time.monotonic()
            self._backoff.reset()
            if response.resume_token:
                self._request.resume_token = response.resume_token
            return response

    async def _next_response(self) -> pb.WatchProfilePictureChangesResponse:
        end = time.monotonic() + self._silence
        while True:
            if self._closed:
                raise StreamError(grpc.StatusCode.CANCELLED, "closed")
            if self._stream is None:
                self._stream = Reader(
                    lambda: self._open_stream(self._request), self._changed)
            response = self._stream.take()
            if response is not None:
                return response
            if self._stream.ended:
                raise self._leave() or StreamError(
                    grpc.StatusCode.UNAVAILABLE, "the server ended the stream")
            if time.monotonic() > end:
                self._leave()
                raise StreamError(
                    grpc.StatusCode.UNAVAILABLE,
                    f"no message from the server within {self._silence:g} s")
            await self._changed.wait(max(0, end - time.monotonic()) + 0.01)

    async def _wait_before_retry(self, error: PortraitError) -> None:
        if (self._closed or not is_transient(error) or
                time.monotonic() - self._heard_at >= self._retry_for):
            raise error from None
        if self._on_trouble is not None:
            self._on_trouble(error)
        end = time.monotonic() + self._backoff.next()
        while not self._closed and time.monotonic() < end:
            await self._changed.wait(end - time.monotonic())

    def _leave(self) -> Optional[grpc.RpcError]:
        stream, self._stream = self._stream, None
        if stream is None:
            return None
        stream.leave()
        return stream.error

    async def close(self) -> None:
        """Ends the watch. A task that waits for a response gets a StreamError
        with the code CANCELLED."""
        self._closed = True
        self._leave()
        self._changed.notify()

    async def __aenter__(self) -> AsyncChangeWatch:
        return self

    async def __aexit__(self, *unused: object) -> None:
        await self.close()
