"""AsyncClient behind the interface of Client, so that the same cases run on
both. An event loop runs on a thread."""

import asyncio
import collections
import threading
import types

import portrait_client

_LOOP = asyncio.new_event_loop()
threading.Thread(target=_LOOP.run_forever, daemon=True).start()


def run(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, _LOOP).result()


async def _called(function, *arguments, **options):
    return function(*arguments, **options)


class Client:

    def __init__(self, *arguments, **options):
        self.asynchronous = run(_called(
            portrait_client.AsyncClient, *arguments, **options))
        self.access = _Service(self.asynchronous.access)
        self.sessions = _Service(self.asynchronous.sessions)
        self.admin = _Service(self.asynchronous.admin)

    def get(self, *arguments, **options):
        return run(self.asynchronous.get(*arguments, **options))

    def batch_get(self, *arguments, **options):
        return run(self.asynchronous.batch_get(*arguments, **options))

    def enrich(self, items, options=portrait_client.BulkOptions()):
        if not isinstance(items, (list, str)):
            items = _asynchronous(items)
        return _Iterator(self.asynchronous.enrich(items, options))

    def watch(self, *arguments, **options):
        return _Iterator(self.asynchronous.watch(*arguments, **options))

    def close(self):
        run(self.asynchronous.close())

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


async def _asynchronous(items):
    """Yields the items; a blocking source must not block the event loop."""
    loop = asyncio.get_running_loop()
    iterator = iter(items)
    end = object()
    try:
        while True:
            item = await loop.run_in_executor(None, next, iterator, end)
            if item is end:
                return
            yield item
    finally:
        if isinstance(iterator, types.GeneratorType):
            try:
                iterator.close()
            except ValueError:  # it is blocked on its thread
                pass


class _Service:
    def __init__(self, stub):
        self._stub = stub

    def __getattr__(self, name):
        async def call(request):
            return await getattr(self._stub, name)(request)
        return lambda request: run(call(request))


class _Iterator:
    def __init__(self, asynchronous):
        self._asynchronous = asynchronous
        self._ready = collections.deque()

    def __iter__(self):
        return self

    def __next__(self):
        if not self._ready:
            try:
                self._ready.extend(run(self._some()))
            except StopAsyncIteration:
                raise StopIteration from None
        return self._ready.popleft()

    async def _some(self):
        """Waits for one result and takes those already available. On a busy
        machine, a switch to the loop's thread for each would be slow."""
        found = [await self._asynchronous.__anext__()]
        while getattr(self._asynchronous, "_handed", None):
            found.append(await self._asynchronous.__anext__())
        return found

    def close(self):
        run(self._asynchronous.close())

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def __del__(self):
        # Not awaited: the collector may run on the loop's thread.
        asyncio.run_coroutine_threadsafe(self._asynchronous.close(), _LOOP)
