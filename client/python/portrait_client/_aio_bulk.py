"""Bulk lookups with asyncio."""

from __future__ import annotations

import asyncio
from typing import (Any, AsyncIterable, AsyncIterator, Callable, Iterable, List,
                    Optional, Union)

import grpc

from portrait_client._aio_streams import Reader, Signal
from portrait_client._bulk_state import BulkOptions, BulkState
from portrait_client.bulk import reject_text
from portrait_client.errors import StreamError
from portrait_client.results import Item, Result
from portrait_client.streams import Backoff
from portrait_client.v1 import profile_picture_pb2 as pb

Items = Union[Iterable[Union[str, Item]], AsyncIterable[Union[str, Item]]]

# A plain iterable does not yield to other tasks by itself.
_ITEMS_BETWEEN_YIELDS = 100


class AsyncBulkLookup(AsyncIterator[Result]):
    """BulkLookup for asyncio: `async for` iterates over results as they arrive.

    A separate task reads the source while there is room for items. If the caller
    does not take results, the source and the server are slowed down
    (backpressure). To end the lookup early, call close() or use `async with`.
    """

    def __init__(self, open_stream: Callable[[AsyncIterator[Any]], Any],
                 items: Items, options: BulkOptions) -> None:
        reject_text(items)
        self._open_stream = open_stream
        self._items = items
        self._changed = Signal()
        self._state = BulkState(
            options, self._changed.notify,
            Backoff(options.first_backoff, options.longest_backoff))
        self._feeder: Optional[asyncio.Task[None]] = None
        self._handed: List[Result] = []
        self._over = False

    async def __anext__(self) -> Result:
        if self._over and not self._handed:
            raise StopAsyncIteration
        if self._feeder is None:
            self._feeder = asyncio.ensure_future(self._feed())
        try:
            while not self._handed:
                handed = await self._next_settled()
                trouble = self._state.take_trouble()
                if trouble is not None and (
                        self._state.options.on_trouble is not None):
                    self._state.options.on_trouble(trouble)
                if handed is None:
                    self._over = True
                    await self.close()
                    if self._state.input_error is not None:
                        raise self._state.input_error
                    raise StopAsyncIteration
                handed.reverse()
                self._handed = handed
        except StopAsyncIteration:
            raise
        except BaseException:
            self._over = True
            await self.close()
            raise
        return self._handed.pop()

    async def close(self) -> None:
        """Ends the lookup. A task that waits for a result gets a StreamError
        with the code CANCELLED."""
        self._state.close()
        if self._feeder is not None and not self._feeder.done():
            self._feeder.cancel()
            # Lets the source run its `finally` clauses.
            await asyncio.wait({self._feeder})

    async def __aenter__(self) -> AsyncBulkLookup:
        return self

    async def __aexit__(self, *unused: object) -> None:
        await self.close()

    async def _feed(self) -> None:
        error: Optional[BaseException] = None
        iterator: Any = None
        try:
            if hasattr(self._items, "__aiter__"):
                iterator = self._items.__aiter__()
                async for item in iterator:
                    await self._add(item)
            else:
                iterator = iter(self._items)
                for count, item in enumerate(iterator):
                    await self._add(item)
                    if count % _ITEMS_BETWEEN_YIELDS == 0:
                        await asyncio.sleep(0)
        except asyncio.CancelledError:
            if self._state.closed:
                return
            raise
        except Exception as raised:  # any exception of the caller's source
            error = raised
        finally:
            if hasattr(iterator, "aclose"):
                await iterator.aclose()
            elif hasattr(iterator, "close"):
                iterator.close()
        self._state.end_input(error)

    async def _add(self, item: Any) -> None:
        while not self._state.has_room():
            await self._changed.wait()
        self._state.add(item)

    async def _requests(self, number: int) -> AsyncIterator[Any]:
        options: Optional[pb.LookupOptions] = (
            self._state.options.lookup or pb.LookupOptions())
        while True:
            while not self._state.must_end_sending(number):
                wait = self._state.wait_for_batch()
                if wait == 0:
                    break
                await self._changed.wait(wait)
            if self._state.must_end_sending(number):
                return
            yield pb.EnrichProfilePicturesRequest(
                options=options, items=self._state.take_batch())
            options = None

    async def _next_settled(self) -> Optional[List[Result]]:
        """Waits for results. Returns an empty list if on_trouble must be
        called, and None at the end."""
        state = self._state
        state.handing_out = 0
        self._changed.notify()
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
            await self._changed.wait(state.wait_seconds())

    def _open(self) -> Reader:
        requests = self._requests(self._state.stream_number)
        return Reader(lambda: self._open_stream(requests), self._changed)
