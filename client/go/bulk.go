package portrait

import (
	"context"
	"iter"
	"time"

	v1 "portrait/gen/portrait/v1"
)

// Item is a contact to look up.
type Item struct {
	Contact string
	// A picture id the caller already has: "unchanged" is then an answer.
	ExistingID string
	// The caller's own, such as the row that the contact came from.
	Context any
}

// Result is what came of an item. One of Picture and Error is set; neither for
// an outcome that only a newer client knows.
type Result struct {
	Item    Item
	Picture *v1.ProfilePicture
	Error   *v1.LookupError
}

// BulkOptions' zero values are the defaults.
type BulkOptions struct {
	// How to look up, for all items; nil: each option's default.
	Lookup *v1.LookupOptions
	// In a message; the server takes up to 1000. 0: 500.
	BatchItems int
	// Bounds memory: items that were taken and whose result was not handed out.
	// 0: 10,000.
	MaxPending int
	// Without a single result for this long, and no stream that holds, the lookup
	// fails with the last stream's error. 0: two minutes; negative: the first
	// broken stream ends it.
	RetryFor time.Duration
	// Before a stream is tried again. 0: 200 ms and 5 s.
	FirstBackoff, LongestBackoff time.Duration
	// The server says something every second while it has work. One that is
	// silent for this long is taken for gone. 0: 30 s.
	Silence time.Duration
	// Told why a stream broke, before it is tried again.
	OnTrouble func(error)
}

const (
	defaultBatchItems = 500
	defaultMaxPending = 10_000
	defaultRetryFor   = 2 * time.Minute
	defaultSilence    = 30 * time.Second
)

// Contacts is a source of plain contacts.
func Contacts(contacts ...string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for _, contact := range contacts {
			if !yield(Item{Contact: contact}, nil) {
				return
			}
		}
	}
}

// Enrich looks up any number of contacts and gives each exactly one result, in
// any order, whatever happens to the connection meanwhile. The sequence ends
// after the last result, or with one error:
//
//   - ctx's, when it ends;
//   - a gRPC status: the server refuses, or was gone for RetryFor;
//   - the source's own, after the results of what came before.
//
// The source runs in a goroutine of its own, as far as there is room. A caller
// that takes no results holds both the server and the source back.
func (c *Client) Enrich(ctx context.Context, items iter.Seq2[Item, error],
	options BulkOptions) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		// Ends the goroutines, also when the caller leaves the loop.
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		run := newBulkRun(c.Pictures, options)
		go run.feed(ctx, items)
		for {
			results, err := run.next(ctx)
			for _, result := range results {
				if !yield(result, nil) {
					return
				}
			}
			if err != nil {
				yield(Result{}, err)
				return
			}
			if results == nil {
				return
			}
		}
	}
}
