package interop

import (
	"errors"
	"image/jpeg"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

const firstNumber = 15550200000

// Enough to have accounts of every kind.
const manyAccounts = 60

func TestWhatsmeowHearsWhoIsOnWhatsApp(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	accounts := network.accounts(firstNumber, manyAccounts)
	numbers := make([]string, len(accounts))
	for i, account := range accounts {
		numbers[i] = account.PhoneNumber
	}
	answers, err := c.IsOnWhatsApp(c.ctx, numbers)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]types.IsOnWhatsAppResponse)
	for _, answer := range answers {
		found[answer.Query] = answer
	}
	registered := 0
	for _, account := range accounts {
		answer, ok := found[account.PhoneNumber]
		if !ok || answer.IsIn != account.Registered ||
			answer.PhoneNumber != account.jid() {
			t.Errorf("%+v: heard %+v", account, answer)
		}
		if !account.Registered {
			continue
		}
		registered++
		if answer.JID != account.lid() {
			t.Errorf("%+v: its LID is %v", account, answer.JID)
		}
		checkVerifiedName(t, account, answer.VerifiedName)
	}
	if registered == 0 || registered == len(accounts) {
		t.Errorf("%d of %d are registered", registered, len(accounts))
	}
}

func checkVerifiedName(t *testing.T, a account, heard *types.VerifiedName) {
	t.Helper()
	name := ""
	if heard != nil {
		name = heard.Details.GetVerifiedName()
	}
	if name != a.VerifiedName {
		t.Errorf("%+v: its verified name is %q", a, name)
	}
}

func TestWhatsmeowHearsPictureIDsWithUserInfo(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	accounts := network.accounts(firstNumber, manyAccounts)
	jids := make([]types.JID, len(accounts))
	for i, account := range accounts {
		jids[i] = account.jid()
	}
	users, err := c.GetUserInfo(c.ctx, jids)
	if err != nil {
		t.Fatal(err)
	}
	visible := 0
	for _, account := range accounts {
		user, ok := users[account.jid()]
		if ok != account.Registered {
			t.Errorf("%+v: heard %+v", account, user)
		}
		if !ok {
			continue
		}
		pictureID := ""
		if account.pictureVisible() {
			visible++
			pictureID = account.PictureID
		}
		if user.PictureID != pictureID || user.LID != account.lid() ||
			len(user.Devices) == 0 {
			t.Errorf("%+v: heard %+v", account, user)
		}
	}
	if visible == 0 || visible == len(users) {
		t.Errorf("%d of %d have a picture to see", visible, len(users))
	}
}

// some returns the accounts for which `wanted` is true, at least one.
func some(
	t *testing.T, network *simulator, wanted func(account) bool,
) (found []account) {
	t.Helper()
	for _, account := range network.accounts(firstNumber, manyAccounts) {
		if wanted(account) {
			found = append(found, account)
		}
	}
	if len(found) == 0 {
		t.Fatalf("no such account among %d", manyAccounts)
	}
	return found
}

// checkPicture returns the picture's width from the CDN's file.
func checkPicture(
	t *testing.T, network *simulator, c *client, id, kind string,
	picture *types.ProfilePictureInfo,
) int {
	t.Helper()
	if picture == nil {
		t.Fatal("no picture")
	}
	if picture.ID != id || picture.Type != kind ||
		!strings.HasPrefix(picture.URL, network.endpoints.CDN) ||
		!strings.HasSuffix(picture.URL, picture.DirectPath) {
		t.Errorf("%s of picture %s: heard %+v", kind, id, picture)
	}
	response, err := c.http.Get(picture.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	image, err := jpeg.DecodeConfig(response.Body)
	if err != nil {
		t.Fatalf("download: %s: %v", response.Status, err)
	}
	return image.Width
}

func TestWhatsmeowGetsPicturesInBothSizes(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	account := some(t, network, account.pictureVisible)[0]
	for _, jid := range []types.JID{account.jid(), account.lid()} {
		full, err := c.GetProfilePictureInfo(c.ctx, jid, nil)
		if err != nil {
			t.Fatalf("%v: %v", jid, err)
		}
		preview, err := c.GetProfilePictureInfo(c.ctx, jid,
			&whatsmeow.GetProfilePictureParams{Preview: true})
		if err != nil {
			t.Fatalf("%v: %v", jid, err)
		}
		id := account.PictureID
		width := checkPicture(t, network, c, id, "image", full)
		small := checkPicture(t, network, c, id, "preview", preview)
		if width <= small {
			t.Errorf("%d px wide, the preview %d px", width, small)
		}
	}
}

func TestWhatsmeowHearsWhyThereIsNoPicture(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	for name, test := range map[string]struct {
		account func(account) bool
		err     error
	}{
		"hidden": {
			func(a account) bool { return a.Registered && a.PictureHidden },
			whatsmeow.ErrProfilePictureUnauthorized,
		},
		"not set": {
			func(a account) bool {
				return a.Registered && !a.PictureHidden && a.PictureID == ""
			},
			whatsmeow.ErrProfilePictureNotSet,
		},
		"not on WhatsApp": {
			func(a account) bool { return !a.Registered },
			whatsmeow.ErrProfilePictureNotSet,
		},
	} {
		account := some(t, network, test.account)[0]
		for _, preview := range []bool{false, true} {
			picture, err := c.GetProfilePictureInfo(c.ctx, account.jid(),
				&whatsmeow.GetProfilePictureParams{Preview: preview})
			if picture != nil || !errors.Is(err, test.err) {
				t.Errorf("%s: heard %+v, %v", name, picture, err)
			}
		}
	}
}

// WhatsApp has several forms of answers for an unchanged picture; each account
// has one of them.
func TestWhatsmeowHearsWhetherThePictureItKnowsIsCurrent(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	for _, account := range some(t, network, account.pictureVisible) {
		current, err := c.GetProfilePictureInfo(c.ctx, account.jid(),
			&whatsmeow.GetProfilePictureParams{ExistingID: account.PictureID})
		if current != nil || err != nil {
			t.Errorf("%+v: heard %+v, %v", account, current, err)
		}
		changed, err := c.GetProfilePictureInfo(c.ctx, account.jid(),
			&whatsmeow.GetProfilePictureParams{ExistingID: "1"})
		if err != nil || changed.ID != account.PictureID {
			t.Errorf("%+v: heard %+v, %v", account, changed, err)
		}
	}
}

func TestWhatsmeowIsToldOfPicturesThatChange(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	account := some(t, network, account.pictureVisible)[0]
	// WhatsApp notifies clients that asked about the contact before.
	if _, err := c.GetProfilePictureInfo(c.ctx, account.jid(), nil); err != nil {
		t.Fatal(err)
	}
	network.steer("", "set", "--notify", "--phone", account.PhoneNumber,
		"picture=1800000001")
	told := await[*events.Picture](c)
	if told.JID != account.jid() || told.Author != account.jid() ||
		told.Remove || told.PictureID != "1800000001" ||
		told.Timestamp.IsZero() {
		t.Errorf("told %+v", told)
	}
	picture, err := c.GetProfilePictureInfo(c.ctx, account.jid(), nil)
	if err != nil || picture.ID != "1800000001" {
		t.Errorf("heard %+v, %v", picture, err)
	}

	network.steer("", "set", "--notify", "--phone", account.PhoneNumber,
		"no-picture")
	if told := await[*events.Picture](c); told.JID != account.jid() ||
		!told.Remove {
		t.Errorf("told %+v", told)
	}
}
