package clients

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"portrait.dev/go/portrait"
	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

var kinds = map[string]func(*testing.T, testCase){
	"unary": unary, "batch": batch, "unary_newer": unaryNewer, "error_newer": errorNewer,
	"unary_retried": unaryRetried, "plain_text_token": plainTextToken,
	"deadline": deadline, "unary_cancelled": unaryCancelled, "tls": overTLS,
	"bulk_numbers": bulkNumbers, "bulk_killed": bulkKilled, "bulk_nothing": bulkNothing,
	"bulk_repeated": bulkRepeated, "bulk_countries": bulkCountries,
	"contact_length": contactLength, "bulk_slow": bulkSlow, "bulk_window": bulkWindow,
	"bulk_trickle": bulkTrickle, "bulk_batches": bulkBatches, "bulk_breaks": bulkBreaks,
	"bulk_again": bulkAgain, "bulk_refused": bulkRefused, "bulk_gives_up": bulkGivesUp,
	"bulk_unsendable": bulkUnsendable, "bulk_source_fails": bulkSourceFails,
	"bulk_cancelled": bulkCancelled, "bulk_newer": bulkNewer,
	"revoked": revoked, "watch_killed": watchKilled, "watch_resumes": watchResumes,
	"watch_cancelled": watchCancelled, "watch_newer": watchNewer,
}

func TestClient(t *testing.T) {
	for _, c := range readCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			run, known := kinds[c.Kind]
			if !known {
				t.Fatalf("no function for the kind %q", c.Kind)
			}
			if c.Pending != "" {
				t.Skip(c.Pending)
			}
			run(t, c)
		})
	}
}

func unary(t *testing.T, c testCase) {
	var options portrait.Options
	if c.Token != nil {
		options.Token = *c.Token
		if options.Token == "" {
			options.Token = "none"
		}
	}
	server := c.Server
	if server == "" {
		server = "main"
	}
	request := &v1.GetProfilePictureRequest{
		Contact: c.Call.Contact, ExistingId: c.Call.ExistingID,
		Options: &v1.LookupOptions{
			Size:           v1.PictureSize(v1.PictureSize_value[c.Call.Size]),
			DefaultCountry: c.Call.Country}}
	if c.Call.MaxAgeSeconds != nil {
		request.Options.MaxAge = durationpb.New(
			time.Duration(*c.Call.MaxAgeSeconds) * time.Second)
	}
	response, err := connect(t, server, options).Pictures.GetProfilePicture(within(t), request)
	if c.Error != nil {
		expectCode(t, codeOf(c.Error.Code), err)
		equal(t, "sentinel", true, errors.Is(err, sentinels[c.Error.Reason]))
		equal(t, "another sentinel", false, errors.Is(err, portrait.ErrStorage))
		why := portrait.LookupErrorOf(err)
		equal(t, "reason", c.Error.Reason, why.Reason.String())
		equal(t, "retry_after", c.Error.RetryAfter, why.RetryAfter != nil)
		equal(t, "no message", false, why.Message == "")
		return
	}
	check(t, err)
	got := response.ProfilePicture
	equal(t, "jid", c.Picture.Jid, got.Jid)
	equal(t, "registration", c.Picture.Registration, got.Registration.String())
	equal(t, "state", c.Picture.State, got.State.String())
	equal(t, "id", c.Picture.ID, got.Id)
	equal(t, "url", c.Picture.URL, got.Url != "")
	equal(t, "preview_url", c.Picture.PreviewURL, got.PreviewUrl != "")
	equal(t, "is_business", c.Picture.IsBusiness, got.IsBusiness)
	equal(t, "name", c.Picture.Name, got.Name)
	if c.Picture.Source != "" {
		equal(t, "source", c.Picture.Source, got.Source.String())
	}
	equal(t, "checked", true, got.CheckTime.GetSeconds() > 0)
}

func batch(t *testing.T, c testCase) {
	client := connect(t, "main", portrait.Options{})
	var items []portrait.Item
	for _, row := range c.Rows {
		items = append(items, portrait.Item{Contact: row[0], Country: row[1]})
	}
	results, err := client.BatchGet(within(t), items,
		&v1.LookupOptions{DefaultCountry: c.DefaultCountry})
	check(t, err)
	equal(t, "results", len(items), len(results))
	for i, result := range results {
		equal(t, "item", items[i], result.Item)
		got := result.Picture.GetJid()
		if result.Error != nil {
			got = result.Error.Reason.String()
		}
		equal(t, "answer to "+items[i].Contact, c.Rows[i][2], got)
	}
	results, err = client.BatchGet(within(t), nil, nil)
	check(t, err)
	equal(t, "results of nothing", 0, len(results))
	many := make([]portrait.Item, c.TooMany.Items)
	for i := range many {
		many[i] = items[0]
	}
	_, err = client.BatchGet(within(t), many, nil)
	expectCode(t, codeOf(c.TooMany.Code), err)
}

// sentinels maps the reasons in the cases to errors.
var sentinels = map[string]error{
	"ERROR_REASON_INVALID_CONTACT": portrait.ErrInvalidContact,
	"ERROR_REASON_OWN_NUMBER":      portrait.ErrOwnNumber,
	"ERROR_REASON_SUPPRESSED":      portrait.ErrSuppressed,
	"ERROR_REASON_NO_SESSION":      portrait.ErrNoSession,
	"ERROR_REASON_UNAUTHENTICATED": portrait.ErrUnauthenticated,
}

func unaryRetried(t *testing.T, c testCase) {
	s := newScripts(t)
	start := time.Now()
	picture, err := s.client.Get(within(t), s.name(c.Script), nil)
	check(t, err)
	equal(t, "name", "found", picture.Name)
	equal(t, "calls", c.Calls, s.stats(c.Script).calls)
	equal(t, "waited", true, time.Since(start) >= c.AtLeastSeconds.duration())
}

func plainTextToken(t *testing.T, c testCase) {
	for _, address := range c.Refused {
		if _, err := portrait.NewClient(address, portrait.Options{Token: "secret"}); err == nil {
			t.Errorf("%s: the token would be sent without encryption", address)
		}
		for _, options := range []portrait.Options{
			{}, {Token: "secret", TLS: true}, {Token: "secret", AllowPlaintext: true}} {
			_, err := portrait.NewClient(address, options)
			check(t, err)
		}
	}
	for _, address := range c.Accepted {
		_, err := portrait.NewClient(address, portrait.Options{Token: "secret"})
		check(t, err)
	}
}

func unaryNewer(t *testing.T, c testCase) {
	response, err := newScripts(t).client.Pictures.GetProfilePicture(
		within(t), &v1.GetProfilePictureRequest{Contact: "newer"})
	check(t, err)
	equal(t, "state", c.Unknown, int32(response.ProfilePicture.State))
	equal(t, "registration", c.Unknown, int32(response.ProfilePicture.Registration))
}

func errorNewer(t *testing.T, c testCase) {
	_, err := newScripts(t).client.Pictures.GetProfilePicture(
		within(t), &v1.GetProfilePictureRequest{Contact: "newer-error"})
	expectCode(t, codes.Unavailable, err)
	why := portrait.LookupErrorOf(err)
	equal(t, "reason", v1.ErrorReason_ERROR_REASON_UNSPECIFIED, why.Reason)
	equal(t, "retry_after", c.RetryAfterSeconds, why.RetryAfter.GetSeconds())
}

func deadline(t *testing.T, c testCase) {
	silent := &v1.GetProfilePictureRequest{Contact: "silent"}
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), c.TimeoutSeconds.duration())
	defer cancel()
	_, err := newScripts(t).client.Pictures.GetProfilePicture(ctx, silent)
	expectCode(t, codes.DeadlineExceeded, err)
	client := connect(t, "scripted", portrait.Options{Timeout: c.TimeoutSeconds.duration()})
	_, err = client.Pictures.GetProfilePicture(context.Background(), silent)
	expectCode(t, codes.DeadlineExceeded, err)
	equal(t, "in time", true, time.Since(start) < 2*c.WithinSeconds.duration())
}

func unaryCancelled(t *testing.T, c testCase) {
	ctx, cancel := context.WithCancel(within(t))
	time.AfterFunc(100*time.Millisecond, cancel)
	start := time.Now()
	_, err := newScripts(t).client.Pictures.GetProfilePicture(
		ctx, &v1.GetProfilePictureRequest{Contact: "silent"})
	expectCode(t, codes.Canceled, err)
	equal(t, "in time", true, time.Since(start) < c.WithinSeconds.duration())
}

func overTLS(t *testing.T, c testCase) {
	certificates := readWorld(t).Certificates
	options := portrait.Options{CAFile: certificates[c.CA]}
	if c.Certificate {
		options.CertFile, options.KeyFile = certificates["client"], certificates["client_key"]
	}
	_, err := connect(t, c.Server, options).Pictures.GetProfilePicture(
		within(t), &v1.GetProfilePictureRequest{Contact: "+4915200000001"})
	// No account is linked; after a successful handshake the server says so.
	want := codes.Unavailable
	if c.Works {
		want = codes.FailedPrecondition
	}
	expectCode(t, want, err)
}

func revoked(t *testing.T, _ testCase) {
	admin := connect(t, "main", portrait.Options{})
	created, err := admin.Access.CreateToken(within(t),
		&v1.CreateTokenRequest{Tenant: "go", Role: v1.Role_ROLE_LOOKUP})
	check(t, err)
	client := connect(t, "main", portrait.Options{Token: created.Secret})
	ctx := within(t)
	revoke := func() {
		_, err := admin.Access.RevokeToken(ctx,
			&v1.RevokeTokenRequest{TokenId: created.Token.TokenId})
		check(t, err)
	}
	watched := make(chan error)
	watching, begin := context.WithCancel(ctx)
	go func() {
		for _, err := range client.Watch(ctx, portrait.WatchOptions{}) {
			if err != nil {
				watched <- err
				return
			}
			begin() // by its first heartbeat; the contact may be a change
		}
	}()
	<-watching.Done()
	items := func(yield func(portrait.Item, error) bool) {
		if yield(portrait.Item{Contact: "+4915200000001"}, nil) {
			<-ctx.Done()
		}
	}
	for _, err := range client.Enrich(ctx, items, portrait.BulkOptions{}) {
		if err != nil {
			expectCode(t, codes.Unauthenticated, err)
			break
		}
		revoke()
	}
	expectCode(t, codes.Unauthenticated, <-watched)
	_, err = client.Pictures.GetProfilePicture(ctx,
		&v1.GetProfilePictureRequest{Contact: "+4915200000001"})
	expectCode(t, codes.Unauthenticated, err)
}
