"""The synchronous client."""

from __future__ import annotations

import collections
import datetime
import time
from typing import Any, Iterable, List, Optional, Union

import grpc

from portrait_client import _settings
from portrait_client._batch import add_response, batch_request
from portrait_client._settings import Path
from portrait_client.bulk import BulkLookup, BulkOptions
from portrait_client.errors import error_for_reason
from portrait_client.results import Item, Result
from portrait_client.v1 import (access_pb2_grpc, admin_pb2_grpc,
                                profile_picture_pb2 as pb,
                                profile_picture_pb2_grpc, session_pb2_grpc)
from portrait_client.watch import ChangeWatch


class Client:
    """A client of one server. Thread-safe. The first call opens the connection.

    server: "HOST:PORT", "HOST" (port 7700) or "unix:PATH".
    token, token_file: the access token, or a file that contains it; white space
        around the file's content is removed.
    tls: use TLS and verify the server's certificate against the system's root
        certificates.
    ca_file: use TLS and verify the server's certificate against these root
        certificates (PEM).
    cert_file, key_file: the client's own certificate and key (PEM), for mutual
        TLS.
    allow_plaintext: send the token without TLS to a server on another machine.
        Without it, that is a ValueError.
    timeout: the timeout of calls that have no own timeout, in seconds. Bulk
        lookups and watches have none.

    Raises ValueError if an argument is invalid, and OSError if a file cannot be
    read.
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
        calls = grpc.intercept_channel(self._channel, _Metadata(settings))
        # The services as gRPC generates them. The client adds the token and the
        # timeout to each call. Calls that fail raise grpc.RpcError.
        self.pictures = profile_picture_pb2_grpc.ProfilePictureServiceStub(calls)
        self.sessions = session_pb2_grpc.SessionServiceStub(calls)
        self.access = access_pb2_grpc.AccessServiceStub(calls)
        self.admin = admin_pb2_grpc.AdminServiceStub(calls)

    def get(self, contact: str, *, existing_id: str = "",
            size: int = pb.PICTURE_SIZE_UNSPECIFIED,
            max_age: Optional[datetime.timedelta] = None, session: str = "",
            default_country: str = "",
            timeout: Optional[float] = None) -> pb.ProfilePicture:
        """Looks up one contact. `default_country` is the ISO 3166 code of the
        country, such as "DE", of a phone number without a country code.

        If the server is unavailable, the call is retried within the timeout, as
        long as the server asks for a delay of at most 5 s. Raises
        PortraitError.
        """
        request = _settings.get_request(
            contact, existing_id, size, max_age, session,
            default_country)
        retries = _settings.Retries(
            self._timeout if timeout is None else timeout)
        while True:
            try:
                return self.pictures.GetProfilePicture(
                    request, timeout=retries.left()).profile_picture
            except grpc.RpcError as failed:
                error = error_for_reason(failed)
            time.sleep(retries.wait_seconds(error))

    def batch_get(self, items: Iterable[Union[str, Item]],
                  options: Optional[pb.LookupOptions] = None, *,
                  timeout: Optional[float] = None) -> List[Result]:
        """Looks up at most 1000 contacts in one call; the results are in the
        order of the items. For more contacts, or to see each result as soon as
        it is available, use enrich().

        The server answers shortly before the timeout; an item that it could not
        look up until then has an error. Raises PortraitError if the call itself
        fails, and retries as get() does.
        """
        results, request = batch_request(items, options)
        if not request.items:
            return results
        retries = _settings.Retries(
            self._timeout if timeout is None else timeout)
        while True:
            try:
                return add_response(results, self.pictures.BatchGetProfilePictures(
                    request, timeout=retries.left()))
            except grpc.RpcError as failed:
                error = error_for_reason(failed)
            time.sleep(retries.wait_seconds(error))

    def enrich(self, items: Iterable[Union[str, Item]],
               options: BulkOptions = BulkOptions()) -> BulkLookup:
        """Looks up any number of contacts. Each has exactly one result; the
        order of the results differs from that of the contacts."""
        return BulkLookup(
            self.pictures.EnrichProfilePictures, items, options)

    def watch(self, resume_token: str = "", contacts: Iterable[str] = (),
              **options: Any) -> ChangeWatch:
        """Receives changes.

        resume_token: the token of an earlier response; empty: only changes from
            now on; "beginning": all stored changes.
        contacts: the contacts to watch; empty: all contacts.
        options: see ChangeWatch.
        """
        return ChangeWatch(self.pictures.WatchProfilePictureChanges,
                           resume_token, list(contacts), **options)

    def close(self) -> None:
        """Closes the connection and ends all calls."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


def _make_channel(settings: _settings.Settings) -> grpc.Channel:
    options = settings.channel_options
    if settings.credentials is None:
        return grpc.insecure_channel(settings.target, options)
    return grpc.secure_channel(settings.target, settings.credentials, options)


class _Details(
        collections.namedtuple("_Details", (
            "method", "timeout", "metadata", "credentials", "wait_for_ready",
            "compression")), grpc.ClientCallDetails):
    pass


class _Metadata(grpc.UnaryUnaryClientInterceptor,
                grpc.UnaryStreamClientInterceptor,
                grpc.StreamStreamClientInterceptor):
    """Adds the token to each call, and the timeout to unary calls."""

    def __init__(self, settings: _settings.Settings) -> None:
        self._headers = settings.headers
        self._timeout = settings.timeout

    def _details(self, details: Any, timeout: Optional[float]) -> _Details:
        return _Details(
            details.method, timeout,
            list(details.metadata or ()) + self._headers, details.credentials,
            details.wait_for_ready, details.compression)

    def intercept_unary_unary(self, continuation, details, request):
        timeout = self._timeout if details.timeout is None else details.timeout
        return continuation(self._details(details, timeout), request)

    def intercept_unary_stream(self, continuation, details, request):
        return continuation(self._details(details, details.timeout), request)

    def intercept_stream_stream(self, continuation, details, requests):
        return continuation(self._details(details, details.timeout), requests)
