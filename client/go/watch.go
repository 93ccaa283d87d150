package portrait

import (
	"context"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "portrait/gen/portrait/v1"
)

// The server says something every 15 s.
const defaultWatchSilence = time.Minute

// WatchOptions' zero values are the defaults.
type WatchOptions struct {
	// Empty: from now on; "beginning": from the first change that is kept.
	ResumeToken string
	Contacts    []string // empty: every contact
	// Without a word from any server for this long, the sequence ends with the
	// last stream's error. 0: never.
	RetryFor time.Duration
	// Before a stream is tried again. 0: 200 ms and 5 s.
	FirstBackoff, LongestBackoff time.Duration
	// A server that says nothing for this long is taken for gone. 0: a minute.
	Silence time.Duration
	// Told why a stream broke, before it is tried again.
	OnTrouble func(error)
}

// Watch follows changes, and goes on where it was when the connection breaks or
// the server restarts. Each response has changes (none: a heartbeat) and the
// resume_token that continues after them: keep it once they are safe. The
// sequence ends with an error alone: ctx's, or a gRPC status when the server
// refuses or was gone for RetryFor.
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

// follow is one stream, to its end or until take is false.
func (c *Client) follow(ctx context.Context, request *v1.WatchProfilePictureChangesRequest,
	silence time.Duration, take func(*v1.WatchProfilePictureChangesResponse) bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(silence, func() {
		cancel(status.Errorf(codes.Unavailable, "no word from the server within %v", silence))
	})
	defer watchdog.Stop()
	stream, err := c.Pictures.WatchProfilePictureChanges(ctx, request)
	if err != nil {
		return err
	}
	for {
		watchdog.Reset(silence)
		response, err := stream.Recv()
		// Whoever takes it may take his time.
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
