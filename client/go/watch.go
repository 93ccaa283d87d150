package portrait

import (
	"context"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

// The server sends a message at least every 15 s.
const defaultWatchSilence = time.Minute

// WatchOptions are the options of Watch. A zero value means the default.
type WatchOptions struct {
	// Empty: only changes from now on. "beginning": all stored changes.
	ResumeToken string
	Contacts    []string // empty: all contacts
	// If no message arrives from any server for this long, the sequence ends with
	// the error of the last stream. 0: never.
	RetryFor time.Duration
	// The first and the longest delay before a reconnect. 0: 200 ms and 5 s.
	FirstBackoff, LongestBackoff time.Duration
	// If no message arrives for this long, the client reconnects. 0: a minute.
	Silence time.Duration
	// Called with the error of a stream that broke, before a reconnect.
	OnTrouble func(error)
}

// Watch receives changes. If the connection breaks or the server restarts, it
// resumes after the last response. Each response has changes and the resume_token
// that resumes after them: save the token only after the changes are saved. A
// response without changes is a heartbeat. The sequence ends only with an error:
// the error of ctx, or an [*Error] if the server refused the call or was
// unreachable for RetryFor.
func (c *Client) Watch(ctx context.Context,
	options WatchOptions) iter.Seq2[*v1.WatchProfilePictureChangesResponse, error] {
	return func(yield func(*v1.WatchProfilePictureChangesResponse, error) bool) {
		request := &v1.WatchProfilePictureChangesRequest{
			ResumeToken: options.ResumeToken, Contacts: options.Contacts}
		backoff := newBackoff(options.FirstBackoff, options.LongestBackoff)
		heardAt := time.Now()
		for {
			left := false
			err := c.follow(ctx, request, orDefault(options.Silence, defaultWatchSilence),
				func(response *v1.WatchProfilePictureChangesResponse) bool {
					heardAt = time.Now()
					backoff.reset()
					if response.ResumeToken != "" {
						request.ResumeToken = response.ResumeToken
					}
					left = !yield(response, nil)
					return !left
				})
			if left {
				return
			}
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			err = wrap(err)
			gone := options.RetryFor != 0 && time.Since(heardAt) >= options.RetryFor
			if gone || !IsTransient(err) {
				yield(nil, err)
				return
			}
			if options.OnTrouble != nil {
				options.OnTrouble(err)
			}
			select {
			case <-time.After(backoff.next()):
			case <-ctx.Done():
			}
		}
	}
}

// follow reads one stream, until its end or until take returns false.
func (c *Client) follow(ctx context.Context, request *v1.WatchProfilePictureChangesRequest,
	silence time.Duration, take func(*v1.WatchProfilePictureChangesResponse) bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(silence, func() {
		cancel(status.Errorf(codes.Unavailable, "no message from the server within %v", silence))
	})
	defer watchdog.Stop()
	stream, err := c.Pictures.WatchProfilePictureChanges(ctx, request)
	if err != nil {
		return err
	}
	for {
		watchdog.Reset(silence)
		response, err := stream.Recv()
		// The time that take needs does not count as silence.
		watchdog.Stop()
		switch {
		case err == nil:
			if !take(response) {
				return nil
			}
		case err == io.EOF:
			return status.Error(codes.Unavailable, "the server ended the stream")
		case ctx.Err() != nil:
			return context.Cause(ctx)
		default:
			return err
		}
	}
}
