package portrait

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

const errorDomain = "portrait"

// The reasons of errors, for errors.Is. The comments of v1.ErrorReason explain them.
var (
	ErrInvalidContact   = reason(v1.ErrorReason_ERROR_REASON_INVALID_CONTACT)
	ErrSuppressed       = reason(v1.ErrorReason_ERROR_REASON_SUPPRESSED)
	ErrQuotaExceeded    = reason(v1.ErrorReason_ERROR_REASON_QUOTA_EXCEEDED)
	ErrRateLimited      = reason(v1.ErrorReason_ERROR_REASON_RATE_LIMITED)
	ErrEnumeration      = reason(v1.ErrorReason_ERROR_REASON_ENUMERATION)
	ErrNoSession        = reason(v1.ErrorReason_ERROR_REASON_NO_SESSION)
	ErrUpstreamTimeout  = reason(v1.ErrorReason_ERROR_REASON_UPSTREAM_TIMEOUT)
	ErrUpstreamError    = reason(v1.ErrorReason_ERROR_REASON_UPSTREAM_ERROR)
	ErrOwnNumber        = reason(v1.ErrorReason_ERROR_REASON_OWN_NUMBER)
	ErrShuttingDown     = reason(v1.ErrorReason_ERROR_REASON_SHUTTING_DOWN)
	ErrInternal         = reason(v1.ErrorReason_ERROR_REASON_INTERNAL)
	ErrUnauthenticated  = reason(v1.ErrorReason_ERROR_REASON_UNAUTHENTICATED)
	ErrPermissionDenied = reason(v1.ErrorReason_ERROR_REASON_PERMISSION_DENIED)
	ErrStorage          = reason(v1.ErrorReason_ERROR_REASON_STORAGE)
	ErrNoImage          = reason(v1.ErrorReason_ERROR_REASON_NO_IMAGE)
)

type reasonError v1.ErrorReason

func reason(r v1.ErrorReason) error { return reasonError(r) }

func (r reasonError) Error() string {
	name := strings.TrimPrefix(v1.ErrorReason(r).String(), "ERROR_REASON_")
	return strings.ToLower(strings.ReplaceAll(name, "_", " "))
}

// Error is the error of a call or a lookup that failed. It is also a gRPC status
// error: status.Code and status.Convert accept it.
type Error struct {
	// UNSPECIFIED if the service sent no reason, for example because the call did
	// not reach it, or a reason that this client does not know.
	Reason v1.ErrorReason
	// How long to wait before a retry. 0: the server gave no time.
	RetryAfter time.Duration

	status *status.Status
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s", e.status.Code(), e.status.Message())
}

// GRPCStatus returns the code, message and details.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// Is reports whether target is the sentinel of the error's reason.
func (e *Error) Is(target error) bool {
	sentinel, ok := target.(reasonError)
	return ok && v1.ErrorReason(sentinel) == e.Reason
}

// wrap makes an *Error of a gRPC status error; nil and other errors stay.
func wrap(err error) error {
	if _, ok := err.(*Error); ok || err == nil {
		return err
	}
	failed, ok := status.FromError(err)
	if !ok {
		return err
	}
	why := LookupErrorOf(err)
	return &Error{Reason: why.Reason, RetryAfter: why.RetryAfter.AsDuration(), status: failed}
}

// errorOfResult makes an *Error of a failed result, which has no gRPC code of its own.
func errorOfResult(why *v1.LookupError) error {
	code, known := reasonCodes[why.Reason]
	if !known {
		code = codes.Unknown
	}
	return &Error{Reason: why.Reason, RetryAfter: why.RetryAfter.AsDuration(),
		status: status.New(code, why.Message)}
}

var reasonCodes = map[v1.ErrorReason]codes.Code{
	v1.ErrorReason_ERROR_REASON_INVALID_CONTACT:   codes.InvalidArgument,
	v1.ErrorReason_ERROR_REASON_SUPPRESSED:        codes.PermissionDenied,
	v1.ErrorReason_ERROR_REASON_QUOTA_EXCEEDED:    codes.ResourceExhausted,
	v1.ErrorReason_ERROR_REASON_RATE_LIMITED:      codes.ResourceExhausted,
	v1.ErrorReason_ERROR_REASON_ENUMERATION:       codes.ResourceExhausted,
	v1.ErrorReason_ERROR_REASON_NO_SESSION:        codes.Unavailable,
	v1.ErrorReason_ERROR_REASON_UPSTREAM_TIMEOUT:  codes.DeadlineExceeded,
	v1.ErrorReason_ERROR_REASON_UPSTREAM_ERROR:    codes.Unavailable,
	v1.ErrorReason_ERROR_REASON_OWN_NUMBER:        codes.InvalidArgument,
	v1.ErrorReason_ERROR_REASON_SHUTTING_DOWN:     codes.Unavailable,
	v1.ErrorReason_ERROR_REASON_INTERNAL:          codes.Internal,
	v1.ErrorReason_ERROR_REASON_UNAUTHENTICATED:   codes.Unauthenticated,
	v1.ErrorReason_ERROR_REASON_PERMISSION_DENIED: codes.PermissionDenied,
	v1.ErrorReason_ERROR_REASON_STORAGE:           codes.Unavailable,
	v1.ErrorReason_ERROR_REASON_NO_IMAGE:          codes.NotFound,
}

// IsTransient reports whether the same call may succeed when it is retried. It is
// false if the token, the request or the linked accounts must be corrected first.
func IsTransient(err error) bool {
	switch status.Code(err) {
	// A broken connection may be reported with any of these codes.
	case codes.Unavailable, codes.Internal, codes.Unknown, codes.Canceled,
		codes.Aborted, codes.DeadlineExceeded, codes.ResourceExhausted:
		return true
	}
	return false
}

// LookupErrorOf returns the error of a call in the form that a bulk result has:
// reason, message and retry_after. The reason is UNSPECIFIED if the service sent no
// reason, for example because the call did not reach it, or a reason that this
// client does not know.
func LookupErrorOf(err error) *v1.LookupError {
	failed := status.Convert(err)
	result := &v1.LookupError{Message: failed.Message()}
	for _, detail := range failed.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.Domain == errorDomain {
				result.Reason = v1.ErrorReason(v1.ErrorReason_value[detail.Reason])
			}
		case *errdetails.RetryInfo:
			result.RetryAfter = detail.RetryDelay
		}
	}
	return result
}
