package clients

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"portrait.dev/go/portrait"
	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

func outcomeOf(result portrait.Result) string {
	if result.Error != nil {
		return "error: " + result.Error.Message
	}
	if result.Picture.Registration == v1.Registration_REGISTRATION_NOT_REGISTERED {
		return "not registered"
	}
	return result.Picture.State.String()
}

func bulkNumbers(t *testing.T, c testCase) {
	contacts := numbersFrom(c.Prefix, c.First, c.Step, c.Count)
	results, err := collect(connect(t, "main", portrait.Options{}).Enrich(
		within(t), portrait.Contacts(contacts...), portrait.BulkOptions{}))
	check(t, err)
	checkOneEach(t, contacts, results)
	got := make(map[string]int)
	for _, result := range results {
		got[outcomeOf(result)]++
	}
	for outcome, count := range c.Outcomes {
		equal(t, outcome, count, got[outcome])
	}
}

func bulkKilled(t *testing.T, c testCase) {
	contacts := numbersFrom(c.Prefix, c.First, c.Step, c.Count)
	var killing sync.WaitGroup
	troubles := 0
	options := quick()
	options.MaxPending = 2000
	options.OnTrouble = func(error) { troubles++ }
	var results []portrait.Result
	for result, err := range connect(t, "main", portrait.Options{}).Enrich(
		within(t), portrait.Contacts(contacts...), options) {
		check(t, err)
		results = append(results, result)
		if len(c.KillAfter) > 0 && len(results) >= c.KillAfter[0] {
			c.KillAfter = c.KillAfter[1:]
			killing.Add(1)
			go func() {
				defer killing.Done()
				restartServer(t)
			}()
		}
	}
	killing.Wait()
	checkOneEach(t, contacts, results)
	equal(t, "breaks were noticed", true, troubles >= 2)
}

func bulkNothing(t *testing.T, _ testCase) {
	results, err := collect(connect(t, "nobody", portrait.Options{}).Enrich(
		within(t), portrait.Contacts(), portrait.BulkOptions{}))
	check(t, err)
	equal(t, "results", 0, len(results))
}

func bulkRepeated(t *testing.T, c testCase) {
	items := func(yield func(portrait.Item, error) bool) {
		for i := range c.Count {
			if !yield(portrait.Item{Contact: c.Contact, Context: i}, nil) {
				return
			}
		}
	}
	seen := make(map[int]bool)
	for result, err := range connect(t, "main", portrait.Options{}).Enrich(
		within(t), items, portrait.BulkOptions{}) {
		check(t, err)
		equal(t, "contact", c.Contact, result.Picture.GetPhoneNumber())
		i := result.Item.Context.(int)
		equal(t, "seen before", false, seen[i])
		seen[i] = true
	}
	equal(t, "results", c.Count, len(seen))
}

func bulkCountries(t *testing.T, c testCase) {
	items := func(yield func(portrait.Item, error) bool) {
		for _, row := range c.Rows {
			if !yield(portrait.Item{Contact: row[0], Country: row[1], Context: row[2]}, nil) {
				return
			}
		}
	}
	options := portrait.BulkOptions{Lookup: &v1.LookupOptions{DefaultCountry: c.DefaultCountry}}
	got := 0
	for result, err := range connect(t, "main", portrait.Options{}).Enrich(within(t), items, options) {
		check(t, err)
		number := result.Item.Context.(string)
		equal(t, "number", number, result.Picture.GetPhoneNumber())
		equal(t, "invalid", number == "", errors.Is(result.Err(), portrait.ErrInvalidContact))
		got++
	}
	equal(t, "results", len(c.Rows), got)
}

func contactLength(t *testing.T, c testCase) {
	longest := c.Contact + strings.Repeat(" ", c.Bytes-len(c.Contact))
	// The length counts bytes: the last has fewer characters than that.
	oversized := []string{longest + " ", strings.Repeat("é", c.Bytes/2+1)}
	client := connect(t, "main", portrait.Options{})
	results, err := collect(client.Enrich(within(t),
		portrait.Contacts(longest, oversized[0], oversized[1], c.Contact), portrait.BulkOptions{}))
	check(t, err)
	equal(t, "results", 4, len(results))
	for _, result := range results {
		if len(result.Item.Contact) > c.Bytes {
			equal(t, "reason", v1.ErrorReason_ERROR_REASON_INVALID_CONTACT, result.Error.GetReason())
		} else {
			equal(t, "number", c.Contact, result.Picture.GetPhoneNumber())
		}
	}
	picture, err := client.Get(within(t), longest, nil)
	check(t, err)
	equal(t, "number", c.Contact, picture.GetPhoneNumber())
	for _, contact := range oversized {
		_, err := client.Get(within(t), contact, nil)
		expectCode(t, codes.InvalidArgument, err)
		equal(t, "reason", v1.ErrorReason_ERROR_REASON_INVALID_CONTACT, portrait.LookupErrorOf(err).Reason)
	}
}

func bulkSlow(t *testing.T, c testCase) {
	s := newScripts(t)
	got := 0
	for _, err := range s.enrich(c.Script, portrait.Contacts(numbers(c.Count)...), quick()) {
		check(t, err)
		if got++; got == 1 {
			time.Sleep(c.PauseSeconds.duration())
			equal(t, "held back", true, s.stats(c.Script).sent < c.SentAtMost)
		}
	}
	equal(t, "results", c.Count, got)
}

func bulkWindow(t *testing.T, c testCase) {
	from := &source{contacts: numbers(c.Count)}
	options := quick()
	options.MaxPending = c.MaxPending
	got := 0
	for _, err := range newScripts(t).enrich(c.Script, from.all, options) {
		check(t, err)
		if got++; got == 1 {
			time.Sleep(c.PauseSeconds.duration())
			// One result was received, and one item waits for room.
			if taken := int(from.taken.Load()); taken > c.MaxPending+2 {
				t.Errorf("%d taken", taken)
			}
		}
	}
	equal(t, "results", c.Count, got)
}

func bulkTrickle(t *testing.T, c testCase) {
	firstIsThere := make(chan struct{})
	items := func(yield func(portrait.Item, error) bool) {
		if !yield(portrait.Item{Contact: "+4915100000010"}, nil) {
			return
		}
		<-firstIsThere
		_ = yield(portrait.Item{}, nil) && // answered without the server
			yield(portrait.Item{Contact: "+4915100000020"}, nil)
	}
	got := 0
	for _, err := range newScripts(t).enrich(c.Script, items, quick()) {
		check(t, err)
		if got++; got == 1 {
			close(firstIsThere)
		}
	}
	equal(t, "results", 3, got)
}

func bulkBatches(t *testing.T, c testCase) {
	options := quick()
	options.BatchItems = c.BatchItems
	results, err := collect(newScripts(t).enrich(
		c.Script, portrait.Contacts(numbers(c.Count)...), options))
	check(t, err)
	full, withOptions := false, make(map[string]int)
	for _, result := range results {
		name := result.Picture.GetName()
		count, err := strconv.Atoi(strings.TrimSuffix(name, "+"))
		check(t, err)
		equal(t, "too many", false, count > c.BatchItems)
		full = full || count == c.BatchItems
		if strings.HasSuffix(name, "+") {
			withOptions[name]++
		}
	}
	equal(t, "a message was full", true, full)
	// Only the items of the first message.
	equal(t, "messages with options", 1, len(withOptions))
	for name, count := range withOptions {
		equal(t, "items with options", name, strconv.Itoa(count)+"+")
	}
}

func bulkBreaks(t *testing.T, c testCase) {
	s := newScripts(t)
	contacts := numbers(c.Items)
	for answered := range c.Items + 1 {
		for _, together := range c.Together {
			script := strings.NewReplacer("{answered}", strconv.Itoa(answered),
				"{together}", strconv.Itoa(together)).Replace(c.Script)
			results, err := collect(s.enrich(script, portrait.Contacts(contacts...), quick()))
			check(t, err)
			checkOneEach(t, contacts, results)
			equal(t, script, true, s.stats(script).calls <= 2)
		}
	}
}

func bulkAgain(t *testing.T, c testCase) {
	s := newScripts(t)
	contacts := numbers(c.Count)
	options := quick()
	options.Silence = patience
	if c.SilenceSeconds > 0 {
		options.Silence = c.SilenceSeconds.duration()
	}
	results, err := collect(s.enrich(c.Script, portrait.Contacts(contacts...), options))
	check(t, err)
	checkOneEach(t, contacts, results)
	equal(t, "calls", true, s.stats(c.Script).calls >= c.CallsAtLeast)
}

func bulkRefused(t *testing.T, c testCase) {
	s := newScripts(t)
	for _, code := range c.Codes {
		script := strings.ReplaceAll(c.Script, "{code}", strconv.Itoa(int(code)))
		_, err := collect(s.enrich(script, portrait.Contacts(numbers(20)...), quick()))
		equal(t, "code", code, status.Code(err))
		equal(t, "calls", 1, s.stats(script).calls)
	}
}

func bulkGivesUp(t *testing.T, c testCase) {
	options := quick()
	options.RetryFor = c.RetryForSeconds.duration()
	start := time.Now()
	_, err := collect(connect(t, c.Server, portrait.Options{}).Enrich(
		within(t), portrait.Contacts("+4915100000010"), options))
	expectCode(t, codes.Unavailable, err)
	equal(t, "patient", true, time.Since(start) >= options.RetryFor)
}

func bulkUnsendable(t *testing.T, c testCase) {
	bad := map[string]bool{"": true, " \t": true, strings.Repeat("9", 1025): true, "+49\xff": true}
	contacts := numbers(3)
	for contact := range bad {
		contacts = append(contacts, contact)
	}
	results, err := collect(newScripts(t).enrich(c.Script, portrait.Contacts(contacts...), quick()))
	check(t, err)
	equal(t, "results", len(contacts), len(results))
	for _, result := range results {
		want := v1.ErrorReason_ERROR_REASON_UNSPECIFIED
		if bad[result.Item.Contact] {
			want = v1.ErrorReason_ERROR_REASON_INVALID_CONTACT
		}
		equal(t, result.Item.Contact, want, result.Error.GetReason())
	}
}

func bulkSourceFails(t *testing.T, c testCase) {
	items := func(yield func(portrait.Item, error) bool) {
		for item := range portrait.Contacts(numbers(c.Count)...) {
			if !yield(item, nil) {
				return
			}
		}
		yield(portrait.Item{}, errOfSource)
	}
	results, err := collect(newScripts(t).enrich(c.Script, items, quick()))
	equal(t, "the source's own", errOfSource, err)
	checkOneEach(t, numbers(c.Count), results)
}

func bulkCancelled(t *testing.T, c testCase) {
	s := newScripts(t)

	// Cancelled in the middle, by leaving the loop.
	from := &source{contacts: numbers(50_000)}
	options := quick()
	options.MaxPending = 100
	for _, err := range s.enrich(c.Script, from.all, options) {
		check(t, err)
		break
	}
	waitUntil(t, from.closed.Load)
	equal(t, "all taken", false, from.taken.Load() == 50_000)
	waitUntil(t, func() bool { return s.stats(c.Script).open == 0 })

	// Cancelled from another goroutine, while no result arrives.
	ctx, cancel := context.WithCancel(within(t))
	time.AfterFunc(200*time.Millisecond, cancel)
	start := time.Now()
	options = quick()
	options.Lookup = &v1.LookupOptions{Session: s.name(c.SilentScript)}
	_, err := collect(s.client.Enrich(ctx, portrait.Contacts(numbers(10)...), options))
	equal(t, "cancelled", true, errors.Is(err, context.Canceled))
	equal(t, "in time", true, time.Since(start) < c.WithinSeconds.duration())
	waitUntil(t, func() bool { return s.stats(c.SilentScript).open == 0 })
}

func bulkNewer(t *testing.T, c testCase) {
	contacts := numbersFrom("+49151", 10_000_000, 1, c.Count)
	results, err := collect(newScripts(t).enrich(
		c.Script, portrait.Contacts(contacts...), quick()))
	check(t, err)
	seen := make(map[string]bool)
	for _, result := range results {
		contact := result.Item.Contact
		equal(t, "seen before", false, seen[contact])
		seen[contact] = true
		switch contact[len(contact)-1] {
		case '0', '1':
			equal(t, "state", c.Unknown, int32(result.Picture.GetState()))
			equal(t, "registration", c.Unknown, int32(result.Picture.GetRegistration()))
		case '2':
			equal(t, "reason", c.Unknown, int32(result.Error.GetReason()))
		case '3':
			equal(t, "an outcome", false, result.Picture != nil || result.Error != nil)
		default:
			equal(t, "a picture", true, result.Picture != nil)
		}
	}
	equal(t, "results", c.Count, len(seen))
}
