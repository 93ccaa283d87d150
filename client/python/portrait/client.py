"""The way into a portraitd: a channel, the token, and stubs to call with."""

from __future__ import annotations

import collections
import datetime
import pathlib
from typing import Any, Iterable, Optional, Union

import grpc

from portrait.bulk import BulkLookup, BulkOptions, Item
from portrait.v1 import (access_pb2_grpc, profile_picture_pb2 as pb,
                         profile_picture_pb2_grpc, session_pb2_grpc)
from portrait.watch import ChangeWatch

DEFAULT_PORT = 7700
DEFAULT_TIMEOUT_SECONDS = 30.0

# A message carries at most 1000 results of a few kilobytes each.
_MAX_MESSAGE_BYTES = 16 * 1024 * 1024
# gRPC by itself waits up to two minutes before it dials again.
_MIN_REDIAL_MS = 100
_MAX_REDIAL_MS = 2000

Path = Union[str, pathlib.Path]


class Client:
    """Thread-safe. Connects when the first call is made.

    server: "HOST:PORT", "HOST" (port 7700) or "unix:PATH".
    token, token_file: who you are; the file's white space is dropped.
    tls: encrypt, and check the server's certificate against this machine's
        roots, or those in ca_file (PEM), which implies tls.
    cert_file, key_file: this client's own certificate, for mutual TLS.
    timeout: seconds, of each call that names none; streams have no limit.

    Raises ValueError for what cannot be, OSError for files.
    """

    def __init__(self, server: str = "127.0.0.1:7700", *, token: str = "",
                 token_file: Optional[Path] = None, tls: bool = False,
                 ca_file: Optional[Path] = None,
                 cert_file: Optional[Path] = None,
                 key_file: Optional[Path] = None,
                 timeout: float = DEFAULT_TIMEOUT_SECONDS) -> None:
        if token_file is not None:
            token = pathlib.Path(token_file).read_text().strip()
        if not all("!" <= c <= "~" for c in token):
            raise ValueError("the token has a character that no token has")
        if (cert_file is None) != (key_file is None):
            raise ValueError("cert_file and key_file go together")
        self._channel = _make_channel(
            _with_port(server),
            tls=tls or ca_file is not None or cert_file is not None,
            ca=_read(ca_file), certificate=_read(cert_file), key=_read(key_file))
        calls = grpc.intercept_channel(
            self._channel, _Metadata(token, timeout))
        self.pictures = profile_picture_pb2_grpc.ProfilePictureServiceStub(calls)
        self.sessions = session_pb2_grpc.SessionServiceStub(calls)
        self.access = access_pb2_grpc.AccessServiceStub(calls)

    def get(self, contact: str, *, existing_id: str = "",
            size: pb.PictureSize = pb.PICTURE_SIZE_UNSPECIFIED,
            max_age: Optional[datetime.timedelta] = None, session: str = "",
            timeout: Optional[float] = None) -> pb.ProfilePicture:
        """One contact. Raises grpc.RpcError; see lookup_error()."""
        options = pb.LookupOptions(size=size, session=session)
        if max_age is not None:
            options.max_age.FromTimedelta(max_age)
        request = pb.GetProfilePictureRequest(
            contact=contact, existing_id=existing_id, options=options)
        return self.pictures.GetProfilePicture(
            request, timeout=timeout).profile_picture

    def enrich(self, items: Iterable[Union[str, Item]],
               options: BulkOptions = BulkOptions()) -> BulkLookup:
        """Any number of contacts, each with exactly one result, in any order."""
        return BulkLookup(
            self.pictures.EnrichProfilePictures, items, options)

    def watch(self, resume_token: str = "", contacts: Iterable[str] = (),
              **options: Any) -> ChangeWatch:
        """Changes from resume_token on (empty: from now; "beginning": all that
        are kept), of these contacts (none: of all). Options: see ChangeWatch.
        """
        return ChangeWatch(self.pictures.WatchProfilePictureChanges,
                           resume_token, list(contacts), **options)

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


def _read(path: Optional[Path]) -> Optional[bytes]:
    return None if path is None else pathlib.Path(path).read_bytes()


def _with_port(server: str) -> str:
    if server.startswith("unix:"):
        return server
    host, colon, port = server.rpartition(":")
    if not colon or server.endswith("]") or host.count(":") and host[0] != "[":
        host, port = server, str(DEFAULT_PORT)
    if not host or "/" in server or not port.isdigit():
        raise ValueError(
            f'server "{server}": expected HOST:PORT, HOST or unix:PATH')
    return f"{host}:{port}"


def _make_channel(server: str, *, tls: bool, ca: Optional[bytes],
                  certificate: Optional[bytes],
                  key: Optional[bytes]) -> grpc.Channel:
    options = [
        ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
        ("grpc.initial_reconnect_backoff_ms", _MIN_REDIAL_MS),
        ("grpc.max_reconnect_backoff_ms", _MAX_REDIAL_MS),
        # Trying again is decided here, where items can be told apart.
        ("grpc.enable_retries", 0),
    ]
    if not tls:
        return grpc.insecure_channel(server, options)
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    return grpc.secure_channel(server, credentials, options)


class _Details(
        collections.namedtuple("_Details", (
            "method", "timeout", "metadata", "credentials", "wait_for_ready",
            "compression")), grpc.ClientCallDetails):
    pass


class _Metadata(grpc.UnaryUnaryClientInterceptor,
                grpc.UnaryStreamClientInterceptor,
                grpc.StreamStreamClientInterceptor):
    """Adds the token to each call, and the timeout to those of one answer."""

    def __init__(self, token: str, timeout: float) -> None:
        self._headers = (
            [("authorization", f"Bearer {token}")] if token else [])
        self._timeout = timeout

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
