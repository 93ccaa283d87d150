"""The exceptions of failed calls and lookups."""

from __future__ import annotations

import datetime
from typing import Any, Dict, Optional, Type

import grpc
from google.rpc import error_details_pb2, status_pb2

from portrait_client.v1 import profile_picture_pb2 as pb

_DETAILS_KEY = "grpc-status-details-bin"
_ERROR_DOMAIN = "portrait"

# A broken connection may be reported with any of these codes.
_TRANSIENT = frozenset({
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED,
    grpc.StatusCode.ABORTED, grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
})


class PortraitError(grpc.RpcError):
    """A call or a lookup that failed. There is a subclass for each ErrorReason;
    an error without a reason, such as a refused connection, is a PortraitError
    itself.

    reason: an ErrorReason number.
    message: an explanation in English.
    retry_after: how long to wait before a retry; None if the server gave no
        time.
    """

    def __init__(self, code: grpc.StatusCode, message: str, *, reason: int = 0,
                 retry_after: Optional[datetime.timedelta] = None,
                 call: Optional[grpc.RpcError] = None) -> None:
        super().__init__(f"{code.name}: {message}")
        self._code = code
        self._call = call
        self.message = message
        self.reason = reason
        self.retry_after = retry_after

    def code(self) -> grpc.StatusCode:
        """The gRPC status code."""
        return self._code

    def details(self) -> str:
        """The same as `message`, for code that expects a grpc.RpcError."""
        return self.message

    def trailing_metadata(self) -> Any:
        get = getattr(self._call, "trailing_metadata", None)
        return () if get is None else get() or ()


class StreamError(PortraitError):
    """A stream failed, and the failure was not reported by the server."""


class InvalidContactError(PortraitError):
    """The contact is not a valid phone number or JID."""


class SuppressedError(PortraitError):
    """The contact has objected to lookups."""


class QuotaExceededError(PortraitError):
    """The tenant has used its monthly quota."""


class RateLimitedError(PortraitError):
    """WhatsApp's rate limit or the tenant's rate limit was reached."""


class EnumerationError(PortraitError):
    """The lookups look like an enumeration of a number range."""


class NoSessionError(PortraitError):
    """No WhatsApp account is linked, or none is connected."""


class UpstreamTimeoutError(PortraitError):
    """WhatsApp did not answer in time."""


class UpstreamError(PortraitError):
    """WhatsApp answered with an error."""


class OwnNumberError(PortraitError):
    """The contact is the WhatsApp account of the session itself."""


class ShuttingDownError(PortraitError):
    """The server is shutting down."""


class InternalError(PortraitError):
    """A bug in the server."""


class UnauthenticatedError(PortraitError):
    """The token is missing, unknown, expired or revoked."""


class PermissionDeniedError(PortraitError):
    """The token does not allow this call."""


class StorageError(PortraitError):
    """The server's store could not be read or written."""


class NoImageError(PortraitError):
    """The contact has no picture that may be seen, or the server does not keep
    the requested one."""


_C = grpc.StatusCode
# The class and the gRPC code of each reason; lookups that fail in a bulk stream
# have a reason but no code.
_REASONS: Dict[int, Any] = {
    pb.ERROR_REASON_INVALID_CONTACT: (InvalidContactError, _C.INVALID_ARGUMENT),
    pb.ERROR_REASON_SUPPRESSED: (SuppressedError, _C.PERMISSION_DENIED),
    pb.ERROR_REASON_QUOTA_EXCEEDED: (QuotaExceededError, _C.RESOURCE_EXHAUSTED),
    pb.ERROR_REASON_RATE_LIMITED: (RateLimitedError, _C.RESOURCE_EXHAUSTED),
    pb.ERROR_REASON_ENUMERATION: (EnumerationError, _C.RESOURCE_EXHAUSTED),
    pb.ERROR_REASON_NO_SESSION: (NoSessionError, _C.UNAVAILABLE),
    pb.ERROR_REASON_UPSTREAM_TIMEOUT: (
        UpstreamTimeoutError, _C.DEADLINE_EXCEEDED),
    pb.ERROR_REASON_UPSTREAM_ERROR: (UpstreamError, _C.UNAVAILABLE),
    pb.ERROR_REASON_OWN_NUMBER: (OwnNumberError, _C.INVALID_ARGUMENT),
    pb.ERROR_REASON_SHUTTING_DOWN: (ShuttingDownError, _C.UNAVAILABLE),
    pb.ERROR_REASON_INTERNAL: (InternalError, _C.INTERNAL),
    pb.ERROR_REASON_UNAUTHENTICATED: (
        UnauthenticatedError, _C.UNAUTHENTICATED),
    pb.ERROR_REASON_PERMISSION_DENIED: (
        PermissionDeniedError, _C.PERMISSION_DENIED),
    pb.ERROR_REASON_STORAGE: (StorageError, _C.UNAVAILABLE),
    pb.ERROR_REASON_NO_IMAGE: (NoImageError, _C.NOT_FOUND),
}


def error_class(reason: int) -> Type[PortraitError]:
    """The exception class of an ErrorReason."""
    return _REASONS.get(reason, (PortraitError, None))[0]


def is_transient(error: grpc.RpcError) -> bool:
    """Whether the same call may succeed when it is retried. False if the token,
    the request or the linked accounts must be corrected first."""
    return error.code() in _TRANSIENT


def lookup_error(error: grpc.RpcError) -> pb.LookupError:
    """Returns the error of a call in the form that a bulk result has: reason,
    message and retry_after.

    The reason is ERROR_REASON_UNSPECIFIED if the service sent no reason, for
    example because the call did not reach it, or a reason that this client does
    not know.
    """
    result = pb.LookupError(message=error.details() or "")
    trailers = getattr(error, "trailing_metadata", lambda: None)() or ()
    status = status_pb2.Status()
    for key, value in trailers:
        if key == _DETAILS_KEY:
            status.ParseFromString(value)
    info = error_details_pb2.ErrorInfo()
    retry = error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(info) and info.domain == _ERROR_DOMAIN:
            if info.reason in pb.ErrorReason.keys():
                result.reason = pb.ErrorReason.Value(info.reason)
        elif detail.Unpack(retry):
            result.retry_after.CopyFrom(retry.retry_delay)
    return result


def _retry_after(error: pb.LookupError) -> Optional[datetime.timedelta]:
    return (error.retry_after.ToTimedelta()
            if error.HasField("retry_after") else None)


def error_for_reason(error: grpc.RpcError) -> PortraitError:
    """The PortraitError, of the reason's class, of a failed gRPC call."""
    why = lookup_error(error)
    return error_class(why.reason)(
        error.code(), why.message, reason=why.reason,
        retry_after=_retry_after(why), call=error)


def error_of_result(error: pb.LookupError) -> PortraitError:
    """The PortraitError, of the reason's class, of a failed bulk result."""
    kind, code = _REASONS.get(error.reason, (PortraitError, _C.UNKNOWN))
    return kind(code, error.message, reason=error.reason,
                retry_after=_retry_after(error))
