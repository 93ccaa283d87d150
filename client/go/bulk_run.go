package portrait

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

const (
	// How long a message that is not full waits for more items.
	linger = 5 * time.Millisecond
	// How long the server may take to end a stream after its last result.
	farewell = 5 * time.Second
	// A stream that lasted this long counts as a successful connection.
	held = 10 * time.Second

	maxContactBytes = 1024
)

// bulkRun is the state of one call of Enrich. Items are unsent, then in the next
// message, then sent, then settled. If a stream breaks, its sent items become
// unsent again. The state belongs to the goroutine that takes the results; the
// other goroutines communicate with it over channels.
type bulkRun struct {
	service v1.ProfilePictureServiceClient
	options BulkOptions

	source    chan Item
	sourceEnd chan error // receives one value, after the last item
	inputOver bool
	inputErr  error

	items       map[uint64]Item // without a result, by this client's tag
	nextTag     uint64
	unsent      []uint64
	unsentSince time.Time
	message     *v1.EnrichProfilePicturesRequest // the next message; nil: not ready
	settled     []Result

	stream       *enrichStream
	sendingOver  bool
	optionsSent  bool
	draining     bool // the server is shutting down; send no new items
	connectedAt  time.Time
	heardAt      time.Time // when the silence of the server began
	backoff      *retryBackoff
	connectAt    time.Time
	failingSince time.Time
}

func newBulkRun(service v1.ProfilePictureServiceClient, options BulkOptions) *bulkRun {
	options.BatchItems = orDefault(options.BatchItems, defaultBatchItems)
	options.MaxPending = orDefault(options.MaxPending, defaultMaxPending)
	options.RetryFor = orDefault(options.RetryFor, defaultRetryFor)
	options.Silence = orDefault(options.Silence, defaultSilence)
	return &bulkRun{
		service:   service,
		options:   options,
		source:    make(chan Item),
		sourceEnd: make(chan error, 1),
		items:     make(map[uint64]Item),
		backoff:   newBackoff(options.FirstBackoff, options.LongestBackoff),
	}
}

// feed reads the source; it runs in a separate goroutine.
func (r *bulkRun) feed(ctx context.Context, items iter.Seq2[Item, error]) {
	for item, err := range items {
		if err != nil {
			r.sourceEnd <- err
			return
		}
		select {
		case r.source <- item:
		case <-ctx.Done():
			return
		}
	}
	r.sourceEnd <- nil
}

// next waits for results. At the end it returns no results and no error.
func (r *bulkRun) next(ctx context.Context) ([]Result, error) {
	r.heardAt = time.Now() // the caller's own time does not count as silence
	for {
		if len(r.settled) > 0 {
			results := r.settled
			r.settled = nil
			return results, nil
		}
		if r.finished() {
			return nil, r.inputErr
		}
		r.connect(ctx)
		r.fillNext()
		if err := r.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// wait processes one event, or waits until the next deadline.
func (r *bulkRun) wait(ctx context.Context) error {
	timer := time.NewTimer(time.Until(r.deadline()))
	defer timer.Stop()
	source := r.source
	if len(r.items) >= r.options.MaxPending {
		source = nil
	}
	var requests chan<- *v1.EnrichProfilePicturesRequest
	var responses <-chan enrichEvent
	if r.stream != nil {
		responses = r.stream.events
		if r.message != nil {
			requests = r.stream.requests
		}
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case item := <-source:
		r.add(item)
	case r.inputErr = <-r.sourceEnd:
		r.inputOver = true
	case requests <- r.message:
		r.message = nil
	case event := <-responses:
		if event.err != nil {
			return r.streamEnded(event.err)
		}
		r.take(event.response)
	case <-timer.C:
		if r.stream != nil && r.sent() > 0 && time.Since(r.heardAt) > r.options.Silence {
			return r.streamEnded(status.Errorf(codes.Unavailable,
				"no message from the server within %v", r.options.Silence))
		}
	}
	return nil
}

// sent returns the number of items without a result that are sent or in the next
// message.
func (r *bulkRun) sent() int { return len(r.items) - len(r.unsent) }

func (r *bulkRun) deadline() time.Time {
	switch {
	case r.stream == nil && len(r.unsent) > 0:
		return r.connectAt
	case r.stream != nil && r.message == nil && !r.sendingOver && len(r.unsent) > 0:
		return r.unsentSince.Add(linger)
	case len(r.items) > 0:
		return r.heardAt.Add(r.options.Silence + time.Millisecond)
	}
	return time.Now().Add(farewell)
}

func (r *bulkRun) add(item Item) {
	if problem := unsendable(item); problem != "" {
		r.settled = append(r.settled, Result{Item: item, Error: invalidContact(problem)})
		return
	}
	if len(r.unsent) == 0 {
		r.unsentSince = time.Now()
	}
	r.nextTag++
	r.items[r.nextTag] = item
	r.unsent = append(r.unsent, r.nextTag)
}

func invalidContact(message string) *v1.LookupError {
	return &v1.LookupError{
		Reason: v1.ErrorReason_ERROR_REASON_INVALID_CONTACT, Message: message}
}

// unsendable returns why an item cannot be sent, or "" if it can.
func unsendable(item Item) string {
	switch {
	case strings.TrimSpace(item.Contact) == "":
		return "the contact is empty: expected a phone number or JID"
	case len(item.Contact) > maxContactBytes:
		return fmt.Sprintf("the contact is longer than %d bytes", maxContactBytes)
	case !utf8.ValidString(item.Contact + item.ExistingID + item.Country):
		return "the contact, existing id or country is not valid UTF-8"
	}
	return ""
}

// fillNext makes the next message if one is due, and half-closes the stream after
// the last one.
func (r *bulkRun) fillNext() {
	if r.stream == nil || r.message != nil || r.sendingOver {
		return
	}
	if r.draining || (r.inputOver && len(r.unsent) == 0) {
		close(r.stream.requests)
		r.sendingOver = true
		return
	}
	full := len(r.unsent) >= r.options.BatchItems
	waited := time.Since(r.unsentSince) >= linger
	if len(r.unsent) == 0 || !(full || waited || r.inputOver) {
		return
	}
	if r.sent() == 0 {
		r.heardAt = time.Now()
	}
	r.message = &v1.EnrichProfilePicturesRequest{}
	if !r.optionsSent {
		r.message.Options = r.options.Lookup
		r.optionsSent = true
	}
	count := min(len(r.unsent), r.options.BatchItems)
	for _, tag := range r.unsent[:count] {
		item := r.items[tag]
		r.message.Items = append(r.message.Items, &v1.EnrichItem{
			Tag: tag, Contact: item.Contact, ExistingId: item.ExistingID,
			Country: item.Country})
	}
	r.unsent = r.unsent[count:]
	r.unsentSince = time.Now()
}

func (r *bulkRun) take(response *v1.EnrichProfilePicturesResponse) {
	r.heardAt = time.Now()
	for _, result := range response.Results {
		if result.GetError().GetReason() == v1.ErrorReason_ERROR_REASON_SHUTTING_DOWN {
			r.draining = true // the item is sent again over a new stream
			continue
		}
		item, waiting := r.items[result.Tag]
		if !waiting {
			continue
		}
		delete(r.items, result.Tag)
		r.settled = append(r.settled, Result{
			Item: item, Picture: result.GetProfilePicture(), Error: result.GetError()})
		r.failingSince = time.Time{}
		r.backoff.reset()
	}
}

func (r *bulkRun) connect(ctx context.Context) {
	if r.stream != nil || len(r.unsent) == 0 || time.Now().Before(r.connectAt) {
		return
	}
	r.stream = openEnrichStream(ctx, r.service)
	r.sendingOver, r.optionsSent, r.draining = false, false, false
	r.connectedAt = time.Now()
	r.heardAt = r.connectedAt
}

// streamEnded closes the stream. It returns an error if the lookup has failed.
func (r *bulkRun) streamEnded(why error) error {
	r.stream.leave()
	r.stream = nil
	// Items without a result become unsent.
	r.message = nil
	r.unsent = slices.Sorted(maps.Keys(r.items))
	r.unsentSince = time.Now()

	if len(r.items) == 0 && (why == errEndedWell || r.inputOver) {
		return nil
	}
	if why == errEndedWell {
		why = status.Errorf(codes.Unavailable,
			"the server ended the stream before it answered %d items", len(r.items))
	}
	why = wrap(why)
	if !IsTransient(why) {
		return why
	}
	if len(r.items) == 0 {
		return nil // no result is missing
	}
	now := time.Now()
	if r.failingSince.IsZero() || now.Sub(r.connectedAt) > held {
		r.failingSince = now
	}
	if now.Sub(r.failingSince) >= r.options.RetryFor {
		return why
	}
	if r.options.OnTrouble != nil {
		r.options.OnTrouble(why)
	}
	r.connectAt = now.Add(r.backoff.next())
	return nil
}

func (r *bulkRun) finished() bool {
	if !r.inputOver || len(r.items) > 0 {
		return false
	}
	// Wait for the server to end the stream, but not for long.
	return r.stream == nil || time.Since(r.heardAt) > farewell
}
