"""The asyncio client.

    async with portrait_client.AsyncClient("host:7700", token=token) as client:
        picture = await client.get("+13105551234")
        async for result in client.enrich(["+13105551234", "+13105551235"]):
            print(result.item.contact, result.picture or result.error)
"""

from __future__ import annotations

import asyncio
import datetime
from typing import Any, Iterable, List, Optional, Union

import grpc
import grpc.aio

from portrait_client import _settings
from portrait_client._aio_bulk import AsyncBulkLookup, Items
from portrait_client._aio_watch import AsyncChangeWatch
from portrait_client._batch import add_response, batch_request
from portrait_client._bulk_state import BulkOptions
from portrait_client._settings import Path
from portrait_client.errors import error_for_reason
from portrait_client.results import Item, Result
from portrait_client.v1 import (access_pb2_grpc, admin_pb2_grpc,
                                profile_picture_pb2 as pb,
                                profile_picture_pb2_grpc, session_pb2_grpc)


class AsyncClient:
    """Client with `async` methods; the arguments are those of Client.

    Confined to the event loop that runs when it is created.
    """

    def __init__(self, server: str = _settings.DEFAULT_SERVER, *,
                 token: str = "", token_file: Optional[Path] = None,
                 tls: bool = False, ca_file: Optional[Path] = None,
                 cert_file: Optional[Path] = None,
                 key_file: Optional[Path] = None,
                 allow_plaintext: bool = False,
                 timeout: float = _settings.DEFAULT_TIMEOUT_SECONDS) -> None:
        settings = _settings.make_settings(
            server, token=token, token_file=token_file, tls=tls,
            ca_file=ca_file, cert_file=cert_file, key_file=key_file,
            allow_plaintext=allow_plaintext, timeout=timeout)
        self._timeout = timeout
        self._channel = _make_channel(settings)
        # The services as gRPC generates them. The client adds the token and the
        # timeout to each call. Calls that fail raise grpc.aio.AioRpcError.
        self.pictures = profile_picture_pb2_grpc.ProfilePictureServiceStub(
            self._channel)
        self.sessions = session_pb2_grpc.SessionServiceStub(self._channel)
        self.access = access_pb2_grpc.AccessServiceStub(self._channel)
        self.admin = admin_pb2_grpc.AdminServiceStub(self._channel)

    async def get(self, contact: str, *, existing_id: str = "",
                  size: int = pb.PICTURE_SIZE_UNSPECIFIED,
                  max_age: Optional[datetime.timedelta] = None,
                  session: str = "", default_country: str = "",
                  timeout: Optional[float] = None) -> pb.ProfilePicture:
        """Looks up one contact. See Client.get."""
        request = _settings.get_request(
            contact, existing_id, size, max_age, session,
            default_country)
        retries = _settings.Retries(
            self._timeout if timeout is None else timeout)
        while True:
            try:
                response = await self.pictures.GetProfilePicture(
                    request, timeout=retries.left())
                return response.profile_picture
            except grpc.RpcError as failed:
                error = error_for_reason(failed)
            await asyncio.sleep(retries.wait_seconds(error))

    async def batch_get(self, items: Iterable[Union[str, Item]],
                        options: Optional[pb.LookupOptions] = None, *,
                        timeout: Optional[float] = None) -> List[Result]:
        """Looks up at most 1000 contacts in one call. See Client.batch_get."""
        results, request = batch_request(items, options)
        if not request.items:
            return results
        retries = _settings.Retries(
            self._timeout if timeout is None else timeout)
        while True:
            try:
                return add_response(
                    results, await self.pictures.BatchGetProfilePictures(
                        request, timeout=retries.left()))
            except grpc.RpcError as failed:
                error = error_for_reason(failed)
            await asyncio.sleep(retries.wait_seconds(error))

    def enrich(self, items: Items,
               options: BulkOptions = BulkOptions()) -> AsyncBulkLookup:
        """Looks up any number of contacts, from an iterable or an asynchronous
        iterable. See Client.enrich."""
        return AsyncBulkLookup(
            self.pictures.EnrichProfilePictures, items, options)

    def watch(self, resume_token: str = "", contacts: Iterable[str] = (),
              **options: Any) -> AsyncChangeWatch:
        """Receives changes. See Client.watch."""
        return AsyncChangeWatch(self.pictures.WatchProfilePictureChanges,
                                resume_token, list(contacts), **options)

    async def close(self) -> None:
        """Closes the connection and ends all calls."""
        await self._channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *unused: object) -> None:
        await self.close()


def _make_channel(settings: _settings.Settings) -> grpc.aio.Channel:
    interceptors: List[grpc.aio.ClientInterceptor] = [
        _UnaryUnary(settings), _UnaryStream(settings), _StreamStream(settings)]
    options = settings.channel_options
    if settings.credentials is None:
        return grpc.aio.insecure_channel(
            settings.target, options, interceptors=interceptors)
    return grpc.aio.secure_channel(
        settings.target, settings.credentials, options,
        interceptors=interceptors)


class _Metadata:
    """Adds the token to each call, and the timeout to unary calls. Each
    kind of call has its own class, because grpc.aio uses an interceptor for one
    kind only.
    """

    def __init__(self, settings: _settings.Settings) -> None:
        self._headers = settings.headers
        self._timeout = settings.timeout

    def _details(self, details: Any,
                 timeout: Optional[float]) -> grpc.aio.ClientCallDetails:
        metadata = grpc.aio.Metadata(
            *(details.metadata or ()), *self._headers)
        return grpc.aio.ClientCallDetails(
            details.method, timeout, metadata, details.credentials,
            details.wait_for_ready)


class _UnaryUnary(_Metadata, grpc.aio.UnaryUnaryClientInterceptor):

    async def intercept_unary_unary(self, continuation, details, request):
        timeout = self._timeout if details.timeout is None else details.timeout
        return await continuation(self._details(details, timeout), request)


class _UnaryStream(_Metadata, grpc.aio.UnaryStreamClientInterceptor):

    async def intercept_unary_stream(self, continuation, details, request):
        return await continuation(
            self._details(details, details.timeout), request)


class _StreamStream(_Metadata, grpc.aio.StreamStreamClientInterceptor):

    async def intercept_stream_stream(self, continuation, details, requests):
        return await continuation(
            self._details(details, details.timeout), requests)


__all__ = ["AsyncClient", "AsyncBulkLookup", "AsyncChangeWatch"]
