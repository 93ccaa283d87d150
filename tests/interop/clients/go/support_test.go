// Package clients tests the Go client with every case of ../cases.json, with
// the servers of ../world.py.
package clients

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"portrait.dev/go/portrait"
	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

// A generous limit, because the machine may be slow and shared.
const patience = time.Minute

// A case of cases.json; each kind of case uses some of the fields.
type testCase struct {
	Name, Kind, Pending, Server, Script string
	Token                               *string
	Call                                struct {
		Contact       string
		ExistingID    string `json:"existing_id"`
		Size          string
		MaxAgeSeconds *int64 `json:"max_age_seconds"`
		Country       string `json:"default_country"`
	}
	Picture *struct {
		Jid, Registration, State, ID, Name, Source string
		URL                                        bool
		PreviewURL                                 bool `json:"preview_url"`
		IsBusiness                                 bool `json:"is_business"`
	}
	Error *struct {
		Code, Reason string
		RetryAfter   bool `json:"retry_after"`
	}
	Unknown           int32
	RetryAfterSeconds int64   `json:"retry_after_seconds"`
	TimeoutSeconds    seconds `json:"timeout_seconds"`
	WithinSeconds     seconds `json:"within_seconds"`
	PauseSeconds      seconds `json:"pause_seconds"`
	SilenceSeconds    seconds `json:"silence_seconds"`
	RetryForSeconds   seconds `json:"retry_for_seconds"`
	CA                string
	Certificate       bool
	Works             bool
	Prefix            string
	First, Step       int
	Count, Items      int
	Bytes             int
	Outcomes          map[string]int
	KillAfter         []int `json:"kill_after"`
	Contact, Then     string
	Contacts          []string
	Rows              [][3]string
	TooMany           struct {
		Items int
		Code  string
	} `json:"too_many"`
	DefaultCountry    string `json:"default_country"`
	SentAtMost        int    `json:"sent_at_most"`
	MaxPending        int    `json:"max_pending"`
	BatchItems        int    `json:"batch_items"`
	Together          []int
	CallsAtLeast      int `json:"calls_at_least"`
	Codes             []codes.Code
	SilentScript      string `json:"silent_script"`
	From              string
	Calls             int
	AtLeastSeconds    seconds `json:"at_least_seconds"`
	Refused, Accepted []string
	Tokens            []string
}

type seconds float64

func (s seconds) duration() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

type world struct {
	Servers      map[string]struct{ Address, Token string }
	Certificates map[string]string
}

func readCases(t *testing.T) []testCase {
	content, err := os.ReadFile(os.Getenv("PORTRAIT_CASES"))
	check(t, err)
	var file struct{ Cases []testCase }
	check(t, json.Unmarshal(content, &file))
	return file.Cases
}

func readWorld(t *testing.T) world {
	response, err := http.Get(os.Getenv("PORTRAIT_WORLD"))
	check(t, err)
	defer response.Body.Close()
	var there world
	check(t, json.NewDecoder(response.Body).Decode(&there))
	return there
}

func restartServer(t *testing.T) {
	response, err := http.Post(os.Getenv("PORTRAIT_WORLD")+"restart", "", nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Error("restart:", err, response)
	}
}

// connect makes a client of the named server. The token is the server's, unless
// the options have one.
func connect(t *testing.T, server string, options portrait.Options) *portrait.Client {
	t.Helper()
	there := readWorld(t).Servers[server]
	if options.Token == "" {
		options.Token = there.Token
	} else if options.Token == "none" {
		options.Token = ""
	}
	client, err := portrait.NewClient(there.Address, options)
	check(t, err)
	t.Cleanup(func() { client.Close() })
	return client
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	return ctx
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, want, got T) {
	t.Helper()
	if want != got {
		t.Errorf("%s: want %v, got %v", what, want, got)
	}
}

func waitUntil(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not in time")
		}
	}
}

func expectCode(t *testing.T, want codes.Code, err error) {
	t.Helper()
	if status.Code(err) != want {
		t.Fatalf("want %v, got %v", want, err)
	}
}

// numbers returns numbers 10 apart; the scripted server decides by the last
// digit.
func numbers(count int) []string { return numbersFrom("+49151", 10_000_000, 10, count) }

func numbersFrom(prefix string, first, step, count int) []string {
	all := make([]string, count)
	for i := range all {
		all[i] = fmt.Sprintf("%s%0*d", prefix, 14-len(prefix), first+i*step)
	}
	return all
}

// source counts the items taken, and notes when it was closed.
type source struct {
	contacts []string
	taken    atomic.Int32
	closed   atomic.Bool
}

func (s *source) all(yield func(portrait.Item, error) bool) {
	defer s.closed.Store(true)
	for _, contact := range s.contacts {
		s.taken.Add(1)
		if !yield(portrait.Item{Contact: contact}, nil) {
			return
		}
	}
}

func quick() portrait.BulkOptions {
	return portrait.BulkOptions{FirstBackoff: time.Millisecond,
		LongestBackoff: 20 * time.Millisecond, RetryFor: patience}
}

// scripts is the scripted server; each test has its own run of a script.
type scripts struct {
	t      *testing.T
	client *portrait.Client
}

func newScripts(t *testing.T) scripts {
	return scripts{t, connect(t, "scripted", portrait.Options{})}
}

func (s scripts) name(script string) string { return script + "#" + s.t.Name() }

func (s scripts) enrich(script string, items iter.Seq2[portrait.Item, error],
	options portrait.BulkOptions) iter.Seq2[portrait.Result, error] {
	options.Lookup = &v1.LookupOptions{Session: s.name(script)}
	return s.client.Enrich(within(s.t), items, options)
}

type stats struct{ calls, sent, open int }

func (s scripts) stats(script string) (got stats) {
	response, err := s.client.Pictures.GetProfilePicture(within(s.t),
		&v1.GetProfilePictureRequest{Contact: "stats/" + s.name(script)})
	check(s.t, err)
	_, err = fmt.Sscanf(response.ProfilePicture.Name, "calls=%d sent=%d open=%d",
		&got.calls, &got.sent, &got.open)
	check(s.t, err)
	return got
}

func collect(results iter.Seq2[portrait.Result, error]) (all []portrait.Result, err error) {
	for result, err := range results {
		if err != nil {
			return all, err
		}
		all = append(all, result)
	}
	return all, nil
}

func checkOneEach(t *testing.T, contacts []string, results []portrait.Result) {
	t.Helper()
	equal(t, "results", len(contacts), len(results))
	missing := make(map[string]int)
	for _, contact := range contacts {
		missing[contact]++
	}
	for _, result := range results {
		missing[result.Item.Contact]--
		if result.Error != nil || result.Item.Contact != result.Picture.GetPhoneNumber() {
			t.Fatalf("%v: %v", result.Item, result)
		}
	}
	for contact, count := range missing {
		if count != 0 {
			t.Fatalf("%s: %d results too few", contact, count)
		}
	}
}

var errOfSource = errors.New("line 11")

func codeOf(name string) codes.Code {
	var code codes.Code
	if err := code.UnmarshalJSON([]byte(fmt.Sprintf("%q", strings.ToUpper(name)))); err != nil {
		panic(err)
	}
	return code
}
