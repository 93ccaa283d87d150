package interop

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// Precedes each answer, because the test program also prints other lines.
const answerMark = "@ "

// request is a line of JSON with a command for whatsmeow.
type request struct {
	Do      string
	Code    bool     // link: by a code to type
	Numbers []string // exists
	JIDs    []string // users
	JID     string   // picture
	Preview bool
	ID      string // picture: the one known
}

type person struct {
	Number       string `json:"number,omitempty"`
	JID          string `json:"jid,omitempty"`
	LID          string `json:"lid,omitempty"`
	Registered   bool   `json:"registered"`
	BusinessName string `json:"business_name,omitempty"`
	PictureID    string `json:"picture_id,omitempty"`
}

type picture struct {
	State string `json:"state"`
	ID    string `json:"id,omitempty"`
	URL   string `json:"url,omitempty"`
}

type driver struct {
	*client
	network *simulator
	folder  string
}

// TestDriver lets another program control whatsmeow: it reads requests and
// answers each with a line. WHATSMEOW_NETWORK is the folder of the simulated
// network, WHATSMEOW_PHONE the phone to link to.
func TestDriver(t *testing.T) {
	folder := os.Getenv("WHATSMEOW_NETWORK")
	if folder == "" {
		t.Skip("no other program asks")
	}
	d := &driver{network: attach(t, folder), folder: t.TempDir()}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			t.Fatal(err)
		}
		answer, err := json.Marshal(d.do(t, asked))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%s%s\n", answerMark, answer)
	}
}

// attach connects to a running network.
func attach(t *testing.T, folder string) *simulator {
	t.Helper()
	s := &simulator{
		t: t, folder: folder, process: exec.Command(os.Getenv("WHATSAPP_SIM")),
	}
	text, err := os.ReadFile(s.path("endpoints.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &s.endpoints); err != nil {
		t.Fatal(err)
	}
	return s
}

func (d *driver) do(t *testing.T, asked request) any {
	switch asked.Do {
	case "link":
		d.link(t, asked.Code)
	case "login":
		d.login(t)
	case "exists":
		return d.exists(t, asked.Numbers)
	case "users":
		return d.users(t, asked.JIDs)
	case "picture":
		return d.picture(t, asked)
	case "close":
		d.Disconnect()
	case "logout":
		if err := d.Logout(d.ctx); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("no request: %+v", asked)
	}
	return "done"
}

func (d *driver) link(t *testing.T, code bool) {
	database := openDatabase(t, filepath.Join(d.folder, "whatsmeow.db"))
	d.client = newClient(t, d.network, database.NewDevice())
	number := os.Getenv("WHATSMEOW_PHONE")
	if !code {
		d.linkByQRCode(d.network, number)
		return
	}
	d.connect()
	await[*events.QR](d.client)
	text, err := d.PairPhone(d.ctx, number, true, whatsmeow.PairClientChrome,
		"Chrome (Ubuntu)")
	if err != nil {
		t.Fatal(err)
	}
	d.network.steer("", "enter", "--phone", number, text)
	await[*events.Connected](d.client)
}

// login logs in again, with the stored state of the link.
func (d *driver) login(t *testing.T) {
	d.Disconnect()
	database := openDatabase(t, filepath.Join(d.folder, "whatsmeow.db"))
	d.client = newClient(t, d.network, firstDevice(t, database))
	d.connect()
	await[*events.Connected](d.client)
}

func (d *driver) exists(t *testing.T, numbers []string) []person {
	answers, err := d.IsOnWhatsApp(d.ctx, numbers)
	if err != nil {
		t.Fatal(err)
	}
	people := make([]person, 0, len(answers))
	for _, answer := range answers {
		one := person{
			Number:     answer.Query,
			Registered: answer.IsIn,
			JID:        answer.PhoneNumber.String(),
		}
		if answer.JID.Server == types.HiddenUserServer {
			one.LID = answer.JID.String()
		}
		if answer.VerifiedName != nil {
			one.BusinessName = answer.VerifiedName.Details.GetVerifiedName()
		}
		people = append(people, one)
	}
	return people
}

func (d *driver) users(t *testing.T, texts []string) map[string]person {
	jids := make([]types.JID, len(texts))
	for i, text := range texts {
		jids[i] = parseJID(t, text)
	}
	answers, err := d.GetUserInfo(d.ctx, jids)
	if err != nil {
		t.Fatal(err)
	}
	people := make(map[string]person, len(answers))
	for jid, answer := range answers {
		one := person{
			JID: jid.String(), Registered: true, PictureID: answer.PictureID,
		}
		if !answer.LID.IsEmpty() {
			one.LID = answer.LID.String()
		}
		if answer.VerifiedName != nil {
			one.BusinessName = answer.VerifiedName.Details.GetVerifiedName()
		}
		people[jid.String()] = one
	}
	return people
}

func (d *driver) picture(t *testing.T, asked request) picture {
	info, err := d.GetProfilePictureInfo(d.ctx, parseJID(t, asked.JID),
		&whatsmeow.GetProfilePictureParams{
			Preview: asked.Preview, ExistingID: asked.ID,
		})
	switch {
	case errors.Is(err, whatsmeow.ErrProfilePictureUnauthorized):
		return picture{State: "hidden"}
	case errors.Is(err, whatsmeow.ErrProfilePictureNotSet):
		return picture{State: "not_set"}
	case err != nil:
		return picture{State: err.Error()}
	case info == nil:
		return picture{State: "unchanged"}
	}
	return picture{State: "available", ID: info.ID, URL: info.URL}
}

func parseJID(t *testing.T, text string) types.JID {
	t.Helper()
	jid, err := types.ParseJID(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return jid
}
