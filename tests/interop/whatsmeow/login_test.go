package interop

import (
	"path/filepath"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func checkLinked(t *testing.T, network *simulator, c *client) {
	t.Helper()
	if id := *c.Store.ID; "+"+id.User != phone || id.Device == 0 ||
		id.Server != types.DefaultUserServer {
		t.Errorf("linked as %v, not as a companion of %s", id, phone)
	}
	owner := network.accounts(15550100001, 1)[0]
	if lid := c.Store.LID; lid.ToNonAD() != owner.lid() {
		t.Errorf("linked with LID %v, not %v", lid, owner.LID)
	}
	if !c.IsLoggedIn() {
		t.Error("not logged in")
	}
	if now := network.stats(); now.Pairings != 1 || now.Logins != 1 {
		t.Errorf("the network saw %+v", now)
	}
}

func TestWhatsmeowLinksByQRCodeAndLogsIn(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	checkLinked(t, network, c)
}

func TestWhatsmeowLinksWhenThePhoneTypesItsCode(t *testing.T) {
	network := startSimulator(t)
	database := openDatabase(t, filepath.Join(t.TempDir(), "whatsmeow.db"))
	c := newClient(t, network, database.NewDevice())
	c.connect()
	await[*events.QR](c) // the connection is ready
	code, err := c.PairPhone(c.ctx, phone, true, whatsmeow.PairClientChrome,
		"Chrome (Linux)")
	if err != nil {
		t.Fatal(err)
	}
	network.steer("", "enter", "--phone", phone, code)
	await[*events.PairSuccess](c)
	await[*events.Connected](c)
	checkLinked(t, network, c)
}

// This proves that the other tests use a client that verifies the server.
func TestWhatsmeowRefusesANetworkThatItsRootKeyDidNotSign(t *testing.T) {
	network := startSimulator(t)
	database := openDatabase(t, filepath.Join(t.TempDir(), "whatsmeow.db"))
	c := newClient(t, network, database.NewDevice())
	whatsmeow.WACertPubKey = whatsAppRootKey
	err := c.Connect()
	if err == nil || !strings.Contains(err.Error(), "verify server cert") {
		t.Errorf("connected: %v", err)
	}
}

func TestWhatsmeowLogsInAgainWhenTheServerEndsTheStream(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	for i, streamError := range []string{"", "503"} {
		network.steer("", "disconnect", "--phone", phone, "--stream-error",
			streamError)
		await[*events.Connected](c)
		if logins := network.stats().Logins; logins != 2+i {
			t.Errorf("after %q there were %d logins", streamError, logins)
		}
		if _, err := c.IsOnWhatsApp(c.ctx, []string{phone}); err != nil {
			t.Errorf("after %q: %v", streamError, err)
		}
	}
}

func TestWhatsmeowLogsInAgainWithTheKeysItKept(t *testing.T) {
	network := startSimulator(t)
	database := openDatabase(t, filepath.Join(t.TempDir(), "whatsmeow.db"))
	first := newClient(t, network, database.NewDevice())
	first.linkByQRCode(network, phone)
	id := *first.Store.ID
	first.Disconnect()

	second := newClient(t, network, firstDevice(t, database))
	second.connect()
	await[*events.Connected](second)
	if *second.Store.ID != id {
		t.Errorf("logged in as %v, linked as %v", second.Store.ID, id)
	}
	if now := network.stats(); now.Pairings != 1 || now.Logins != 2 {
		t.Errorf("the network saw %+v", now)
	}
}

func TestWhatsmeowLogsOut(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	kept := *c.Store
	if err := c.Logout(c.ctx); err != nil {
		t.Fatal(err)
	}
	if c.Store.ID != nil || c.IsConnected() {
		t.Error("still linked or connected")
	}
	// The client's keys are no longer valid.
	again := newClient(t, network, &kept)
	again.connect()
	if told := await[*events.LoggedOut](again); !told.OnConnect ||
		told.Reason != events.ConnectFailureLoggedOut {
		t.Errorf("told %+v", told)
	}
}

func TestWhatsmeowIsLoggedOutWhenThePhoneUnlinksIt(t *testing.T) {
	network := startSimulator(t)
	c := linkedClient(t, network)
	network.steer("", "unlink", "--phone", phone)
	if told := await[*events.LoggedOut](c); told.OnConnect {
		t.Errorf("told %+v", told)
	}
}
