package interop

import (
	"context"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types/events"
	waLog "go.mau.fi/whatsmeow/util/log"
	_ "modernc.org/sqlite"
)

const phone = "+15550100001"

// The real network's root key, before any test trusts another one.
var whatsAppRootKey = whatsmeow.WACertPubKey

// client is the real whatsmeow, with no change except the trusted root key and
// the address of its connections.
type client struct {
	*whatsmeow.Client
	t      *testing.T
	ctx    context.Context
	http   *http.Client
	events chan any
}

// openDatabase opens the file in which whatsmeow keeps its state between
// starts.
func openDatabase(t *testing.T, path string) *sqlstore.Container {
	t.Helper()
	database, err := sqlstore.New(context.Background(), "sqlite",
		"file:"+path+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(60000)"+
			"&_pragma=synchronous(0)&_txlock=immediate", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	return database
}

func firstDevice(t *testing.T, database *sqlstore.Container) *store.Device {
	t.Helper()
	device, err := database.GetFirstDevice(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return device
}

// newClient does not connect yet. With WHATSMEOW_LOG=DEBUG, whatsmeow's log is
// printed.
func newClient(
	t *testing.T, network *simulator, device *store.Device,
) *client {
	t.Helper()
	rootKey, err := hex.DecodeString(network.endpoints.RootKey)
	if err != nil || len(rootKey) != len(whatsmeow.WACertPubKey) {
		t.Fatalf("root key %q: %v", network.endpoints.RootKey, err)
	}
	copy(whatsmeow.WACertPubKey[:], rootKey)
	log := waLog.Noop
	if level := os.Getenv("WHATSMEOW_LOG"); level != "" {
		log = waLog.Stdout("whatsmeow", level, false)
	}
	c := &client{
		Client: whatsmeow.NewClient(device, log),
		t:      t,
		http:   network.httpClient(),
		events: make(chan any, 1024),
	}
	c.SetWebsocketHTTPClient(c.http)
	c.SetPreLoginHTTPClient(c.http)
	c.SetMediaHTTPClient(c.http)
	c.AddEventHandler(func(event any) { c.events <- event })
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	c.ctx = ctx
	t.Cleanup(func() {
		c.Disconnect()
		cancel()
	})
	return c
}

// linkedClient returns a client that is logged in as a companion of `phone`.
func linkedClient(t *testing.T, network *simulator) *client {
	t.Helper()
	database := openDatabase(t, filepath.Join(t.TempDir(), "whatsmeow.db"))
	c := newClient(t, network, database.NewDevice())
	c.linkByQRCode(network, phone)
	return c
}

func (c *client) connect() {
	c.t.Helper()
	if err := c.Connect(); err != nil {
		c.t.Fatalf("connect: %v", err)
	}
}

// linkByQRCode links the client to the phone of `number`.
func (c *client) linkByQRCode(network *simulator, number string) {
	c.t.Helper()
	items, err := c.GetQRChannel(c.ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	c.connect()
	var outcome string
	for item := range items {
		outcome = item.Event
		if outcome == whatsmeow.QRChannelEventCode {
			network.steer("", "scan", "--phone", number, item.Code)
		}
	}
	if outcome != whatsmeow.QRChannelSuccess.Event {
		c.t.Fatalf("linking ended with %q", outcome)
	}
	await[*events.Connected](c)
}

// await returns the next event of this type; others before it are dropped.
func await[Event any](c *client) Event {
	c.t.Helper()
	late := time.After(patience)
	for {
		select {
		case event := <-c.events:
			if wanted, ok := event.(Event); ok {
				return wanted
			}
		case <-late:
			var wanted Event
			c.t.Fatalf("no %T within %v", wanted, patience)
		}
	}
}
