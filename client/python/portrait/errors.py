"""What a failed call says."""

import grpc
from google.rpc import error_details_pb2, status_pb2

from portrait.v1 import profile_picture_pb2 as pb

_DETAILS_KEY = "grpc-status-details-bin"
_ERROR_DOMAIN = "portrait"

# A broken connection shows as any of these, depending on how it broke.
_TRANSIENT = frozenset({
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED,
    grpc.StatusCode.ABORTED, grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
})


class StreamError(grpc.RpcError):
    """A stream's failure that no server told."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(f"{code.name}: {details}")
        self._code = code
        self._details = details

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details


def is_transient(error: grpc.RpcError) -> bool:
    """Whether the same call may succeed later. False for what somebody has to
    correct first: the token, the request, the accounts."""
    return error.code() in _TRANSIENT


def lookup_error(error: grpc.RpcError) -> pb.LookupError:
    """The error as a bulk result would carry it: reason, message, retry_after.

    The reason is ERROR_REASON_UNSPECIFIED when the service gave none (the call
    did not reach it) or one that this client does not know.
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
