package clients

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"portrait.dev/go/portrait"
	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

func watchKilled(t *testing.T, c testCase) {
	ctx := within(t)
	client := connect(t, "main", portrait.Options{})
	for _, contact := range c.Contacts {
		_, err := client.Pictures.GetProfilePicture(ctx,
			&v1.GetProfilePictureRequest{Contact: contact})
		check(t, err)
	}
	contacts := append(slices.Clone(c.Contacts), c.Then)
	var phones []string
	var sequences []uint64
	restarted := false
	for response, err := range client.Watch(ctx, portrait.WatchOptions{
		ResumeToken: "beginning", Contacts: contacts, FirstBackoff: 10 * time.Millisecond}) {
		check(t, err)
		for _, change := range response.Changes {
			phones = append(phones, change.PhoneNumber)
			sequences = append(sequences, change.Sequence)
			equal(t, "kind", v1.ChangeKind_CHANGE_KIND_FIRST_SEEN, change.Kind)
		}
		if len(phones) == len(c.Contacts) && !restarted {
			restarted = true
			restartServer(t)
			_, err := collect(client.Enrich(ctx, portrait.Contacts(c.Then), quick()))
			check(t, err)
		}
		if len(phones) >= len(contacts) {
			break
		}
	}
	equal(t, "each once, in order", true, slices.Equal(contacts, phones))
	equal(t, "sequences rise", true, slices.IsSorted(sequences))
}

func watchResumes(t *testing.T, c testCase) {
	s := newScripts(t)
	var tokens []string
	for response, err := range s.client.Watch(within(t), portrait.WatchOptions{
		ResumeToken: c.From, Contacts: []string{s.name(c.Script)},
		FirstBackoff: time.Millisecond}) {
		if err != nil {
			expectCode(t, codes.PermissionDenied, err)
			break
		}
		for _, change := range response.Changes {
			tokens = append(tokens, change.OldId)
		}
	}
	if !slices.Equal(c.Tokens, tokens) {
		t.Errorf("resumed from %v", tokens)
	}
}

func watchCancelled(t *testing.T, c testCase) {
	s := newScripts(t)
	ctx, cancel := context.WithCancel(within(t))
	time.AfterFunc(200*time.Millisecond, cancel)
	start := time.Now()
	for _, err := range s.client.Watch(ctx, portrait.WatchOptions{
		Contacts: []string{s.name(c.Script)}}) {
		equal(t, "cancelled", true, errors.Is(err, context.Canceled))
	}
	equal(t, "in time", true, time.Since(start) < c.WithinSeconds.duration())
	waitUntil(t, func() bool { return s.stats(c.Script).open == 0 })
}

func watchNewer(t *testing.T, c testCase) {
	s := newScripts(t)
	for response, err := range s.client.Watch(within(t), portrait.WatchOptions{
		Contacts: []string{s.name(c.Script)}}) {
		check(t, err)
		equal(t, "kind", c.Unknown, int32(response.Changes[0].Kind))
		break
	}
}
