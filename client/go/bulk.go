package portrait

import (
	"context"
	"iter"
	"time"

	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

// Item is a contact to look up.
type Item struct {
	Contact string
	// The picture id that the caller already has. If it is still current, the
	// picture's state is UNCHANGED.
	ExistingID string
	// The ISO 3166 code of the country, such as "DE", of a phone number without a
	// country code. Empty: the DefaultCountry of the options.
	Country string
	// Any value of the caller, such as the row that contains the contact.
	Context any
}

// Result is the result of one item: either Picture or Error is set. Both are nil if
// a newer server returned an outcome that this client does not know.
type Result struct {
	Item    Item
	Picture *v1.ProfilePicture
	Error   *v1.LookupError
}

// Err is the result's error as an [*Error], or nil if the lookup succeeded.
func (r Result) Err() error {
	if r.Error == nil {
		return nil
	}
	return errorOfResult(r.Error)
}

// BulkOptions are the options of a bulk lookup. A zero value means the default.
type BulkOptions struct {
	// How to look up all items. nil: every option has its default.
	Lookup *v1.LookupOptions
	// Items per message; the server accepts up to 1000. 0: 500.
	BatchItems int
	// Limits memory: the maximum number of items that were read from the source and
	// whose result the caller has not received. 0: 10,000.
	MaxPending int
	// If the streams keep breaking and no result arrives for this long, the lookup
	// fails with the error of the last stream. 0: two minutes. Negative: the lookup
	// fails as soon as a stream breaks.
	RetryFor time.Duration
	// The first and the longest delay before a reconnect. 0: 200 ms and 5 s.
	FirstBackoff, LongestBackoff time.Duration
	// The server sends a message at least every second while it has work. If no
	// message arrives for this long, the client reconnects. 0: 30 s.
	Silence time.Duration
	// Called with the error of a stream that broke, before a reconnect.
	OnTrouble func(error)
}

const (
	defaultBatchItems = 500
	defaultMaxPending = 10_000
	defaultRetryFor   = 2 * time.Minute
	defaultSilence    = 30 * time.Second
)

// Contacts returns a source of contacts for Enrich.
func Contacts(contacts ...string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for _, contact := range contacts {
			if !yield(Item{Contact: contact}, nil) {
				return
			}
		}
	}
}

// Enrich looks up any number of contacts and returns exactly one result for each,
// in any order. If the connection breaks, it reconnects and sends the items again
// that have no result. The sequence ends after the last result, or with one error:
//
//   - the error of ctx, if ctx ends;
//   - an [*Error], if the server refused the call or was unreachable for RetryFor;
//   - the error of the source, after the results of all earlier items.
//
// The source runs in a separate goroutine, as far as there is room. If the caller
// does not take results, the source and the server are slowed down (backpressure).
func (c *Client) Enrich(ctx context.Context, items iter.Seq2[Item, error],
	options BulkOptions) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		// Ends the goroutines, even if the caller leaves the loop early.
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
