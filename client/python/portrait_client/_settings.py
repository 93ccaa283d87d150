"""Settings that the synchronous and the asyncio client share."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import json
import pathlib
import random
import time
from typing import Any, List, Optional, Tuple, Union

import grpc

from portrait_client.errors import PortraitError
from portrait_client.v1 import profile_picture_pb2 as pb

DEFAULT_PORT = 7700
DEFAULT_SERVER = "127.0.0.1:7700"
DEFAULT_TIMEOUT_SECONDS = 30.0

# A message carries at most 1000 results of a few kilobytes each.
_MAX_MESSAGE_BYTES = 16 * 1024 * 1024
# By default gRPC waits up to two minutes before it reconnects.
_MIN_REDIAL_MS = 100
_MAX_REDIAL_MS = 2000
# Pings during a call detect a server that has disappeared without closing the
# connection. The server refuses pings that are less than 10 seconds apart.
_KEEPALIVE_MS = 60_000
_KEEPALIVE_TIMEOUT_MS = 20_000

# Retries of a call that failed with UNAVAILABLE.
_MAX_ATTEMPTS = 4
_FIRST_BACKOFF_SECONDS = 0.2
_LONGEST_BACKOFF_SECONDS = 2.0
# If the server asks for a longer delay, the caller gets the error at once.
_LONGEST_RETRY_AFTER_SECONDS = 5.0

Path = Union[str, pathlib.Path]

# gRPC retries these methods, which can be repeated without harm. It does not
# know RetryInfo, so get() retries GetProfilePicture by itself.
_SERVICE_CONFIG = json.dumps({"methodConfig": [{
    "name": [
        {"service": "portrait.v1.ProfilePictureService", "method": method}
        for method in ("ListProfilePictureChanges", "ForgetContact")
    ] + [
        {"service": "portrait.v1.SessionService", "method": method}
        for method in ("ListSessions", "GetSession", "PauseSession",
                       "ResumeSession")
    ] + [
        {"service": "portrait.v1.AccessService", "method": method}
        for method in ("ListTokens", "GetUsage")
    ] + [
        {"service": "portrait.v1.AdminService", "method": method}
        for method in ("ListBackups", "GetStoreStats")
    ],
    "retryPolicy": {
        "maxAttempts": _MAX_ATTEMPTS,
        "initialBackoff": f"{_FIRST_BACKOFF_SECONDS}s",
        "maxBackoff": f"{_LONGEST_BACKOFF_SECONDS}s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    },
}]})


@dataclasses.dataclass(frozen=True)
class Settings:
    """The arguments of a client, checked."""

    target: str
    token: str
    credentials: Optional[grpc.ChannelCredentials]
    timeout: float

    @property
    def headers(self) -> List[Tuple[str, str]]:
        return ([("authorization", f"Bearer {self.token}")]
                if self.token else [])

    @property
    def channel_options(self) -> List[Tuple[str, Any]]:
        return [
            ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.initial_reconnect_backoff_ms", _MIN_REDIAL_MS),
            ("grpc.max_reconnect_backoff_ms", _MAX_REDIAL_MS),
            ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
            ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
            ("grpc.service_config", _SERVICE_CONFIG),
        ]


def make_settings(server: str, *, token: str, token_file: Optional[Path],
                  tls: bool, ca_file: Optional[Path],
                  cert_file: Optional[Path], key_file: Optional[Path],
                  allow_plaintext: bool, timeout: float) -> Settings:
    if token_file is not None:
        token = pathlib.Path(token_file).read_text().strip()
    if not all("!" <= c <= "~" for c in token):
        raise ValueError("the token has an invalid character: white space, a "
                         "control character or a character outside ASCII")
    if (cert_file is None) != (key_file is None):
        raise ValueError("cert_file and key_file must be given together")
    target = _with_port(server)
    credentials = None
    if tls or ca_file is not None or cert_file is not None:
        credentials = grpc.ssl_channel_credentials(
            _read(ca_file), _read(key_file), _read(cert_file))
    elif token and not allow_plaintext and not _on_this_machine(target):
        raise ValueError(
            f"the token would be sent to {target} without encryption: use tls "
            "or ca_file, or set allow_plaintext if the network is trusted")
    return Settings(target, token, credentials, timeout)


def get_request(contact: str, existing_id: str, size: int,
                max_age: Optional[datetime.timedelta], session: str,
                default_country: str) -> pb.GetProfilePictureRequest:
    options = pb.LookupOptions(size=size, session=session,
                               default_country=default_country)
    if max_age is not None:
        options.max_age.FromTimedelta(max_age)
    return pb.GetProfilePictureRequest(
        contact=contact, existing_id=existing_id, options=options)


class Retries:
    """Decides whether and when one call is retried."""

    def __init__(self, timeout: float) -> None:
        self._end = time.monotonic() + timeout
        self._attempts = 1
        self._backoff = _FIRST_BACKOFF_SECONDS

    def left(self) -> float:
        """The timeout of the next attempt, in seconds."""
        return max(0.0, self._end - time.monotonic())

    def wait_seconds(self, error: PortraitError) -> float:
        """The delay before the next attempt. Raises `error` if no attempt is left.
        """
        wait = self._backoff * random.uniform(0.5, 1.0)
        if error.retry_after is not None:
            # The jitter comes on top: the server asked for at least this delay.
            wait += error.retry_after.total_seconds()
        too_long = wait > self.left() or (
            error.retry_after is not None and
            error.retry_after.total_seconds() > _LONGEST_RETRY_AFTER_SECONDS)
        if (error.code() != grpc.StatusCode.UNAVAILABLE or too_long or
                self._attempts == _MAX_ATTEMPTS):
            raise error
        self._attempts += 1
        self._backoff = min(2 * self._backoff, _LONGEST_BACKOFF_SECONDS)
        return wait


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


def _on_this_machine(target: str) -> bool:
    if target.startswith("unix:"):
        return True
    host = target.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
