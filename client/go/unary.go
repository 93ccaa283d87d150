package portrait

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

const (
	maxAttempts         = 4
	firstUnaryBackoff   = 200 * time.Millisecond
	longestUnaryBackoff = 2 * time.Second
	// If the server asks for a longer delay, the caller gets the error at once.
	longestRetryAfter = 5 * time.Second
)

// repeatable has the unary methods that can be repeated without harm.
var repeatable = map[string]bool{
	v1.ProfilePictureService_GetProfilePicture_FullMethodName:         true,
	v1.ProfilePictureService_BatchGetProfilePictures_FullMethodName:   true,
	v1.ProfilePictureService_ListProfilePictureChanges_FullMethodName: true,
	v1.ProfilePictureService_ForgetContact_FullMethodName:             true,
	v1.SessionService_ListSessions_FullMethodName:                     true,
	v1.SessionService_GetSession_FullMethodName:                       true,
	v1.SessionService_PauseSession_FullMethodName:                     true,
	v1.SessionService_ResumeSession_FullMethodName:                    true,
	v1.AccessService_ListTokens_FullMethodName:                        true,
	v1.AccessService_GetUsage_FullMethodName:                          true,
	v1.AdminService_ListBackups_FullMethodName:                        true,
	v1.AdminService_GetStoreStats_FullMethodName:                      true,
}

// unaryCall adds the timeout to unary calls, retries them, and wraps their errors.
func unaryCall(timeout time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, reply any,
		connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if _, has := ctx.Deadline(); !has {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		backoff := newBackoff(firstUnaryBackoff, longestUnaryBackoff)
		for attempt := 1; ; attempt++ {
			err := wrap(invoke(ctx, method, request, reply, connection, options...))
			if err == nil || attempt == maxAttempts || !repeatable[method] ||
				!waitBeforeRetry(ctx, err, backoff.next()) {
				return err
			}
		}
	}
}

// waitBeforeRetry waits if err allows a retry before the deadline of ctx. It returns
// false if there must be no retry.
func waitBeforeRetry(ctx context.Context, err error, wait time.Duration) bool {
	if status.Code(err) != codes.Unavailable {
		return false
	}
	if failed, ok := err.(*Error); ok {
		if failed.RetryAfter > longestRetryAfter {
			return false
		}
		// The jitter comes on top: the server asked for at least this delay.
		wait += failed.RetryAfter
	}
	if deadline, has := ctx.Deadline(); has && time.Until(deadline) < wait {
		return false
	}
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}
