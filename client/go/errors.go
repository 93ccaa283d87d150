package portrait

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "portrait/gen/portrait/v1"
)

const errorDomain = "portrait"

// IsTransient is whether a call that failed so may succeed later. False for what
// somebody has to correct first: the token, the request, the accounts.
func IsTransient(err error) bool {
	switch status.Code(err) {
	// A broken connection shows as any of these, depending on how it broke.
	case codes.Unavailable, codes.Internal, codes.Unknown, codes.Canceled,
		codes.Aborted, codes.DeadlineExceeded, codes.ResourceExhausted:
		return true
	}
	return false
}

// LookupErrorOf is a call's error as a bulk result would carry it: reason,
// message, retry_after. The reason is UNSPECIFIED when the service gave none (the
// call did not reach it) or one that this client does not know.
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
